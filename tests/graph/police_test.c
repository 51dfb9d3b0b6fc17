/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rates of ports, on real frames: each class in each direction and unit, at times that the test
 * sets.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "dataplane/trace.h"
#include "packet/offload.h"
#include "tests/rig/drops.h"
#include "tests/rig/gso_frame.h"
#include "tests/rig/rig.h"

#define VID     10
#define MS      1000000ull
#define START   MS /* long past by the machine's clock, which made frames go by */
#define LEN     1000u /* of a usual frame */
#define MANY    200u /* frames, more than any bucket here holds */
#define LEN_MAX 65557u

enum { A, B, C, PORTS };
enum kind { KNOWN, BROADCAST, MULTICAST, UNKNOWN, KINDS };

static const uint8_t address[KINDS][6] = {
	[KNOWN] = { 2, 0, 0, 0, 0, B },
	[BROADCAST] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	[MULTICAST] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0xff },
	[UNKNOWN] = { 2, 0, 0, 0, 0, 0x77 },
};

/* ---- what the view says --------------------------------------------------------------------- */

static struct {
	struct meter in[VSW_LIMITS], out[VSW_LIMITS];
	uint64_t in_word[VSW_LIMITS], out_word[VSW_LIMITS];
	bool own; /* out: its own address only */
} says[RIG_PORTS];

static void edit(struct rig *r, unsigned int port, struct vsw_port *to)
{
	(void)r;
	memcpy(to->limit_in, says[port].in, sizeof(to->limit_in));
	memcpy(to->limit_out, says[port].out, sizeof(to->limit_out));
	if (says[port].own) {
		to->watch_out |= VSW_OWN_ONLY;
		to->own.mac[to->own.n++] = eth_dst((const struct eth_hdr *)address[KNOWN]);
	}
	for (unsigned int i = 0; i < VSW_LIMITS; i++) {
		if (to->limit_in[i].spent && i != VSW_LIMIT_UNKNOWN)
			to->guards |= VSW_LIMITS_IN;
		if (to->limit_out[i].spent)
			to->watch_out |= VSW_LIMITS_OUT;
	}
}

static void limit(unsigned int port, bool out, enum vsw_limit which, uint64_t per_s, bool frames)
{
	struct meter *m = out ? &says[port].out[which] : &says[port].in[which];

	*m = meter_of(per_s, frames);
	meter_begin(m, out ? &says[port].out_word[which] : &says[port].in_word[which], NULL, START);
}

static void at(struct rig *r, uint64_t ns)
{
	worker_set_time_ns(engine_worker(r->engine, 0), ns);
}

/* Three access ports of one switch; B's station is known. */
static struct rig *three(const struct rig_port *port)
{
	static const struct rig_port usual = { .access = VID };
	static const struct rig_port all[PORTS] = { usual, usual, usual };
	struct rig_config c = { .port = port ? port : all, .n_ports = PORTS };
	struct rig *r = rig_create(&c);
	uint8_t hello[64] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, B };

	/* Not through a bucket: the limits come with the next view. */
	rig_send(r, B, hello, sizeof(hello));
	rig_forget(r);
	r->edit = edit;
	at(r, START);
	return r;
}

static struct rig *begin(void)
{
	memset(says, 0, sizeof(says));
	return three(NULL);
}

static uint32_t frame(uint8_t *f, enum kind kind, uint32_t len)
{
	memset(f, 0, len);
	memcpy(f, address[kind], 6);
	memcpy(f + 6, (const uint8_t[]){ 2, 0, 0, 0, 0, 0xa }, 6);
	f[12] = 0x08;
	return len;
}

static uint64_t count_out(const struct rig *r, unsigned int port)
{
	struct port_count c;

	port_counters(r->engine, r->id[port], &c);
	return c.out_frames;
}

/* N frames of one kind from A: how many come out of B. */
static unsigned int pass(struct rig *r, enum kind kind, unsigned int n, uint32_t len)
{
	static uint8_t f[LEN_MAX];
	uint64_t before = count_out(r, B);

	rig_forget(r);
	for (unsigned int i = 0; i < n; i++)
		rig_feed(r, A, f, frame(f, kind, len));
	rig_run(r);
	return (unsigned int)(count_out(r, B) - before);
}

