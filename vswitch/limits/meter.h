/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_LIMITS_METER_H
#define VSWITCH_LIMITS_METER_H

#include "base/compat.h"

/*
 * A token bucket that any number of workers take from at once, without a lock.
 *
 * Shape
 *	A rate earns tokens (octets, or frames) with time: earned(now), a line through 0. What is
 *	shared is one word, *spent: how much of that was given out, or lost because the bucket was
 *	full. earned(now) - *spent is what the bucket has, never more than burst. To take is one
 *	compare-and-swap of that word, so no two takers ever get the same token. A taker whose time
 *	is a little behind another's sees fewer tokens than there are, never more.
 *
 *	In any time T no more than rate * T + burst is admitted. What costs more than the bucket can
 *	hold passes when it is full, and leaves a debt: or it would never pass.
 *
 * Threads: meter_take() any; the rest the control thread. Memory: the meter is part of a snapshot;
 * *spent outlives it (struct vsw_live). A rate that changes takes another word, because workers may
 * use the old one until the grace period ends: meter_begin().
 */
#define METER_BURST_MS     50u /* of the rate, but not less than */
#define METER_BURST_OCTETS 65557u /* the largest frame (PKT_LEN_MAX), */
#define METER_BURST_FRAMES 32u

struct meter {
	uint64_t *spent; /* NULL: no limit; wraps, atomic */
	uint64_t mult; /* tokens in a nanosecond, times 2^shift; its highest bit is set */
	uint64_t burst;
	uint8_t shift; /* 57 to 93 */
	bool frames; /* a token is a frame; else an octet */
};

/* PER_S bits or frames, both at least 1. Its words are meter_begin()'s to give. */
struct meter meter_of(uint64_t per_s, bool frames);
bool meter_same(const struct meter *, const struct meter *); /* of one rate */

/*
 * From now on SPENT, a word that no worker uses, is the meter's: full, or with what WAS (NULL:
 * none) had in it, if that counted the same.
 */
void meter_begin(struct meter *, uint64_t *spent, const struct meter *was, uint64_t now_ns);

static inline uint64_t meter_earned(const struct meter *m, uint64_t now_ns)
{
	return (uint64_t)((unsigned __int128)now_ns * m->mult >> m->shift);
}

/* All of some frames, which cost that much together and none of them more than the burst; or none.
 */
static inline bool meter_take_all(const struct meter *m, uint64_t now_ns, uint64_t cost)
{
	uint64_t earned = meter_earned(m, now_ns);
	uint64_t was = __atomic_load_n(m->spent, __ATOMIC_RELAXED), spent;

	do {
		spent = (int64_t)(earned - was) > (int64_t)m->burst ? earned - m->burst : was;
		if ((int64_t)(earned - spent) < (int64_t)cost)
			return false;
	} while (!__atomic_compare_exchange_n(m->spent, &was, spent + cost, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return true;
}

/* Which bits of WANT are admitted, one after the other: bit I costs cost[I]. */
static inline uint32_t meter_take(const struct meter *m, uint64_t now_ns, const uint32_t *cost,
				  uint32_t want)
{
	uint64_t earned = meter_earned(m, now_ns);
	uint64_t was = __atomic_load_n(m->spent, __ATOMIC_RELAXED), spent;
	uint32_t pass;

	do {
		bool full = (int64_t)(earned - was) > (int64_t)m->burst;

		spent = full ? earned - m->burst : was;
		pass = 0;
		for (uint32_t left = want; left; left &= left - 1) {
			unsigned int i = (unsigned int)__builtin_ctz(left);

			if ((int64_t)(earned - spent) < (int64_t)MIN(cost[i], m->burst))
				continue;
			spent += cost[i];
			pass |= 1u << i;
		}
		/* Nothing else is published by it: relaxed. */
	} while (pass && !__atomic_compare_exchange_n(m->spent, &was, spent, false,
						      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return pass;
}

#endif /* VSWITCH_LIMITS_METER_H */
