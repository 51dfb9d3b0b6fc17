/* SPDX-License-Identifier: Apache-2.0 */
/* The ways of frames through two switches and a cable, of live frames and of made ones. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/punt.h"
#include "dataplane/trace.h"
#include "tests/rig/rig.h"

enum { A, B, UP1, UP2, C, D };

static const struct rig_port ports[] = {
	[A] = { .sw = 0, .access = 10 },
	[B] = { .sw = 0, .access = 20 },
	[UP1] = { .sw = 0, .trunk = "10,20", .cable = 1 },
	[UP2] = { .sw = 1, .trunk = "10,20", .cable = 1 },
	[C] = { .sw = 1, .access = 10 },
	[D] = { .sw = 1, .trunk = "10,30" },
};

static struct rig *rig(void)
{
	return rig_create(&(struct rig_config){ .port = ports, .n_ports = ARRAY_LEN(ports) });
}

/* 60 octets from station SRC to DST (0xff: all), in VLAN VID if it is not 0. */
static const uint8_t *frame(uint8_t dst, uint8_t src, uint16_t vid)
{
	static uint8_t f[60];

	memset(f, 0, sizeof(f));
	memcpy(f, (uint8_t[]){ 2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 0x08 }, 13);
	if (dst == 0xff)
		memset(f, 0xff, 6);
	if (vid)
		memcpy(f + 12, (uint8_t[]){ 0x81, 0, (uint8_t)(vid >> 8), (uint8_t)vid, 8 }, 5);
	return f;
}

/* ---- a way as text: "A: port-rx vsw-classify ... | UP1 vid 10" ------------------------------ */

struct said {
	struct rig *r;
	unsigned int ways;
	char text[4096];
	uint8_t traces;
	uint32_t len;
	unsigned int lost;
};

static const char *name_of(const struct rig *r, port_id_t id)
{
	static const char *const name[] = { "A", "B", "UP1", "UP2", "C", "D" };

	return name[rig_port_of(r, id)];
}

static void hear(void *arg, const struct trace_way *way)
{
	struct said *s = arg;
	FILE *out = fmemopen(s->text, sizeof(s->text), "w");

	s->ways++;
	s->traces = way->traces;
	s->len = way->len;
	s->lost = way->lost;
	for (unsigned int i = 0; i < way->n; i++) {
		const struct trace_step *step = &way->step[i];
		struct trace_edge edge;

		if (step->what == TRACE_IN) {
			fprintf(out, "%sin %s", i ? " " : "", name_of(s->r, step->port));
			continue;
		}
		edge = trace_edge(s->r->engine, step);
		if (step->what == TRACE_OUT)
			fprintf(out, ", out %s %s%u", name_of(s->r, step->port),
				be32_get(step->tag) ? "tagged " : "", be32_get(step->tag) & 0xfff);
		else if (edge.kind == EDGE_DROP)
			fprintf(out, ", %s:", edge.station);
		if (edge.kind == EDGE_DROP)
			fprintf(out, " '%s' %u", edge.to, step->vid);
	}
	fclose(out);
}

static void expect(struct said *s, const char *text)
{
	if (s->ways != 1 || strcmp(s->text, text) != 0)
		fail_msg("%u ways, '%s', not '%s'", s->ways, s->text, text);
	*s = (struct said){ .r = s->r };
}

static void made(struct said *s, unsigned int port, const uint8_t *f)
{
	assert_int_equal(trace_made(s->r->engine, s->r->id[port], f, 60, hear, s), 0);
}

/* ---- made frames ---------------------------------------------------------------------------- */

