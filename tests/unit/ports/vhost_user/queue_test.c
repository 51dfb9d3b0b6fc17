/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's queues and a memory port on one switch: what goes in at one comes out at the other. */
#include "tests/test.h"

#include <stdlib.h>

#include "packet/offload.h"
#include "ports/vhost_user/vhost_user_priv.h"
#include "tests/rig/drops.h"
#include "tests/rig/gso_frame.h"
#include "tests/rig/rig.h"
#include "tests/rig/ring_rig.h"

#define MEMORY (16u << 20)
#define SIZE   64u
#define VID    10
#define FRAME  9000u
#define AREA   16384u /* of one chain's buffers */
#define PAIRS  4u

enum { GUEST, OTHER, PORTS };

struct fixture {
	struct rig *rig;
	struct ring_memory *m;
	struct ring_pair pair[2 * PAIRS];
	struct vhost_user vu;
	struct vu_lent lent;
	struct port port;
	uint64_t area;
	unsigned int next_area;
};

struct shape {
	bool packed, legacy, mergeable, trunk;
};

static void start(struct fixture *f, const struct shape *k)
{
	const struct rig_port port[PORTS] = {
		[GUEST] = { .access = k->trunk ? 0 : VID, .trunk = k->trunk ? "10" : NULL },
		[OTHER] = { .access = VID },
	};
	struct rig_config c = { .port = port, .n_ports = PORTS, .mtu = 65535 };

	memset(f, 0, sizeof(*f));
	f->rig = rig_create(&c);
	f->m = ring_memory_create(MEMORY);
	f->port.id = f->rig->id[GUEST];
	f->vu.port = &f->port;
	f->vu.hdr_len = k->legacy ? 10 : 12;
	f->vu.mergeable = k->mergeable;
	f->vu.n_pairs = 1;
	f->vu.sink = (struct sink){ .port = f->port.id, .tx = vhost_user_tx };
	for (unsigned int i = 0; i < 2 * PAIRS; i++) {
		struct vu_queue *q = &f->vu.queue[i];

		ring_pair_init(&f->pair[i], f->m, SIZE, k->packed, false);
		assert_int_equal(ring_setup(&q->ring, &f->pair[i].config), 0);
		q->port = &f->vu;
		q->running = true;
		q->lent = &f->lent;
		q->source = (struct source){
			.port = f->port.id, .fd = -1, .rx = vhost_user_rx, .done = vhost_user_done
		};
	}
	f->area = ring_memory_take(f->m, (uint64_t)4 * SIZE * AREA, 4096);
	engine_set_sink(f->rig->engine, f->port.id, &f->vu.sink);
}

static void stop(struct fixture *f)
{
	engine_set_sink(f->rig->engine, f->port.id, NULL);
	for (unsigned int i = 0; i < 2 * PAIRS; i++)
		ring_teardown(&f->vu.queue[i].ring);
	rig_destroy(f->rig);
	ring_memory_destroy(f->m);
}

static uint64_t next_area(struct fixture *f)
{
	return f->area + (uint64_t)(f->next_area++ % (4 * SIZE)) * AREA;
}

static void fill(uint8_t *frame, uint32_t len)
{
	static const uint8_t macs[] = { 2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa, 0x88, 0xb5 };

	for (uint32_t i = 0; i < len; i++)
		frame[i] = i < sizeof(macs) ? macs[i] : (uint8_t)random();
}

/* LEN octets, cut anywhere, into at most MAX pieces that do not touch. */
static unsigned int cut(struct vring_piece *p, unsigned int max, uint64_t gpa, uint32_t len,
			bool write)
{
	unsigned int n = 0;

	while (len) {
		uint32_t part = n + 1 == max || random() % 3 == 0
					? len
					: 1 + (uint32_t)random() % MIN(len, 1u + random() % 200);

		p[n++] = (struct vring_piece){ gpa, part, write };
		gpa += part + 3;
		len -= part;
	}
	return n;
}

/* What the guest sends: the header and the frame, wherever they lie. */
static bool guest_sends(struct fixture *f, const struct virtio_net_hdr_v1 *h, const uint8_t *frame,
			uint32_t len, unsigned int pieces)
{
	static uint8_t flat[12 + 70000];
	struct vring_piece p[8];
	uint32_t all = f->vu.hdr_len + len;
	unsigned int n = cut(p, pieces, next_area(f), all, false), at = 0;

	memcpy(flat, h, f->vu.hdr_len);
	memcpy(flat + f->vu.hdr_len, frame, len);
	for (unsigned int i = 0; i < n; at += p[i++].len)
		memcpy(ring_memory_at(f->m, p[i].gpa), flat + at, p[i].len);
	return vring_driver_add(&f->pair[1].driver, p, n, NULL, 0, NULL) >= 0;
}

