/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_NODE_H
#define DATAPLANE_NODE_H

#include "packet/pkt.h"

/*
 * A node: one station on a frame's way. It is given bursts and sends each frame out of exactly one
 * of its edges; the engine carries it on, counts it, and remembers it if somebody traces.
 *
 * Threads: run() on a worker. A definition is static and constant.
 */
#define BURST_MAX  32u
#define NODE_EDGES 24

struct burst {
	unsigned int n; /* 1 to BURST_MAX */
	struct pkt *const *pkt;
};

struct node_ctx;

/*
 * An edge leads to a node, into an arc, on to the next station of the arc that the node joined, or
 * it ends the way: a named drop, or done (what leaves through ports was handed over by tx_put()).
 */
enum edge_kind { EDGE_NONE, EDGE_TO, EDGE_ARC, EDGE_NEXT, EDGE_DROP, EDGE_DONE };

/*
 * Whose rule a drop was: the kind of the object and those of its fields that make the rule, a
 * blank between them ("access trunk native"; NULL: no field alone does).
 */
enum drop_at {
	DROP_AT_NOBODY, /* the frame itself is no frame, or nobody could have set it otherwise */
	DROP_AT_PORT, /* of the port that counts the drop, or what belongs to that: its switch ...
		       */
	DROP_AT_OUT, /* of the port through which the frame should have left */
};
struct drop_rule {
	enum drop_at at;
	const char *object, *fields;
};

struct node_edge {
	enum edge_kind kind;
	const char *text; /* node, arc, or the cause of the drop in plain words */
	struct drop_rule rule; /* of a drop */
};

/* Macros, because they initialise constant tables. */
#define TO(node)                               \
	{                                      \
		.kind = EDGE_TO, .text = node, \
	}
#define ARC(arc)                               \
	{                                      \
		.kind = EDGE_ARC, .text = arc, \
	}
#define NEXT_ON_ARC                \
	{                          \
		.kind = EDGE_NEXT, \
	}
#define DROP(cause)                               \
	{                                         \
		.kind = EDGE_DROP, .text = cause, \
	}
#define DROP_BY(cause, object, fields)                                                      \
	{                                                                                   \
		.kind = EDGE_DROP, .text = cause, .rule = { DROP_AT_PORT, object, fields }, \
	}
#define DROP_BY_OUT(cause, object, fields)                                                 \
	{                                                                                  \
		.kind = EDGE_DROP, .text = cause, .rule = { DROP_AT_OUT, object, fields }, \
	}
#define DONE                       \
	{                          \
		.kind = EDGE_DONE, \
	}

struct node_def {
	const char *name;
	void (*run)(struct node_ctx *, const struct burst *);
	const char *state; /* the part of the published view that node_state() gives, or NULL */
	const char *arc; /* joins this arc, or NULL; the last on it has no NEXT_ON_ARC edge */
	const char *before; /* on the arc: in front of this node, or NULL: where it was added */
	/*
	 * The name of a node without run(), whose edges are the causes for which this one may
	 * refuse a copy of a frame to the port that it would have left by: node_refuse().
	 */
	const char *refusals;
	/*
	 * It counts by port_count_groups() what it lets through to groups; what dies here or on the
	 * way here, the engine counts. One node in a graph, or none.
	 */
	bool classifies;
	/* After a drop of this node was counted. NULL: nobody else counts it. */
	void (*dropped)(const struct node_ctx *, const struct pkt *);
	struct node_edge edge[NODE_EDGES];
};

#define NODE(id) const struct node_def id

/* Frames that wait for a node: as many as a run may make, since each passes a node at most once. */
struct node_queue {
	unsigned int n;
	struct pkt **pkt;
};

/* One node as one worker runs it. */
struct node_ctx {
	const void *state;
	struct worker *worker;
	uint32_t now_s; /* coarse monotonic seconds, read once a burst */
	uint16_t node; /* its place in the graph */
	unsigned int sent; /* of this burst; debug builds check that it is all of it */
	struct node_queue *edge[NODE_EDGES]; /* NULL: a drop, or somebody traces */
};

/* Counters have one writer, their worker, and any number of readers. */
static inline void count_add(uint64_t *c, uint64_t n)
{
	__atomic_store_n(c, __atomic_load_n(c, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

static inline const void *node_state(const struct node_ctx *ctx)
{
	return ctx->state;
}

/* N frames leave by EDGE. */
void node_send_run(struct node_ctx *, unsigned int edge, struct pkt *const *, unsigned int n);

static inline void node_send(struct node_ctx *ctx, unsigned int edge, struct pkt *p)
{
	node_send_run(ctx, edge, &p, 1);
}

/*
 * What a node knows while a burst goes through it. node_each() keeps it in registers, because
 * nobody else sees it: no store to a frame makes the compiler read it again.
 */
struct node_turn {
	const void *state;
	struct worker *worker;
	uint32_t now_s;
	uint16_t node;
	uint64_t memo[8]; /* for what one frame leaves for the next; 0 when a burst begins */
};

static inline struct node_turn node_turn(const struct node_ctx *ctx)
{
	return (struct node_turn){ ctx->state, ctx->worker, ctx->now_s, ctx->node, { 0 } };
}

/* PORT does not get a copy of P, by that edge of this node's refusals; counted there. */
void node_refuse(const struct node_turn *, unsigned int edge, port_id_t port, const struct pkt *p);

/* What one node does with one frame; returns the edge by which it leaves, 0 if all is as usual. */
typedef unsigned int node_decide_fn(struct node_turn *, struct pkt *);

/* When all of a burst are decided and nobody has gone on with them: what the memo was for. */
typedef void node_done_fn(const struct node_turn *, const struct burst *);

static inline void node_done_nothing(const struct node_turn *t, const struct burst *in)
{
	(void)t;
	(void)in;
}

/*
 * A node's run(): decides for each frame of a burst. What leaves by edge USUAL goes in runs: one by
 * one, each frame would wait for the count of the queue that the last one wrote.
 */
static inline __attribute__((always_inline)) void node_each_done(struct node_ctx *ctx,
								 const struct burst *in,
								 node_decide_fn *decide,
								 node_done_fn *done,
								 unsigned int usual)
{
	struct node_turn turn = node_turn(ctx);
	struct pkt *const *from = in->pkt, *const *end = from + in->n;

	for (struct pkt *const *p = from; p < end; p++) {
		unsigned int edge = decide(&turn, *p);

		if (likely(edge == usual))
			continue;
		if (p > from)
			node_send_run(ctx, usual, from, (unsigned int)(p - from));
		node_send_run(ctx, edge, p, 1);
		from = p + 1;
	}
	if (end > from)
		node_send_run(ctx, usual, from, (unsigned int)(end - from));
	done(&turn, in);
}

static inline __attribute__((always_inline)) void node_each(struct node_ctx *ctx,
							    const struct burst *in,
							    node_decide_fn *decide)
{
	node_each_done(ctx, in, decide, node_done_nothing, 0);
}

/* N frames for groups of CLASS, BYTES long, came in at PORT: of the node that classifies. */
void port_count_groups(struct worker *, port_id_t port, enum eth_class, uint64_t n, uint64_t bytes);

#endif /* DATAPLANE_NODE_H */
