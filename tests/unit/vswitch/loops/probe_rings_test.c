/* SPDX-License-Identifier: Apache-2.0 */
/* Who is blocked, and since when no more: with a clock that the test turns. */
#include "tests/test.h"

#include "vswitch/loops/probe_rings.h"

/* Port N is on switch N / 10, from 1; islands are switches, or joined as the test says. */
static struct {
	struct probe_rings *r;
	uint64_t now;
	unsigned int joined[2]; /* these switches are one island */
	bool one_switch; /* all ports are on it */
	port_id_t may_not; /* be blocked */
	bool blocked[PORT_MAX];
	port_id_t other[PORT_MAX];
	unsigned int blocks, opens, allowed;
} w;

static uint32_t island(void *ctx, const struct probe_end *e)
{
	unsigned int sw = e->port / 10;

	(void)ctx;
	if (!e->vid)
		return 0;
	if (w.one_switch)
		return 1 + e->vid;
	return (sw == w.joined[1] ? w.joined[0] : sw) * 4096 + e->vid;
}

static bool may_block(void *ctx, port_id_t id)
{
	(void)ctx;
	return id != w.may_not;
}

static void block(void *ctx, port_id_t id, port_id_t other)
{
	(void)ctx;
	assert_false(w.blocked[id]);
	w.blocked[id] = true;
	w.other[id] = other;
	w.blocks++;
}

static void open(void *ctx, port_id_t id, bool allowed)
{
	(void)ctx;
	assert_true(w.blocked[id]);
	w.blocked[id] = false;
	w.opens++;
	w.allowed += allowed;
}

static int setup(void **state)
{
	const struct probe_world world = { NULL, island, may_block, block, open };

	(void)state;
	memset(&w, 0, sizeof(w));
	w.may_not = PORT_NONE;
	w.now = 1000000;
	return probe_rings_create(&world, &w.r);
}

static int teardown(void **state)
{
	(void)state;
	probe_rings_destroy(w.r);
	return 0;
}

static void seen(port_id_t from, uint16_t vid_from, port_id_t to, uint16_t vid_to)
{
	const struct probe_end out = { from, vid_from }, in = { to, vid_to };

	probe_rings_path(w.r, &out, &in, w.now);
}

static void step(unsigned int later_ms)
{
	w.now += later_ms;
	probe_rings_step(w.r, w.now);
}

static unsigned int n_blocked(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < PORT_MAX; i++)
		n += w.blocked[i];
	return n;
}

struct path_row {
	port_id_t from;
	uint16_t vid_from;
	port_id_t to;
	uint16_t vid_to;
};