static unsigned int run_guest(struct fixture *f)
{
	struct worker *w = engine_worker(f->rig->engine, 0);
	unsigned int n, all = 0;
	uint32_t written;
	void *cookie;

	while ((n = worker_run_at(w, &f->vu.queue[1].source, f->rig->now_s)))
		all += n;
	while (vring_driver_get(&f->pair[1].driver, &cookie, &written))
		assert_int_equal(written, 0);
	return all;
}

/* ---- from the guest ------------------------------------------------------------------------- */

static void what_a_guest_sends_comes_out_however_it_is_cut(void **state)
{
	static const struct shape shapes[] = { { 0 }, { .packed = true }, { .legacy = true } };
	static struct fixture f;
	static uint8_t frame[40][FRAME];

	(void)state;
	srandom(0xf00);
	for (size_t k = 0; k < ARRAY_LEN(shapes); k++) {
		start(&f, &shapes[k]);
		for (unsigned int step = 0; step < 400; step++) {
			unsigned int n = 1 + (unsigned int)random() % 40, i;
			const struct virtio_net_hdr_v1 h = { .num_buffers = 0xbad };
			uint32_t len[40];

			for (i = 0; i < n; i++) {
				len[i] = 14 + (uint32_t)random() % (random() % 4 ? 300 : 8000);
				fill(frame[i], len[i]);
				if (!guest_sends(&f, &h, frame[i], len[i], 1 + random() % 6))
					break;
			}
			rig_forget(f.rig);
			assert_int_equal(run_guest(&f), i);
			for (unsigned int got = 0; got < i; got++) {
				const struct memory_frame *m =
					memory_frame(f.rig->port[OTHER], got);

				assert_non_null(m);
				assert_int_equal(m->len, len[got]);
				assert_memory_equal(m->data, frame[got], len[got]);
				assert_int_equal(m->vnet.flags | m->vnet.num_buffers, 0);
			}
			assert_null(memory_frame(f.rig->port[OTHER], i));
		}
		stop(&f);
	}
}

