/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rcu.h"
#include "dataplane/graph.h"
#include "ports/memory/memory.h"

/*
 * A graph of one station that does what the frame's first octet says. The engine knows no more of
 * a protocol than this.
 */
enum { TURN_DROP, TURN_OUT, TURN_BOTH, TURN_END };
enum { TURN_EDGE_DONE, TURN_EDGE_DROP };

static port_id_t out_port[2];
static const void *seen_state;
static uint32_t seen_now_s;

static void turn(struct node_ctx *ctx, const struct burst *in)
{
	seen_state = node_state(ctx);
	seen_now_s = ctx->now_s;
	for (unsigned int i = 0; i < in->n; i++) {
		struct pkt *p = in->pkt[i];
		uint8_t what = p->data[0];

		if (what == TURN_OUT || what == TURN_BOTH)
			tx_put(ctx->worker, out_port[0], p, be32_of(0));
		if (what == TURN_BOTH)
			tx_put(ctx->worker, out_port[1], p, be32_of(0x81000007));
		node_send(ctx, what == TURN_DROP ? TURN_EDGE_DROP : TURN_EDGE_DONE, p);
	}
}

static const struct node_def turn_node = {
	.name = "turn",
	.run = turn,
	.state = "table",
	.arc = "port-input",
	.edge = { [TURN_EDGE_DONE] = DONE, [TURN_EDGE_DROP] = DROP("asked for") },
};

/* One more, so that there is a second part of the view and an arc with a station to pass. */
static const void *seen_other;

static void look(struct node_ctx *ctx, const struct burst *in)
{
	seen_other = node_state(ctx);
	for (unsigned int i = 0; i < in->n; i++)
		node_send(ctx, 0, in->pkt[i]);
}

static const struct node_def look_node = {
	.name = "look",
	.run = look,
	.state = "other",
	.arc = "port-input",
	.before = "turn",
	.edge = { NEXT_ON_ARC },
};

static const struct node_def *const defs[] = { &port_rx_node, &turn_node, &look_node, NULL };

struct fixture {
	struct engine *e;
	struct memory_port *in, *a, *b;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct memory_config c = { .keep_frames = 200 };
	struct faults faults = { 0 };

	assert_int_equal(engine_create(defs, 1, &f->e, &faults), 0);
	assert_int_equal(memory_port_create(f->e, &c, &f->in), 0);
	assert_int_equal(memory_port_create(f->e, &c, &f->a), 0);
	assert_int_equal(memory_port_create(f->e, &c, &f->b), 0);
	out_port[0] = f->a->id;
	out_port[1] = f->b->id;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	memory_port_destroy(f->in);
	memory_port_destroy(f->a);
	memory_port_destroy(f->b);
	engine_destroy(f->e);
	free(f);
	return 0;
}

static void feed(struct fixture *f, uint8_t what, unsigned int n)
{
	uint8_t frame[60] = { what };

	for (unsigned int i = 0; i < n; i++) {
		frame[20] = (uint8_t)i;
		assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), 0);
	}
}

static unsigned int run(struct fixture *f)
{
	return worker_run(engine_worker(f->e, 0), &f->in->source);
}

static void a_run_takes_one_burst_and_no_more(void **state)
{
	struct fixture *f = *state;

	feed(f, TURN_OUT, 2 * BURST_MAX + 1);
	assert_int_equal(run(f), BURST_MAX);
	assert_int_equal(memory_count(f->a, NULL), BURST_MAX);
	assert_int_equal(run(f), BURST_MAX);
	assert_int_equal(run(f), 1);
	assert_int_equal(run(f), 0);
	assert_int_equal(memory_count(f->a, NULL), 2 * BURST_MAX + 1);
	for (unsigned int i = 0; i < 2 * BURST_MAX + 1; i++) /* in their order */
		assert_int_equal(memory_frame(f->a, i)->data[20], i);
}

static void every_frame_is_counted_where_it_came_in_and_where_it_went(void **state)
{
	struct fixture *f = *state;
	struct port_count in, a, b;
	unsigned int cause = engine_cause_of(f->e, "turn", TURN_EDGE_DROP);

	feed(f, TURN_DROP, 3);
	feed(f, TURN_BOTH, 5);
	feed(f, TURN_END, 2);
	run(f);
	port_counters(f->e, f->in->id, &in);
	port_counters(f->e, f->a->id, &a);
	port_counters(f->e, f->b->id, &b);
	assert_int_equal(in.in_frames, 10);
	assert_int_equal(in.in_bytes, 600);
	assert_int_equal(in.out_frames, 0);
	assert_int_equal(in.drop[cause], 3);
	assert_int_equal(a.out_frames, 5);
	assert_int_equal(a.out_bytes, 5 * 60);
	assert_int_equal(b.out_frames, 5);
	assert_int_equal(b.out_bytes, 5 * 64); /* tagged */
	assert_int_equal(b.in_frames, 0);
}

