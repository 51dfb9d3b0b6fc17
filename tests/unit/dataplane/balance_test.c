/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/balance.h"

#include "tests/test.h"

#include <unistd.h>

#include "tests/rig/polled.h"

enum { WORKERS = 3, SOURCES = 4 };

static void what_moves_takes_load_off_and_fits(void **state)
{
	static const struct {
		const char *why;
		double busy[WORKERS];
		uint64_t frames[SOURCES], all;
		int choice;
		unsigned int to;
	} row[] = {
		{ "the one that gives most of those that fit",
		  { 100, 10, 30 },
		  { 10, 20, 50, 20 },
		  100,
		  2,
		  1 },
		{ "to the idlest", { 100, 30, 10 }, { 10, 20, 50, 20 }, 100, 2, 2 },
		{ "not one that would fill that up",
		  { 100, 30, 40 },
		  { 60, 30, 10, 0 },
		  100,
		  1,
		  1 },
		{ "one that gives all only swaps them",
		  { 100, 0, 0 },
		  { 100, 0, 0, 0 },
		  100,
		  -1,
		  0 },
		{ "what is hardly noticed stays", { 100, 0, 0 }, { 97, 1, 1, 1 }, 100, -1, 0 },
		{ "all are full", { 100, 90, 95 }, { 50, 50, 0, 0 }, 100, -1, 0 },
		{ "it must be less than before", { 90, 65, 68 }, { 80, 6, 7, 7 }, 100, -1, 0 },
		{ "what may not move counts, too", { 100, 0, 0 }, { 4, 0, 0, 0 }, 100, -1, 0 },
		{ "nothing came", { 100, 0, 0 }, { 0, 0, 0, 0 }, 0, -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		unsigned int to = 0;
		int choice = balance_choose(row[i].busy, WORKERS, 0, row[i].frames, SOURCES,
					    row[i].all, &to);

		if (choice != row[i].choice || to != row[i].to)
			fail_msg("%s: %d to %u", row[i].why, choice, to);
	}
}

/* Two that are full for ever: where they go, and that they do not go to and fro. */
static void loads_that_never_end_come_to_rest(void **state)
{
	enum { ROUNDS = 200 };
	double share[] = { 55, 50, 12, 3 }; /* of one worker's time, if they could have it */
	unsigned int at[] = { 0, 0, 0, 0 }, moves = 0;

	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		double busy[WORKERS] = { 0 };
		uint64_t frames[SOURCES], all = 0;
		unsigned int to, hot = 0;
		int choice;

		for (unsigned int s = 0; s < SOURCES; s++)
			busy[at[s]] += share[s];
		for (unsigned int w = 0; w < WORKERS; w++) {
			busy[w] = MIN(busy[w], 100.0);
			hot = busy[w] > busy[hot] ? w : hot;
		}
		for (unsigned int s = 0; s < SOURCES; s++) {
			frames[s] = at[s] == hot ? (uint64_t)(share[s] * 1000) : 0;
			all += frames[s];
		}
		if (busy[hot] < BALANCE_FULL)
			continue;
		choice = balance_choose(busy, WORKERS, hot, frames, SOURCES, all, &to);
		if (choice < 0)
			continue;
		at[choice] = to;
		moves++;
	}
	assert_in_range(moves, 1, 2);
}

struct fixture {
	struct engine *e;
	struct polled p[2];
};

static bool is_full(const struct fixture *f)
{
	return engine_is_full(f->e, 0);
}

static bool is_spread(const struct fixture *f)
{
	return f->p[0].source.worker != f->p[1].source.worker;
}

/* So many of the balancer's rounds, each with some time to work in, at most; until IT is true. */
static bool rounds(struct fixture *f, unsigned int n, bool (*it)(const struct fixture *))
{
	for (unsigned int i = 0; i < n && !(it && it(f)); i++) {
		usleep(2000);
		engine_balance(f->e);
	}
	return it && it(f);
}

static void one_of_two_busy_sources_moves_away_and_stays(void **state)
{
	struct fixture f = { .e = polled_engine(2) };
	unsigned int at;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		polled_create(f.e, true, &f.p[i]);
		assert_int_equal(engine_pin(f.e, f.p[i].id, 0), 0);
		polled_put(&f.p[i], 1u << 31); /* without an end */
	}
	assert_int_equal(engine_start(f.e), 0);
	assert_true(rounds(&f, 2000, is_full));
	rounds(&f, 20, NULL);
	assert_false(is_spread(&f)); /* they are pinned */
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(engine_pin(f.e, f.p[i].id, -1), 0);
	assert_true(rounds(&f, 2000, is_spread));
	at = f.p[0].source.worker;
	rounds(&f, 40, NULL);
	assert_int_equal(f.p[0].source.worker, at);
	assert_int_equal(f.p[0].wrong + f.p[1].wrong, 0);
	for (unsigned int i = 0; i < 2; i++)
		polled_destroy(&f.p[i]);
	engine_destroy(f.e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moves_takes_load_off_and_fits),
		cmocka_unit_test(loads_that_never_end_come_to_rest),
		cmocka_unit_test(one_of_two_busy_sources_moves_away_and_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