static void a_chain_that_is_no_frame_is_dropped_by_name_and_returned(void **state)
{
	static const struct {
		const char *why;
		uint32_t len; /* header included */
		const char *cause;
	} row[] = {
		{ "an octet", 1, "runt: shorter than an Ethernet header" },
		{ "half a header", 7, "runt: shorter than an Ethernet header" },
		{ "a header without its end", 11, "runt: shorter than an Ethernet header" },
		{ "a header alone", 12, "runt: shorter than an Ethernet header" },
		{ "13 octets", 25, "runt: shorter than an Ethernet header" },
		{ "one too many", 12 + PKT_LEN_MAX + 1, "giant: longer than any frame" },
		{ "a megabyte", 1u << 20, "giant: longer than any frame" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		for (unsigned int pieces = 1; pieces < 4; pieces += 2) {
			static struct fixture f;
			struct vring_piece p[3];
			const char *cause;
			unsigned int n;

			start(&f, &(struct shape){ .packed = i % 2 });
			n = cut(p, pieces, f.area, row[i].len, false);
			vring_driver_add(&f.pair[1].driver, p, n, NULL, 0, NULL);
			assert_int_equal(run_guest(&f), 1);
			cause = rig_cause(f.rig, GUEST);
			if (!cause || strcmp(cause, row[i].cause) != 0)
				fail_msg("%s: %s", row[i].why, cause ? cause : "no cause");
			assert_int_equal(f.pair[1].driver.n_free, SIZE); /* it went back */
			stop(&f);
		}
	}
}

/* ---- to the guest --------------------------------------------------------------------------- */

static void offer_buffer(struct fixture *f, unsigned int queue, uint32_t len, unsigned int pieces)
{
	struct vring_piece p[8];
	uint64_t *cookie = malloc(sizeof(*cookie));
	unsigned int n;

	*cookie = next_area(f);
	n = cut(p, pieces, *cookie, len, true);
	memset(ring_memory_at(f->m, *cookie), 0xee, AREA);
	if (vring_driver_add(&f->pair[queue].driver, p, n, NULL, 0, cookie) < 0)
		free(cookie);
}

/* Of buffers of one piece: the next chain's octets. */
static bool next_used(struct fixture *f, unsigned int queue, uint8_t **at, uint32_t *len)
{
	void *cookie;

	if (!vring_driver_get(&f->pair[queue].driver, &cookie, len))
		return false;
	*at = ring_memory_at(f->m, *(uint64_t *)cookie);
	free(cookie);
	return true;
}

static bool guest_receives(struct fixture *f, unsigned int queue, struct virtio_net_hdr_v1 *h,
			   uint8_t *frame, uint32_t *len)
{
	static uint8_t flat[80000];
	uint32_t all = 0, n;
	uint8_t *at;

	if (!next_used(f, queue, &at, &n))
		return false;
	memcpy(flat, at, n);
	all = n;
	memset(h, 0, sizeof(*h));
	memcpy(h, flat, f->vu.hdr_len);
	for (unsigned int i = 1; f->vu.mergeable && i < h->num_buffers; i++) {
		assert_true(next_used(f, queue, &at, &n));
		memcpy(flat + all, at, n);
		all += n;
	}
	assert_true(all >= f->vu.hdr_len);
	*len = all - f->vu.hdr_len;
	memcpy(frame, flat + f->vu.hdr_len, *len);
	return true;
}

static void free_rest(struct fixture *f)
{
	for (unsigned int q = 0; q < 2 * PAIRS; q += 2) {
		for (unsigned int i = 0; i < SIZE; i++) {
			if (f->pair[q].driver.n_slots[i])
				free(f->pair[q].driver.cookie[i]);
		}
	}
}

static uint64_t drops(const struct fixture *f, const char *cause)
{
	return drops_at(f->rig->engine, f->port.id, cause);
}

/* Buffers of any length: with mergeable ones nothing is too long, and nothing lost but for room. */
static void what_is_sent_to_a_guest_lies_in_its_buffers(void **state)
{
	static const struct shape shapes[] = {
		{ .mergeable = true }, { .mergeable = true, .packed = true },
		{ .trunk = true },     { .packed = true },
		{ .legacy = true },    { .legacy = true, .mergeable = true, .trunk = true },
	};
	static struct fixture f;
	static uint8_t frame[40][FRAME], got[80000];

	(void)state;
	srandom(0xbeef);
	for (size_t k = 0; k < ARRAY_LEN(shapes); k++) {
		/* A legacy driver's header has no num_buffers: what is merged needs the longer. */
		if (shapes[k].legacy && shapes[k].mergeable)
			continue;
		start(&f, &shapes[k]);
		for (unsigned int step = 0; step < 400; step++) {
			unsigned int n = 1 + (unsigned int)random() % 40, full, at = 0;
			struct virtio_net_hdr_v1 h;
			uint32_t len[40], out;

			for (unsigned int i = (unsigned int)random() % 50; i; i--)
				offer_buffer(&f, 0,
					     f.vu.mergeable ? 13 + (uint32_t)random() % 2000 : 9100,
					     1);
			rig_forget(f.rig);
			for (unsigned int i = 0; i < n; i++) {
				len[i] = 14 + (uint32_t)random() % (random() % 4 ? 300 : 8000);
				fill(frame[i], len[i]);
				rig_feed(f.rig, OTHER, frame[i], len[i]);
			}
			full = drops(&f, "receiver's queue is full");
			rig_run(f.rig);
			full = drops(&f, "receiver's queue is full") - full;
			while (guest_receives(&f, 0, &h, got, &out)) {
				assert_int_equal(h.flags | h.gso_type, 0);
				if (shapes[k].trunk) {
					assert_memory_equal(got + 12, "\x81\0\0\x0a", 4);
					memmove(got + 4, got, 12);
					memmove(got, got + 4, out -= 4);
				}
				/* What found no room is left out, the rest is in order. */
				while (at < n && (out != len[at] || memcmp(got, frame[at], out)))
					at++, full--;
				assert_true(at < n);
				at++;
				if (!f.vu.mergeable && !shapes[k].legacy)
					assert_int_equal(h.num_buffers, 1); /* 5.1.6.4.1 */
			}
			assert_int_equal(n - at, full);
		}
		free_rest(&f);
		stop(&f);
	}
}

static void a_frame_that_does_not_fit_takes_no_buffer(void **state)
{
	static struct fixture f;
	static uint8_t frame[2000], got[80000];
	struct virtio_net_hdr_v1 h;
	uint32_t len;

	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		start(&f, &(struct shape){ .packed = packed });
		fill(frame, sizeof(frame));
		rig_send(f.rig, OTHER, frame, 100);
		assert_int_equal(drops(&f, "receiver's queue is full"), 1);
		offer_buffer(&f, 0, 12 + 1000, 1);
		rig_send(f.rig, OTHER, frame, 1001);
		assert_int_equal(drops(&f, "longer than the receiver takes"), 1);
		rig_send(f.rig, OTHER, frame, 1000); /* the buffer is still there */
		assert_true(guest_receives(&f, 0, &h, got, &len));
		assert_int_equal(len, 1000);
		assert_memory_equal(got, frame, len);
		stop(&f);

		start(&f, &(struct shape){ .packed = packed, .mergeable = true });
		for (unsigned int i = 0; i < 3; i++)
			offer_buffer(&f, 0, 500, 1);
		rig_send(f.rig, OTHER, frame, 1500 - 12 + 1);
		assert_int_equal(drops(&f, "receiver's queue is full"), 1);
		rig_send(f.rig, OTHER, frame, 1500 - 12);
		assert_true(guest_receives(&f, 0, &h, got, &len));
		assert_int_equal(h.num_buffers, 3);
		assert_int_equal(len, 1500 - 12);
		stop(&f);
	}
}

