/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offloads end to end, between each two types of ports: a frame comes unchanged, offload header and
 * all, where the receiver takes it, else as the frames that gso_frame.c writes octet by octet. A
 * file and a capture never show anything but whole frames.
 */
#include <stdio.h>
#include <unistd.h>

#include "dataplane/punt.h"
#include "ports/watch_priv.h"
#include "tests/rig/gso_frame.h"
#include "tests/rig/offload_end.h"
#include "tests/rig/reassemble.h"
#include "tests/test.h"

static bool alone; /* with a network of our own */

static const struct {
	const char *name;
	struct gso_frame g;
	unsigned int needs; /* OFFLOAD_*; 0: it is sent finished */
	uint32_t cut; /* sent with so many octets only */
	bool fragment; /* and with MF */
} frames[] = {
	{ "plain", { .payload = 100 }, 0, 0, false },
	{ "plain IPv6, odd", { .v6 = true, .udp = true, .payload = 1001 }, 0, 0, false },
	{ "runt", { .payload = 10 }, 0, 20, false },
	{ "header only", { .payload = 10 }, 0, 14, false },
	{ "VLAN", { .tags = 1, .payload = 1000 }, 0, 0, false },
	{ "QinQ", { .tags = 2, .payload = 1000 }, 0, 0, false },
	{ "9000 octets", { .payload = 8946 }, 0, 0, false },
	{ "fragment", { .udp = true, .payload = 1000 }, 0, 0, true },
	{ "checksum", { .payload = 1000 }, OFFLOAD_CSUM, 0, false },
	{ "checksum, UDP, VLAN",
	  { .tags = 1, .udp = true, .payload = 99 },
	  OFFLOAD_CSUM,
	  0,
	  false },
	{ "checksum, QinQ", { .tags = 2, .payload = 1000 }, OFFLOAD_CSUM, 0, false },
	{ "9000 octets, QinQ, IPv6", { .v6 = true, .tags = 2, .payload = 8918 }, 0, 0, false },
	{ "checksum, IPv6", { .v6 = true, .payload = 1000 }, OFFLOAD_CSUM, 0, false },
	{ "TSO4", { .payload = 20000, .gso_size = 1448 }, OFFLOAD_CSUM | OFFLOAD_TSO4, 0, false },
	{ "TSO4, 64 KiB",
	  { .payload = 65000, .gso_size = 1448, .tcp_options = 12 },
	  OFFLOAD_CSUM | OFFLOAD_TSO4,
	  0,
	  false },
	{ "TSO4, FIN, PSH and CWR",
	  { .payload = 5000, .gso_size = 1000, .tcp_flags = 0x99 },
	  OFFLOAD_CSUM | OFFLOAD_TSO4,
	  0,
	  false },
	{ "TSO4, VLAN",
	  { .tags = 1, .payload = 20000, .gso_size = 1448 },
	  OFFLOAD_CSUM | OFFLOAD_TSO4,
	  0,
	  false },
	{ "TSO4, QinQ",
	  { .tags = 2, .payload = 9000, .gso_size = 1448 },
	  OFFLOAD_CSUM | OFFLOAD_TSO4,
	  0,
	  false },
	{ "TSO6",
	  { .v6 = true, .payload = 20001, .gso_size = 1428 },
	  OFFLOAD_CSUM | OFFLOAD_TSO6,
	  0,
	  false },
	{ "TSO6, VLAN",
	  { .v6 = true, .tags = 1, .payload = 20001, .gso_size = 1428 },
	  OFFLOAD_CSUM | OFFLOAD_TSO6,
	  0,
	  false },
	{ "TSO6, 64 KiB, QinQ",
	  { .v6 = true, .tags = 2, .payload = 65000, .gso_size = 1428 },
	  OFFLOAD_CSUM | OFFLOAD_TSO6,
	  0,
	  false },
	{ "USO, VLAN",
	  { .tags = 1, .udp = true, .payload = 20000, .gso_size = 1472 },
	  OFFLOAD_CSUM | OFFLOAD_USO,
	  0,
	  false },
	{ "USO, IPv6, QinQ, 64 KiB",
	  { .tags = 2, .udp = true, .v6 = true, .payload = 65000, .gso_size = 1452 },
	  OFFLOAD_CSUM | OFFLOAD_USO,
	  0,
	  false },
	{ "USO, IPv4",
	  { .udp = true, .payload = 20000, .gso_size = 1472 },
	  OFFLOAD_CSUM | OFFLOAD_USO,
	  0,
	  false },
	{ "USO, IPv6",
	  { .udp = true, .v6 = true, .payload = 20000, .gso_size = 1452 },
	  OFFLOAD_CSUM | OFFLOAD_USO,
	  0,
	  false },
	{ "UFO, IPv4",
	  { .udp = true, .ufo = true, .payload = 20000, .gso_size = 1480 },
	  OFFLOAD_CSUM | OFFLOAD_UFO,
	  0,
	  false },
	{ "UFO, IPv6",
	  { .udp = true, .ufo = true, .v6 = true, .payload = 20000, .gso_size = 1448 },
	  OFFLOAD_CSUM | OFFLOAD_UFO,
	  0,
	  false },
};