static uint64_t drops(const struct rig *r, unsigned int port, const char *cause)
{
	return drops_at(r->engine, r->id[port], cause);
}

/* ---- each class, direction and unit --------------------------------------------------------- */

static void each_limit_counts_its_class_in_its_direction(void **state)
{
	static const struct {
		const char *why;
		bool out;
		enum vsw_limit which;
		const char *cause;
		bool counts[KINDS];
	} row[] = {
		{ "all in", false, VSW_LIMIT_ALL, "over the port's limit_in", { 1, 1, 1, 1 } },
		{ "broadcasts in",
		  false,
		  VSW_LIMIT_BROADCAST,
		  "over the port's broadcast_in",
		  { [BROADCAST] = 1 } },
		{ "multicasts in",
		  false,
		  VSW_LIMIT_MULTICAST,
		  "over the port's multicast_in",
		  { [MULTICAST] = 1 } },
		{ "unknown in",
		  false,
		  VSW_LIMIT_UNKNOWN,
		  "over the port's unknown_in",
		  { [UNKNOWN] = 1 } },
		{ "all out", true, VSW_LIMIT_ALL, "over the port's limit_out", { 1, 1, 1, 1 } },
		{ "broadcasts out",
		  true,
		  VSW_LIMIT_BROADCAST,
		  "over the port's broadcast_out",
		  { [BROADCAST] = 1 } },
		{ "multicasts out",
		  true,
		  VSW_LIMIT_MULTICAST,
		  "over the port's multicast_out",
		  { [MULTICAST] = 1 } },
		{ "unknown out",
		  true,
		  VSW_LIMIT_UNKNOWN,
		  "over the port's unknown_out",
		  { [UNKNOWN] = 1 } },
	};
	/* 8 Mbit: 1000 octets a ms, and one largest frame at once. */
	static const struct {
		const char *why;
		uint64_t per_s;
		bool frames;
		unsigned int burst; /* frames of LEN at once */
	} unit[] = { { "bits", 8000000, false, 65 }, { "frames", 1000, true, 50 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		for (size_t u = 0; u < ARRAY_LEN(unit); u++) {
			for (enum kind k = 0; k < KINDS; k++) {
				unsigned int port = row[i].out ? B : A, n, want = MANY;
				struct rig *r = begin();

				limit(port, row[i].out, row[i].which, unit[u].per_s,
				      unit[u].frames);
				rig_publish(r);
				if (row[i].counts[k])
					want = unit[u].burst;
				n = pass(r, k, MANY, LEN);
				if (n != want)
					fail_msg("%s, %s, kind %u: %u pass", row[i].why,
						 unit[u].why, k, n);
				if (drops(r, port, row[i].cause) != MANY - want)
					fail_msg("%s, %s, kind %u: not counted", row[i].why,
						 unit[u].why, k);
				/* 10 ms are worth 10 frames, in either unit */
				at(r, START + 10 * MS);
				n = pass(r, k, MANY, LEN);
				if (n != (row[i].counts[k] ? 10 : MANY))
					fail_msg("%s, %s, kind %u: %u pass 10 ms later", row[i].why,
						 unit[u].why, k, n);
				rig_destroy(r);
			}
		}
	}
}

static void who_has_no_limit_is_never_refused(void **state)
{
	struct rig *r = begin();

	(void)state;
	limit(C, false, VSW_LIMIT_ALL, 1, true);
	limit(C, true, VSW_LIMIT_ALL, 1, true);
	rig_publish(r);
	for (enum kind k = 0; k < KINDS; k++)
		assert_int_equal(pass(r, k, MANY, LEN), MANY);
	rig_destroy(r);
}

static void a_class_that_is_refused_takes_nothing_from_all(void **state)
{
	struct rig *r = begin();

	(void)state;
	limit(A, false, VSW_LIMIT_ALL, 1000, true); /* 50 at once */
	limit(A, false, VSW_LIMIT_BROADCAST, 1, true); /* 32 at once */
	limit(B, true, VSW_LIMIT_ALL, 1000, true);
	limit(B, true, VSW_LIMIT_MULTICAST, 1, true);
	rig_publish(r);
	assert_int_equal(pass(r, BROADCAST, 100, LEN), 32);
	assert_int_equal(pass(r, KNOWN, 100, LEN), 18);
	assert_int_equal(drops(r, A, "over the port's broadcast_in"), 68);
	assert_int_equal(drops(r, A, "over the port's limit_in"), 82);
	at(r, START + 1000 * MS);
	assert_int_equal(pass(r, MULTICAST, 40, LEN), 32);
	assert_int_equal(pass(r, KNOWN, 10, LEN), 10);
	assert_int_equal(drops(r, B, "over the port's multicast_out"), 8);
	assert_int_equal(drops(r, B, "over the port's limit_out"), 0);
	rig_destroy(r);
}

/* Frames for B, which has a limit and wants its own only, and for C, which wants nothing. */
static void a_burst_for_several_ports_is_asked_port_by_port(void **state)
{
	uint8_t hello[64] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, C };
	static uint8_t f[LEN];

	(void)state;
	for (unsigned int first = 0; first < 2; first++) {
		struct rig *r = begin();
		uint64_t b, c;

		rig_send(r, C, hello, sizeof(hello));
		rig_forget(r);
		limit(B, true, VSW_LIMIT_ALL, 1, true); /* 32 at once */
		says[B].own = true;
		rig_publish(r);
		b = count_out(r, B);
		c = count_out(r, C);
		for (unsigned int i = 0; i < 128; i++) {
			frame(f, KNOWN, LEN);
			f[5] = i % 2 == first ? B : C;
			rig_feed(r, A, f, LEN);
		}
		rig_run(r);
		assert_int_equal(count_out(r, B) - b, 32);
		assert_int_equal(count_out(r, C) - c, 64);
		assert_int_equal(drops(r, B, "over the port's limit_out"), 32);
		assert_int_equal(drops(r, B, "not for an address of the egress port"), 0);
		rig_destroy(r);
	}
}

