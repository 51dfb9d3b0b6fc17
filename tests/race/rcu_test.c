/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published, read, unlinked, freed: what a reader holds between two quiescent points is never freed
 * under it. Under TSan this also holds base/rcu.c to what it tells the sanitizer.
 */
#include "base/rcu.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/test.h"

enum { READERS = 3, LIVE = 0x11fe, DEAD = 0xdead, RUN_MS = 700, LIMIT_MS = 60000, VIEWS = 20 };

struct view {
	unsigned int mark, number;
};

static struct view *published;
static bool stop;

struct reader {
	pthread_t thread;
	uint64_t looks, wrong;
	bool naps;
};

static void *read_views(void *arg)
{
	struct reader *r = arg;
	unsigned int last = 0;

	rcu_join();
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct view *v = __atomic_load_n(&published, __ATOMIC_ACQUIRE);

		for (unsigned int i = 0; i < 16; i++)
			r->wrong += v->mark != LIVE;
		r->wrong += v->number < last; /* time does not run backwards */
		last = v->number;
		r->looks++;
		rcu_quiescent();
		if (r->naps && r->looks % 64 == 0) {
			rcu_offline();
			sched_yield();
			rcu_online();
		}
	}
	rcu_leave();
	return NULL;
}

static struct view *view_of(unsigned int number)
{
	struct view *v = malloc(sizeof(*v));

	assert_non_null(v);
	*v = (struct view){ LIVE, number };
	return v;
}

static void a_view_outlives_its_readers(void **state)
{
	struct reader r[READERS] = { 0 };
	uint64_t began_ms = clock_ns() / 1000000, ran_ms = 0, looks = 0;
	unsigned int n = 0;

	(void)state;
	published = view_of(n);
	for (unsigned int i = 0; i < READERS; i++) {
		r[i].naps = i % 2;
		assert_int_equal(pthread_create(&r[i].thread, NULL, read_views, &r[i]), 0);
	}
	/* A grace period takes long where readers wait for a core. */
	while (ran_ms < RUN_MS || (n <= VIEWS && ran_ms < LIMIT_MS)) {
		struct view *old = published;

		__atomic_store_n(&published, view_of(++n), __ATOMIC_RELEASE);
		rcu_wait();
		old->mark = DEAD;
		free(old);
		ran_ms = clock_ns() / 1000000 - began_ms;
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < READERS; i++) {
		pthread_join(r[i].thread, NULL);
		looks += r[i].looks;
		assert_int_equal(r[i].wrong, 0);
	}
	free(published);
	print_message("# %u views, %llu looks\n", n, (unsigned long long)looks);
	assert_true(n > VIEWS);
	assert_true(looks > 1000);
}

static void nobody_joined_means_no_wait(void **state)
{
	uint64_t began = clock_ns();

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		rcu_wait();
	assert_true(clock_ns() - began < 10000000000ull);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_joined_means_no_wait),
		cmocka_unit_test(a_view_outlives_its_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