static void a_made_frame_takes_the_way_that_a_real_one_would_take(void **state)
{
	static const struct {
		const char *why;
		unsigned int port;
		uint8_t dst, src;
		uint16_t vid;
		const char *way;
	} row[] = {
		{ "flooded over the cable", A, 0xff, 0xa, 0,
		  "in A, out UP1 tagged 10 in UP2, out C 0, out D tagged 10" },
		{ "known behind the cable", A, 0xc, 0xa, 0,
		  "in A, out UP1 tagged 10 in UP2, out C 0" },
		{ "known here", C, 0xd, 0xc, 0, "in C, out D tagged 10" },
		{ "back over the cable", D, 0xa, 0xd, 10,
		  "in D, out UP2 tagged 10 in UP1, out A 0" },
		{ "wrong VLAN", D, 0xa, 0xd, 20,
		  "in D, vsw-classify: 'ingress port is not in the VLAN' 20" },
		{ "nobody else in the VLAN", D, 0xff, 0xd, 30,
		  "in D, vsw-flood: 'no other port in the VLAN' 30" },
		{ "lost behind the cable", B, 0xff, 0xb, 0,
		  "in B, out UP1 tagged 20 in UP2, vsw-flood: 'no other port in the VLAN' 20" },
		{ "tag on an access port", A, 0xff, 0xa, 10,
		  "in A, vsw-classify: 'tagged frame on an access port' 10" },
		{ "the port where it is known says no", A, 0xe, 0xa, 0,
		  "in A, vsw-forward: 'egress port is not in the VLAN' 10" },
	};
	struct said s = { .r = rig() };

	(void)state;
	rig_send(s.r, C, frame(0xff, 0xc, 0), 60);
	rig_send(s.r, D, frame(0xff, 0xd, 10), 60);
	rig_send(s.r, A, frame(0xff, 0xa, 0), 60);
	/* Station e is learned at B in VLAN 10, which B leaves then. */
	s.r->plan[B].access = 10;
	rig_publish(s.r);
	rig_send(s.r, B, frame(0xff, 0xe, 0), 60);
	s.r->plan[B].access = 20;
	rig_publish(s.r);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		made(&s, row[i].port, frame(row[i].dst, row[i].src, row[i].vid));
		if (s.ways != 1 || strcmp(s.text, row[i].way) != 0)
			fail_msg("%s: %u ways, '%s'", row[i].why, s.ways, s.text);
		s.ways = 0;
	}
	rig_destroy(s.r);
}

static unsigned int stations(const struct rig *r)
{
	return fdb_count(r->fdb[0]) + fdb_count(r->fdb[1]);
}

static void a_made_frame_leaves_no_mark(void **state)
{
	struct said s = { .r = rig() };
	struct rig_total before, after;
	unsigned int known, trace;

	(void)state;
	rig_send(s.r, C, frame(0xff, 0xc, 0), 60);
	rig_forget(s.r);
	before = rig_total(s.r);
	known = stations(s.r);
	assert_int_equal(capture_port(s.r->engine, s.r->id[A], true), 0);
	assert_int_equal(capture_port(s.r->engine, s.r->id[C], true), 0);
	assert_int_equal(trace_start(s.r->engine, s.r->id[A], NULL, &trace), 0);
	trace_to(s.r->engine, hear, &s);
	made(&s, A, frame(0xc, 0xa, 0));
	expect(&s, "in A, out UP1 tagged 10 in UP2, out C 0");
	made(&s, D, frame(0xff, 0xd, 20));
	made(&s, A, frame(0xff, 0xa1, 0));
	s.ways = 0;
	after = rig_total(s.r);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(stations(s.r), known);
	for (unsigned int p = 0; p < s.r->n_ports; p++)
		assert_true(!s.r->port[p] || !memory_frame(s.r->port[p], 0));
	assert_true(parcels_take(s.r->engine, 100)); /* neither captured nor traced */
	assert_int_equal(s.ways, 0);
	trace_stop(s.r->engine, trace);
	rig_destroy(s.r);
}

static void a_made_frame_finds_ports_as_they_are_now(void **state)
{
	struct said s = { .r = rig() };

	(void)state;
	made(&s, A, frame(0xff, 0xa, 0));
	expect(&s, "in A, out UP1 tagged 10 in UP2, out C 0, out D tagged 10");
	engine_set_sink(s.r->engine, s.r->id[C], NULL);
	s.r->plan[D].down = true;
	rig_publish(s.r);
	made(&s, A, frame(0xff, 0xa, 0));
	expect(&s, "in A, out UP1 tagged 10 in UP2, out C 0 'port is down' 10");
	made(&s, D, frame(0xff, 0xd, 10));
	expect(&s, "in D, vsw-classify: 'ingress port is down' 0");
	rig_destroy(s.r);
}

