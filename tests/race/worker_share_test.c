/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker's time beside a flood and beside a ring: who gets how many frames through while both
 * always have more. Frames are counted, not time.
 */
#include "tests/test.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/rcu.h"
#include "tests/rig/polled.h"

enum { MEMBERS = 12, FRAMES = 200000, PLENTY = 1u << 30 };

static struct {
	port_id_t flooder, ring; /* PORT_NONE: nobody */
	struct sink sink[MEMBERS]; /* the first is the victim's */
} to;

static void take_all(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
		     uint8_t *verdict)
{
	(void)s, (void)w, (void)f, (void)n, (void)verdict;
}

/* A cable back: what goes out comes in again, until the run has made all it may. */
static void go_round(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
		     uint8_t *verdict)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!worker_reenter(w, s->port, &f[i]))
			verdict[i] = TX_DROP_BUDGET;
	}
}

enum { SPREAD_NEXT, SPREAD_DONE };

static void spread(struct node_ctx *ctx, const struct burst *in)
{
	for (unsigned int i = 0; i < in->n; i++) {
		struct pkt *p = in->pkt[i];
		bool goes_round = p->in_port == to.sink[1].port;

		if (p->in_port == to.flooder) {
			for (unsigned int m = 0; m < MEMBERS; m++)
				tx_put(ctx->worker, to.sink[m].port, p, be32_of(0));
		} else if (p->in_port == to.ring || goes_round) {
			tx_put(ctx->worker, to.sink[1].port, p, be32_of(0));
		} else {
			tx_put(ctx->worker, to.sink[0].port, p, be32_of(0));
		}
		node_send(ctx, goes_round ? SPREAD_DONE : SPREAD_NEXT, p);
	}
}

static const struct node_def spread_node = {
	.name = "spread",
	.run = spread,
	.arc = "port-input",
	.edge = { [SPREAD_NEXT] = NEXT_ON_ARC, [SPREAD_DONE] = DONE },
};

static struct engine *begin(bool ring)
{
	struct engine *e = polled_engine_with(&spread_node, 1);

	to.flooder = to.ring = PORT_NONE;
	for (unsigned int i = 0; i < MEMBERS; i++) {
		to.sink[i] = (struct sink){ .tx = ring && i == 1 ? go_round : take_all };
		assert_int_equal(port_take(e, &to.sink[i].port), 0);
		engine_set_sink(e, to.sink[i].port, &to.sink[i]);
	}
	return e;
}

static void end(struct engine *e)
{
	engine_stop(e);
	engine_destroy(e);
}

static uint64_t got(const struct polled *p)
{
	return __atomic_load_n(&p->got, __ATOMIC_ACQUIRE);
}

/* Until the victim has FRAMES more. */
static void go_on(struct polled *victim)
{
	assert_true(polled_await(&victim->got, got(victim) + FRAMES));
}

static void a_flood_gets_what_is_left(void **state)
{
	struct engine *e = begin(false);
	struct polled victim, flooder;
	uint64_t flood, seen;

	(void)state;
	polled_create(e, true, &victim);
	polled_create(e, true, &flooder);
	to.flooder = flooder.id;
	polled_put(&victim, PLENTY);
	polled_put(&flooder, PLENTY);
	assert_int_equal(engine_start(e), 0);
	assert_true(polled_await(&flooder.got, 1)); /* both have begun */
	seen = got(&victim);
	flood = got(&flooder);
	go_on(&victim);
	flood = got(&flooder) - flood; /* before the victim's, so that it is not too many */
	seen = got(&victim) - seen;
	/* 384 copies a turn beside 64: in work it is a tenth at the most. */
	assert_in_range(flood, 1, seen / 60 + BURST_MAX);
	assert_int_equal(victim.wrong + flooder.wrong, 0);
	polled_destroy(&victim);
	/* And all of it when nobody else is there. */
	assert_true(polled_await(&flooder.got, got(&flooder) + FRAMES));
	polled_destroy(&flooder);
	end(e);
}

static void a_ring_costs_others_less_than_half(void **state)
{
	struct engine *e = begin(true);
	struct polled victim, source;
	struct port_count n, was;
	uint64_t seen;

	(void)state;
	polled_create(e, true, &victim);
	polled_create(e, true, &source);
	to.ring = source.id;
	polled_put(&victim, PLENTY);
	polled_put(&source, PLENTY);
	assert_int_equal(engine_start(e), 0);
	assert_true(polled_await(&source.got, 1));
	seen = got(&victim);
	port_counters(e, to.sink[1].port, &was);
	for (unsigned int i = 0; i < 5; i++)
		go_on(&victim);
	port_counters(e, to.sink[1].port, &n);
	seen = got(&victim) - seen;
	/* Frames that went round; a turn may have begun before and one may not have ended. */
	assert_in_range(n.in_frames - was.in_frames, RUN_FRAMES / 2, seen / 4 + 2 * RUN_FRAMES);
	polled_destroy(&victim);
	polled_destroy(&source);
	end(e);
}

/* Those with a descriptor alone: passed by, not forgotten. */
static unsigned int read_one(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	uint64_t n;

	(void)max;
	if (read(s->fd, &n, sizeof(n)) < 0)
		return 0;
	out[0] = worker_pkt(w);
	memset(out[0]->data, 0, PKT_HEAD);
	out[0]->len = out[0]->head_len = 60;
	count_add(s->arg, 1);
	return 1;
}

static void who_waits_and_is_not_polled_is_heard_later(void **state)
{
	enum { TURNS = 300 };
	struct engine *e = begin(false);
	struct polled victim;
	uint64_t turns = 0;
	struct source s = { .rx = read_one, .arg = &turns };

	(void)state;
	s.fd = eventfd(TURNS, EFD_SEMAPHORE | EFD_NONBLOCK);
	assert_int_equal(port_take(e, &s.port), 0);
	to.flooder = s.port;
	assert_int_equal(engine_add_source(e, &s), 0);
	polled_create(e, true, &victim);
	polled_put(&victim, PLENTY);
	assert_int_equal(engine_start(e), 0);
	assert_true(polled_await(&turns, TURNS));
	engine_del_source(e, &s);
	polled_destroy(&victim);
	end(e);
	close(s.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_gets_what_is_left),
		cmocka_unit_test(a_ring_costs_others_less_than_half),
		cmocka_unit_test(who_waits_and_is_not_polled_is_heard_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
