/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes in goes out or is dropped by a name: hostile frames through random networks, rings of
 * cables among them.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "packet/offload.h"
#include "tests/rig/hostile.h"
#include "tests/rig/rig.h"

enum { BURST = 200 };

static struct hostile *h;

static unsigned int any(unsigned int n)
{
	return (unsigned int)random() % n;
}

static void feed(struct rig *r, unsigned int from, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		unsigned int p = from + any(r->n_ports - from);

		hostile_frame(h);
		assert_int_equal(memory_feed(r->port[p], h->frame, h->len, &h->vnet, h->piece), 0);
	}
}

/* Where no VLAN has more than two ports, no frame is ever copied: the sum is exact. */
static void between_two_ports_in_is_out_and_dropped(void **state)
{
	enum { ROUNDS = 5000 };
	static const struct rig_port port[] = {
		{ .sw = 0, .trunk = "10", .native = 10, .cable = 1 },
		{ .sw = 1, .trunk = "10", .native = 10, .cable = 1 },
		{ .sw = 0, .access = 10 },
		{ .sw = 1, .trunk = "10,20", .native = 10, .native_tagged = true },
		{ .sw = 0, .access = 1 },
		{ .sw = 0, .trunk = "1", .native = 1 },
		{ .sw = 1, .access = 4094, .down = true },
		{ .sw = 1, .access = 4094 },
		{ .sw = 0, .unplugged = true },
		{ .wire = 1 },
		{ .wire = 1 },
		{ .wire = 2 },
		{ .wire = 2, .down = true },
	};
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port), .keep_none = true };
	struct rig *r = rig_create(&c);
	struct rig_total t;

	(void)state;
	srandom(1);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		feed(r, 2, BURST);
		if (!any(50))
			r->port[2 + any(6)]->refuse = any(3) ? TX_SENT : any(TX_VERDICTS);
		r->port[2 + any(6)]->offload = any(OFFLOAD_ALL + 1);
		rig_run(r);
	}
	t = rig_total(r);
	assert_true(t.in >= ROUNDS * BURST);
	if (t.out < ROUNDS * BURST / 20) /* or it proves little */
		fail_msg("only %lu frames came out", t.out);
	assert_int_equal(t.in, t.out + t.dropped);
	rig_destroy(r);
}

/* ---- anything goes -------------------------------------------------------------------------- */

struct ends {
	uint64_t in, dropped, done;
};

static void count_end(void *arg, const char *node, unsigned int edge, const struct pkt *p)
{
	struct ends *e = arg;

	(void)p;
	if (!strcmp(node, "vsw-output") ||
	    (edge == 0 && (!strcmp(node, "vsw-flood") || !strcmp(node, "wire"))))
		e->done++;
}

static void any_network(struct rig_port *p, unsigned int n, unsigned int cables)
{
	static const char *const trunk[] = { "all", "10,20", "1,4094", "10" };

	for (unsigned int i = 0; i < n; i++) {
		p[i] = (struct rig_port){ .sw = any(4) };
		p[i].cable = i < 2 * cables ? 1 + i / 2 : 0;
		p[i].down = !any(20);
		p[i].unplugged = !any(20);
		if (!any(8) && i % 2 && i > 2 * cables)
			p[i].wire = p[i - 1].wire = i;
		if (any(2)) {
			p[i].access = (uint16_t)(1 + any(2) * 9);
			continue;
		}
		p[i].trunk = trunk[any(ARRAY_LEN(trunk))];
		p[i].native = (uint16_t)(any(2) ? 0 : 10);
		p[i].native_tagged = any(2);
	}
}

/*
 * Each frame that came in ends once: dropped by a name at the port where it came in, or handed to
 * one port or more, each of which counts it as sent or as its own drop.
 */
static void every_frame_ends_once_by_a_name(void **state)
{
	enum { NETWORKS = 40, ROUNDS = 10, PORTS = 20 };

	(void)state;
	srandom(2);
	for (unsigned int net = 0; net < NETWORKS; net++) {
		struct rig_port port[PORTS];
		struct rig_config c = { .port = port, .n_ports = PORTS, .keep_none = true };
		struct ends e = { 0 };
		unsigned int cables = any(6);
		struct rig *r;

		any_network(port, PORTS, cables);
		r = rig_create(&c);
		engine_trace(r->engine, count_end, &e);
		for (unsigned int i = 0; i < ROUNDS; i++) {
			feed(r, 2 * cables, BURST);
			rig_run(r);
		}
		for (unsigned int i = 0; i < PORTS; i++) {
			const char *node;
			struct port_count n;

			port_counters(r->engine, r->id[i], &n);
			e.in += n.in_frames;
			for (unsigned int k = 0; engine_cause(r->engine, k, &node); k++) {
				if (strcmp(node, "port-tx") != 0)
					e.dropped += n.drop[k];
			}
		}
		if (e.in != e.dropped + e.done)
			fail_msg("network %u: %lu in, %lu dropped, %lu done", net, e.in, e.dropped,
				 e.done);
		rig_destroy(r);
	}
}

static void a_ring_of_cables_ends_in_the_storm_budget(void **state)
{
	static const struct rig_port port[] = {
		{ .sw = 0, .trunk = "all", .cable = 1 },
		{ .sw = 1, .trunk = "all", .cable = 1 },
		{ .sw = 1, .trunk = "all", .cable = 2 },
		{ .sw = 2, .trunk = "all", .cable = 2 },
		{ .sw = 2, .trunk = "all", .cable = 3 },
		{ .sw = 0, .trunk = "all", .cable = 3 },
		{ .sw = 0, .access = 10 },
		{ .sw = 1, .access = 10 },
	};
	static const uint8_t f[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6 };
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port), .keep_none = true };
	struct rig *r = rig_create(&c);
	unsigned int budget = engine_cause_of(r->engine, "port-tx", TX_DROP_BUDGET);
	uint64_t lost = 0;
	struct rig_total t;

	(void)state;
	rig_send(r, 6, f, sizeof(f));
	t = rig_total(r);
	assert_int_equal(t.in, RUN_FRAMES);
	for (unsigned int i = 0; i < r->n_ports; i++) {
		struct port_count n;

		port_counters(r->engine, r->id[i], &n);
		lost += n.drop[budget];
	}
	assert_true(lost > 0);
	assert_int_equal(lost, t.dropped);
	/* The next run has its own budget. */
	rig_send(r, 6, f, sizeof(f));
	assert_int_equal(rig_total(r).in, 2 * RUN_FRAMES);
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_two_ports_in_is_out_and_dropped),
		cmocka_unit_test(every_frame_ends_once_by_a_name),
		cmocka_unit_test(a_ring_of_cables_ends_in_the_storm_budget),
	};
	int failed;

	h = calloc(1, sizeof(*h));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(h);
	return failed;
}