static void each_way_a_port_refuses_has_its_cause(void **state)
{
	struct fixture *f = *state;

	for (unsigned int v = TX_SENT + 1; v < TX_VERDICTS; v++) {
		struct port_count before, after;
		unsigned int cause = engine_cause_of(f->e, "port-tx", v);

		f->a->refuse = v;
		port_counters(f->e, f->a->id, &before);
		feed(f, TURN_OUT, 4);
		run(f);
		port_counters(f->e, f->a->id, &after);
		assert_int_equal(after.drop[cause] - before.drop[cause], 4);
		assert_int_equal(after.out_frames, 0);
	}
}

static void a_port_without_a_sink_is_down(void **state)
{
	struct fixture *f = *state;
	struct port_count n;

	engine_set_sink(f->e, f->a->id, NULL);
	feed(f, TURN_OUT, 2);
	run(f);
	port_counters(f->e, f->a->id, &n);
	assert_int_equal(n.drop[engine_cause_of(f->e, "port-tx", TX_DROP_DOWN)], 2);
	engine_set_sink(f->e, f->a->id, &f->a->sink);
}

static void runts_are_dropped_before_anybody_looks(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[14] = { TURN_OUT };
	struct port_count n;

	for (uint32_t len = 0; len <= sizeof(frame); len++)
		memory_feed(f->in, frame, len, NULL, 0);
	run(f);
	port_counters(f->e, f->in->id, &n);
	assert_int_equal(n.in_frames, 15);
	assert_int_equal(n.drop[engine_cause_of(f->e, "port-rx", 1)], 14);
	assert_int_equal(memory_count(f->a, NULL), 1);
}

/* ---- numbers and views ---------------------------------------------------------------------- */

static void numbers_come_back_late_and_clean(void **state)
{
	struct fixture *f = *state;
	port_id_t first, id;
	struct port_count n;

	assert_int_equal(port_take(f->e, &first), 0);
	out_port[0] = first;
	feed(f, TURN_OUT, 1);
	run(f);
	port_free(f->e, first);
	for (unsigned int i = 0; i < PORT_MAX - 4; i++) {
		assert_int_equal(port_take(f->e, &id), 0);
		assert_int_not_equal(id, first);
	}
	assert_int_equal(port_take(f->e, &id), 0); /* the last that is left */
	assert_int_equal(id, first);
	port_counters(f->e, id, &n);
	assert_int_equal(n.drop[engine_cause_of(f->e, "port-tx", TX_DROP_DOWN)], 0);
	id = 77;
	assert_int_equal(port_take(f->e, &id), -ENOSPC);
	assert_int_equal(id, 77); /* untouched on failure */
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		if (i != f->in->id && i != f->a->id && i != f->b->id)
			port_free(f->e, (port_id_t)i);
	}
}

static void nodes_see_what_was_published_and_not_what_was_staged(void **state)
{
	struct fixture *f = *state;
	static const int one, two;

	feed(f, TURN_END, 1);
	run(f);
	assert_null(seen_state);
	engine_stage(f->e, "table", &one);
	engine_stage(f->e, "nobody's", &two);
	feed(f, TURN_END, 1);
	run(f);
	assert_null(seen_state);
	engine_publish(f->e);
	feed(f, TURN_END, 1);
	run(f);
	assert_ptr_equal(seen_state, &one);
	/* A part that nobody staged stays as it was. */
	engine_stage(f->e, "other", &two);
	engine_publish(f->e);
	feed(f, TURN_END, 1);
	run(f);
	assert_ptr_equal(seen_state, &one);
	assert_ptr_equal(seen_other, &two);
	/* What is staged again is undone, and publishing twice changes nothing. */
	engine_stage(f->e, "table", &two);
	engine_stage(f->e, "table", &one);
	engine_publish(f->e);
	engine_publish(f->e);
	feed(f, TURN_END, 1);
	run(f);
	assert_ptr_equal(seen_state, &one);
}

static void time_comes_with_the_burst(void **state)
{
	struct fixture *f = *state;

	feed(f, TURN_END, 1);
	worker_run_at(engine_worker(f->e, 0), &f->in->source, 4711);
	assert_int_equal(seen_now_s, 4711);
}

/* ---- what is rare --------------------------------------------------------------------------- */

struct steps {
	unsigned int n, last_edge;
	const char *last;
};

static void step(void *arg, const char *node, unsigned int edge, const struct pkt *p)
{
	struct steps *s = arg;

	(void)p;
	s->n++;
	s->last = node;
	s->last_edge = edge;
}

