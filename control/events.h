/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_EVENTS_H
#define CONTROL_EVENTS_H

#include "base/compat.h"

/*
 * What happened, for people and programs that watch (GET /v1/events) and for the log: the last
 * EVENTS_KEPT are remembered, each has a number that only grows.
 *
 * Threads: control thread.
 */
#define EVENTS_KEPT 1024

struct events;

int events_create(struct events **out);
void events_destroy(struct events *);

/* TYPE as "port.carrier"; KIND and NAME may be "". The sentence goes to the log too. */
void events_post(struct events *, const char *type, const char *kind, const char *name,
		 const char *fmt, ...) PRINTF_LIKE(5, 6);

#endif /* CONTROL_EVENTS_H */
