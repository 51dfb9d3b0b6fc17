/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/pace.h"

#include "tests/test.h"

#define US(n) ((n)*1000ull) /* at 1 GHz */
#define NOW   US(5000000)

static void a_spell_grows_when_it_ended_too_early(void **state)
{
	static const struct {
		const char *why;
		uint64_t spin, slept, calm;
		bool hit;
		uint64_t then;
	} row[] = {
		{ "soon after", US(30), US(49), 0, false, US(60) },
		{ "long after", US(120), US(1000), 0, false, US(60) },
		{ "no longer than that", US(150), US(10), 0, false, US(200) },
		{ "nor then", US(200), US(10), 0, true, US(200) },
		{ "as long as that, and always in vain", US(200), US(10), 0, false, 0 },
		{ "no shorter than that", US(5), US(1000), 0, false, US(4) },
		{ "not by a polled source", US(77), 0, 0, false, US(77) },
		{ "others are at work", 0, US(10), NOW + 1, false, 0 },
		{ "they were", 0, US(1000), NOW, false, US(4) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct pace p = { .mhz = 1000, .now = NOW, .counted = NOW };

		p.spin = row[i].spin;
		p.slept = row[i].slept;
		p.calm = row[i].calm;
		p.hit = row[i].hit;
		pace_sleeps(&p);
		if (p.spin != row[i].then || p.slept)
			fail_msg("%s: spins for %lu ns", row[i].why, p.spin);
	}
}

static void a_hit_is_what_comes_while_it_spins(void **state)
{
	struct pace p = { .mhz = 1000 };

	(void)state;
	pace_wakes(&p, true);
	pace_round(&p, NOW, false); /* it asked around */
	pace_round(&p, NOW + 1, true); /* what woke it */
	pace_round(&p, NOW + 2, true); /* and more of that */
	assert_false(p.hit);
	pace_round(&p, NOW + 3, false);
	assert_false(p.hit);
	pace_round(&p, NOW + 4, true);
	assert_true(p.hit);
	assert_int_equal(p.fed, NOW + 4);
	pace_wakes(&p, false);
	assert_false(p.hit);
}

static void it_is_over_when_nothing_came_for_so_long(void **state)
{
	struct pace p = { .mhz = 1000, .now = NOW, .fed = NOW - US(30), .spin = US(30) };

	(void)state;
	assert_false(pace_is_over(&p));
	p.now++;
	assert_true(pace_is_over(&p));
	p.fed = p.now;
	assert_false(pace_is_over(&p));
}

static void only_a_polled_source_tells_how_long_it_slept(void **state)
{
	struct pace p;

	(void)state;
	pace_begin(&p);
	assert_int_equal(p.spin, pace_ticks(&p, 4));
	pace_wakes(&p, false);
	assert_int_equal(p.slept, 0);
	assert_true(p.woken);
	pace_wakes(&p, true);
	assert_true(p.slept > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spell_grows_when_it_ended_too_early),
		cmocka_unit_test(a_hit_is_what_comes_while_it_spins),
		cmocka_unit_test(it_is_over_when_nothing_came_for_so_long),
		cmocka_unit_test(only_a_polled_source_tells_how_long_it_slept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
