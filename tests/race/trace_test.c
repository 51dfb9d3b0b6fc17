/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces begin and end while a worker carries frames over a cable; filters are freed as soon as
 * trace_stop() has returned, and made frames run over the same view, tables and cables.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "dataplane/punt.h"
#include "dataplane/trace.h"
#include "tests/rig/rig.h"

enum { A, UP1, UP2, C, ROUNDS = 400, FEED = 200000, FRAMES = 100, LIMIT_MS = 60000 };

static const struct rig_port ports[] = {
	[A] = { .sw = 0, .access = 10 },
	[UP1] = { .sw = 0, .trunk = "10", .cable = 1 },
	[UP2] = { .sw = 1, .trunk = "10", .cable = 1 },
	[C] = { .sw = 1, .access = 10 },
};

struct seen {
	unsigned int ways, made, wrong;
};

static void hear(void *arg, const struct trace_way *way)
{
	struct seen *s = arg;

	s->ways++;
	s->made += !way->time_ns;
	s->wrong += way->n < 2 || way->step[0].what != TRACE_IN || way->step[0].port != way->port;
	for (unsigned int i = 1; i < way->n; i++)
		s->wrong += way->step[i].what > TRACE_OUT || way->step[i].vid > 10;
}

static void feed(struct rig *r, unsigned int n)
{
	uint8_t f[60] = { 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 8 };

	for (unsigned int i = 0; i < n; i++) {
		f[5] = (uint8_t)random();
		f[11] = (uint8_t)(random() % 16);
		memory_feed(r->port[A], f, sizeof(f), NULL, 0);
	}
}

static void await_ways(struct rig *r, const struct seen *s, unsigned int more)
{
	unsigned int want = s->ways + more;

	for (unsigned int ms = 0; ms < LIMIT_MS && s->ways < want; ms++) {
		feed(r, 1);
		parcels_take(r->engine, 64);
		usleep(1000);
	}
	assert_true(s->ways >= want);
}

static void round_of(struct rig *r, struct seen *s, unsigned int round)
{
	static const char *const asked[] = { "ether[5] < 64", "ether[11] = 3 or vlan", "" };
	uint8_t f[60] = { 2, 0, 0, 0, 0, 3, 2, 0, 0, 0, 0, 99, 8 };
	struct filter *filter[2];
	unsigned int trace[2];
	char why[FILTER_WHY];

	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(filter_create(asked[(round + i) % 3], &filter[i], why), 0);
		assert_int_equal(trace_start(r->engine, r->id[i == round % 2 ? A : UP2], filter[i],
					     &trace[i]),
				 0);
	}
	feed(r, FRAMES);
	assert_int_equal(trace_made(r->engine, r->id[A], f, sizeof(f), hear, s), 0);
	if (round % 50 == 0)
		await_ways(r, s, 10);
	parcels_take(r->engine, 1000);
	for (unsigned int i = 0; i < 2; i++) {
		trace_stop(r->engine, trace[i]);
		filter_destroy(filter[i]);
	}
	if (round % 10 == 0)
		rig_publish(r);
}

static void traces_begin_and_end_while_frames_flow(void **state)
{
	struct rig_config c = {
		.port = ports,
		.n_ports = ARRAY_LEN(ports),
		.keep_none = true,
		.memory = { .wake = true, .feed_frames = FEED },
	};
	struct rig *r = rig_create(&c);
	struct seen s = { 0 };

	(void)state;
	srandom(12);
	trace_to(r->engine, hear, &s);
	assert_int_equal(engine_start(r->engine), 0);
	for (unsigned int round = 0; round < ROUNDS; round++)
		round_of(r, &s, round);
	engine_stop(r->engine);
	while (!parcels_take(r->engine, 1000))
		;
	assert_int_equal(s.made, ROUNDS);
	assert_int_equal(s.wrong, 0);
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traces_begin_and_end_while_frames_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
