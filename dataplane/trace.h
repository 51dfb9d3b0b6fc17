/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_TRACE_H
#define DATAPLANE_TRACE_H

#include "dataplane/engine.h"
#include "packet/filter.h"

/*
 * What becomes of a frame, station by station, also behind the cables that it crosses.
 *
 * Live: frames that come in at a port and match a filter are followed by their worker, which hands
 * their ways to the control thread through a ring of its own. Nobody waits: a way that finds no
 * room is missed and counted. A port without a trace pays nothing for it, a frame that no trace
 * asks for only the filter.
 *
 * Made: a frame of the caller's goes through the same stations over the live view, on a worker of
 * its own that is "dry": it has counters, a ring and frames that nobody else sees, its ports
 * swallow what they are given, and a station that would leave a mark behind asks worker_is_dry()
 * first.
 *
 * Threads: control thread. It publishes views and reclaims tables itself, so a dry run holds on to
 * nothing that could go meanwhile.
 */
#define TRACES_MAX 8 /* live, at once */

/* One thing that happened to one frame of a run. */
enum trace_what {
	TRACE_IN, /* it came in at PORT; FROM: the frame whose way over a cable this is, or itself
		   */
	TRACE_EDGE, /* it left STATION by EDGE */
	TRACE_OUT, /* a copy was to leave by PORT, with TAG; STATION says by EDGE if it did */
};

struct trace_step {
	uint16_t frame, from; /* numbers within the run */
	uint8_t what;
	uint8_t station, edge;
	port_id_t port; /* where it is; TRACE_OUT: where it leaves */
	port_id_t out; /* PORT_NONE, or the port that a station chose */
	uint16_t vid; /* 0: no station has said */
	be32_t tag; /* TPID and TCI; 0: none */
};

/* The way of a frame. */
struct trace_way {
	port_id_t port; /* where it came in */
	uint8_t traces; /* which of the live ones asked, a bit each */
	uint64_t time_ns; /* CLOCK_REALTIME; 0: a made one */
	const uint8_t *head; /* as it came in, tag and all */
	uint32_t head_len, len;
	const struct trace_step *step; /* in the order of its way, a cable's far end behind it */
	unsigned int n;
	unsigned int lost; /* steps of this run that found no room */
};
typedef void trace_way_fn(void *arg, const struct trace_way *);

/* What a step's edge is. CAUSE is for engine_cause(); DROP_NONE: it is no drop. */
struct trace_edge {
	const char *station;
	enum edge_kind kind;
	const char *to; /* the next station, or why it was dropped; NULL: done */
	unsigned int cause;
};
struct trace_edge trace_edge(const struct engine *, const struct trace_step *);

/*
 * Live. FILTER (NULL: all frames) is borrowed until trace_stop() returns. *out is the bit's number
 * in trace_way.traces. -EBUSY: TRACES_MAX are at work. -ENOMEM.
 */
int trace_start(struct engine *, port_id_t, const struct filter *, unsigned int *out);
void trace_stop(struct engine *, unsigned int trace);
/* Who is told of ways, from within parcels_take(). */
void trace_to(struct engine *, trace_way_fn *, void *arg);
uint64_t trace_missed(const struct engine *, unsigned int trace); /* ways, since it began */

/* Made: FRAME, at most PKT_HEAD octets, comes in at PORT. FN is called once. -EMSGSIZE, -ENOMEM. */
int trace_made(struct engine *, port_id_t, const uint8_t *frame, uint32_t len, trace_way_fn *,
	       void *arg);

#endif /* DATAPLANE_TRACE_H */
