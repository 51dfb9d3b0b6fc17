/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_BALANCE_H
#define DATAPLANE_BALANCE_H

#include "dataplane/engine.h"

/*
 * How busy each worker is, and what should move to another one. Somebody calls engine_balance()
 * about once a second; nothing moves but in that call.
 *
 * Threads: control thread.
 */
#define BALANCE_FULL 85 /* per cent of its time that a worker without room is busy */

void engine_balance(struct engine *);
/* In that call's last two rounds or so, up to now; since the start, if there were none yet. */
void worker_recent(const struct engine *, unsigned int i, struct worker_count *out);
double worker_busy(const struct worker_count *); /* per cent of .elapsed */
bool engine_is_full(const struct engine *, unsigned int worker); /* when it was last called */

/*
 * The choice alone. HOT is a worker that is full, its sources gave so many FRAMES each lately, 0
 * also for those that may not move. Returns which of them should go to *TO, or -1: it would not
 * help, or would only make another worker full.
 */
int balance_choose(const double *busy, unsigned int workers, unsigned int hot,
		   const uint64_t *frames, unsigned int sources, uint64_t all, unsigned int *to);

#endif /* DATAPLANE_BALANCE_H */
