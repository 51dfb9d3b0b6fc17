/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_POLLED_H
#define TESTS_RIG_POLLED_H

#include "dataplane/engine.h"
#include "dataplane/graph.h"

/*
 * A port whose source is polled, as a ring in memory is: frames are but numbers, one after the
 * other, and the station behind it holds them against what should come next.
 *
 * Threads: polled_put() on any one thread at a time, the rest as the engine says.
 */
struct polled {
	struct source source;
	struct engine *engine;
	port_id_t id;
	/* What the far side sees. */
	uint64_t put, taken; /* frames so far; atomic */
	bool wanted; /* signals; atomic */
	/* Tests set these. */
	bool liar; /* arm() says that there is something, and there is not */
	/* Atomic. */
	uint64_t asked, armed, disarmed, signals;
	/* What came out of the graph; atomic. */
	uint64_t got, wrong;
	uint64_t at; /* when the last of them did, TSC */
};

/* With FD an eventfd, else -1. What cannot be made ends the test program. */
void polled_create(struct engine *, bool fd, struct polled *out);
void polled_destroy(struct polled *); /* waits for a grace period */

/* N more frames; signals if that is wanted. */
void polled_put(struct polled *, unsigned int n);
/* Until WHAT is at least N, or half a minute has passed: false. */
bool polled_await(const uint64_t *what, uint64_t n);

/* An engine whose graph ends at the station that counts. */
struct engine *polled_engine(unsigned int workers);
/* With a station before it, on the arc port-input. */
struct engine *polled_engine_with(const struct node_def *first, unsigned int workers);

#endif /* TESTS_RIG_POLLED_H */
