/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/gso_frame.h"

#include <stdlib.h>

/* One frame on its way into OUT. */
struct writer {
	uint8_t *out;
	uint32_t n;
};

static void w8(struct writer *w, unsigned int v)
{
	w->out[w->n++] = (uint8_t)v;
}

static void w16(struct writer *w, unsigned int v)
{
	w8(w, v >> 8);
	w8(w, v);
}

static void w32(struct writer *w, uint32_t v)
{
	w16(w, v >> 16);
	w16(w, v & 0xffff);
}

static void fill(struct writer *w, unsigned int octets, unsigned int value)
{
	while (octets--)
		w8(w, value);
}

uint16_t rig_sum(uint32_t sum, const uint8_t *octets, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		sum += i % 2 ? octets[i] : (uint32_t)octets[i] << 8;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)sum;
}

static void address_6(struct writer *w, unsigned int host)
{
	w32(w, 0x20010db8);
	w32(w, 0);
	w32(w, 0);
	w32(w, host);
}

static unsigned int ext_len(const struct gso_frame *g)
{
	return (g->hop_by_hop ? 8 : 0) + (g->routing ? 24 : 0) + (g->dest_opts ? 16 : 0);
}

static uint32_t l4_head_len(const struct gso_frame *g)
{
	return g->udp ? 8 : 20 + g->tcp_options;
}

uint32_t gso_frame_head_len(const struct gso_frame *g)
{
	return 14 + 4 * g->tags + (g->v6 ? 40 + ext_len(g) : 20 + g->ip_options) + l4_head_len(g);
}

uint32_t gso_frame_pieces(const struct gso_frame *g)
{
	return (g->payload + g->gso_size - 1) / g->gso_size;
}

static void write_eth(struct writer *w, const struct gso_frame *g)
{
	w16(w, 0x0200);
	w32(w, 0x0b);
	w16(w, 0x0200);
	w32(w, 0x0a);
	if (g->tags == 2) {
		w16(w, 0x88a8);
		w16(w, 0x6000 | 100);
	}
	if (g->tags) {
		w16(w, 0x8100);
		w16(w, 0x2000 | 20);
	}
	w16(w, g->v6 ? 0x86dd : 0x0800);
}

static void write_4(struct writer *w, const struct gso_frame *g, uint32_t l4_len, uint32_t index)
{
	uint32_t at = w->n, len = 20 + g->ip_options;
	uint16_t sum;

	w8(w, 0x40 | len / 4);
	w8(w, 0x02); /* ECT(0) */
	w16(w, len + l4_len);
	w16(w, (g->ip_id + index) & 0xffff);
	w16(w, 0x4000);
	w8(w, 64);
	w8(w, g->udp ? 17 : 6);
	w16(w, 0);
	w32(w, 0x0a000001);
	w32(w, 0x0a000002);
	fill(w, g->ip_options, 1); /* no operation */
	sum = (uint16_t)~rig_sum(0, w->out + at, len);
	w->out[at + 10] = (uint8_t)(sum >> 8);
	w->out[at + 11] = (uint8_t)sum;
}

static void write_6(struct writer *w, const struct gso_frame *g, uint32_t l4_len)
{
	unsigned int l4 = g->udp ? 17 : 6;
	unsigned int last = g->dest_opts ? 60 : l4, mid = g->routing ? 43 : last;

	w32(w, 0x60200000);
	w16(w, ext_len(g) + l4_len);
	w8(w, g->hop_by_hop ? 0 : mid);
	w8(w, 64);
	address_6(w, 1);
	address_6(w, g->routing ? 99 : 2);
	if (g->hop_by_hop) {
		w8(w, mid);
		w8(w, 0);
		w8(w, 1); /* PadN over the rest */
		w8(w, 4);
		fill(w, 4, 0);
	}
	if (g->routing) { /* RFC 6275 6.4: type 2, one more hop to go */
		w8(w, last);
		w8(w, 2);
		w8(w, 2);
		w8(w, 1);
		fill(w, 4, 0);
		address_6(w, 2);
	}
	if (g->dest_opts) {
		w8(w, l4);
		w8(w, 1);
		w8(w, 1);
		w8(w, 12);
		fill(w, 12, 0);
	}
}