static void a_traced_frame_is_seen_at_each_edge(void **state)
{
	struct fixture *f = *state;
	struct steps s = { 0 };

	engine_trace(f->e, step, &s);
	feed(f, TURN_OUT, 1);
	run(f);
	assert_int_equal(s.n, 3);
	assert_string_equal(s.last, "turn");
	assert_int_equal(s.last_edge, TURN_EDGE_DONE);
	feed(f, TURN_DROP, 1);
	run(f);
	assert_int_equal(s.n, 6);
	assert_int_equal(s.last_edge, TURN_EDGE_DROP);
	engine_trace(f->e, NULL, NULL);
	feed(f, TURN_OUT, 1);
	run(f);
	assert_int_equal(s.n, 6);
	assert_int_equal(memory_count(f->a, NULL), 2);
}

/* A sink that leads every frame back: the least that a ring of cables can be. */
static void back_again(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
		       uint8_t *verdict)
{
	assert_true(n <= BURST_MAX);
	for (unsigned int i = 0; i < n; i++) {
		if (!worker_reenter(w, s->port, &f[i]))
			verdict[i] = TX_DROP_BUDGET;
	}
}

static void a_run_that_makes_too_many_frames_ends(void **state)
{
	struct fixture *f = *state;
	struct sink ring = { .port = f->a->id, .tx = back_again };
	struct port_count a;

	engine_set_sink(f->e, f->a->id, &ring);
	for (unsigned int round = 1; round <= 3; round++) {
		feed(f, TURN_OUT, BURST_MAX);
		assert_int_equal(run(f), BURST_MAX);
		port_counters(f->e, f->a->id, &a);
		assert_int_equal(a.in_frames, round * (RUN_FRAMES - BURST_MAX));
		assert_int_equal(a.drop[engine_cause_of(f->e, "port-tx", TX_DROP_BUDGET)],
				 round * BURST_MAX);
	}
	engine_set_sink(f->e, f->a->id, &f->a->sink);
}

static void back_twice(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
		       uint8_t *verdict)
{
	assert_true(n <= BURST_MAX);
	for (unsigned int i = 0; i < n; i++) {
		worker_reenter(w, s->port, &f[i]);
		if (!worker_reenter(w, s->port, &f[i]))
			verdict[i] = TX_DROP_BUDGET;
	}
}

static void a_sink_is_never_given_more_than_a_burst(void **state)
{
	struct fixture *f = *state;
	struct sink rabbits = { .port = f->a->id, .tx = back_twice };
	struct port_count a;

	engine_set_sink(f->e, f->a->id, &rabbits);
	feed(f, TURN_OUT, BURST_MAX);
	run(f);
	port_counters(f->e, f->a->id, &a);
	assert_int_equal(a.in_frames, RUN_FRAMES - BURST_MAX);
	engine_set_sink(f->e, f->a->id, &f->a->sink);
}

/* ---- threads -------------------------------------------------------------------------------- */

static void wait_for(struct memory_port *m, uint64_t n)
{
	for (unsigned int i = 0; memory_count(m, NULL) < n; i++) {
		if (i > 120000)
			fail_msg("%lu of %lu frames came out", memory_count(m, NULL), n);
		usleep(500);
	}
}

static void workers_sleep_wake_and_stop(void **state)
{
	struct memory_config c = { .wake = true, .keep_frames = 0 };
	struct faults faults = { 0 };
	struct memory_port *in[4], *out;
	uint8_t frame[60] = { TURN_OUT };
	struct engine *e;

	(void)state;
	assert_int_equal(engine_create(defs, 3, &e, &faults), 0);
	assert_int_equal(memory_port_create(e, &c, &out), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(memory_port_create(e, &c, &in[i]), 0);
	out_port[0] = out->id;
	for (unsigned int round = 1; round <= 3; round++) {
		assert_int_equal(engine_start(e), 0);
		for (unsigned int i = 0; i < 4 * 100; i++)
			memory_feed(in[i % 4], frame, sizeof(frame), NULL, 0);
		wait_for(out, round * 400);
		engine_stop(e);
	}
	for (unsigned int i = 0; i < 4; i++)
		memory_port_destroy(in[i]);
	memory_port_destroy(out);
	engine_destroy(e);
	engine_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		TEST(a_run_takes_one_burst_and_no_more),
		TEST(every_frame_is_counted_where_it_came_in_and_where_it_went),
		TEST(each_way_a_port_refuses_has_its_cause),
		TEST(a_port_without_a_sink_is_down),
		TEST(runts_are_dropped_before_anybody_looks),
		TEST(numbers_come_back_late_and_clean),
		TEST(nodes_see_what_was_published_and_not_what_was_staged),
		TEST(time_comes_with_the_burst),
		TEST(a_traced_frame_is_seen_at_each_edge),
		TEST(a_run_that_makes_too_many_frames_ends),
		TEST(a_sink_is_never_given_more_than_a_burst),
		cmocka_unit_test(workers_sleep_wake_and_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