static void a_chain_of_pieces_is_filled_from_its_first(void **state)
{
	static struct fixture f;
	static uint8_t frame[3000];
	struct vring_piece p[3] = { { 0, 5, true }, { 0, 100, true }, { 0, 4000, true } };
	uint32_t written;
	uint8_t flat[12 + 3000];
	void *cookie;

	(void)state;
	start(&f, &(struct shape){ 0 });
	for (unsigned int i = 0; i < 3; i++)
		p[i].gpa = next_area(&f);
	vring_driver_add(&f.pair[0].driver, p, 3, NULL, 0, NULL);
	fill(frame, sizeof(frame));
	rig_send(f.rig, OTHER, frame, sizeof(frame));
	assert_true(vring_driver_get(&f.pair[0].driver, &cookie, &written));
	assert_int_equal(written, sizeof(flat));
	memcpy(flat, ring_memory_at(f.m, p[0].gpa), 5);
	memcpy(flat + 5, ring_memory_at(f.m, p[1].gpa), 100);
	memcpy(flat + 105, ring_memory_at(f.m, p[2].gpa), sizeof(flat) - 105);
	assert_memory_equal(flat + 12, frame, sizeof(frame));
	stop(&f);
}

static void a_large_frame_is_cut_unless_the_driver_takes_it(void **state)
{
	static struct fixture f;
	static uint8_t frame[70000], got[80000], want[70000];
	struct gso_frame g = { .tcp_flags = 0x18, .seq = 77, .payload = 20000, .gso_size = 1400 };
	struct virtio_net_hdr_v1 in, h;
	uint32_t len = gso_frame_whole(&g, frame, &in), out;

	(void)state;
	for (unsigned int takes = 0; takes < 2; takes++) {
		start(&f, &(struct shape){ .mergeable = true });
		f.vu.offload = takes ? OFFLOAD_CSUM | OFFLOAD_TSO4 : 0;
		for (unsigned int i = 0; i < 40; i++)
			offer_buffer(&f, 0, 1526, 1);
		assert_int_equal(memory_feed(f.rig->port[OTHER], frame, len, &in, 700), 0);
		rig_run(f.rig);
		if (takes) {
			assert_true(guest_receives(&f, 0, &h, got, &out));
			assert_int_equal(h.num_buffers, (12 + len + 1525) / 1526);
			assert_int_equal(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
			assert_int_equal(h.gso_size, 1400);
			assert_int_equal(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
			assert_int_equal(h.csum_start, in.csum_start);
			assert_int_equal(out, len);
			assert_memory_equal(got, frame, len);
		}
		for (unsigned int i = 0; !takes && i < gso_frame_pieces(&g); i++) {
			assert_true(guest_receives(&f, 0, &h, got, &out));
			assert_int_equal(h.flags | h.gso_type, 0);
			assert_int_equal(out, gso_frame_piece(&g, i, want));
			assert_memory_equal(got, want, out);
		}
		assert_false(guest_receives(&f, 0, &h, got, &out));
		free_rest(&f);
		stop(&f);
	}
}

static void the_driver_is_told_which_checksums_are_good(void **state)
{
	static struct fixture f;
	static uint8_t frame[70000], got[80000];
	struct gso_frame g = { .tcp_flags = 0x18, .payload = 5000, .gso_size = 1400 };
	struct virtio_net_hdr_v1 in, h;
	uint32_t len = gso_frame_whole(&g, frame, &in), out;

	(void)state;
	start(&f, &(struct shape){ .mergeable = true });
	f.vu.offload = OFFLOAD_CSUM; /* it knows the flag, but takes no TSO */
	for (unsigned int i = 0; i < 10; i++)
		offer_buffer(&f, 0, 1526, 1);
	assert_int_equal(memory_feed(f.rig->port[OTHER], frame, len, &in, 0), 0);
	rig_run(f.rig);
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(guest_receives(&f, 0, &h, got, &out));
		assert_int_equal(h.flags, VIRTIO_NET_HDR_F_DATA_VALID);
	}
	free_rest(&f);
	stop(&f);
}

/* ---- which frames, which queue -------------------------------------------------------------- */

static void a_driver_is_given_what_it_listens_to(void **state)
{
	static const uint8_t own[] = { 2, 0, 0, 0, 0, 0xb }, other[] = { 2, 0, 0, 0, 0, 0xc };
	static const uint8_t group[] = { 1, 0, 0x5e, 0, 0, 1 }, group2[] = { 1, 0, 0x5e, 0, 0, 2 };
	static const uint8_t all[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static struct vu_filter listen = { .n_uni = 1,
					   .uni = { { { 2, 0, 0, 0, 0, 0xb } } },
					   .n_multi = 1,
					   .multi = { { { 1, 0, 0x5e, 0, 0, 1 } } } };
	static const struct {
		const char *why;
		const uint8_t *dst;
		bool promisc, allmulti, alluni, nomulti, nouni, nobcast, passes;
	} row[] = {
		{ "its own address", own, .passes = true },
		{ "another's", other },
		{ "another's, promiscuous", other, .promisc = true, .passes = true },
		{ "another's, all unicast", other, .alluni = true, .passes = true },
		{ "its own, no unicast", own, .nouni = true },
		{ "its own, no unicast but promiscuous", own, .nouni = true, .promisc = true,
		  .passes = true },
		{ "a group of its list", group, .passes = true },
		{ "another group", group2 },
		{ "another group, all groups", group2, .allmulti = true, .passes = true },
		{ "a group of its list, no groups", group, .nomulti = true },
		{ "everybody", all, .passes = true },
		{ "everybody, with no groups", all, .nomulti = true, .passes = true },
		{ "everybody, not wanted", all, .nobcast = true },
	};
	static struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct virtio_net_hdr_v1 h;
		uint8_t frame[64], got[80];
		uint32_t len;
		bool came;

		start(&f, &(struct shape){ 0 });
		listen.promisc = row[i].promisc;
		listen.allmulti = row[i].allmulti;
		listen.alluni = row[i].alluni;
		listen.nomulti = row[i].nomulti;
		listen.nouni = row[i].nouni;
		listen.nobcast = row[i].nobcast;
		f.vu.filter = &listen;
		offer_buffer(&f, 0, 1000, 1);
		fill(frame, sizeof(frame));
		memcpy(frame, row[i].dst, 6);
		rig_send(f.rig, OTHER, frame, sizeof(frame));
		came = guest_receives(&f, 0, &h, got, &len);
		if (came != row[i].passes ||
		    drops(&f, "receiver does not listen to this address or VLAN") != !came)
			fail_msg("%s: %s", row[i].why, came ? "came" : "did not come");
		free_rest(&f);
		stop(&f);
	}
}

static void a_driver_is_given_the_vlans_of_its_list(void **state)
{
	static struct vu_filter listen = { .alluni = true, .vlans = true, .vlan = { 1ull << 7 } };
	static const struct {
		uint16_t type, tci;
		bool passes;
	} row[] = {
		{ 0x8100, 7, true }, { 0x8100, 0xe007, true }, { 0x8100, 8, false },
		{ 0x0800, 8, true }, { 0x88a8, 8, true },
	};
	static struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct pkt p;
		uint8_t verdict = TX_SENT, frame[64];
		struct tx_frame t = { .pkt = &p };
		struct iovec seg[9];

		start(&f, &(struct shape){ 0 });
		f.vu.filter = &listen;
		for (unsigned int tagged = 0; tagged < 2; tagged++) {
			fill(frame, sizeof(frame));
			t.tag[0] = frame[12] = (uint8_t)(row[i].type >> 8);
			t.tag[1] = frame[13] = (uint8_t)row[i].type;
			t.tag[2] = frame[14] = (uint8_t)(row[i].tci >> 8);
			t.tag[3] = frame[15] = (uint8_t)row[i].tci;
			t.tagged = tagged;
			rig_pkt(&p, frame, sizeof(frame), 0, seg);
			vhost_user_tx(&f.vu.sink, engine_worker(f.rig->engine, 0), &t, 1, &verdict);
			assert_int_equal(verdict, row[i].passes ? TX_DROP_FULL : TX_DROP_FILTERED);
		}
		stop(&f);
	}
}

