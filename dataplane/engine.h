/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_ENGINE_H
#define DATAPLANE_ENGINE_H

#include <stdio.h>

#include "base/fault.h"
#include "dataplane/port_io.h"

/*
 * The engine: a checked graph of nodes, workers that run it, ports as numbers with a source and a
 * sink, and the published view. It knows no protocol.
 *
 * Threads: control thread, if a line does not say otherwise. Memory: the engine owns what it makes.
 */
#define PORT_MAX   4096 /* ports at once */
#define RUN_FRAMES 8192 /* frames that one run may make: past them they die as "storm budget" */
#define DROP_MAX   96 /* causes of a drop */
#define DROP_NONE  0xffff

struct engine;

/* DEFS in the packet's way, NULL-terminated. Faults name the node and what is wrong with it. */
int engine_create(const struct node_def *const *defs, unsigned int workers, struct engine **out,
		  struct faults *);
void engine_destroy(struct engine *); /* NULL is fine; workers are stopped, ports are gone */
int engine_start(struct engine *); /* threads run; without it a test calls worker_run() */
void engine_stop(struct engine *); /* NULL is fine */
bool engine_runs(const struct engine *);

/* The graph as text (docs/graph.txt) or as DOT. */
void engine_print(const struct engine *, FILE *);
void engine_print_dot(const struct engine *, FILE *);

/*
 * The view that nodes read, in parts, one a module. Stage what is new, publish it all at once; a
 * run uses one view from end to end. Between two publishes lies a grace period, after which the
 * old parts may be freed. Neither can fail; staging the live data again undoes it.
 */
void engine_stage(struct engine *, const char *part, const void *data);
void engine_publish(struct engine *);

/*
 * Ports. A number is free again only when the caller says so: after a grace period, and after
 * whatever remembers it (a station table) has forgotten it.
 */
int port_take(struct engine *, port_id_t *out); /* -ENOSPC: PORT_MAX are taken */
void port_free(struct engine *, port_id_t); /* counters start from zero again */
void engine_set_sink(struct engine *, port_id_t, struct sink *); /* NULL: TX_DROP_DOWN */

/*
 * Sources, spread over the workers. The one that a new source gets is the one with the fewest,
 * unless it has no room (balance.h) or the port is pinned.
 */
int engine_add_source(struct engine *, struct source *);
void engine_del_source(struct engine *, struct source *); /* then a grace period, then free it */
/*
 * While frames flow, none is lost: what comes in waits for the grace period that this waits for.
 * An error leaves it where it is.
 */
int engine_move_source(struct engine *, struct source *, unsigned int worker);
/* All sources of the port, now and later, on one worker; -1: on any. As engine_move_source(). */
int engine_pin(struct engine *, port_id_t, int worker);
/* The sources of one worker: for (unsigned int at = 0; (s = engine_source(e, w, &at));) */
struct source *engine_source(const struct engine *, unsigned int worker, unsigned int *at);
/* Those of one port, in no order. NULL: the first; there are no more. */
struct source *port_source(const struct engine *, port_id_t, const struct source *before);

/* Workers: what they did, in numbers. Any thread. Cycles are TSC ticks (clock_tsc_mhz()). */
#define WORKER_BURSTS 6 /* bursts of 1, 2-3, 4-7, 8-15, 16-31, 32 frames */
struct worker_count {
	uint64_t frames, burst[WORKER_BURSTS];
	uint64_t busy; /* cycles of rounds that had frames */
	uint64_t polling; /* cycles of rounds that had none */
	uint64_t sleeps, wakes; /* a sleep that nothing ends in time ends without a wake-up */
	uint64_t elapsed; /* cycles since the worker was made */
};
#define WORKERS_MAX 16
unsigned int engine_workers(const struct engine *);
void worker_counters(const struct engine *, unsigned int i, struct worker_count *out);

/* Counters, summed over workers. Any thread. */
struct class_count {
	uint64_t frames, bytes;
};
struct port_count {
	uint64_t in_frames, in_bytes, out_frames, out_bytes;
	struct class_count in[ETH_CLASSES], out[ETH_CLASSES]; /* the same, by whom they were for */
	uint64_t drop[DROP_MAX]; /* by cause: engine_cause() */
};
void port_counters(const struct engine *, port_id_t, struct port_count *out);
/*
 * Of the frame that PORT lost last by CAUSE: where it should have left, and its VLAN; right as far
 * as the rule of that cause is about these (DROP_AT_OUT, "vlan").
 */
void port_last_drop(const struct engine *, port_id_t, unsigned int cause, port_id_t *out,
		    uint16_t *vid);
uint64_t port_frames_in(const struct engine *, port_id_t); /* the first of them alone */
/* NULL when I is past the last. "node" is where it is decided, "cause" why. */
const char *engine_cause(const struct engine *, unsigned int i, const char **node);
/* Whose rule cause I is. */
const struct drop_rule *engine_cause_rule(const struct engine *, unsigned int i);
unsigned int engine_cause_of(const struct engine *, const char *node, unsigned int edge);

/* Tracing, for tests and capture: called on the worker for every edge that a frame takes. */
typedef void trace_fn(void *arg, const char *node, unsigned int edge, const struct pkt *);
void engine_trace(struct engine *, trace_fn *, void *arg); /* NULL: off; only while stopped */

/* The worker I, for tests and benches that run it by hand while the engine is stopped. */
struct worker *engine_worker(struct engine *, unsigned int i);
unsigned int worker_run(struct worker *, struct source *); /* one burst and all it causes */
unsigned int worker_run_at(struct worker *, struct source *, uint32_t now_s);
void worker_set_time_ns(struct worker *,
			uint64_t now); /* of all runs from now on; 0: the clock's */

#endif /* DATAPLANE_ENGINE_H */