/* ---- live frames ---------------------------------------------------------------------------- */

static void take(struct said *s)
{
	trace_to(s->r->engine, hear, s);
	assert_true(parcels_take(s->r->engine, 1000));
}

static void only_what_matches_is_followed(void **state)
{
	struct said s = { .r = rig() };
	struct filter *to_d;
	unsigned int all, some;
	char why[FILTER_WHY];

	(void)state;
	assert_int_equal(filter_create("ether dst 02:00:00:00:00:0d", &to_d, why), 0);
	assert_int_equal(trace_start(s.r->engine, s.r->id[A], to_d, &some), 0);
	rig_send(s.r, A, frame(0xc, 0xa, 0), 60);
	take(&s);
	assert_int_equal(s.ways, 0);
	rig_feed(s.r, A, frame(0xc, 0xa, 0), 60); /* in one burst with one that does */
	rig_feed(s.r, A, frame(0xd, 0xa, 0), 60);
	rig_feed(s.r, A, frame(0xff, 0xa, 0), 60);
	rig_run(s.r);
	take(&s);
	assert_int_equal(s.traces, 1u << some);
	assert_int_equal(s.len, 60);
	expect(&s, "in A, out UP1 tagged 10 in UP2, out C 0, out D tagged 10");
	/* Another trace, where the cable ends: of the same frame it sees the rest of the way. */
	assert_int_equal(trace_start(s.r->engine, s.r->id[UP2], NULL, &all), 0);
	rig_send(s.r, A, frame(0xb, 0xa, 0), 60);
	take(&s);
	assert_int_equal(s.traces, 1u << all);
	assert_int_equal(s.len, 64);
	expect(&s, "in UP2, out C 0, out D tagged 10");
	rig_send(s.r, A, frame(0xd, 0xa, 0), 60);
	take(&s);
	assert_int_equal(s.ways, 2);
	s.ways = 0;
	trace_stop(s.r->engine, some);
	trace_stop(s.r->engine, all);
	rig_send(s.r, A, frame(0xd, 0xa, 0), 60);
	take(&s);
	assert_int_equal(s.ways, 0);
	filter_destroy(to_d);
	rig_destroy(s.r);
}

static void two_traces_of_a_port_share_the_way(void **state)
{
	struct said s = { .r = rig() };
	unsigned int x, y;

	(void)state;
	assert_int_equal(trace_start(s.r->engine, s.r->id[C], NULL, &x), 0);
	assert_int_equal(trace_start(s.r->engine, s.r->id[C], NULL, &y), 0);
	rig_send(s.r, C, frame(0xff, 0xc, 0), 60);
	take(&s);
	assert_int_equal(s.traces, 1u << x | 1u << y);
	expect(&s, "in C, out UP2 tagged 10 in UP1, out A 0, out D tagged 10");
	trace_stop(s.r->engine, x);
	rig_send(s.r, C, frame(0xff, 0xc, 0), 60);
	take(&s);
	assert_int_equal(s.traces, 1u << y);
	trace_stop(s.r->engine, y);
	rig_destroy(s.r);
}

static void what_waits_for_a_trace_that_ended_is_nobodys(void **state)
{
	struct said s = { .r = rig() };
	unsigned int first, second;

	(void)state;
	assert_int_equal(trace_start(s.r->engine, s.r->id[C], NULL, &first), 0);
	rig_send(s.r, C, frame(0xff, 0xc, 0), 60);
	trace_stop(s.r->engine, first);
	assert_int_equal(trace_start(s.r->engine, s.r->id[C], NULL, &second), 0);
	assert_int_equal(first, second);
	take(&s);
	assert_int_equal(s.ways, 0);
	rig_send(s.r, C, frame(0xff, 0xc, 0), 60);
	take(&s);
	assert_int_equal(s.ways, 1);
	trace_stop(s.r->engine, second);
	rig_destroy(s.r);
}