static void a_flow_keeps_to_one_queue_and_flows_are_spread(void **state)
{
	static struct fixture f;
	unsigned int count[PAIRS] = { 0 }, queue_of[200];
	struct virtio_net_hdr_v1 h, in;
	uint8_t frame[200], got[80000];

	(void)state;
	start(&f, &(struct shape){ 0 });
	f.vu.n_pairs = PAIRS;
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int flow = 0; flow < 200; flow++) {
			struct gso_frame g = { .v6 = flow & 1, .udp = flow & 2, .payload = 20 };
			uint32_t len = gso_frame_whole(&g, frame, &in), out;
			unsigned int q, came = 0;

			for (q = 0; q < PAIRS; q++) {
				if (f.pair[2 * q].driver.n_free == SIZE)
					offer_buffer(&f, 2 * q, 1000, 1);
			}
			frame[flow & 1 ? 14 + 40 + 1 : 14 + 20 + 1] = (uint8_t)flow; /* a port */
			memory_feed(f.rig->port[OTHER], frame, len, NULL, 0);
			rig_run(f.rig);
			for (q = 0; q < PAIRS; q++) {
				if (!guest_receives(&f, 2 * q, &h, got, &out))
					continue;
				came++;
				count[q]++;
				if (!round)
					queue_of[flow] = q;
				assert_int_equal(queue_of[flow], q);
			}
			assert_int_equal(came, 1);
		}
	}
	for (unsigned int q = 0; q < PAIRS; q++)
		assert_true(count[q] > 600 / PAIRS / 2);
	free_rest(&f);
	stop(&f);
}