static struct gso_frame one_piece;
static struct gso_frame short_frame; /* of which not all is there */

/* One frame on its way from one end to another. */
struct passage {
	char what[128];
	const struct gso_frame *g;
	const struct offload_end_type *from, *to;
	unsigned int needs;
	const uint8_t *tag; /* that it gets on its way */
	uint8_t whole[VHOST_FRAME];
	uint32_t len;
	struct virtio_net_hdr_v1 h;
};

/* The same frame with the tag that it gets on its way. */
static uint32_t tagged(const uint8_t *tag, uint8_t *frame, uint32_t len,
		       struct virtio_net_hdr_v1 *h)
{
	if (!tag)
		return len;
	memmove(frame + 16, frame + 12, len - 12);
	memcpy(frame + 12, tag, 4);
	if (h && h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		h->csum_start = (uint16_t)(h->csum_start + 4);
	return len + 4;
}

/* The dull way: a partial checksum becomes a right one. */
static void complete(uint8_t *frame, uint32_t len, const struct virtio_net_hdr_v1 *h)
{
	uint16_t sum = (uint16_t)~rig_sum(0, frame + h->csum_start, len - h->csum_start);
	uint8_t *at = frame + h->csum_start + h->csum_offset;

	sum = sum ? sum : 0xffff;
	at[0] = (uint8_t)(sum >> 8);
	at[1] = (uint8_t)sum;
}

/* As it was sent: same octets, and a header that says the same. */
static void is_unchanged(const struct passage *p, const uint8_t *frame, uint32_t len,
			 const struct virtio_net_hdr_v1 *h)
{
	static uint8_t want[VHOST_FRAME + 4];
	struct virtio_net_hdr_v1 w = p->h;
	uint32_t n;

	memcpy(want, p->whole, p->len);
	n = tagged(p->tag, want, p->len, &w);
	if (len != n || memcmp(frame, want, n) != 0)
		fail_msg("%s: it came, but changed (%u instead of %u octets)", p->what, len, n);
	if (h->flags != w.flags || h->gso_type != w.gso_type || h->csum_start != w.csum_start ||
	    h->csum_offset != w.csum_offset || (h->gso_type && h->gso_size != w.gso_size))
		fail_msg("%s: its header was changed: flags %x, type %u, size %u, sum %u + %u",
			 p->what, h->flags, h->gso_type, h->gso_size, h->csum_start,
			 h->csum_offset);
}

/* Nothing but what the receiver asked for. */
static void is_allowed(const struct passage *p, const struct virtio_net_hdr_v1 *h)
{
	if (h->gso_type ||
	    (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && !(p->to->takes & OFFLOAD_CSUM)))
		fail_msg("%s: unfinished: flags %x, type %u", p->what, h->flags, h->gso_type);
}

static void is_piece(const struct passage *p, uint32_t i, uint8_t *frame, uint32_t len,
		     const struct virtio_net_hdr_v1 *h)
{
	static uint8_t want[VHOST_FRAME + 4];
	uint32_t n;

	is_allowed(p, h);
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		complete(frame, len, h);
	n = tagged(p->tag, want, gso_frame_piece(p->g, i, want), NULL);
	if (len != n || memcmp(frame, want, n) != 0) {
		for (uint32_t k = 0; k < n && k < len; k++)
			if (frame[k] != want[k])
				fail_msg("%s: piece %u differs at %u: %02x, not %02x", p->what, i,
					 k, frame[k], want[k]);
		fail_msg("%s: piece %u has %u octets, not %u", p->what, i, len, n);
	}
}

/* The datagram that fragments make is the one that was sent, its checksum right. */
static void make_datagram(const struct passage *p, const struct reassembly *all)
{
	static uint8_t want[VHOST_FRAME + 4], got[VHOST_FRAME + 4];
	uint32_t n = reassembly_whole(all, got), l3 = 14 + 4 * p->g->tags + (p->tag ? 4 : 0), len;
	struct virtio_net_hdr_v1 h = p->h;

	memcpy(want, p->whole, p->len);
	len = tagged(p->tag, want, p->len, &h);
	complete(want, len, &h);
	if (!p->g->v6) { /* without DF, whose sum is other */
		memcpy(want + l3 + 6, got + l3 + 6, 2);
		memcpy(want + l3 + 10, got + l3 + 10, 2);
	}
	if (n != len || memcmp(got, want, len) != 0)
		fail_msg("%s: its fragments make %u octets, not %u, or others", p->what, n, len);
}

/* Of ours: a kernel has things of its own to say. */
static uint32_t next_frame(struct offload_end *to, uint8_t *frame, struct virtio_net_hdr_v1 *h)
{
	uint32_t len;

	do
		len = to->type->receive(to, frame, h);
	while (len && memcmp(frame, "\x02\0\0\0\0\x0b\x02\0\0\0\0\x0a", 12) != 0);
	return len;
}

static void arrives_cut(const struct passage *p, struct offload_end *to, uint8_t *frame,
			uint32_t len, struct virtio_net_hdr_v1 *h)
{
	static struct reassembly all;
	uint32_t n = p->g->gso_size ? gso_frame_pieces(p->g) : 1, i = 0;
	const char *wrong;

	memset(&all, 0, sizeof(all));
	to->more = false;
	for (; len; len = next_frame(to, frame, h)) {
		if (!p->g->ufo) {
			if (i == n)
				fail_msg("%s: more than %u pieces", p->what, n);
			is_piece(p, i++, frame, len, h);
			to->more = i < n;
			continue;
		}
		is_allowed(p, h);
		wrong = reassembly_add(&all, frame, len);
		if (wrong)
			fail_msg("%s: %s", p->what, wrong);
	}
	if (p->g->ufo)
		make_datagram(p, &all);
	else if (i != n)
		fail_msg("%s: %u of %u pieces", p->what, i, n);
}

static void arrives(const struct passage *p, struct offload_end *to)
{
	static uint8_t frame[VHOST_FRAME + 4];
	struct virtio_net_hdr_v1 h;
	bool whole = !(p->needs & ~p->to->takes);
	uint32_t len;

	to->more = true;
	len = next_frame(to, frame, &h);
	if (!len)
		fail_msg("%s: nothing came", p->what);
	/* A kernel on its way may have finished it, or a part of that. */
	if (p->from->kernel && p->needs && (h.gso_type != p->h.gso_type || !whole)) {
		arrives_cut(p, to, frame, len, &h);
		return;
	}
	if (p->from->kernel && p->needs == OFFLOAD_CSUM && h.flags != p->h.flags)
		whole = false;
	if (!whole) {
		arrives_cut(p, to, frame, len, &h);
		return;
	}
	is_unchanged(p, frame, len, &h);
	to->more = false;
	if (next_frame(to, frame, &h))
		fail_msg("%s: it came twice", p->what);
}

/* ---- captures: always whole frames, coming in and going out -----------------------------------
 */

struct shown {
	const struct passage *p;
	const struct offload_end *in, *out;
	bool going_out;
	uint32_t n[2]; /* pieces that came in, that went out */
	struct reassembly all[2]; /* fragments */
};

static void show(void *arg, const uint8_t *frame, uint32_t len)
{
	static const struct virtio_net_hdr_v1 finished;
	static uint8_t copy[VHOST_FRAME + 4];
	struct shown *s = arg;
	struct passage as = *s->p;
	const char *wrong;

	if (memcmp(frame, "\x02\0\0\0\0\x0b\x02\0\0\0\0\x0a", 12) != 0)
		return;
	snprintf(as.what, sizeof(as.what), "captured %s: %.90s", s->going_out ? "out" : "in",
		 s->p->what);
	as.tag = s->going_out ? as.tag : NULL;
	if (as.g->ufo) {
		wrong = reassembly_add(&s->all[s->going_out], frame, len);
		if (wrong)
			fail_msg("%s: %s", as.what, wrong);
	} else if (as.g == &short_frame) {
		is_unchanged(&as, frame, len, &finished);
	} else {
		memcpy(copy, frame, len);
		is_piece(&as, s->n[s->going_out], copy, len, &finished);
	}
	s->n[s->going_out]++;
}

static void captured(void *arg, const struct parcel *p)
{
	static uint8_t scratch[GSO_BUF];
	struct shown *s = arg;

	s->going_out = p->what == CAPTURE_OUT;
	if (p->port == (s->going_out ? s->out : s->in)->id)
		capture_finish(p, scratch, show, s);
}

static void shows_whole_frames(struct shown *s, bool both)
{
	const struct passage *p = s->p;
	uint32_t n = p->g->gso_size && p->h.gso_type ? gso_frame_pieces(p->g) : 1;

	assert_true(parcels_take(s->in->r->rig->env.engine, 10000));
	for (unsigned int out = both ? 0 : 1; out < 2; out++) {
		struct passage as = *p;

		as.tag = out ? p->tag : NULL;
		if (p->g->ufo)
			make_datagram(&as, &s->all[out]);
		else if (s->n[out] != n)
			fail_msg("%s: %u of %u pieces were captured %s", p->what, s->n[out], n,
				 out ? "going out" : "coming in");
	}
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void build(struct passage *p, size_t i)
{
	struct gso_frame *one = frames[i].cut || frames[i].fragment ? &short_frame : &one_piece;

	p->g = &frames[i].g;
	p->needs = frames[i].needs;
	memset(&p->h, 0, sizeof(p->h));
	if (p->g->gso_size) {
		p->len = gso_frame_whole(p->g, p->whole, &p->h);
		return;
	}
	*one = frames[i].g;
	one->gso_size = (uint16_t)one->payload; /* one piece, which is the frame */
	p->g = one;
	if (p->needs) {
		p->len = gso_frame_whole(one, p->whole, &p->h);
		p->h.gso_type = 0;
		p->h.gso_size = p->h.hdr_len = 0;
		return;
	}
	p->len = gso_frame_piece(one, 0, p->whole);
	if (frames[i].cut)
		p->len = frames[i].cut;
	if (frames[i].fragment)
		p->whole[14 + 6] = 0x20;
}

static void set_up_end(struct offload_end *e, struct vhost_rig *r, unsigned int type,
		       unsigned int number)
{
	*e = (struct offload_end){ .type = &offload_ends[type], .r = r, .number = number };
	e->type->open(e);
}

static void pair(unsigned int from, unsigned int to, const uint8_t *tag)
{
	struct vhost_rig *r = vhost_rig_create(0);
	static struct passage p;
	static struct shown s;
	struct engine *e = r->rig->env.engine;
	struct offload_end a, b;

	set_up_end(&b, r, to, 2 * from + 100 * to);
	set_up_end(&a, r, from, 2 * from + 100 * to + 1);
	a.to = b.id;
	r->rig->to[a.id] = b.id;
	capture_to(e, captured, &s);
	if (tag)
		memcpy(&r->rig->tag, tag, sizeof(r->rig->tag));
	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		if (frames[i].needs & ~a.type->gives || frames[i].needs & ~b.type->shows)
			continue;
		/* skb_vlan_untag() wants two octets behind the tag. */
		if (tag && b.type->kernel && frames[i].cut == ETH_HDR_LEN)
			continue;
		build(&p, i);
		p.from = a.type;
		p.to = b.type;
		p.tag = tag;
		snprintf(p.what, sizeof(p.what), "%s from %s to %s%s", frames[i].name, a.type->name,
			 b.type->name, tag ? ", tagged" : "");
		s = (struct shown){ .p = &p, .in = &a, .out = &b };
		assert_int_equal(capture_port(e, a.id, true), 0);
		assert_int_equal(capture_port(e, b.id, true), 0);
		a.type->send(&a, p.whole, p.len, &p.h);
		arrives(&p, &b);
		/* A port that is made for each frame has not been captured before. */
		shows_whole_frames(&s, strcmp(a.type->name, "pcap") != 0);
		memset(&s.all, 0, sizeof(s.all));
	}
	a.type->close(&a);
	b.type->close(&b);
	vhost_rig_destroy(r);
}

static void pairs(bool root)
{
	static const uint8_t tag[] = { 0x81, 0x00, 0x60, 0x2a };

	for (unsigned int from = 0; from < n_offload_ends; from++) {
		for (unsigned int to = 0; to < n_offload_ends; to++) {
			if ((offload_ends[from].root || offload_ends[to].root) != root)
				continue;
			pair(from, to, NULL);
			pair(from, to, tag);
		}
	}
}

static void frames_of_each_kind_arrive_at_each_port(void **state)
{
	(void)state;
	pairs(false);
}

static void frames_of_each_kind_cross_the_kernels_devices(void **state)
{
	(void)state;
	if (!alone) {
		printf("needs root for a network of its own\n");
		skip();
	}
	pairs(true);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_each_kind_arrive_at_each_port),
		cmocka_unit_test(frames_of_each_kind_cross_the_kernels_devices),
	};

	alone = port_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