/* ---- what a frame costs --------------------------------------------------------------------- */

static void a_tag_on_the_wire_is_counted(void **state)
{
	static const struct rig_port port[PORTS] = {
		{ .trunk = "10", .native = VID },
		{ .trunk = "10" },
		{ .access = VID },
	};
	/* 64 of 1022 octets are within one largest frame, of 1026 only 63. */
	enum { UNTAGGED = 1022 };
	static const struct {
		const char *why;
		bool out, tagged;
		unsigned int want;
	} row[] = {
		{ "came without", false, false, 64 },
		{ "came with one", false, true, 63 },
		{ "leaves with one", true, false, 63 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		static const uint8_t tag[] = { 0x81, 0, 0, VID };
		uint8_t f[UNTAGGED + 4];
		uint64_t before;
		struct rig *r;

		memset(says, 0, sizeof(says));
		r = three(port);
		limit(row[i].out ? B : A, row[i].out, VSW_LIMIT_ALL, 8000, false);
		rig_publish(r);
		frame(f, BROADCAST, UNTAGGED);
		if (row[i].tagged) {
			memmove(f + 16, f + 12, UNTAGGED - 12);
			memcpy(f + 12, tag, sizeof(tag));
		}
		before = count_out(r, B);
		for (unsigned int n = 0; n < 100; n++)
			rig_feed(r, A, f, UNTAGGED + (row[i].tagged ? 4 : 0));
		rig_run(r);
		if (count_out(r, B) - before != row[i].want)
			fail_msg("%s: %lu", row[i].why, count_out(r, B) - before);
		rig_destroy(r);
	}
}

static void a_frame_to_be_cut_counts_as_its_pieces_and_its_octets(void **state)
{
	static const struct {
		const char *why;
		uint64_t per_s;
		bool frames;
		unsigned int want; /* of 8, with 20 pieces of 1000 octets each */
		unsigned int small; /* frames of LEN behind them */
	} row[] = {
		{ "50 frames", 1000, true, 2, 10 },
		{ "65557 octets", 1000, false, 3, 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct gso_frame g = { .payload = 20000, .gso_size = 1000 };
		static uint8_t f[LEN_MAX];
		struct virtio_net_hdr_v1 vnet;
		struct rig *r = begin();
		uint32_t len = gso_frame_whole(&g, f, &vnet);
		uint64_t before;

		limit(A, false, VSW_LIMIT_ALL, row[i].per_s, row[i].frames);
		rig_publish(r);
		memcpy(f, address[UNKNOWN], 6);
		memcpy(f + 6, (const uint8_t[]){ 2, 0, 0, 0, 0, 0xa }, 6);
		r->port[B]->offload = OFFLOAD_ALL;
		before = count_out(r, B);
		assert_int_equal(gso_frame_pieces(&g), 20);
		for (unsigned int n = 0; n < 8; n++)
			assert_int_equal(memory_feed(r->port[A], f, len, &vnet, 0), 0);
		rig_run(r);
		if (count_out(r, B) - before != row[i].want)
			fail_msg("%s: %lu", row[i].why, count_out(r, B) - before);
		assert_int_equal(pass(r, KNOWN, MANY, LEN), row[i].small);
		rig_destroy(r);
	}
}

/* ---- one burst, many ports ------------------------------------------------------------------ */

/* What A floods comes in at the far ends of two cables, turn by turn, in one burst. */
static void frames_of_many_ports_in_one_burst_keep_apart(void **state)
{
	static const struct rig_port port[] = {
		{ .sw = 0, .access = VID },
		{ .sw = 0, .access = VID, .cable = 1 },
		{ .sw = 1, .access = VID, .cable = 1 },
		{ .sw = 0, .access = VID, .cable = 2 },
		{ .sw = 2, .access = VID, .cable = 2 },
		{ .sw = 1, .access = VID },
		{ .sw = 2, .access = VID },
	};
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port) };
	uint8_t f[LEN];
	struct rig *r;

	(void)state;
	memset(says, 0, sizeof(says));
	limit(2, false, VSW_LIMIT_BROADCAST, 1, true); /* 32 */
	limit(4, false, VSW_LIMIT_ALL, 1000, true); /* 50 */
	r = rig_create(&c);
	r->edit = edit;
	rig_publish(r);
	at(r, START);
	for (unsigned int i = 0; i < 100; i++)
		rig_feed(r, 0, f, frame(f, BROADCAST, LEN));
	rig_run(r);
	assert_int_equal(count_out(r, 5), 32);
	assert_int_equal(count_out(r, 6), 50);
	assert_int_equal(drops(r, 2, "over the port's broadcast_in"), 68);
	assert_int_equal(drops(r, 4, "over the port's limit_in"), 50);
	rig_destroy(r);
}

