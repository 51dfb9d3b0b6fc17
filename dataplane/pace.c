/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spinning, and when not.
 *
 * A worker that polls spins after the last frame, because a sleep costs tens of microseconds at
 * each end: for SPIN_MIN_US at first. A spell that ended too early grows: when the worker is woken
 * by a polled source within SHORT_US, the next one is twice as long, up to SPIN_MAX_US; else it
 * shrinks.
 *
 * Others may need the CPU. The scheduler may have woken the worker on that of the very guest that
 * it serves, and pushed that one aside; then the guest goes on when the worker sleeps, so each
 * sleep is short and each spell in vain. Somebody else may compute there; then the scheduler takes
 * the CPU away again and again. In either case there is no spinning for CALM_MS. Kernel threads,
 * which come often and go soon, are nobody.
 *
 * sched_yield() would tell sooner who waits, but whoever yields is in debt to the scheduler: on a
 * busy machine the next wake-up then took milliseconds.
 */
#include "dataplane/pace.h"

#include <sys/resource.h>

#define SPIN_MIN_US 4u
#define SPIN_MAX_US 200u
#define SHORT_US    50u
#define COUNT_MS    20u
#define PUSH_MS     8u /* somebody computes who takes the CPU more often than that */
#define CALM_MS     50u

void pace_begin(struct pace *p)
{
	*p = (struct pace){ .mhz = clock_tsc_mhz(), .now = clock_tsc() };
	p->spin = pace_ticks(p, SPIN_MIN_US);
}

static void calm_down(struct pace *p)
{
	p->spin = 0;
	p->calm = p->now + pace_ticks(p, CALM_MS * 1000);
}

static bool was_pushed(struct pace *p)
{
	uint64_t since = p->now - p->counted;
	struct rusage u;
	bool pushed;

	if (since < pace_ticks(p, COUNT_MS * 1000) || getrusage(RUSAGE_THREAD, &u) < 0)
		return false;
	pushed = (uint64_t)(u.ru_nivcsw - p->pushes) * pace_ticks(p, PUSH_MS * 1000) > since;
	p->pushes = u.ru_nivcsw;
	p->counted = p->now;
	return pushed;
}

/* Not when it has just woken up: then a frame is waiting. */
void pace_sleeps(struct pace *p)
{
	bool soon = p->slept < pace_ticks(p, SHORT_US);

	if (!p->slept)
		return;
	if (was_pushed(p) || (soon && !p->hit && p->spin == pace_ticks(p, SPIN_MAX_US))) {
		calm_down(p);
	} else if (p->now >= p->calm) {
		p->spin = soon ? p->spin * 2 : p->spin / 2;
		p->spin = MAX(p->spin, pace_ticks(p, SPIN_MIN_US));
		p->spin = MIN(p->spin, pace_ticks(p, SPIN_MAX_US));
	}
	p->slept = 0;
}

void pace_wakes(struct pace *p, bool by_polled)
{
	uint64_t since = p->now;

	p->now = clock_tsc();
	p->woken = true;
	p->hit = false;
	if (by_polled)
		p->slept = p->now - since;
}
