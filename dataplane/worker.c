/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker: takes a burst from a source, runs it through the graph to its end, takes the next.
 *
 * A run
 *	Every frame of a run lies in the arena, which is empty again when the run ends; so nothing
 *	on the way counts references or frees. The arena is also the storm budget: a run that makes
 *	more frames than it holds (a ring of cables) loses them by that name and ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/pages.h"
#include "dataplane/engine_priv.h"
#include "packet/gso.h"

static_assert(WORKER_BUFFER >= GSO_BUF, "a frame that is being finished fits into the scratch");

/* ---- from node to node ---------------------------------------------------------------------- */

void port_count_groups(struct worker *w, port_id_t port, enum eth_class class, uint64_t n,
		       uint64_t bytes)
{
	struct group_count *c = &w->tally[port].in_group[class - 1];

	count_add(&c->frames, n);
	count_add(&c->bytes, bytes);
}

/* A drop where a frame came in, or right behind: its class is not counted yet. */
static void count_class(struct node_ctx *ctx, const struct pkt *p)
{
	const struct graph *g = &ctx->worker->engine->graph;
	enum eth_class class = eth_addr_class(&pkt_eth(p)->dst);
	bool untagged = ctx->node == g->classifies && pkt_came_tagged(p);

	if (ctx->node <= g->classifies && p->head_len >= ETH_HDR_LEN && class != ETH_UNICAST)
		port_count_groups(ctx->worker, p->in_port, class, 1,
				  p->len + untagged * VLAN_TAG_LEN);
}

static void dropped(struct node_ctx *ctx, uint16_t cause, const struct pkt *p)
{
	const struct node_def *def = ctx->worker->engine->graph.def[ctx->node];
	struct port_tally *t = &ctx->worker->tally[p->in_port];

	count_add(&t->drop[cause], 1);
	__atomic_store_n(&t->last[cause], (uint32_t)p->out_port << 16 | p->vid, __ATOMIC_RELAXED);
	count_class(ctx, p);
	if (def->dropped)
		def->dropped(ctx, p);
}

/* A drop, or a frame that is traced. */
static void send_one(struct node_ctx *ctx, unsigned int edge, struct pkt *p)
{
	struct worker *w = ctx->worker;
	struct engine *e = w->engine;
	const struct graph_edge *to = &e->graph.edge[ctx->node][edge];

	assert(to->kind != EDGE_NONE);
	if (e->trace)
		e->trace(e->trace_arg, e->graph.def[ctx->node]->name, edge, p);
	if (w->traced)
		trace_sent(w, ctx->node, edge, p);
	if (to->kind == EDGE_DROP) {
		if (p->in_port != PORT_NONE)
			dropped(ctx, to->cause, p);
	} else if (to->kind != EDGE_DONE) {
		struct node_queue *q = &w->queue[to->to];

		q->pkt[q->n++] = p;
	}
}

