/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of rule 30: one holder at a time, and what one wrote the next one sees. */
#include "base/lock.h"

#include <pthread.h>

#include "tests/test.h"

enum { THREADS = 4, TURNS = 50000 };

static struct lock lock;
static uint64_t turns, mirror; /* both under the lock */
static unsigned int got_by_trying;

static void *take_turns(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < TURNS; i++) {
		if (i % 4) {
			lock_take(&lock);
		} else {
			if (!lock_try(&lock))
				continue;
			got_by_trying++;
		}
		turns++;
		mirror += turns == mirror + 1;
		lock_drop(&lock);
	}
	return NULL;
}

static void there_is_one_holder_at_a_time(void **state)
{
	pthread_t t[THREADS];

	(void)state;
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, take_turns, NULL), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(turns, THREADS * (TURNS - TURNS / 4) + got_by_trying);
	assert_int_equal(mirror, turns);
	assert_true(got_by_trying > 0);
}

static void a_held_lock_cannot_be_had(void **state)
{
	struct lock l = { 0 };

	(void)state;
	assert_true(lock_try(&l));
	assert_false(lock_try(&l));
	lock_drop(&l);
	lock_take(&l);
	assert_false(lock_try(&l));
	lock_drop(&l);
	assert_true(lock_try(&l));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_held_lock_cannot_be_had),
		cmocka_unit_test(there_is_one_holder_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
