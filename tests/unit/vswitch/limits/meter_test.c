/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bucket against the dullest one: tokens in billionths, filled up at each step. Time is the
 * test's.
 */
#include "vswitch/limits/meter.h"

#include "tests/test.h"

#include <stdlib.h>

#include "packet/pkt.h"

static_assert(METER_BURST_OCTETS == PKT_LEN_MAX, "the largest frame fits into a bucket");

enum { STEPS = 100000 };
#define SECOND 1000000000u

/* ---- the dull bucket ------------------------------------------------------------------------ */

struct dull {
	unsigned __int128 has, burst; /* in SECOND * 8ths of a token */
	uint64_t per_s, now_ns;
	bool frames;
};

#define PARTS ((unsigned __int128)SECOND * 8)

static struct dull dull_of(uint64_t per_s, bool frames, uint64_t burst, uint64_t now_ns)
{
	return (struct dull){ burst * PARTS, burst * PARTS, per_s, now_ns, frames };
}

static void dull_fill(struct dull *d, uint64_t now_ns)
{
	d->has += (unsigned __int128)(now_ns - d->now_ns) * d->per_s * (d->frames ? 8 : 1);
	d->now_ns = now_ns;
	if (d->has > d->burst)
		d->has = d->burst;
}

/* ---- random loads --------------------------------------------------------------------------- */

static uint64_t any(uint64_t n)
{
	return ((uint64_t)random() << 31 ^ (uint64_t)random()) % n;
}

struct load {
	const char *why;
	uint64_t per_s;
	bool frames;
	uint32_t cost_max;
	uint64_t step_ns; /* at most, from one attempt to the next */
};

static const struct load loads[] = {
	{ "10 Mbit, full frames, much too fast", 10000000, false, 1514, 100000 },
	{ "10 Mbit, about as fast as it may", 10000000, false, 1514, 1200000 },
	{ "10 Mbit, mostly silent", 10000000, false, 1514, 900000000 },
	{ "the least, large frames", 1000, false, 9216, 9000000000 },
	{ "100 Gbit", 100000000000, false, 65557, 2000 },
	{ "the most", 1000000000000, false, 65557, 200 },
	{ "an odd rate", 1234567, false, 1514, 5000000 },
	{ "one frame a second", 1, true, 1, 300000000 },
	{ "1000 frames a second", 1000, true, 1, 300000 },
	{ "frames that others cut", 1000, true, 44, 9000000 },
	{ "a thousand million frames", 1000000000, true, 1, 2 },
};

/*
 * Never more than rate * time + burst in any window, which the dull bucket is for; never less than
 * what it admits, but for one frame at its edge.
 */
static void agrees_with_a_dull_bucket(void **state)
{
	(void)state;
	srandom(4);
	for (size_t l = 0; l < ARRAY_LEN(loads); l++) {
		const struct load *a = &loads[l];
		uint64_t word, now = 1 + any(UINT32_MAX) * SECOND, taken = 0, dull_taken = 0;
		struct meter m = meter_of(a->per_s, a->frames);
		struct dull d = dull_of(a->per_s, a->frames, m.burst, now);

		meter_begin(&m, &word, NULL, now);
		for (unsigned int step = 0; step < STEPS; step++) {
			uint32_t cost = 1 + (uint32_t)any(a->cost_max);
			bool passes;

			now += any(a->step_ns);
			dull_fill(&d, now);
			passes = meter_take(&m, now, &cost, 1);
			if (passes)
				taken += cost;
			if (d.has / PARTS + 1 < cost && passes)
				fail_msg("%s: %u passes, %llu are there", a->why, cost,
					 (unsigned long long)(d.has / PARTS));
			if (d.has / PARTS >= cost + 1 && !passes)
				fail_msg("%s: %u is refused, %llu are there", a->why, cost,
					 (unsigned long long)(d.has / PARTS));
			if (passes) { /* the same one at the edge, or the two drift apart */
				dull_taken += cost;
				d.has -= MIN(d.has, cost * PARTS);
			}
		}
		assert_int_equal(taken, dull_taken);
	}
}