static void there_is_an_end_to_how_many_there_are(void **state)
{
	struct rig *r = rig();
	unsigned int trace[TRACES_MAX], more;

	(void)state;
	for (unsigned int i = 0; i < TRACES_MAX; i++)
		assert_int_equal(trace_start(r->engine, r->id[A], NULL, &trace[i]), 0);
	assert_int_equal(trace_start(r->engine, r->id[C], NULL, &more), -EBUSY);
	trace_stop(r->engine, trace[3]);
	assert_int_equal(trace_start(r->engine, r->id[C], NULL, &more), 0);
	assert_int_equal(more, trace[3]);
	for (unsigned int i = 0; i < TRACES_MAX; i++)
		trace_stop(r->engine, trace[i]);
	rig_destroy(r);
}

static void ways_that_find_no_room_are_counted(void **state)
{
	enum { FRAMES = 9000 };
	struct said s = { .r = rig() };
	unsigned int trace, again;
	uint64_t missed;

	(void)state;
	assert_int_equal(trace_start(s.r->engine, s.r->id[A], NULL, &trace), 0);
	for (unsigned int i = 0; i < FRAMES; i++)
		rig_send(s.r, A, frame(0xff, 0xa, 0), 60);
	missed = trace_missed(s.r->engine, trace);
	assert_true(missed > 0 && missed < FRAMES);
	trace_to(s.r->engine, hear, &s);
	while (!parcels_take(s.r->engine, 10))
		;
	assert_int_equal(s.ways, FRAMES - missed);
	rig_send(s.r, A, frame(0xff, 0xa, 0), 60);
	assert_int_equal(trace_missed(s.r->engine, trace), missed);
	trace_stop(s.r->engine, trace);
	assert_int_equal(trace_start(s.r->engine, s.r->id[A], NULL, &again), 0);
	assert_int_equal(trace_missed(s.r->engine, again), 0);
	trace_stop(s.r->engine, again);
	rig_destroy(s.r);
}

/* A ring of cables that nobody blocks: the run ends with the budget, the way with its room. */
static void the_way_of_a_storm_has_an_end(void **state)
{
	static const struct rig_port ring[] = {
		{ .sw = 0, .access = 10 },
		{ .sw = 0, .access = 10, .cable = 1 },
		{ .sw = 1, .access = 10, .cable = 1 },
		{ .sw = 0, .access = 10, .cable = 2 },
		{ .sw = 1, .access = 10, .cable = 2 },
	};
	struct said s = { .r = rig_create(&(struct rig_config){ .port = ring, .n_ports = 5 }) };
	unsigned int trace;

	(void)state;
	assert_int_equal(trace_start(s.r->engine, s.r->id[0], NULL, &trace), 0);
	for (unsigned int i = 0; i < 3; i++) {
		rig_send(s.r, 0, frame(0xff, 0xa, 0), 60);
		take(&s);
		assert_int_equal(s.ways, 1);
		assert_true(s.lost > 0);
		s.ways = 0;
		made(&s, 0, frame(0xff, 0xa, 0));
		assert_int_equal(s.ways, 1);
		assert_true(s.lost > 0);
		s.ways = 0;
	}
	trace_stop(s.r->engine, trace);
	rig_destroy(s.r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_made_frame_takes_the_way_that_a_real_one_would_take),
		cmocka_unit_test(a_made_frame_leaves_no_mark),
		cmocka_unit_test(a_made_frame_finds_ports_as_they_are_now),
		cmocka_unit_test(only_what_matches_is_followed),
		cmocka_unit_test(two_traces_of_a_port_share_the_way),
		cmocka_unit_test(what_waits_for_a_trace_that_ended_is_nobodys),
		cmocka_unit_test(there_is_an_end_to_how_many_there_are),
		cmocka_unit_test(ways_that_find_no_room_are_counted),
		cmocka_unit_test(the_way_of_a_storm_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
