/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/pkt.h"

#define MACS (2 * sizeof(struct eth_addr)) /* they stay in front of any tag */

/* Offsets count from the first octet: what is in front of them moved by BY. */
static void shift_offsets(struct virtio_net_hdr_v1 *h, int by)
{
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		h->csum_start = (uint16_t)(h->csum_start + by);
	if (h->gso_type != VIRTIO_NET_HDR_GSO_NONE)
		h->hdr_len = (uint16_t)(h->hdr_len + by);
}

void pkt_shift_offsets(struct pkt *p, int by)
{
	shift_offsets(&p->vnet, by);
}

void pkt_tag(struct pkt *p, const uint8_t tag[VLAN_TAG_LEN])
{
	assert(p->data - p->head >= (ptrdiff_t)VLAN_TAG_LEN);
	memmove(p->data - VLAN_TAG_LEN, p->data, MACS);
	p->data -= VLAN_TAG_LEN;
	memcpy(p->data + MACS, tag, VLAN_TAG_LEN);
	p->head_len += VLAN_TAG_LEN;
	p->len += VLAN_TAG_LEN;
	shift_offsets(&p->vnet, VLAN_TAG_LEN);
}

void pkt_clone(struct pkt *to, const struct tx_frame *from)
{
	const struct pkt *p = from->pkt;

	to->data = to->head + PKT_ROOM;
	to->seg = p->seg;
	to->len = p->len;
	to->head_len = p->head_len;
	to->n_seg = p->n_seg;
	to->vnet = p->vnet;
	/* A head that lost a tag, or never had one, starts behind the room; one that gained, in it.
	 */
	if (p->head_len > PKT_HEAD)
		to->data -= p->head_len - PKT_HEAD;
	memcpy(to->data, p->data, p->head_len);
	if (from->tagged)
		pkt_tag(to, from->tag);
}

unsigned int tx_frame_gather(const struct tx_frame *f, struct iovec *out)
{
	const struct pkt *p = f->pkt;
	unsigned int n = 0;

	if (f->tagged) {
		out[n++] = (struct iovec){ p->data, MACS };
		out[n++] = (struct iovec){ (void *)f->tag, VLAN_TAG_LEN };
		out[n++] = (struct iovec){ p->data + MACS, p->head_len - MACS };
	} else {
		out[n++] = (struct iovec){ p->data, p->head_len };
	}
	for (unsigned int i = 0; i < p->n_seg; i++)
		out[n++] = p->seg[i];
	return n;
}

struct virtio_net_hdr_v1 tx_frame_vnet(const struct tx_frame *f)
{
	struct virtio_net_hdr_v1 h;

	/* Copied as it is, it never waits for stores of single fields. */
	if (likely(!f->tagged || pkt_is_plain(f->pkt)))
		return f->pkt->vnet;
	h = f->pkt->vnet;
	shift_offsets(&h, VLAN_TAG_LEN);
	return h;
}

void pkt_copy_out(const struct pkt *p, uint32_t off, void *to, uint32_t len)
{
	uint8_t *at = to;

	if (off < p->head_len) {
		uint32_t n = MIN(len, p->head_len - off);

		memcpy(at, p->data + off, n);
		at += n;
		len -= n;
		off = 0;
	} else {
		off -= p->head_len;
	}
	for (unsigned int i = 0; len && i < p->n_seg; i++) {
		uint32_t have = (uint32_t)p->seg[i].iov_len, n;

		if (off >= have) {
			off -= have;
			continue;
		}
		n = MIN(len, have - off);
		memcpy(at, (const uint8_t *)p->seg[i].iov_base + off, n);
		at += n;
		len -= n;
		off = 0;
	}
}

void tx_frame_copy(const struct tx_frame *f, uint8_t *to)
{
	const struct pkt *p = f->pkt;
	uint32_t front = 0;

	if (f->tagged) {
		front = MACS;
		memcpy(to, p->data, MACS);
		memcpy(to + MACS, f->tag, VLAN_TAG_LEN);
		to += MACS + VLAN_TAG_LEN;
	}
	pkt_copy_out(p, front, to, p->len - front);
}