/* Looked at from outside: sums of what was admitted between any two moments. */
static void any_window_is_within_rate_and_burst(void **state)
{
	enum { SHORT = 4000 };
	static uint64_t at[SHORT + 1], sum[SHORT + 1];

	(void)state;
	srandom(5);
	for (size_t l = 0; l < ARRAY_LEN(loads); l++) {
		const struct load *a = &loads[l];
		struct meter m = meter_of(a->per_s, a->frames);
		uint64_t word, now = any(UINT32_MAX), unit = a->frames ? SECOND : 8ull * SECOND;

		meter_begin(&m, &word, NULL, now);
		at[0] = now;
		for (unsigned int i = 0; i < SHORT; i++) {
			uint32_t cost = 1 + (uint32_t)any(MIN(a->cost_max, m.burst));

			now += any(a->step_ns);
			at[i + 1] = now;
			sum[i + 1] = sum[i] + (meter_take(&m, now, &cost, 1) ? cost : 0);
		}
		for (unsigned int i = 1; i <= SHORT; i += 7) {
			for (unsigned int k = i; k <= SHORT; k += 3) {
				uint64_t earned = (uint64_t)((unsigned __int128)(at[k] - at[i]) *
							     a->per_s / unit);

				if (sum[k] - sum[i - 1] > earned + m.burst + 1)
					fail_msg("%s: %llu in %llu ns", a->why,
						 (unsigned long long)(sum[k] - sum[i - 1]),
						 (unsigned long long)(at[k] - at[i]));
			}
		}
	}
}

/*
 * Who offers more than the rate gets the rate, but for one frame; unless his frames are as large as
 * the bucket, because one that is full earns nothing.
 */
static void who_offers_more_gets_the_rate(void **state)
{
	(void)state;
	srandom(6);
	for (size_t l = 0; l < ARRAY_LEN(loads); l++) {
		const struct load *a = &loads[l];
		struct meter m = meter_of(a->per_s, a->frames);
		uint64_t unit = a->frames ? SECOND : 8ull * SECOND;
		uint64_t word, begin = any(UINT32_MAX), now = begin, taken = 0, earned;
		uint32_t most = MIN(a->cost_max, (uint32_t)m.burst / 2), mean = (most + 1) / 2;
		/* three times as fast as it may, and no pause in which the bucket is full */
		uint64_t pause = 1 + (uint64_t)((unsigned __int128)mean * unit / a->per_s * 2 / 3);

		meter_begin(&m, &word, NULL, now);
		for (unsigned int i = 0; i < STEPS; i++) {
			uint32_t cost = 1 + (uint32_t)any(most);

			taken += meter_take(&m, now, &cost, 1) ? cost : 0;
			now += any(pause);
		}
		earned = (uint64_t)((unsigned __int128)(now - begin) * a->per_s / unit);
		if (taken + most + 1 < earned)
			fail_msg("%s: %llu of %llu", a->why, (unsigned long long)taken,
				 (unsigned long long)earned);
		if (taken > earned + m.burst + most + 1)
			fail_msg("%s: %llu, but %llu are allowed", a->why,
				 (unsigned long long)taken, (unsigned long long)(earned + m.burst));
	}
}

/* ---- bursts --------------------------------------------------------------------------------- */

static void a_burst_is_as_its_frames_one_by_one(void **state)
{
	struct meter m = meter_of(10000000, false), n = m;
	uint64_t one, many, now = 77;

	(void)state;
	srandom(7);
	meter_begin(&m, &one, NULL, now);
	meter_begin(&n, &many, NULL, now);
	for (unsigned int step = 0; step < STEPS; step++) {
		uint32_t want = (uint32_t)any(UINT32_MAX) & (uint32_t)any(UINT32_MAX), pass = 0;
		uint32_t cost[32];

		now += any(20000000);
		for (unsigned int i = 0; i < 32; i++) {
			cost[i] = 60 + (uint32_t)any(1500);
			if (want >> i & 1)
				pass |= meter_take(&m, now, &cost[i], 1) << i;
		}
		assert_int_equal(meter_take(&n, now, cost, want), pass);
		assert_int_equal(one, many);
	}
}

static void what_is_larger_than_the_bucket_passes_when_it_is_full(void **state)
{
	struct meter m = meter_of(100, true); /* 32 frames */
	uint32_t large = 100, small = 1;
	uint64_t word, now = 5 * (uint64_t)SECOND;

	(void)state;
	meter_begin(&m, &word, NULL, now);
	assert_true(meter_take(&m, now, &large, 1));
	assert_false(meter_take(&m, now, &small, 1));
	now += 680 * (uint64_t)SECOND / 1000; /* the debt of 68 */
	assert_false(meter_take(&m, now, &small, 1));
	now += SECOND / 100 + 1;
	assert_true(meter_take(&m, now, &small, 1));
	assert_false(meter_take(&m, now, &large, 1));
	now += 320 * (uint64_t)SECOND / 1000;
	assert_true(meter_take(&m, now, &large, 1));
}