void node_send_run(struct node_ctx *ctx, unsigned int edge, struct pkt *const *p, unsigned int n)
{
	struct node_queue *to = ctx->edge[edge];

	if (WEFT_DEBUG)
		ctx->sent += n;
	if (likely(to)) {
		memcpy(to->pkt + to->n, p, n * sizeof(*p));
		to->n += n;
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		send_one(ctx, edge, p[i]);
}

void node_refuse(const struct node_turn *t, unsigned int edge, port_id_t port, const struct pkt *p)
{
	struct worker *w = t->worker;
	const struct graph *g = &w->engine->graph;
	uint16_t refusals = g->refusals[t->node];
	uint16_t cause = g->edge[refusals][edge].cause;

	assert(cause != DROP_NONE);
	count_add(&w->tally[port].drop[cause], 1);
	if (unlikely(w->traced))
		trace_left(w, refusals, edge, port, &(struct tx_frame){ .pkt = p });
}

/* ---- time ----------------------------------------------------------------------------------- */

uint64_t worker_time_ns(struct worker *w)
{
	if (!w->time_ns)
		w->time_ns = clock_ns();
	return w->time_ns;
}

void worker_set_time_ns(struct worker *w, uint64_t now)
{
	w->set_ns = now;
}

/* ---- frames --------------------------------------------------------------------------------- */

uint8_t *worker_buffer(struct worker *w, unsigned int i)
{
	return w->buffers + (size_t)i * WORKER_BUFFER;
}

uint8_t *worker_scratch(struct worker *w)
{
	return w->scratch;
}

/* Somebody watches the port where they came in. */
static __attribute__((noinline, cold)) void watched(struct worker *w, struct pkt *const *p,
						    unsigned int n, uint8_t watch)
{
	if (w->io.dry)
		return;
	for (unsigned int i = 0; i < n && watch & WATCH_CAPTURE; i++)
		capture_put(w, p[0]->in_port, CAPTURE_IN, &(struct tx_frame){ .pkt = p[i] });
	if (watch & WATCH_TRACE)
		trace_match(w, p, n);
}

/* N frames at the end of the first queue, counted as what one port received. */
static void received(struct worker *w, struct pkt *const *p, unsigned int n)
{
	port_id_t port = p[0]->in_port;
	struct port_tally *t = &w->tally[port];
	uint64_t bytes = 0;
	uint8_t watch;

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++)
		bytes += p[i]->len;
	w->queue[0].n += n;
	w->io.next_pass.frames += n;
	w->io.next_pass.bytes += (uint32_t)bytes;
	count_add(&t->in_frames, n);
	count_add(&t->in_bytes, bytes);
	watch = __atomic_load_n(&w->engine->watch[port], __ATOMIC_ACQUIRE);
	if (unlikely(watch))
		watched(w, p, n, watch);
}

bool worker_reenter(struct worker *w, port_id_t port, const struct tx_frame *f)
{
	struct pkt **at = w->queue[0].pkt + w->queue[0].n;
	struct pkt *p = worker_pkt(w);

	if (unlikely(!p))
		return false;
	pkt_clone(p, f);
	p->in_port = port;
	*at = p;
	if (unlikely(w->traced))
		trace_reentered(w, p, f->pkt);
	received(w, at, 1);
	return true;
}

/* Of the control thread: each for a port of its own, those that go out are gathered already. */
static void received_injected(struct worker *w, struct pkt *const *p, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		received(w, &p[i], 1);
	tx_flush(w);
}

/* ---- a run ---------------------------------------------------------------------------------- */

static void take_view(struct worker *w)
{
	const struct engine *e = w->engine;
	const struct view *v = __atomic_load_n(&e->view, __ATOMIC_ACQUIRE);

	if (likely(v->epoch == w->view_epoch))
		return;
	w->view_epoch = v->epoch;
	for (unsigned int i = 0; i < e->graph.n; i++)
		w->node[i].state = e->graph.part[i] < 0 ? NULL : v->part[e->graph.part[i]];
}

/* Frames may join the queue while it is worked on (a cable led back): they are taken too. */
static void run_node(struct worker *w, unsigned int i, uint32_t now_s)
{
	struct node_queue *q = &w->queue[i];
	struct node_ctx *ctx = &w->node[i];

	ctx->now_s = now_s;
	for (unsigned int at = 0; at < q->n;) {
		struct burst b = { MIN(q->n - at, BURST_MAX), q->pkt + at };

		ctx->sent = 0;
		w->engine->graph.def[i]->run(ctx, &b);
		assert(!WEFT_DEBUG || ctx->sent == b.n);
		at += b.n;
	}
	q->n = 0;
}

/*
 * Every edge leads forward, so one pass takes all frames to their end; what a cable led back during
 * it is taken by the next.
 */
static void run_graph(struct worker *w, uint32_t now_s)
{
	while (w->queue[0].n) {
		w->io.pass = w->io.next_pass;
		memset(&w->io.next_pass, 0, sizeof(w->io.next_pass));
		for (unsigned int i = 0; i < w->engine->graph.n; i++) {
			if (w->queue[i].n)
				run_node(w, i, now_s);
		}
		tx_flush(w);
	}
}

