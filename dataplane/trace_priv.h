/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_TRACE_PRIV_H
#define DATAPLANE_TRACE_PRIV_H

#include "dataplane/engine_priv.h"

/* What a worker has written down of one run, and how it goes through the ring. */
#define TRACE_STEPS 16384u
#define TRACE_ROOTS 64u

/* A frame as it came in that somebody asked for. */
struct trace_root {
	uint64_t time_ns;
	uint32_t len;
	uint32_t serial; /* of the trace that began last */
	uint16_t frame, head_len;
	port_id_t port;
	uint8_t traces;
	uint8_t head[PKT_HEAD];
};

struct trace_run {
	uint32_t n_roots, n_steps, lost;
	struct trace_root root[TRACE_ROOTS];
	struct trace_step step[TRACE_STEPS]; /* in the order of time */
};

/* A worker's; made when first needed. */
struct tracing {
	struct spsc *ring; /* NULL: a dry worker has none */
	struct filter_memo memo[TRACES_MAX];
	uint32_t memo_of[TRACES_MAX]; /* serial of the trace that it belongs to */
	uint64_t missed[TRACES_MAX]; /* read by the control thread */
	uint8_t marked[RUN_FRAMES]; /* frames of this run that are followed */
	struct trace_run run;
};

/* trace_record.c */
int tracing_make(struct worker *, bool with_ring);
void trace_root(struct worker *, struct pkt *, uint8_t traces); /* follow it */
void trace_forget(struct worker *); /* the run, when it has been read */

#endif /* DATAPLANE_TRACE_PRIV_H */
