/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_ENGINE_PRIV_H
#define DATAPLANE_ENGINE_PRIV_H

#include <pthread.h>
#include <sys/epoll.h>

#include "dataplane/pace.h"
#include "dataplane/punt.h"
#include "dataplane/share.h"
#include "dataplane/trace.h"

#define GRAPH_NODES 64
#define VIEW_PARTS  8

/*
 * The graph: nodes in the packet's way, with edges resolved to places in it. Immutable once built,
 * the same for all workers.
 */
struct graph_edge {
	enum edge_kind kind;
	uint16_t to; /* place of the node, if it leads on */
	uint16_t cause; /* number of the drop, or DROP_NONE */
};

struct graph {
	unsigned int n;
	const struct node_def *def[GRAPH_NODES];
	struct graph_edge edge[GRAPH_NODES][NODE_EDGES];
	int8_t part[GRAPH_NODES]; /* which part of the view is its state, or -1 */
	unsigned int n_parts;
	const char *part_name[VIEW_PARTS];
	unsigned int n_causes;
	struct {
		const char *text;
		uint16_t node, edge;
	} cause[DROP_MAX];
	uint16_t tx; /* the place of port-tx, whose edges are the verdicts */
	int classifies; /* the place of the node that does, or -1 */
	uint16_t refusals[GRAPH_NODES]; /* the place of node_def.refusals */
};

int graph_build(struct graph *, const struct node_def *const *defs, struct faults *);
int graph_find(const struct graph *, const char *name); /* -1 */

/* What every worker reads: one struct is live, the other is being filled or waited for. */
struct view {
	uint64_t epoch;
	const void *part[VIEW_PARTS];
};

struct port_tally {
	uint64_t in_frames, in_bytes, out_frames, out_bytes;
	uint64_t drop[DROP_MAX];
	uint32_t last[DROP_MAX]; /* of the frame that was dropped last: out_port, VID */
	struct group_count {
		uint64_t frames, bytes;
	} in_group[ETH_CLASSES - 1],
		out_group[ETH_CLASSES - 1]; /* of the above, from multicast on */
};

/*
 * The sources of a worker: fixed slots that the control thread fills and empties (source.c), and
 * what the worker made of them (worker_thread.c).
 */
#define SOURCES_MAX 16384u /* of one worker */

struct roster {
	struct source **slot; /* atomic; NULL: free */
	unsigned int high; /* slots from here on were never used (atomic) */
	uint32_t changes; /* of any slot (atomic) */
	unsigned int n; /* slots that are taken; control thread's */
	/* The worker's. */
	uint32_t seen; /* changes that polled[] knows of */
	unsigned int n_polled;
	struct source **polled;
} cache_aligned;

/* What an event says: slot and serial number of a source, so that a late one hits nobody else. */
#define EVENT_WAKE UINT64_MAX /* no source: wake_fd */

/* What epoll told last. The worker's. */
struct reports {
	int n; /* of ready[], still to be served */
	uint64_t looked; /* when epoll was last asked; TSC ticks */
	struct epoll_event ready[64];
};

struct worker {
	struct worker_io io;
	struct engine *engine;
	uint64_t view_epoch; /* of the view whose parts the nodes have */
	struct node_ctx node[GRAPH_NODES];
	struct node_queue queue[GRAPH_NODES];
	struct node_queue done; /* where every frame that left through ports ends */

	struct sink *const
		*sink; /* by port; the engine's, or what a dry worker has instead (atomic) */
	struct pkt *arena; /* every frame of a run; empty again when it ends */
	port_id_t *listed; /* ports with something to send */
	unsigned int n_listed;
	unsigned int sent; /* frames given to ports in this run */

	struct port_tally *tally; /* by port */
	uint8_t *buffers, *scratch;

	struct spsc *captured, *punted; /* to the control thread; captured: atomic, NULL at first */
	uint64_t missed;
	struct tracing *tracing; /* atomic, NULL at first */
	bool traced; /* this run: every edge is looked at */
	bool woke_control;
	struct pkt **inject_to; /* during inject_rx() */
	unsigned int n_injected, n_parcels; /* of them to come in; all that were taken */
	struct iovec inject_seg[BURST_MAX];

