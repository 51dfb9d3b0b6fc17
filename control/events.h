/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_EVENTS_H
#define CONTROL_EVENTS_H

#include "base/compat.h"

/*
 * What happened, for people and programs that watch (GET /v1/events) and for the log: the last
 * EVENTS_KEPT are remembered, each has a number that only grows while the daemon lives.
 *
 * Threads: control thread.
 */
#define EVENTS_KEPT 1024

struct events;

struct event {
	uint64_t id; /* from 1 */
	int64_t time_ms; /* since 1970 */
	char type[48]; /* "port.carrier" */
	char kind[24]; /* "" if it is about no object */
	char name[130];
	char message[512];
};

int events_create(struct events **out);
void events_destroy(struct events *); /* NULL is fine */

/* TYPE as "port.carrier"; KIND and NAME may be "". The sentence goes to the log too. */
void events_post(struct events *, const char *type, const char *kind, const char *name,
		 const char *fmt, ...) PRINTF_LIKE(5, 6);

/* The first one remembered after number ID, or NULL; valid until the next post. */
const struct event *events_after(const struct events *, uint64_t id);
uint64_t events_last(const struct events *); /* the newest number; 0: none yet */

/* Who wants to be told at once. The listener is the caller's, and is in one list at most. */
struct events_listener {
	void (*posted)(void *arg); /* must not post */
	void *arg;
	struct events_listener *next, **at;
};
void events_listen(struct events *, struct events_listener *);
void events_unlisten(struct events_listener *);

#endif /* CONTROL_EVENTS_H */
