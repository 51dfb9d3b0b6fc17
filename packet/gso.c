/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Software segmentation. The frame is copied once, as a whole, into the caller's buffer; from then
 * on nobody else can change it. A piece is handed out where its payload lies: its header goes in
 * front of it, over the end of the piece before, which has been taken by then.
 *
 * Checksums need no pseudo-header. The sender left its sum in the checksum field, with the length
 * of the whole frame in it; a piece differs in that length alone, so what a routing header or a
 * home address did to the sum stays in it.
 *
 * A UFO frame is one datagram, so its sum is finished over the whole, and what is cut afterwards is
 * the IP packet. Its IPv6 identification is a hash of the datagram: nobody has to remember the last
 * one, and datagrams that share one by being the same do no harm to each other.
 */
#include "packet/gso.h"

#include <errno.h>

#include "base/hash.h"
#include "packet/csum.h"
#include "packet/offload_priv.h"

#define HEAD_MAX (PKT_ROOM + PKT_HEAD + VLAN_TAG_LEN + FRAG_HDR_LEN)

enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 }; /* in octet 13 */
enum { IPV4_MF = 0x2000, IPV6_MF = 0x0001 };
enum { IPV4_OPT_END = 0, IPV4_OPT_NOP = 1, IPV4_OPT_COPY = 0x80 }; /* RFC 791 3.1 */

struct cut {
	struct frame_layout at;
	uint8_t head[HEAD_MAX];
	uint16_t hdr_len; /* of head */
	uint32_t len; /* of the whole frame */
};

static void put_16(uint8_t *at, be16_t v)
{
	memcpy(at, &v.raw, sizeof(v.raw));
}

static be16_t get_16(const uint8_t *at)
{
	be16_t v;

	memcpy(&v.raw, at, sizeof(v.raw));
	return v;
}

static void add_16(uint8_t *at, uint32_t n)
{
	put_16(at, be16_of((uint16_t)(be16_get(get_16(at)) + n)));
}

static void add_32(uint8_t *at, uint32_t n)
{
	be32_t v;

	memcpy(&v.raw, at, sizeof(v.raw));
	v = be32_of(be32_get(v) + n);
	memcpy(at, &v.raw, sizeof(v.raw));
}

/* The frame as it goes out, in one piece. Its segments were counted by whoever made it: checked. */
static int gather(const struct tx_frame *f, uint8_t *buf)
{
	const struct pkt *p = f->pkt;
	uint32_t left = p->len;
	uint8_t *at = buf;

	if (p->head_len > left || p->head_len > PKT_ROOM + PKT_HEAD ||
	    (f->tagged && p->head_len < ETH_HDR_LEN))
		return -EINVAL;
	memcpy(at, p->data, p->head_len);
	if (f->tagged) {
		memmove(at + 12 + VLAN_TAG_LEN, at + 12, p->head_len - 12u);
		memcpy(at + 12, f->tag, VLAN_TAG_LEN);
		at += VLAN_TAG_LEN;
	}
	at += p->head_len;
	left -= p->head_len;
	for (unsigned int i = 0; i < p->n_seg; i++) {
		if (p->seg[i].iov_len > left)
			return -EINVAL;
		memcpy(at, p->seg[i].iov_base, p->seg[i].iov_len);
		at += p->seg[i].iov_len;
		left -= (uint32_t)p->seg[i].iov_len;
	}
	return left ? -EINVAL : 0;
}

/* The field holds the sender's sum of what does not lie in the frame, and is summed with the rest.
 */
static int complete(uint8_t *frame, uint32_t len, const struct virtio_net_hdr_v1 *h)
{
	uint32_t at = (uint32_t)h->csum_start + h->csum_offset;

	if (at + sizeof(be16_t) > len)
		return -EINVAL;
	put_16(frame + at,
	       csum_finish_nonzero(csum_add(0, frame + h->csum_start, len - h->csum_start)));
	return 0;
}

static void write_ip(const struct cut *c, uint8_t *ip, uint32_t i, uint32_t size)
{
	uint32_t len = c->hdr_len - c->at.l3 + size;

	if (c->at.type == ETH_TYPE_IPV6) {
		put_16(ip + 4, be16_of((uint16_t)(len - IPV6_HDR_LEN)));
		return;
	}
	put_16(ip + 2, be16_of((uint16_t)len));
	add_16(ip + 4, i); /* each piece is a datagram of its own: RFC 6864 */
	put_16(ip + 10, be16_of(0));
	put_16(ip + 10, csum_finish(csum_add(0, ip, (ip[0] & 0xfu) * 4)));
}

static void write_tcp(uint8_t *tcp, uint32_t off, bool last)
{
	add_32(tcp + 4, off);
	if (!last)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (off)
		tcp[13] &= (uint8_t)~TCP_CWR; /* RFC 3168 6.1.2: once */
}

static void write_csum(const struct cut *c, uint8_t *l4, uint32_t l4_len, uint8_t offset)
{
	uint64_t sum = get_16(c->head + c->at.l4 + offset).raw; /* with the whole length in it */

	sum = csum_add_32(sum, be32_of(l4_len));
	sum = csum_add_32(sum, be32_of(~(c->len - c->at.l4)));
	put_16(l4 + offset, be16_of(0));
	put_16(l4 + offset, csum_finish_nonzero(csum_add(sum, l4, l4_len)));
}

static void write_head(const struct cut *c, uint8_t *frame, uint32_t i, uint32_t off, uint32_t size,
		       bool last)
{
	uint8_t *l4 = frame + c->at.l4;
	uint32_t l4_len = c->hdr_len - c->at.l4 + size;

	memcpy(frame, c->head, c->hdr_len);
	write_ip(c, frame + c->at.l3, i, size);
	if (c->at.proto == IP_UDP)
		put_16(l4 + 4, be16_of((uint16_t)l4_len));
	else
		write_tcp(l4, off, last);
	write_csum(c, l4, l4_len, transport_of(c->at.proto)->csum_offset);
}

