/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker's time, shared by what turns cost.
 *
 * What a turn costs
 *	A source is asked for a burst, and 32 frames to one port each are work for 32 frames. The
 *	same burst to everybody on a switch of a hundred ports is work for 3,200, and in a ring of
 *	cables for as many as the arena holds. Turns alone would give such a source nearly all of
 *	the worker. So a turn is paid for: one that cost more than SHARE_TURN waits for as many
 *	rounds as it was too dear. That is deficit round robin, counted backwards. The measure is
 *	frames made and copies sent, which are known anyhow; a clock would be read twice a burst.
 *
 * Floods are dearer than they cost
 *	Fair shares would let one who floods take half of the worker from one who does not. Copies
 *	past SHARE_COPIES a frame, and frames past SHARE_HOPS a frame that came in (no path through
 *	cables is that long, but a ring is), count SHARE_DEAR times: beside others who have work, a
 *	flood gets a sixtieth of the share. A few broadcasts wait for microseconds.
 *
 * Nobody is held back for nothing
 *	Who is alone is never late: in a round where only those who wait could have work, the count
 *	of rounds jumps to the first of them. But not while others spoke in the last moment: then
 *	rounds pass one by one, though they are empty, or somebody who waits for an answer would
 *	find a storm before each of his frames.
 */
#include "dataplane/share.h"

#define SHARE_COPIES 2u
#define SHARE_HOPS   16u
#define SHARE_DEAR   64u

static uint64_t above(uint64_t n, uint64_t most)
{
	return n > most ? n - most : 0;
}

uint64_t share_cost(const struct share_run *run)
{
	uint64_t made = run->made, sent = run->sent;
	uint64_t dear = above(sent, SHARE_COPIES * made) + above(made, SHARE_HOPS * run->taken);

	return made + sent + (SHARE_DEAR - 1) * dear;
}

bool share_skip(struct share *s, uint64_t now, uint64_t quiet)
{
	if (!s->waits || now - s->heard <= quiet)
		return false;
	s->round = s->least;
	s->waits = false;
	return true;
}
