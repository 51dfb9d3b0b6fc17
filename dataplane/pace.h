/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_PACE_H
#define DATAPLANE_PACE_H

#include "base/clock.h"
#include "base/compat.h"

/*
 * How long a worker that polls goes on without frames before it sleeps: pace.c.
 *
 * Threads: the worker's own, but pace_begin(). Times are TSC ticks.
 */
struct pace {
	uint64_t now; /* when the last round ended */
	uint64_t fed; /* the last one in which a polled source gave something */
	uint64_t spin; /* rounds go on for so long after that */
	uint64_t calm; /* others have to be quiet until then before it spins again */
	uint64_t counted; /* when it last counted how often they pushed it aside */
	uint64_t slept; /* until a polled source last woke it; 0: that is dealt with */
	long pushes; /* involuntary context switches so far */
	uint32_t mhz;
	bool woken; /* and got nothing since */
	bool hit; /* something came while it was spinning, since it woke up */
};

static inline uint64_t pace_ticks(const struct pace *p, uint32_t us)
{
	return (uint64_t)us * p->mhz;
}

void pace_begin(struct pace *); /* before the thread runs */

/* The worker has waited for long enough. */
static inline bool pace_is_over(const struct pace *p)
{
	return p->now - p->fed > p->spin;
}

/* A round ends, in which polled sources gave something or not. */
static inline void pace_round(struct pace *p, uint64_t now, bool fed)
{
	if (fed) {
		p->hit |= !p->woken && p->fed != p->now;
		p->woken = false;
		p->fed = now;
	}
	p->now = now;
}

void pace_sleeps(struct pace *); /* it is about to */
void pace_wakes(struct pace *, bool by_polled); /* by a polled source, that is */

#endif /* DATAPLANE_PACE_H */
