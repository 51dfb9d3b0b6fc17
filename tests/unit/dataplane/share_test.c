/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include "dataplane/share.h"

static void a_turn_costs_what_it_made_and_sent_and_floods_are_dear(void **state)
{
	static const struct {
		const char *why;
		struct share_run run;
		uint64_t cost;
	} row[] = {
		{ "one frame to one port", { 1, 1, 1 }, 2 },
		{ "a burst to one port is what a round allows", { 32, 32, 32 }, SHARE_TURN },
		{ "all dropped", { 32, 32, 0 }, 32 },
		{ "a copy for a mirror is no flood", { 32, 32, 64 }, 96 },
		{ "a third copy is", { 32, 32, 65 }, 97 + 63 },
		{ "to a dozen ports", { 32, 32, 352 }, 384 + 63 * 288 },
		{ "a path through fifteen cables is no ring", { 32, 512, 512 }, 1024 },
		{ "a ring of cables", { 1, 8192, 8192 }, 16384 + 63 * 8176 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (share_cost(&row[i].run) != row[i].cost)
			fail_msg("%s: %lu", row[i].why, share_cost(&row[i].run));
	}
}

static void who_stays_within_a_round_never_waits(void **state)
{
	static const struct share_run usual = { 32, 32, 32 };
	struct share s = { 0 };
	uint64_t due = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		share_begin_round(&s);
		assert_false(share_waits(&s, due));
		due = share_due(&s, &usual, i);
	}
	assert_int_equal(s.heard, 999);
}

/* Two who always have work, one round after the other. Returns turns of the dear one in ROUNDS. */
static unsigned int turns_beside(const struct share_run *dear, unsigned int rounds)
{
	static const struct share_run usual = { 32, 32, 32 };
	struct share s = { 0 };
	unsigned int turns = 0;
	uint64_t due = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		share_begin_round(&s);
		assert_false(share_waits(&s, share_due(&s, &usual, i)));
		if (share_waits(&s, due))
			continue;
		due = share_due(&s, dear, i);
		turns++;
		assert_false(share_skip(&s, i, 0)); /* the other one is there */
	}
	return turns;
}

static void a_dear_turn_is_paid_for_in_rounds(void **state)
{
	static const struct share_run cables = { 32, 64, 64 }, flood = { 32, 32, 352 },
				      ring = { 1, 8192, 8192 };

	(void)state;
	assert_int_equal(turns_beside(&cables, 6000), 3000);
	/* In work: a sixtieth, and less. */
	assert_in_range(turns_beside(&flood, 100000) * 384, 1, 100000 * 64 / 20);
	assert_in_range(turns_beside(&ring, 1000000) * 16384, 1, 1000000ul * 64 / 10);
}

static void who_is_alone_is_not_held_back(void **state)
{
	static const struct share_run flood = { 32, 32, 352 }, ring = { 1, 8192, 8192 };
	struct share s = { 0 };
	uint64_t due = 0, other = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		share_begin_round(&s);
		if (share_waits(&s, due))
			assert_true(share_skip(&s, 200 + i, 100));
		assert_false(share_waits(&s, due));
		due = share_due(&s, &flood, 200 + i);
	}
	/* Beside one who pays even more, it has its turns until that one's comes. */
	other = share_due(&s, &ring, 1200);
	for (unsigned int i = 0; share_waits(&s, other); i++) {
		assert_true(i < 10000);
		share_begin_round(&s);
		if (share_waits(&s, due) && share_waits(&s, other))
			assert_true(share_skip(&s, 2000 + i, 100));
		if (!share_waits(&s, due))
			due = share_due(&s, &flood, 2000 + i);
	}
}

static void nobody_is_skipped_to_while_others_spoke_in_the_last_moment(void **state)
{
	static const struct share_run usual = { 1, 1, 1 }, flood = { 32, 32, 352 };
	struct share s = { 0 };
	uint64_t due;

	(void)state;
	share_begin_round(&s);
	due = share_due(&s, &flood, 1000);
	share_due(&s, &usual, 1000);
	share_begin_round(&s);
	assert_true(share_waits(&s, due));
	assert_false(share_skip(&s, 1100, 100));
	assert_true(share_skip(&s, 1101, 100));
	assert_false(share_waits(&s, due));
	assert_false(share_skip(&s, 5000, 100)); /* nobody waits */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_costs_what_it_made_and_sent_and_floods_are_dear),
		cmocka_unit_test(who_stays_within_a_round_never_waits),
		cmocka_unit_test(a_dear_turn_is_paid_for_in_rounds),
		cmocka_unit_test(who_is_alone_is_not_held_back),
		cmocka_unit_test(nobody_is_skipped_to_while_others_spoke_in_the_last_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
