/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_SHARE_H
#define DATAPLANE_SHARE_H

#include "base/compat.h"

/*
 * Whose turn it is, by what turns cost: share.c.
 *
 * Threads: the worker's own. `due` of a source is its worker's, 0 when it is new to it.
 */
#define SHARE_TURN 64u /* what a round allows: a burst of frames, each of them sent once */

struct share {
	uint64_t
		round; /* the rounds so far, and those that were skipped because nobody was there */
	uint64_t least; /* the first round in which one who waits has his turn */
	bool waits; /* somebody, in this round */
	uint64_t heard; /* when a turn last cost no more than a round allows; TSC */
};

/* What a run did. */
struct share_run {
	unsigned int taken; /* frames that the source gave */
	unsigned int made; /* frames, those and what cables made of them */
	unsigned int sent; /* copies that were given to ports */
};

uint64_t share_cost(const struct share_run *);

/* Not yet: an earlier turn of this source cost more. */
static inline bool share_waits(struct share *s, uint64_t due)
{
	if (likely(due <= s->round))
		return false;
	s->least = !s->waits || due < s->least ? due : s->least;
	s->waits = true;
	return true;
}

/* In which round the source that did this has its next turn. */
static inline uint64_t share_due(struct share *s, const struct share_run *run, uint64_t now)
{
	if (likely(run->made + run->sent <= SHARE_TURN)) {
		s->heard = now;
		return 0;
	}
	return s->round + (share_cost(run) - 1) / SHARE_TURN + 1;
}

static inline void share_begin_round(struct share *s)
{
	s->round++;
	s->waits = false;
}

/* Only those who wait have work, and nobody else had any for QUIET ticks: their time passes. */
bool share_skip(struct share *, uint64_t now, uint64_t quiet);

#endif /* DATAPLANE_SHARE_H */