static int cut(struct cut *c, uint8_t *buf, uint16_t size, gso_out_fn *out, void *arg)
{
	uint32_t payload = c->len - c->hdr_len, off = 0;
	int n = 0;

	memcpy(c->head, buf, c->hdr_len);
	do {
		uint32_t now = MIN((uint32_t)size, payload - off);

		write_head(c, buf + off, (uint32_t)n++, off, now, off + now == payload);
		out(arg, buf + off, c->hdr_len + now);
		off += now;
	} while (off < payload);
	return n;
}

/* RFC 791 3.2: an option without the copy flag is in the first fragment only. */
static void drop_options(uint8_t *ip, uint32_t len)
{
	for (uint32_t at = IPV4_HDR_LEN, n; at < len && ip[at] != IPV4_OPT_END; at += n) {
		n = ip[at] == IPV4_OPT_NOP || at + 1 == len ? 1 : ip[at + 1];
		if (!n || n > len - at)
			return; /* no option: nobody can read on from here */
		if (!(ip[at] & IPV4_OPT_COPY))
			memset(ip + at, IPV4_OPT_NOP, n);
	}
}

static void write_fragment(const struct cut *c, uint8_t *frame, uint32_t off, uint32_t size,
			   bool more)
{
	uint8_t *ip = frame + c->at.l3;
	uint32_t len = c->hdr_len - c->at.l3 + size;

	memcpy(frame, c->head, c->hdr_len);
	if (c->at.type == ETH_TYPE_IPV6) {
		put_16(ip + 4, be16_of((uint16_t)(len - IPV6_HDR_LEN)));
		put_16(frame + c->at.frag_at + 2, be16_of((uint16_t)(off | (more ? IPV6_MF : 0))));
		return;
	}
	put_16(ip + 2, be16_of((uint16_t)len));
	/* Whoever asks for fragments does not mean DF. */
	put_16(ip + 6, be16_of((uint16_t)(off / 8 | (more ? IPV4_MF : 0))));
	if (off)
		drop_options(ip, (ip[0] & 0xfu) * 4);
	put_16(ip + 10, be16_of(0));
	put_16(ip + 10, csum_finish(csum_add(0, ip, (ip[0] & 0xfu) * 4)));
}

static uint32_t fragment_id(const uint8_t *datagram, uint32_t len)
{
	uint64_t h = len, w;

	for (; len >= sizeof(w); len -= (uint32_t)sizeof(w), datagram += sizeof(w)) {
		memcpy(&w, datagram, sizeof(w));
		h = hash_fold(h ^ w, 0x9e3779b97f4a7c15u) + w;
	}
	w = 0;
	memcpy(&w, datagram, len);
	return (uint32_t)hash_fold(h ^ w, 0x9e3779b97f4a7c15u);
}

/* The header of all fragments, from the frame in BUF; the octets behind it start at DATA. */
static void begin_fragments(struct cut *c, const uint8_t *buf)
{
	const uint8_t *data = buf + c->at.frag_at;
	be32_t id;

	c->hdr_len = c->at.frag_at;
	memcpy(c->head, buf, c->hdr_len);
	if (c->at.type != ETH_TYPE_IPV6)
		return;
	id = be32_of(fragment_id(data, c->len - c->at.frag_at));
	memset(c->head + c->hdr_len, 0, FRAG_HDR_LEN);
	c->head[c->hdr_len] = c->head[c->at.frag_next];
	c->head[c->at.frag_next] = IP_FRAGMENT;
	memcpy(c->head + c->hdr_len + 4, &id.raw, sizeof(id.raw));
	c->hdr_len += FRAG_HDR_LEN;
}

/* BUF has FRAG_HDR_LEN octets of room in front. */
static int fragment(struct cut *c, uint8_t *buf, const struct virtio_net_hdr_v1 *h, gso_out_fn *out,
		    void *arg)
{
	uint32_t off = 0, size = offload_fragment(h), data = c->len - c->at.frag_at;
	int n = 0;

	if (c->len - c->at.l3 > UINT16_MAX || complete(buf, c->len, h) < 0)
		return -EINVAL;
	begin_fragments(c, buf);
	do {
		uint32_t now = MIN(size, data - off);
		uint8_t *frame = buf + c->at.frag_at + off - c->hdr_len;

		write_fragment(c, frame, off, now, off + now < data);
		out(arg, frame, c->hdr_len + now);
		n++;
		off += now;
	} while (off < data);
	return n;
}

int gso_finish(const struct tx_frame *f, uint8_t *buf, size_t room, gso_out_fn *out, void *arg)
{
	struct virtio_net_hdr_v1 h = tx_frame_vnet(f);
	struct cut c = { .len = tx_frame_len(f) };
	uint32_t head_len = f->pkt->head_len + (f->tagged ? VLAN_TAG_LEN : 0);
	uint32_t lead = h.gso_type == VIRTIO_NET_HDR_GSO_UDP ? FRAG_HDR_LEN : 0;

	if (c.len + lead > room || gather(f, buf + lead) < 0)
		return -EINVAL;
	buf += lead;
	if (h.gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		if (offload_gso_headers(buf, head_len, &h, &c.at, &c.hdr_len) < 0)
			return -EINVAL;
		if (h.gso_type == VIRTIO_NET_HDR_GSO_UDP)
			return fragment(&c, buf, &h, out, arg);
		return cut(&c, buf, h.gso_size, out, arg);
	}
	if ((h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) && complete(buf, c.len, &h) < 0)
		return -EINVAL;
	out(arg, buf, c.len);
	return 1;
}
