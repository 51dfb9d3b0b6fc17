/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/policy/bindings.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/test.h"

enum { MACS = 8, IPS = 24, STEPS = 50000 };

/* The table must agree at every step with the dullest table that could work. */
static void agrees_with_an_array(void **state)
{
	bool oracle[MACS][IPS] = { 0 };
	struct bindings *place = NULL;
	unsigned int n = 0;

	(void)state;
	srandom(8);
	for (unsigned int step = 0; step < STEPS; step++) {
		unsigned int mac = (unsigned int)random() % MACS, ip = (unsigned int)random() % IPS;
		struct binding b = { (uint64_t)mac << 60, ip << 8 };

		if (random() % 2) {
			assert_int_equal(bindings_add(&place, &b), 0);
			n += !oracle[mac][ip];
			oracle[mac][ip] = true;
		} else {
			assert_int_equal(bindings_remove(&place, &b),
					 oracle[mac][ip] ? 0 : -ENOENT);
			n -= oracle[mac][ip];
			oracle[mac][ip] = false;
		}
		assert_int_equal(place ? place->n : 0, n);
		for (mac = 0; mac < MACS; mac++) {
			ip = (unsigned int)random() % IPS;
			b = (struct binding){ (uint64_t)mac << 60, ip << 8 };
			assert_int_equal(bindings_have(&place, &b), oracle[mac][ip]);
		}
	}
	free(place);
}

static void nothing_is_bound_where_there_is_no_table(void **state)
{
	struct bindings *place = NULL;

	(void)state;
	assert_false(bindings_have(&place, &(struct binding){ 1, 2 }));
}

static void there_is_an_end_to_them(void **state)
{
	struct bindings *place = NULL;
	struct binding b = { 1, 0 };

	(void)state;
	for (unsigned int i = 0; i < BINDINGS_MAX; i++) {
		b.ip = i * 7919 % 65537;
		assert_int_equal(bindings_add(&place, &b), 0);
	}
	assert_int_equal(bindings_add(&place, &b), 0); /* it is there already */
	b.ip = 70000;
	assert_int_equal(bindings_add(&place, &b), -ENOSPC);
	free(place);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_an_array),
		cmocka_unit_test(nothing_is_bound_where_there_is_no_table),
		cmocka_unit_test(there_is_an_end_to_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
