/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads take from one bucket: together no more than it has, and nothing is lost. */
#include "vswitch/limits/meter.h"

#include <pthread.h>

#include "tests/test.h"

enum { THREADS = 4, TURNS = 20000, BURST = 32 };

static const struct {
	const char *why;
	uint64_t per_s;
	bool frames;
	uint64_t tick_ns; /* of time that each turn of each thread adds */
	bool full_now_and_then;
} row[] = {
	{ "10 Gbit, always empty", 10000000000, false, 100, false },
	{ "frames, always empty", 1000000, true, 1000, false },
	{ "frames, sometimes full", 1000000, true, 40000, true },
};

static struct meter m;
static uint64_t word, now_ns; /* atomic; the threads move time themselves */
static uint64_t tick_ns;

static void *take(void *arg)
{
	uint64_t *taken = arg, seed = (uintptr_t)arg;

	for (unsigned int i = 0; i < TURNS; i++) {
		uint64_t now = __atomic_add_fetch(&now_ns, tick_ns, __ATOMIC_RELAXED);
		uint32_t cost[BURST], pass;

		for (unsigned int k = 0; k < BURST; k++) {
			seed = seed * 6364136223846793005u + 1;
			cost[k] = m.frames ? 1 : 60 + (uint32_t)(seed >> 33) % 1455;
		}
		pass = meter_take(&m, now, cost, UINT32_MAX >> i % BURST);
		for (; pass; pass &= pass - 1)
			*taken += cost[__builtin_ctz(pass)];
	}
	return NULL;
}

static void together_they_get_what_one_would(void **state)
{
	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(row); r++) {
		uint64_t taken[THREADS] = { 0 }, sum = 0, earned, begin = 1000, first;
		pthread_t t[THREADS];

		m = meter_of(row[r].per_s, row[r].frames);
		now_ns = begin;
		tick_ns = row[r].tick_ns;
		meter_begin(&m, &word, NULL, begin);
		word += m.burst; /* begins empty */
		first = word;
		for (unsigned int i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&t[i], NULL, take, &taken[i]), 0);
		for (unsigned int i = 0; i < THREADS; i++) {
			pthread_join(t[i], NULL);
			sum += taken[i];
		}
		earned = meter_earned(&m, now_ns) - meter_earned(&m, begin);
		if (sum > earned)
			fail_msg("%s: %lu of %lu", row[r].why, sum, earned);
		/* What is not there any more was taken, unless a full bucket ran over. */
		if (row[r].full_now_and_then ? word - first < sum : word - first != sum)
			fail_msg("%s: %lu taken, %lu gone", row[r].why, sum, word - first);
		if (!row[r].full_now_and_then && sum + m.burst < earned)
			fail_msg("%s: only %lu of %lu", row[r].why, sum, earned);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(together_they_get_what_one_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
