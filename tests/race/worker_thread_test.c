/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <pthread.h>
#include <sched.h>

#include "base/rcu.h"
#include "tests/rig/polled.h"

/*
 * Workers go to sleep while somebody signals, sources move while frames flow. A wake-up that is
 * lost shows as a frame that is never taken.
 */
enum { WORKERS = 2, FRAMES = 30000, SOURCES = 3 };

struct feeder {
	pthread_t thread;
	struct polled p;
	unsigned int wait; /* how long after the last was taken: up to so many turns */
	bool in_vain;
};

/* One at a time, each only after the last was taken, at all moments of the worker's way to sleep.
 */
static void *feed_singly(void *arg)
{
	struct feeder *f = arg;
	uint32_t x = 0x1234567 + f->wait;

	for (unsigned int i = 1; i <= FRAMES && !f->in_vain; i++) {
		x ^= x << 13, x ^= x >> 17, x ^= x << 5;
		for (unsigned int turn = x % f->wait; turn > 0; turn--)
			__builtin_ia32_pause();
		polled_put(&f->p, 1);
		f->in_vain = !polled_await(&f->p.got, i);
	}
	return NULL;
}

static void *feed_in_bursts(void *arg)
{
	struct feeder *f = arg;
	uint64_t fed = 0;

	for (uint32_t x = 99; fed < 10 * FRAMES && !f->in_vain;) {
		unsigned int n;

		x ^= x << 13, x ^= x >> 17, x ^= x << 5;
		n = 1 + x % 90;
		polled_put(&f->p, n);
		fed += n;
		if (x % 4 == 0)
			f->in_vain = !polled_await(&f->p.got, fed);
	}
	f->in_vain |= !polled_await(&f->p.got, fed);
	return NULL;
}

static struct engine *begin(struct feeder *f, unsigned int n, unsigned int workers,
			    void *(*feed)(void *))
{
	struct engine *e = polled_engine(workers);

	for (unsigned int i = 0; i < n; i++) {
		f[i] = (struct feeder){ .wait = 1 + 900 * i * i };
		polled_create(e, true, &f[i].p);
	}
	assert_int_equal(engine_start(e), 0);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(pthread_create(&f[i].thread, NULL, feed, &f[i]), 0);
	return e;
}

static void end(struct engine *e, struct feeder *f, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		pthread_join(f[i].thread, NULL);
		if (f[i].in_vain || f[i].p.wrong)
			fail_msg("source %u: %lu put, %lu came out, %lu at the wrong time", i,
				 f[i].p.put, f[i].p.got, f[i].p.wrong);
		assert_int_equal(f[i].p.got, f[i].p.put);
		polled_destroy(&f[i].p);
	}
	engine_destroy(e);
}

static void a_worker_that_falls_asleep_hears_every_frame(void **state)
{
	struct feeder f[SOURCES];
	struct engine *e = begin(f, SOURCES, 1, feed_singly);

	(void)state;
	end(e, f, SOURCES);
}

static void sources_move_while_frames_flow(void **state)
{
	struct feeder f[SOURCES];
	struct engine *e = begin(f, SOURCES, WORKERS, feed_in_bursts);

	(void)state;
	for (unsigned int i = 0; i < 3000; i++) {
		struct source *s = &f[i % SOURCES].p.source;

		assert_int_equal(engine_move_source(e, s, (s->worker + 1u) % WORKERS), 0);
		sched_yield();
	}
	end(e, f, SOURCES);
}

static void sources_come_and_go_beside_one_that_is_busy(void **state)
{
	struct feeder f[1];
	struct engine *e = begin(f, 1, 1, feed_in_bursts);
	static struct polled brief[2]; /* one goes while its like has just come */

	(void)state;
	polled_create(e, true, &brief[0]);
	for (unsigned int i = 1; i < 600; i++) {
		polled_create(e, true, &brief[i % 2]);
		polled_put(&brief[i % 2], 5);
		assert_true(polled_await(&brief[i % 2].got, 5));
		polled_destroy(&brief[(i + 1) % 2]);
		memset(&brief[(i + 1) % 2], 0xa5, sizeof(brief[0]));
	}
	polled_destroy(&brief[1]);
	end(e, f, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_that_falls_asleep_hears_every_frame),
		cmocka_unit_test(sources_move_while_frames_flow),
		cmocka_unit_test(sources_come_and_go_beside_one_that_is_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