static void the_later_port_of_a_ring_is_blocked(void **state)
{
	static const struct {
		const char *why;
		struct path_row path[6];
		unsigned int joined[2];
		port_id_t may_not;
		port_id_t blocked[3]; /* 0: no more */
	} row[] = {
		{ "nothing", { { 0 } }, { 0 }, PORT_NONE, { 0 } },
		{ "a guest bridges two ports of one switch",
		  { { 11, 5, 12, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 12 } },
		{ "the other way round, the same one",
		  { { 12, 5, 11, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 12 } },
		{ "both ways, once",
		  { { 12, 5, 11, 5 }, { 11, 5, 12, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 12 } },
		{ "what comes back where it went out",
		  { { 11, 5, 11, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 0 } },
		{ "a bridge between two switches is what joins them",
		  { { 11, 5, 21, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 0 } },
		{ "two such bridges are a ring",
		  { { 11, 5, 21, 5 }, { 12, 5, 22, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 22 } },
		{ "in another order, the same ring",
		  { { 22, 5, 12, 5 }, { 21, 5, 11, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 22 } },
		{ "one bridge beside a cable is one",
		  { { 11, 5, 21, 5 } },
		  { 1, 2 },
		  PORT_NONE,
		  { 21 } },
		{ "three switches, three bridges",
		  { { 11, 5, 21, 5 }, { 22, 5, 31, 5 }, { 32, 5, 12, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 32 } },
		{ "between VLANs it joins them", { { 11, 5, 12, 6 } }, { 0 }, PORT_NONE, { 0 } },
		{ "and there and back again is a ring",
		  { { 11, 5, 12, 6 }, { 13, 5, 14, 6 } },
		  { 0 },
		  PORT_NONE,
		  { 14 } },
		{ "three ports in one bridge",
		  { { 11, 5, 12, 5 }, { 11, 5, 13, 5 }, { 12, 5, 13, 5 } },
		  { 0 },
		  PORT_NONE,
		  { 12, 13 } },
		{ "in two VLANs, one port",
		  { { 11, 5, 12, 5 }, { 11, 6, 12, 6 } },
		  { 0 },
		  PORT_NONE,
		  { 12 } },
		{ "who may not be is not, the other one is",
		  { { 11, 5, 12, 5 } },
		  { 0 },
		  12,
		  { 11 } },
		{ "a port that left its VLAN", { { 11, 5, 12, 0 } }, { 0 }, PORT_NONE, { 0 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		unsigned int n = 0;

		teardown(state);
		setup(state);
		memcpy(w.joined, row[i].joined, sizeof(w.joined));
		w.may_not = row[i].may_not;
		for (const struct path_row *p = row[i].path; p->from; p++)
			seen(p->from, p->vid_from, p->to, p->vid_to);
		step(0);
		step(250);
		for (; n < ARRAY_LEN(row[i].blocked) && row[i].blocked[n]; n++) {
			if (!w.blocked[row[i].blocked[n]])
				fail_msg("%s: port %u is open", row[i].why, row[i].blocked[n]);
		}
		if (n_blocked() != n || w.blocks != n)
			fail_msg("%s: %u ports are blocked", row[i].why, n_blocked());
	}
}

static void it_says_where_the_frames_come_back(void **state)
{
	(void)state;
	seen(12, 5, 11, 5);
	step(0);
	assert_int_equal(w.other[12], 11);
	assert_int_equal(probe_rings_blocked_by(w.r, 12), 11);
	assert_int_equal(probe_rings_blocked_by(w.r, 11), PORT_NONE);
}

/* Probes come back each second for SECONDS, then no more; returns after how long it opens. */
static unsigned int opens_after(unsigned int seconds)
{
	unsigned int opens = w.opens, waited = 0;

	for (unsigned int i = 0; i < 4 * seconds; i++) {
		if (i % 4 == 0)
			seen(12, 5, 11, 5);
		step(250);
		assert_true(w.blocked[12]);
	}
	for (; w.opens == opens; waited += 250) {
		assert_true(waited < 2 * PROBE_HOLD_MAX_MS);
		step(250);
	}
	assert_false(w.blocked[12]);
	return waited;
}

static void it_opens_when_no_probe_came_back_for_a_while(void **state)
{
	(void)state;
	assert_in_range(opens_after(20), PROBE_HOLD_MS - 1000, PROBE_HOLD_MS);
	assert_int_equal(w.blocks, 1);
	assert_int_equal(w.allowed, 0);
}

static void who_comes_again_at_once_waits_longer_each_time(void **state)
{
	unsigned int wanted = PROBE_HOLD_MS;

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		assert_in_range(opens_after(1), wanted - 1000, wanted);
		wanted = MIN(2 * wanted, PROBE_HOLD_MAX_MS);
		step(1000);
	}
	step(120000); /* a long peace */
	assert_in_range(opens_after(1), PROBE_HOLD_MS - 1000, PROBE_HOLD_MS);
}

static void who_may_no_longer_be_blocked_opens_at_once(void **state)
{
	(void)state;
	seen(12, 5, 11, 5);
	step(0);
	w.may_not = 12;
	step(250);
	assert_false(w.blocked[12]);
	assert_int_equal(w.allowed, 1);
	assert_true(w.blocked[11]); /* the ring is still there */
}

static void nothing_is_kept_of_a_port_that_went(void **state)
{
	(void)state;
	seen(12, 5, 11, 5);
	step(0);
	probe_rings_forget(w.r, 12);
	w.blocked[12] = false;
	assert_int_equal(probe_rings_blocked_by(w.r, 12), PORT_NONE);
	step(250);
	assert_int_equal(w.blocks, 1);
	assert_int_equal(w.opens, 0);
	/* Nor that it was blocked before: the first hold is a short one. */
	assert_in_range(opens_after(1), PROBE_HOLD_MS - 1000, PROBE_HOLD_MS);
}

static void paths_and_what_is_blocked_are_probed_on(void **state)
{
	struct probe_end end[8];

	(void)state;
	assert_int_equal(probe_rings_ends(w.r, w.now, end, 8), 0);
	seen(12, 5, 11, 6);
	assert_int_equal(probe_rings_ends(w.r, w.now, end, 8), 2);
	seen(12, 5, 11, 5);
	step(0);
	assert_int_equal(probe_rings_ends(w.r, w.now, end, 3), 3);
	w.now += PROBE_LIFE_MS;
	assert_int_equal(probe_rings_ends(w.r, w.now, end, 8), 1);
	assert_int_equal(end[0].port, 12);
	assert_int_equal(end[0].vid, 5);
	step(PROBE_HOLD_MS);
	assert_int_equal(probe_rings_ends(w.r, w.now, end, 8), 0);
}

/* Fifty ports have more paths than are remembered. */
static void of_many_ports_in_one_bridge_one_is_open(void **state)
{
	enum { FIRST = 100, PORTS = 50 };

	(void)state;
	w.one_switch = true;
	for (unsigned int i = 0; i < 20; i++) {
		for (port_id_t from = FIRST; from < FIRST + PORTS; from++) {
			for (port_id_t to = FIRST; to < FIRST + PORTS; to++)
				seen(from, 5, to, 5);
		}
		step(250);
		assert_int_equal(n_blocked(), PORTS - 1);
	}
	assert_false(w.blocked[FIRST]);
	assert_int_equal(w.opens, 0);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_later_port_of_a_ring_is_blocked),
		TEST(it_says_where_the_frames_come_back),
		TEST(it_opens_when_no_probe_came_back_for_a_while),
		TEST(who_comes_again_at_once_waits_longer_each_time),
		TEST(who_may_no_longer_be_blocked_opens_at_once),
		TEST(nothing_is_kept_of_a_port_that_went),
		TEST(paths_and_what_is_blocked_are_probed_on),
		TEST(of_many_ports_in_one_bridge_one_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