/* ---- made frames ---------------------------------------------------------------------------- */

static void look(void *arg, const struct trace_way *way)
{
	*(bool *)arg = way->step[way->n - 1].what == TRACE_OUT;
}

static void a_made_frame_takes_nothing(void **state)
{
	struct rig *r = begin();
	uint8_t f[64];
	bool out = false;

	(void)state;
	limit(A, false, VSW_LIMIT_BROADCAST, 1, true);
	limit(A, false, VSW_LIMIT_UNKNOWN, 1, true);
	limit(B, true, VSW_LIMIT_ALL, 1, true);
	rig_publish(r);
	for (unsigned int i = 0; i < 100; i++) {
		frame(f, i % 2 ? BROADCAST : UNKNOWN, sizeof(f));
		assert_int_equal(trace_made(r->engine, r->id[A], f, sizeof(f), look, &out), 0);
		assert_true(out);
	}
	assert_int_equal(pass(r, BROADCAST, 100, LEN), 32);
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_limit_counts_its_class_in_its_direction),
		cmocka_unit_test(who_has_no_limit_is_never_refused),
		cmocka_unit_test(a_burst_for_several_ports_is_asked_port_by_port),
		cmocka_unit_test(a_class_that_is_refused_takes_nothing_from_all),
		cmocka_unit_test(a_tag_on_the_wire_is_counted),
		cmocka_unit_test(a_frame_to_be_cut_counts_as_its_pieces_and_its_octets),
		cmocka_unit_test(frames_of_many_ports_in_one_burst_keep_apart),
		cmocka_unit_test(a_made_frame_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