/* RFC 793, RFC 8200 8.1: the addresses are those of the two ends, whatever the route. */
static uint16_t pseudo(const struct gso_frame *g, uint32_t l4_len)
{
	uint8_t octets[40];
	struct writer w = { octets, 0 };

	if (g->v6) {
		address_6(&w, 1);
		address_6(&w, 2);
	} else {
		w32(&w, 0x0a000001);
		w32(&w, 0x0a000002);
	}
	w32(&w, l4_len);
	w32(&w, g->udp ? 17 : 6);
	return rig_sum(0, octets, w.n);
}

static void write_l4(struct writer *w, const struct gso_frame *g, uint32_t off, uint32_t size)
{
	unsigned int flags = g->tcp_flags;

	w16(w, 1111);
	w16(w, 2222);
	if (g->udp) {
		w16(w, 8 + size);
		w16(w, 0);
		return;
	}
	if (off)
		flags &= ~0x80u;
	if (off + size < g->payload)
		flags &= ~0x09u;
	w32(w, g->seq + off);
	w32(w, 0x12345678);
	w8(w, (20 + g->tcp_options) / 4 << 4);
	w8(w, flags);
	w16(w, 0xfff0);
	w16(w, 0);
	w16(w, 0);
	fill(w, g->tcp_options, 1);
}

/* Everything that depends on which part of the payload it is, but for the transport's checksum. */
static uint32_t write_frame(const struct gso_frame *g, uint32_t index, uint32_t off, uint32_t size,
			    uint8_t *out)
{
	struct writer w = { out, 0 };
	uint32_t l4_len = l4_head_len(g) + size;

	write_eth(&w, g);
	if (g->v6)
		write_6(&w, g, l4_len);
	else
		write_4(&w, g, l4_len, index);
	write_l4(&w, g, off, size);
	for (uint32_t i = off; i < off + size; i++)
		w8(&w, i * 7 + (i >> 8));
	return w.n;
}

static void put_csum(const struct gso_frame *g, uint8_t *out, uint16_t sum)
{
	uint32_t at = gso_frame_head_len(g) - l4_head_len(g) + (g->udp ? 6 : 16);

	out[at] = (uint8_t)(sum >> 8);
	out[at + 1] = (uint8_t)sum;
}

uint32_t gso_frame_whole(const struct gso_frame *g, uint8_t *out, struct virtio_net_hdr_v1 *h)
{
	uint32_t len = write_frame(g, 0, 0, g->payload, out);
	uint32_t l4 = gso_frame_head_len(g) - l4_head_len(g);

	put_csum(g, out, pseudo(g, len - l4));
	*h = (struct virtio_net_hdr_v1){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = g->ufo   ? VIRTIO_NET_HDR_GSO_UDP
			    : g->udp ? 5
			    : g->v6  ? VIRTIO_NET_HDR_GSO_TCPV6
				     : VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = (uint16_t)gso_frame_head_len(g),
		.gso_size = g->gso_size,
		.csum_start = (uint16_t)l4,
		.csum_offset = g->udp ? 6 : 16,
	};
	return len;
}

uint32_t gso_frame_piece(const struct gso_frame *g, uint32_t i, uint8_t *out)
{
	uint32_t off = i * g->gso_size;
	uint32_t size = g->payload - off < g->gso_size ? g->payload - off : g->gso_size;
	uint32_t len = write_frame(g, i, off, size, out);
	uint32_t l4 = gso_frame_head_len(g) - l4_head_len(g);
	uint16_t sum = (uint16_t)~rig_sum(pseudo(g, len - l4), out + l4, len - l4);

	put_csum(g, out, sum ? sum : 0xffff);
	return len;
}

void rig_pkt(struct pkt *p, const uint8_t *flat, uint32_t len, unsigned int cuts, struct iovec *seg)
{
	uint32_t at = MIN(len, (uint32_t)PKT_HEAD);

	pkt_reset(p);
	memcpy(p->data, flat, at);
	p->head_len = (uint16_t)at;
	p->len = len;
	p->seg = seg;
	for (; at < len; p->n_seg++) {
		uint32_t n = len - at;

		if (p->n_seg < cuts)
			n = 1 + (uint32_t)random() % n;
		seg[p->n_seg] = (struct iovec){ (void *)(flat + at), n };
		at += n;
	}
}
