/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is busy, and what moves.
 *
 * A worker that was full in two rounds in a row gives one source away: of those that fit
 * into the idlest worker without making that one full, the one that gave most. What a source costs
 * is not known, so its share of the worker's time is taken to be its share of the worker's frames.
 *
 * What keeps it from going to and fro: a move has to take GAIN off the busier one of the two; after
 * one nothing moves for PAUSE rounds, and what moved stays for STAY rounds.
 *
 * Sources are only looked at while a worker is full, so an idle daemon pays for its workers, not
 * for its ports.
 */
#include "dataplane/balance.h"

#include "dataplane/engine_priv.h"

#define ROOM       70 /* per cent that a worker may be busy after it took a source */
#define GAIN       5 /* per cent that a move has to bring */
#define PAUSE      5
#define STAY       60
#define CHOICE_MAX 512 /* sources of one worker that are looked at */

double worker_busy(const struct worker_count *c)
{
	return c->elapsed ? MIN(100.0, 100.0 * (double)c->busy / (double)c->elapsed) : 0;
}

static void subtract(struct worker_count *a, const struct worker_count *b)
{
	a->frames -= b->frames;
	for (unsigned int i = 0; i < WORKER_BURSTS; i++)
		a->burst[i] -= b->burst[i];
	a->busy -= b->busy;
	a->polling -= b->polling;
	a->sleeps -= b->sleeps;
	a->wakes -= b->wakes;
	a->elapsed -= b->elapsed;
}

void worker_recent(const struct engine *e, unsigned int i, struct worker_count *out)
{
	worker_counters(e, i, out);
	subtract(out, &e->worker[i].was[0]);
}

bool engine_is_full(const struct engine *e, unsigned int worker)
{
	return e->balance.busy[worker] >= BALANCE_FULL;
}

int balance_choose(const double *busy, unsigned int workers, unsigned int hot,
		   const uint64_t *frames, unsigned int sources, uint64_t all, unsigned int *to)
{
	unsigned int cool = hot;
	double best = GAIN;
	int choice = -1;

	for (unsigned int i = 0; i < workers; i++) {
		if (busy[i] < busy[cool])
			cool = i;
	}
	for (unsigned int i = 0; i < sources && all; i++) {
		double share = busy[hot] * (double)frames[i] / (double)all;

		if (share < best || busy[cool] + share > ROOM ||
		    busy[cool] + share > busy[hot] - GAIN)
			continue;
		best = share;
		choice = (int)i;
	}
	if (choice >= 0)
		*to = cool;
	return choice;
}

/* What each source of W has given since the last look, of those that may move; *all: of all. */
static unsigned int shares(struct engine *e, unsigned int w, struct source **source,
			   uint64_t *frames, uint64_t *all)
{
	struct source *s;
	unsigned int n = 0;

	*all = 0;
	for (unsigned int at = 0; (s = engine_source(e, w, &at));) {
		uint64_t now = __atomic_load_n(&s->frames, __ATOMIC_RELAXED);
		uint64_t lately = now - s->load.frames;
		bool stays = s->load.moved && e->balance.round - s->load.moved < STAY;

		s->load.frames = now;
		*all += lately;
		if (!lately || s->port == PORT_NONE || e->pinned[s->port] || stays ||
		    n == CHOICE_MAX)
			continue;
		source[n] = s;
		frames[n++] = lately;
	}
	return n;
}

static void relieve(struct engine *e, unsigned int hot)
{
	struct source *source[CHOICE_MAX];
	uint64_t frames[CHOICE_MAX], all;
	struct balance *b = &e->balance;
	bool again = b->hot == hot && b->looked == b->round - 1;
	unsigned int n = shares(e, hot, source, frames, &all), to;
	int i;

	b->hot = hot;
	b->looked = b->round;
	if (!again)
		return; /* the next look counts from here */
	i = balance_choose(b->busy, e->n_workers, hot, frames, n, all, &to);
	if (i < 0 || engine_move_source(e, source[i], to))
		return;
	source[i]->load.moved = b->round;
	b->pause = PAUSE;
}

void engine_balance(struct engine *e)
{
	struct balance *b = &e->balance;
	unsigned int hot = 0;

	b->round++;
	for (unsigned int i = 0; i < e->n_workers; i++) {
		struct worker *w = &e->worker[i];
		struct worker_count last;

		w->was[0] = w->was[1];
		worker_counters(e, i, &w->was[1]);
		last = w->was[1];
		subtract(&last, &w->was[0]);
		b->busy[i] = worker_busy(&last);
		if (b->busy[i] > b->busy[hot])
			hot = i;
	}
	if (b->pause)
		b->pause--;
	else if (e->n_workers > 1 && engine_is_full(e, hot))
		relieve(e, hot);
}
