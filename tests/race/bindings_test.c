/* SPDX-License-Identifier: Apache-2.0 */
/* Workers ask for bindings while the control thread changes them: none that stays is ever missed.
 */
#include "vswitch/policy/bindings.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/rcu.h"
#include "tests/test.h"

enum { READERS = 3, CHANGES = 60, OTHERS = 16 };

static struct bindings *place;
static bool stop; /* atomic */
static uint64_t missed, invented, asked; /* atomic */

static const struct binding kept = { 0xaa0000, 500 }, never = { 0xbb0000, 500 };

static void *ask(void *arg)
{
	(void)arg;
	rcu_join();
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		for (unsigned int i = 0; i < 32; i++) {
			if (!bindings_have(&place, &kept))
				__atomic_add_fetch(&missed, 1, __ATOMIC_RELAXED);
			if (bindings_have(&place, &never))
				__atomic_add_fetch(&invented, 1, __ATOMIC_RELAXED);
		}
		__atomic_add_fetch(&asked, 32, __ATOMIC_RELAXED);
		rcu_quiescent();
	}
	rcu_leave();
	return NULL;
}

static void what_stays_is_found_while_others_come_and_go(void **state)
{
	bool there[OTHERS] = { false };
	pthread_t t[READERS];

	(void)state;
	assert_int_equal(bindings_add(&place, &kept), 0);
	for (unsigned int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ask, NULL), 0);
	srandom(9);
	for (unsigned int i = 0; i < CHANGES || !__atomic_load_n(&asked, __ATOMIC_RELAXED); i++) {
		unsigned int k = (unsigned int)random() % OTHERS;
		struct binding b = { 0xcc0000, 490 + k }; /* around the one that stays */

		if (there[k])
			assert_int_equal(bindings_remove(&place, &b), 0);
		else
			assert_int_equal(bindings_add(&place, &b), 0);
		there[k] = !there[k];
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < READERS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(missed, 0);
	assert_int_equal(invented, 0);
	free(place);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_is_found_while_others_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