unsigned int worker_run_at(struct worker *w, struct source *s, uint32_t now_s)
{
	struct pkt **in = w->queue[0].pkt; /* empty: the last run has ended */
	unsigned int n;

	take_view(w);
	w->io.next = w->arena;
	w->sent = 0;
	w->time_ns = w->set_ns;
	w->io.port = s->port;
	n = s->rx(s, w, in, BURST_MAX);
	if (unlikely(s->port == PORT_NONE))
		received_injected(w, in, n);
	else if (likely(n))
		received(w, in, n);
	run_graph(w, now_s);
	if (s->done)
		s->done(s, w);
	w->done.n = 0;
	if (unlikely(w->traced))
		trace_end(w);
	if (unlikely(w->woke_control))
		parcels_wake(w);
	return n;
}

unsigned int worker_run(struct worker *w, struct source *s)
{
	return worker_run_at(w, s, clock_s());
}

/* ---- made and unmade ------------------------------------------------------------------------ */

void worker_resolve(struct worker *w)
{
	const struct graph *g = &w->engine->graph;

	for (unsigned int i = 0; i < g->n; i++) {
		for (unsigned int e = 0; e < NODE_EDGES; e++) {
			const struct graph_edge *to = &g->edge[i][e];
			struct node_queue *q = NULL;

			if (to->kind >= EDGE_TO && to->kind <= EDGE_NEXT)
				q = &w->queue[to->to];
			else if (to->kind == EDGE_DONE)
				q = &w->done;
			w->node[i].edge[e] = w->engine->trace || w->traced ? NULL : q;
		}
	}
}

static bool make_queues(struct worker *w)
{
	for (unsigned int i = 0; i < w->engine->graph.n; i++) {
		w->queue[i].pkt = pages_take(RUN_FRAMES, sizeof(struct pkt *));
		w->node[i].worker = w;
		w->node[i].node = (uint16_t)i;
		if (!w->queue[i].pkt)
			return false;
	}
	w->done.pkt = pages_take(RUN_FRAMES, sizeof(struct pkt *));
	worker_resolve(w);
	return w->done.pkt;
}

int worker_init(struct worker *w, struct engine *e)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.u64 = EVENT_WAKE };

	*w = (struct worker){ .engine = e, .sink = e->sink, .epfd = -1, .wake_fd = -1 };
	w->arena = pages_take(RUN_FRAMES, sizeof(*w->arena));
	w->io.end = w->arena + RUN_FRAMES;
	w->io.tx = pages_take(PORT_MAX, sizeof(*w->io.tx));
	w->listed = pages_take(PORT_MAX, sizeof(*w->listed));
	w->tally = pages_take(PORT_MAX, sizeof(*w->tally));
	w->buffers = pages_take(WORKER_BUFFERS, WORKER_BUFFER);
	w->scratch = pages_take(1, WORKER_BUFFER);
	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!w->arena || !w->io.tx || !w->listed || !w->tally || !w->buffers || !w->scratch ||
	    w->epfd < 0 || w->wake_fd < 0 || !make_queues(w) || punt_init(w) < 0 ||
	    roster_init(&w->roster) < 0 || epoll_ctl(w->epfd, EPOLL_CTL_ADD, w->wake_fd, &ev) < 0) {
		worker_fini(w);
		return -ENOMEM;
	}
	w->count.elapsed = clock_tsc();
	return 0;
}

void worker_fini(struct worker *w)
{
	trace_fini(w);
	punt_fini(w);
	roster_fini(&w->roster);
	fd_close(&w->wake_fd);
	fd_close(&w->epfd);
	for (unsigned int i = 0; i < w->engine->graph.n; i++)
		pages_give(w->queue[i].pkt, RUN_FRAMES, sizeof(struct pkt *));
	pages_give(w->done.pkt, RUN_FRAMES, sizeof(struct pkt *));
	pages_give(w->scratch, 1, WORKER_BUFFER);
	pages_give(w->buffers, WORKER_BUFFERS, WORKER_BUFFER);
	pages_give(w->tally, PORT_MAX, sizeof(*w->tally));
	pages_give(w->listed, PORT_MAX, sizeof(*w->listed));
	pages_give(w->io.tx, PORT_MAX, sizeof(*w->io.tx));
	pages_give(w->arena, RUN_FRAMES, sizeof(*w->arena));
}