	struct roster roster;
	struct reports reports;
	struct pace pace;
	struct share share;
	uint32_t now_s; /* of this round */
	uint64_t time_ns; /* of this run; 0: nobody asked yet */
	uint64_t set_ns; /* what a test says it is; 0: nothing */
	struct worker_count count; /* elapsed: when it was made */
	struct worker_count was[2]; /* the last samples, older first; control thread's */

	int epfd, wake_fd;
	pthread_t thread;
	bool started, stop;
};
static_assert(offsetof(struct worker, io) == 0, "worker_pkt() and tx_put() rely on it");

/* A port that somebody watches. */
enum { WATCH_CAPTURE = 1, WATCH_TRACE = 2 };

/* A live trace. Immutable once it is in its slot; freed a grace period after it left. */
struct trace {
	port_id_t port;
	const struct filter *filter;
	uint32_t serial; /* tells it from what was in its slot before */
};

/* The balancer's: control thread. */
struct balance {
	uint32_t round;
	unsigned int pause; /* rounds until something may move again */
	unsigned int hot; /* the worker whose sources were looked at */
	uint32_t looked; /* in this round */
	double busy[WORKERS_MAX]; /* per cent, in the last round */
};

/* A worker for made frames, run by the control thread: trace.c. */
struct dry {
	struct worker worker;
	struct sink *sink[PORT_MAX], device;
};

struct engine {
	struct graph graph;
	struct view views[2], *view; /* view: the live one; atomic */
	struct sink *sink[PORT_MAX]; /* atomic slots */
	uint8_t watch[PORT_MAX]; /* WATCH_... (atomic) */
	struct trace *trace_slot[TRACES_MAX]; /* atomic */
	uint32_t trace_serial; /* of the last one (atomic) */
	uint64_t trace_before[TRACES_MAX]; /* missed in that slot before it began */
	struct dry *dry; /* NULL: nobody asked yet */
	struct telling *telling; /* as well */
	bool taken[PORT_MAX];
	struct source *source[PORT_MAX]; /* a port's first; control thread's */
	uint8_t pinned[PORT_MAX]; /* 1 + the worker that all of its sources are on; 0: any */
	unsigned int next_port;
	uint32_t serial; /* of the source that was last linked */
	struct balance balance;
	trace_fn *trace;
	void *trace_arg;
	bool staged; /* the spare view is being filled */
	int parcels_fd;
	struct spsc *injected; /* to worker 0 */
	struct source injector;
	struct {
		parcel_fn *fn;
		void *arg;
	} capturer, copier, service[PUNT_SERVICES];
	struct {
		trace_way_fn *fn;
		void *arg;
	} tracer;
	unsigned int n_workers;
	struct worker worker[WORKERS_MAX];
};

/* worker.c */
int worker_init(struct worker *, struct engine *);
void worker_fini(struct worker *);
void worker_resolve(struct worker *); /* edges, again: tracing began or ended */

/* worker_thread.c */
int worker_start(struct worker *);
void worker_stop(struct worker *);

/* source.c */
int roster_init(struct roster *);
void roster_fini(struct roster *);
static inline uint64_t source_event(const struct source *s)
{
	return (uint64_t)s->serial << 32 | s->slot;
}

/* tx.c */
void tx_flush(struct worker *);
extern const struct node_def port_tx_node;

/* punt.c */
int parcels_init(struct engine *);
int punt_init(struct worker *);
void punt_fini(struct worker *);
int inject_init(struct engine *); /* on worker 0 */
void inject_fini(struct engine *);
void capture_put(struct worker *, port_id_t, enum capture_dir, const struct tx_frame *);
void parcels_wake(struct worker *);
void engine_watch(struct engine *, port_id_t, uint8_t what, bool on);

/* trace_record.c: the worker's half, with the edges looked at or about to be. */
void trace_match(struct worker *, struct pkt *const *, unsigned int n); /* from a watched port */
void trace_reentered(struct worker *, struct pkt *, const struct pkt *from);
void trace_sent(struct worker *, unsigned int station, unsigned int edge, const struct pkt *);
/* A copy left, or did not: what port-tx, or a node's refusals, says of it. */
void trace_left(struct worker *, unsigned int station, unsigned int edge, port_id_t,
		const struct tx_frame *);
void trace_end(struct worker *); /* of the run */
void trace_fini(struct worker *);
/* trace.c */
bool trace_take(struct engine *, unsigned int max); /* for parcels_take() */
void dry_fini(struct engine *);

#endif /* DATAPLANE_ENGINE_PRIV_H */
