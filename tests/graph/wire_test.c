/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What crosses a wire is the same, bit for bit: whatever the address, ethertype, tags and length,
 * and whatever a switch would make of it. Compared with what was sent, octet by octet.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "packet/offload.h"
#include "tests/rig/gso_frame.h"
#include "tests/rig/rig.h"

enum { A, B, IN_SWITCH, ALSO, CUT, DOWN, LOOSE, PORTS, BATCH = 128, ROOM = PKT_LEN_MAX + 256 };

static const struct rig_port plan[PORTS] = {
	[A] = { .wire = 1 },
	[B] = { .wire = 1 },
	[IN_SWITCH] = { .access = 1 },
	[ALSO] = { .trunk = "all" },
	[CUT] = { .wire = 2 }, /* whose other end is not there */
	[DOWN] = { .wire = 3, .down = true },
	[LOOSE] = { .unplugged = true },
};

struct fixture {
	struct rig *rig;
	uint8_t (*sent)[ROOM];
	uint32_t len[BATCH];
	unsigned int n;
	uint64_t crossed;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct rig_config c = { .port = plan, .n_ports = PORTS };

	c.memory = (struct memory_config){ .keep_frames = 2 * BATCH, .keep_octets = 32u << 20 };
	f = (struct fixture){ .rig = rig_create(&c), .sent = calloc(BATCH, ROOM) };
	assert_non_null(f.sent);
	srandom(0x31e);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	rig_destroy(f->rig);
	free(f->sent);
	return 0;
}

static uint8_t octet(void)
{
	return (uint8_t)(random() >> 7);
}

/* Nobody else was given any, nor has the switch learnt somebody. */
static void nobody_else(const struct rig *r)
{
	struct port_count c;

	for (unsigned int i = IN_SWITCH; i < PORTS; i++) {
		port_counters(r->engine, r->id[i], &c);
		assert_int_equal(c.out_frames, 0);
	}
	assert_int_equal(fdb_count(r->fdb[0]), 0);
}

/* All that was put on the wire: it goes in at FROM and has to be at TO, in order. */
static void cross(struct fixture *f, unsigned int from, unsigned int to)
{
	rig_run(f->rig);
	for (unsigned int i = 0; i < f->n; i++) {
		const struct memory_frame *got = memory_frame(f->rig->port[to], i);

		if (!got || got->len != f->len[i] || memcmp(got->data, f->sent[i], got->len) != 0)
			fail_msg("frame %lu of %u octets %s", f->crossed + i, f->len[i],
				 !got ? "is lost" : "is another one");
	}
	assert_null(memory_frame(f->rig->port[to], f->n));
	assert_null(memory_frame(f->rig->port[from], 0));
	f->crossed += f->n;
	f->n = 0;
	rig_forget(f->rig);
}

/* One more of the batch, which is in sent[]; PIECE: of its segments. */
static void put(struct fixture *f, unsigned int from, uint32_t len, uint32_t piece)
{
	const uint8_t *frame = f->sent[f->n];

	assert_int_equal(memory_feed(f->rig->port[from], frame, len, NULL, piece), 0);
	f->len[f->n++] = len;
	if (f->n == BATCH)
		cross(f, from, from == A ? B : A);
}

static void every_ethertype_to_every_reserved_address(void **state)
{
	static const uint8_t others[][6] = {
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, /* broadcast */
		{ 0x01, 0x80, 0xc2, 0, 0, 0x21 }, /* GVRP */
		{ 0x33, 0x33, 0, 0, 0, 1 },
		{ 0x02, 0, 0, 0, 0, 9 },
		{ 0, 0, 0, 0, 0, 0 },
	};
	enum { RESERVED = 16 };
	struct fixture *f = *state;

	for (unsigned int a = 0; a < RESERVED + ARRAY_LEN(others); a++) {
		for (unsigned int type = 0; type < 65536; type++) {
			const uint8_t slow[6] = { 0x01, 0x80, 0xc2, 0, 0, (uint8_t)a };
			uint8_t *frame = f->sent[f->n];

			memcpy(frame, a < RESERVED ? slow : others[a - RESERVED], 6);
			memset(frame + 6, (int)(type + a), 6); /* a group source in every other */
			frame[12] = (uint8_t)(type >> 8);
			frame[13] = (uint8_t)type;
			memset(frame + 14, (int)(type >> 3), 60);
			put(f, a & 1 ? B : A, 14 + (type + a) % 60, 0);
		}
		assert_int_equal(f->n, 0); /* a batch divides it */
	}
	assert_true(f->crossed > 1000000);
	nobody_else(f->rig);
}