static void a_broken_queue_takes_nothing_and_says_so(void **state)
{
	static struct fixture f;
	uint8_t frame[64];

	(void)state;
	start(&f, &(struct shape){ 0 });
	fill(frame, sizeof(frame));
	ring_break(&f.vu.queue[0].ring, "for a test");
	rig_send(f.rig, OTHER, frame, sizeof(frame));
	assert_int_equal(drops(&f, "port is down"), 1);
	f.vu.queue[0].ring.broken = NULL;
	f.vu.queue[0].running = false;
	rig_send(f.rig, OTHER, frame, sizeof(frame));
	assert_int_equal(drops(&f, "port is down"), 2);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_guest_sends_comes_out_however_it_is_cut),
		cmocka_unit_test(a_chain_that_is_no_frame_is_dropped_by_name_and_returned),
		cmocka_unit_test(what_is_sent_to_a_guest_lies_in_its_buffers),
		cmocka_unit_test(a_frame_that_does_not_fit_takes_no_buffer),
		cmocka_unit_test(a_chain_of_pieces_is_filled_from_its_first),
		cmocka_unit_test(a_large_frame_is_cut_unless_the_driver_takes_it),
		cmocka_unit_test(the_driver_is_told_which_checksums_are_good),
		cmocka_unit_test(a_driver_is_given_what_it_listens_to),
		cmocka_unit_test(a_driver_is_given_the_vlans_of_its_list),
		cmocka_unit_test(a_flow_keeps_to_one_queue_and_flows_are_spread),
		cmocka_unit_test(a_broken_queue_takes_nothing_and_says_so),
	};

	return cmocka_run_group_tests_name("vhost_user queues", tests, NULL, NULL);
}