static void a_bucket_has_50_ms_and_room_for_a_frame(void **state)
{
	static const struct {
		const char *why;
		uint64_t per_s, burst;
		bool frames;
	} row[] = {
		{ "50 ms", 1000000000, 6250000, false },
		{ "one largest frame", 64000, PKT_LEN_MAX, false },
		{ "50 ms of frames", 100000, 5000, true },
		{ "32 frames", 1, 32, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (meter_of(row[i].per_s, row[i].frames).burst != row[i].burst)
			fail_msg("%s", row[i].why);
	}
}

/* ---- a rate that changes -------------------------------------------------------------------- */

static void a_new_rate_keeps_what_is_in_the_bucket(void **state)
{
	static const struct {
		const char *why;
		uint64_t was, now; /* bits a second */
		bool was_frames;
		uint32_t take; /* of the old one */
		uint32_t has; /* in the new one */
	} row[] = {
		{ "full, a larger one comes", 8000000, 1000000000, false, 0, PKT_LEN_MAX },
		{ "half empty", 8000000, 16000000, false, 40000, PKT_LEN_MAX - 40000 },
		{ "empty", 8000000, 1000000000, false, PKT_LEN_MAX, 0 },
		{ "in debt: that is forgiven", 8000000, 1000000000, false, 200000, 0 },
		{ "more than the new one holds", 8000000000, 8000000, false, 100, PKT_LEN_MAX },
		{ "another unit: full", 1000, 8000000, true, 32, PKT_LEN_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct meter a = meter_of(row[i].was, row[i].was_frames);
		struct meter b = meter_of(row[i].now, false);
		uint64_t word[2], now = 9 * (uint64_t)SECOND;
		uint32_t take = row[i].take, all = row[i].has, more = all + 1, one = 1;

		meter_begin(&a, &word[0], NULL, now);
		assert_true(meter_take(&a, now, &take, 1));
		meter_begin(&b, &word[1], &a, now);
		assert_true(b.burst > more || all == b.burst);
		if (all < b.burst && meter_take(&b, now, &more, 1))
			fail_msg("%s: more than it has", row[i].why);
		if (all && !meter_take(&b, now, &all, 1))
			fail_msg("%s: less than it has", row[i].why);
		if (meter_take(&b, now, &one, 1))
			fail_msg("%s: something is left", row[i].why);
	}
}

static void one_rate_is_the_same_whoever_says_it(void **state)
{
	struct meter a = meter_of(1000000, false), b = meter_of(1000000, false),
		     c = meter_of(1000001, false), d = meter_of(2000000, false),
		     e = meter_of(125000, true);

	(void)state;
	assert_true(meter_same(&a, &b));
	assert_false(meter_same(&a, &c));
	assert_false(meter_same(&a, &d));
	assert_false(meter_same(&a, &e)); /* so many octets are so many frames */
}

/* The word wraps; nothing is to be seen of it. */
static void a_word_that_wraps_is_like_any_other(void **state)
{
	struct meter m = meter_of(1000000000000, false);
	uint64_t word, now = UINT64_MAX / 125 - 500; /* 125 octets a ns */
	uint32_t cost = 1250, taken = 0;

	(void)state;
	meter_begin(&m, &word, NULL, now);
	word += m.burst; /* empty */
	for (unsigned int i = 0; i < 1000; i++) {
		now += 5;
		taken += meter_take(&m, now, &cost, 1);
	}
	assert_in_range(taken, 499, 500);
	assert_true(meter_earned(&m, now) < UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_dull_bucket),
		cmocka_unit_test(any_window_is_within_rate_and_burst),
		cmocka_unit_test(who_offers_more_gets_the_rate),
		cmocka_unit_test(a_burst_is_as_its_frames_one_by_one),
		cmocka_unit_test(what_is_larger_than_the_bucket_passes_when_it_is_full),
		cmocka_unit_test(a_bucket_has_50_ms_and_room_for_a_frame),
		cmocka_unit_test(a_new_rate_keeps_what_is_in_the_bucket),
		cmocka_unit_test(one_rate_is_the_same_whoever_says_it),
		cmocka_unit_test(a_word_that_wraps_is_like_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