static void every_length(void **state)
{
	enum { JUMBO = 9300, MORE = 700 };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < ROOM; i++) {
		for (unsigned int k = 0; k < BATCH; k++)
			f->sent[k][i] = octet();
	}
	for (uint32_t len = 14; len < JUMBO; len++)
		put(f, A, len, (uint32_t)random() % 700);
	for (unsigned int i = 0; i < MORE; i++)
		put(f, A, JUMBO + (uint32_t)random() % (PKT_LEN_MAX - JUMBO), 4096);
	put(f, A, PKT_LEN_MAX, 0);
	cross(f, A, B);
	nobody_else(f->rig);
}

static void any_tags_in_any_number(void **state)
{
	static const uint16_t tpid[] = { 0x8100, 0x88a8, 0x9100, 0x88e7, 0x0000, 0xffff };
	enum { FRAMES = 300000 };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < FRAMES; i++) {
		uint8_t *frame = f->sent[f->n];
		uint32_t len = 14 + (uint32_t)random() % 150;
		unsigned int tags = (unsigned int)random() % 6;

		for (uint32_t k = 0; k < len; k++)
			frame[k] = octet();
		for (unsigned int t = 0; t < tags; t++) {
			uint16_t p = tpid[(unsigned int)random() % ARRAY_LEN(tpid)];

			frame[12 + 4 * t] = (uint8_t)(p >> 8);
			frame[13 + 4 * t] = (uint8_t)p;
		}
		put(f, A, len, (uint32_t)random() % 40);
	}
	cross(f, A, B);
	nobody_else(f->rig);
}

/* A checksum and a cut that a sender left to others are the receiver's business, not the wire's. */
static void a_large_frame_stays_one_where_the_receiver_takes_it(void **state)
{
	static const struct gso_frame g = { .tags = 2, .payload = 64000, .gso_size = 1448 };
	struct fixture *f = *state;
	struct virtio_net_hdr_v1 h;
	uint32_t len = gso_frame_whole(&g, f->sent[0], &h);
	const struct memory_frame *got;

	f->rig->port[B]->offload = OFFLOAD_ALL;
	assert_int_equal(memory_feed(f->rig->port[A], f->sent[0], len, &h, 4096), 0);
	rig_run(f->rig);
	got = memory_frame(f->rig->port[B], 0);
	assert_non_null(got);
	assert_int_equal(got->len, len);
	assert_memory_equal(got->data, f->sent[0], len);
	assert_int_equal(got->vnet.gso_size, h.gso_size);
	assert_int_equal(got->vnet.gso_type, h.gso_type);

	rig_forget(f->rig);
	f->rig->port[B]->offload = 0;
	assert_int_equal(memory_feed(f->rig->port[A], f->sent[0], len, &h, 4096), 0);
	rig_run(f->rig);
	for (uint32_t i = 0; i < gso_frame_pieces(&g); i++) {
		uint32_t want = gso_frame_piece(&g, i, f->sent[1]);

		got = memory_frame(f->rig->port[B], i);
		assert_non_null(got);
		assert_int_equal(got->len, want);
		assert_memory_equal(got->data, f->sent[1], want);
	}
	assert_null(memory_frame(f->rig->port[B], gso_frame_pieces(&g)));
}

static void what_does_not_cross_says_why(void **state)
{
	static const struct {
		const char *why;
		unsigned int port;
		const char *cause;
	} row[] = {
		{ "the other end is not there", CUT, "link is cut" },
		{ "the port is down", DOWN, "ingress port is down" },
		{ "no wire", LOOSE, "port is plugged into no switch" },
		{ "the other end takes none", A, NULL },
	};
	static const uint8_t frame[60] = { 2 };
	struct fixture *f = *state;

	f->rig->port[B]->refuse = TX_DROP_FULL;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const char *cause;

		rig_send(f->rig, row[i].port, frame, sizeof(frame));
		cause = rig_cause(f->rig, row[i].port);
		if (!cause != !row[i].cause || (cause && strcmp(cause, row[i].cause) != 0))
			fail_msg("%s: %s", row[i].why, cause);
	}
	assert_string_equal(rig_cause(f->rig, B), "receiver's queue is full");
}

static void before_there_are_wires_no_port_is_at_one(void **state)
{
	static const uint8_t frame[60] = { 2 };
	struct fixture *f = *state;

	engine_stage(f->rig->engine, "wires", NULL);
	engine_publish(f->rig->engine);
	rig_send(f->rig, A, frame, sizeof(frame));
	assert_string_equal(rig_cause(f->rig, A), "port is plugged into no switch");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_ethertype_to_every_reserved_address),
		TEST(every_length),
		TEST(any_tags_in_any_number),
		TEST(a_large_frame_stays_one_where_the_receiver_takes_it),
		TEST(what_does_not_cross_says_why),
		TEST(before_there_are_wires_no_port_is_at_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
