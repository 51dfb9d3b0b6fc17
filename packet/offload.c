/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/offload.h"

#include <errno.h>

#include "packet/offload_priv.h"

static const struct transport transports[] = {
	{ IP_TCP, 16, TCP_HDR_LEN },
	{ IP_UDP, 6, UDP_HDR_LEN },
	{ IP_ICMP, 2, 8 },
	{ IP_ICMP6, 2, 8 },
};

const struct transport *transport_of(uint8_t proto)
{
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		if (transports[i].proto == proto)
			return &transports[i];
	}
	return NULL;
}

static int check_csum(const struct pkt *p, const struct frame_layout *l)
{
	uint32_t start = p->vnet.csum_start, offset = p->vnet.csum_offset;
	const struct transport *t;

	if (start + offset + sizeof(be16_t) > p->head_len || start < l->l3)
		return -EINVAL;
	if (!l->l4)
		return 0;
	if (l->fragment || start < l->l4)
		return -EINVAL;
	t = transport_of(l->proto);
	if (!t)
		return 0;
	if (start == l->l4)
		return offset == t->csum_offset ? 0 : -EINVAL;
	/* A checksum further in, as of a tunnel's inner header. */
	return start >= l->l4 + (uint32_t)t->len ? 0 : -EINVAL;
}

int offload_gso_headers(const uint8_t *head, size_t len, const struct virtio_net_hdr_v1 *h,
			struct frame_layout *layout, uint16_t *hdr_len)
{
	uint8_t type = h->gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
	bool ufo = type == VIRTIO_NET_HDR_GSO_UDP;
	bool udp = type == VIRTIO_NET_HDR_GSO_UDP_L4 || ufo, right;
	struct frame_layout l;
	size_t end;

	if (frame_layout(head, len, &l) < 0)
		return -EINVAL;
	switch (type) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		right = l.type == ETH_TYPE_IPV4 && l.proto == IP_TCP;
		break;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		right = l.type == ETH_TYPE_IPV6 && l.proto == IP_TCP;
		break;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
	case VIRTIO_NET_HDR_GSO_UDP:
		right = l.l4 && l.proto == IP_UDP && type == h->gso_type;
		break;
	default:
		return -EINVAL;
	}
	/* virtio 1.2, 5.1.6.2: NEEDS_CSUM goes with every GSO type. */
	if (!right || l.fragment || !(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) ||
	    h->csum_start != l.l4 || h->csum_offset != transport_of(l.proto)->csum_offset)
		return -EINVAL;
	if (len - l.l4 < (udp ? UDP_HDR_LEN : TCP_HDR_LEN))
		return -EINVAL;
	end = l.l4 + (udp ? UDP_HDR_LEN : (head[l.l4 + 12] >> 4) * 4u);
	if (end > len || (!udp && end < l.l4 + (size_t)TCP_HDR_LEN))
		return -EINVAL;
	/* Each piece is a datagram of its own. */
	if (!h->gso_size || end - l.l3 + h->gso_size > UINT16_MAX)
		return -EINVAL;
	/* RFC 7112: the first fragment has all headers. */
	if (ufo && offload_fragment(h) < end - l.frag_at)
		return -EINVAL;
	*layout = l;
	*hdr_len = (uint16_t)end;
	return 0;
}

/* How much of frame P is cut, and into pieces of what size? */
static int check_cut(const struct pkt *p, const struct virtio_net_hdr_v1 *h,
		     const struct frame_layout *l, uint16_t hdr_len, bool *whole)
{
	uint32_t payload = p->len - hdr_len, size = h->gso_size;

	if (h->gso_type == VIRTIO_NET_HDR_GSO_UDP) {
		if (p->len - l->l3 > UINT16_MAX)
			return -EINVAL; /* RFC 791: no offset reaches further */
		payload = p->len - l->frag_at;
		size = offload_fragment(h);
	}
	*whole = payload <= h->gso_size;
	return payload > size * OFFLOAD_CUTS_MAX ? -EINVAL : 0;
}

int offload_check(struct pkt *p)
{
	struct virtio_net_hdr_v1 was = p->vnet, h = { 0 };
	struct frame_layout l;
	bool whole;

	if (likely(!(was.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
		   was.gso_type == VIRTIO_NET_HDR_GSO_NONE)) {
		p->vnet = h;
		return 0;
	}
	if (frame_layout(p->data, p->head_len, &l) < 0 || check_csum(p, &l) < 0)
		return -EINVAL;
	h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h.csum_start = was.csum_start;
	h.csum_offset = was.csum_offset;
	if (was.gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		if (offload_gso_headers(p->data, p->head_len, &was, &l, &h.hdr_len) < 0)
			return -EINVAL;
		if (check_cut(p, &was, &l, h.hdr_len, &whole) < 0)
			return -EINVAL;
		h.gso_type = was.gso_type;
		h.gso_size = was.gso_size;
		if (whole)
			h.gso_type = h.gso_size = h.hdr_len = 0;
	}
	p->vnet = h;
	return 0;
}

unsigned int offload_needs(const struct pkt *p)
{
	unsigned int needs = p->vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM ? OFFLOAD_CSUM : 0;

	switch (p->vnet.gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		return needs | OFFLOAD_TSO4;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return needs | OFFLOAD_TSO6;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		return needs | OFFLOAD_USO;
	case VIRTIO_NET_HDR_GSO_UDP:
		return needs | OFFLOAD_UFO;
	}
	return needs;
}
