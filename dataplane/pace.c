/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spinning, and when not.
 *
 * A worker that polls spins after the last frame, because a sleep costs tens of microseconds at
 * each end. A spell that ended too early grows: when the worker is woken by a polled source within
 * SHORT_US it doubles, up to SPIN_MAX_US, and else it shrinks.
 *
 * It is polite. The scheduler may have woken it on the CPU of the very guest that it serves, and
 * pushed that one aside; so it yields FIRST_US after it has worked off what woke it, and every
 * GIVE_US while it spins. Where somebody took the CPU for long then, or the scheduler takes it away
 * again and again, others compute on it, and there is no spinning until CALM_MS have passed without
 * that. Kernel threads, which come often and go soon, are nobody: if they were, the worker would
 * sleep between bursts on any machine that does other things.
 */
#include "dataplane/pace.h"

#include <sched.h>
#include <sys/resource.h>

#include "base/rcu.h"

#define SPIN_MIN_US 30u
#define SPIN_MAX_US 200u
#define SHORT_US    50u
#define FIRST_US    2u
#define GIVE_US     50u
#define GONE_US     500u /* a yield that takes longer gave the CPU to somebody who computes */
#define COUNT_MS    20u
#define PUSH_MS     8u /* the same, who takes it away more often than that */
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

void pace_give_way(struct pace *p)
{
	uint64_t before = p->now;

	if (before - MAX(p->gave, p->fed) < pace_ticks(p, p->woken ? FIRST_US : GIVE_US))
		return;
	p->woken = false;
	rcu_offline();
	sched_yield();
	rcu_online();
	p->now = p->gave = clock_tsc();
	if (p->now - before > pace_ticks(p, GONE_US))
		calm_down(p);
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
	if (!p->slept)
		return;
	if (was_pushed(p)) {
		calm_down(p);
	} else if (p->now >= p->calm) {
		p->spin = p->slept < pace_ticks(p, SHORT_US) ? p->spin * 2 : p->spin / 2;
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
	if (by_polled)
		p->slept = p->now - since;
}
