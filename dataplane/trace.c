/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace, the control thread's half: begin and end, and ways out of what workers wrote down.
 *
 * From steps to ways
 *	A run's steps come in the order of time, those of all its frames mixed: a burst goes
 *	through station by station, and a cable's far end is a new frame. chain[] sorts them by
 *	frame. What a frame became behind a cable is noted before what its port said (the sink ran
 *	in between), so the last one that came in is what the next TRACE_OUT of the frame made.
 */
#include "dataplane/trace.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "dataplane/trace_priv.h"

#define NOTHING UINT32_MAX

/* One run, being told as ways. */
struct telling {
	const struct trace_root *root;
	const struct trace_step *step;
	unsigned int n_steps;
	/* By frame: where it came in, and the first and the last of what happened to it. */
	uint32_t in[RUN_FRAMES], first[RUN_FRAMES], last[RUN_FRAMES];
	uint32_t next[TRACE_STEPS]; /* what happened to the same frame after that */
	struct {
		uint32_t at, child;
	} stack[RUN_FRAMES + 1]; /* a frame, the one behind the cable that it crossed ... */
	struct trace_step way[TRACE_STEPS];
	unsigned int n;
};

/* ---- from steps to ways --------------------------------------------------------------------- */

/* A frame that came in over a cable is something that happened to the one that went in there. */
static uint16_t happened_to(const struct trace_step *s)
{
	return s->what == TRACE_IN ? s->from : s->frame;
}

static void sort(struct telling *t)
{
	for (unsigned int i = 0; i < t->n_steps; i++) {
		t->in[t->step[i].frame] = NOTHING;
		t->first[t->step[i].frame] = t->first[t->step[i].from] = NOTHING;
	}
	for (unsigned int i = 0; i < t->n_steps; i++) {
		const struct trace_step *s = &t->step[i];
		uint16_t f = happened_to(s);

		t->next[i] = NOTHING;
		if (s->what == TRACE_IN)
			t->in[s->frame] = i;
		if (s->what == TRACE_IN && s->from == s->frame)
			continue;
		if (t->first[f] == NOTHING)
			t->first[f] = i;
		else
			t->next[t->last[f]] = i;
		t->last[f] = i;
	}
}

/* FRAME comes in; depth of the stack after that. A step that found no room may be that one. */
static unsigned int enter(struct telling *t, uint16_t frame, unsigned int depth)
{
	if (t->in[frame] == NOTHING)
		return depth;
	t->way[t->n++] = t->step[t->in[frame]];
	t->stack[depth].at = t->first[frame];
	t->stack[depth].child = NOTHING;
	return depth + 1;
}

static void walk(struct telling *t, uint16_t root)
{
	unsigned int depth;

	t->n = 0;
	depth = enter(t, root, 0);
	while (depth) {
		uint32_t at = t->stack[depth - 1].at, child = t->stack[depth - 1].child;
		const struct trace_step *s = &t->step[at];

		if (at == NOTHING) {
			depth--;
			continue;
		}
		t->stack[depth - 1].at = t->next[at];
		if (s->what == TRACE_IN) {
			t->stack[depth - 1].child = s->frame;
			continue;
		}
		t->way[t->n++] = *s;
		if (s->what != TRACE_OUT || child == NOTHING)
			continue;
		t->stack[depth - 1].child = NOTHING;
		depth = enter(t, (uint16_t)child, depth);
	}
}

/* What waited in a ring while its trace ended is not for the one that has its place now. */
static uint8_t asked_by(const struct engine *e, const struct trace_root *r)
{
	uint8_t traces = r->traces;

	for (unsigned int i = 0; i < TRACES_MAX; i++) {
		const struct trace *t = e->trace_slot[i];

		if (!t || t->serial > r->serial)
			traces &= (uint8_t) ~(1u << i);
	}
	return traces;
}

static void tell(struct telling *t, const struct trace_root *r, uint8_t traces, unsigned int lost,
		 trace_way_fn *fn, void *arg)
{
	struct trace_way way = { .port = r->port,
				 .traces = traces,
				 .time_ns = r->time_ns,
				 .head = r->head,
				 .head_len = r->head_len,
				 .len = r->len,
				 .step = t->way,
				 .lost = lost };

	walk(t, r->frame);
	way.n = t->n;
	fn(arg, &way);
}

/* A run as it lies in a ring, or in a worker's own. */
static void tell_all(struct engine *e, const struct trace_run *front, const struct trace_root *root,
		     const struct trace_step *step, trace_way_fn *fn, void *arg)
{
	struct telling *t = e->telling;

	t->step = step;
	t->n_steps = front->n_steps;
	for (unsigned int i = 0; i < front->n_roots; i++)
		t->in[root[i].frame] = NOTHING; /* that step may have found no room */
	sort(t);
	for (unsigned int i = 0; i < front->n_roots; i++) {
		uint8_t traces = asked_by(e, &root[i]);

		if (traces || !root[i].traces)
			tell(t, &root[i], traces, front->lost, fn, arg);
	}
}

bool trace_take(struct engine *e, unsigned int max)
{
	const size_t front = offsetof(struct trace_run, root);
	const uint8_t *record;
	unsigned int len, n = 0;

	for (unsigned int i = 0; i < e->n_workers; i++) {
		const struct tracing *t = e->worker[i].tracing;

		while (t && n < max && (record = spsc_peek(t->ring, &len))) {
			const struct trace_run *r = (const void *)record;
			const struct trace_root *root = (const void *)(record + front);

			if (e->tracer.fn)
				tell_all(e, r, root, (const void *)(root + r->n_roots),
					 e->tracer.fn, e->tracer.arg);
			n += r->n_roots;
			spsc_pop(t->ring);
		}
	}
	return n < max;
}

void trace_to(struct engine *e, trace_way_fn *fn, void *arg)
{
	e->tracer.fn = fn;
	e->tracer.arg = arg;
}

struct trace_edge trace_edge(const struct engine *e, const struct trace_step *s)
{
	const struct graph *g = &e->graph;
	const struct graph_edge *to = &g->edge[s->station][s->edge];
	struct trace_edge edge = { .station = g->def[s->station]->name,
				   .kind = to->kind,
				   .cause = to->cause };

	if (to->kind == EDGE_DROP)
		edge.to = g->cause[to->cause].text;
	else if (to->kind != EDGE_DONE)
		edge.to = g->def[to->to]->name;
	return edge;
}

/* ---- live ----------------------------------------------------------------------------------- */

static int make_room(struct engine *e)
{
	int err = 0;

	if (!e->telling)
		e->telling = malloc(sizeof(*e->telling));
	if (!e->telling)
		return -ENOMEM;
	for (unsigned int i = 0; i < e->n_workers && !err; i++)
		err = tracing_make(&e->worker[i], true);
	return err;
}

static uint64_t all_missed(const struct engine *e, unsigned int slot)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < e->n_workers; i++) {
		const struct tracing *t = e->worker[i].tracing;

		if (t)
			n += __atomic_load_n(&t->missed[slot], __ATOMIC_RELAXED);
	}
	return n;
}

int trace_start(struct engine *e, port_id_t port, const struct filter *filter, unsigned int *out)
{
	struct trace *t;
	unsigned int slot = 0;
	int err;

	while (slot < TRACES_MAX && e->trace_slot[slot])
		slot++;
	if (slot == TRACES_MAX)
		return -EBUSY;
	err = make_room(e);
	t = err ? NULL : malloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	*t = (struct trace){ .port = port, .filter = filter, .serial = e->trace_serial + 1 };
	__atomic_store_n(&e->trace_serial, t->serial, __ATOMIC_RELAXED);
	e->trace_before[slot] = all_missed(e, slot);
	__atomic_store_n(&e->trace_slot[slot], t, __ATOMIC_RELEASE);
	engine_watch(e, port, WATCH_TRACE, true);
	*out = slot;
	return 0;
}

void trace_stop(struct engine *e, unsigned int trace)
{
	struct trace *t = e->trace_slot[trace];
	bool alone = true;

	__atomic_store_n(&e->trace_slot[trace], NULL, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < TRACES_MAX; i++)
		alone &= !e->trace_slot[i] || e->trace_slot[i]->port != t->port;
	if (alone)
		engine_watch(e, t->port, WATCH_TRACE, false);
	rcu_wait();
	free(t);
}

uint64_t trace_missed(const struct engine *e, unsigned int trace)
{
	return all_missed(e, trace) - e->trace_before[trace];
}

/* ---- made ----------------------------------------------------------------------------------- */

/* What a dry worker has in place of a device. */
static void swallow(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
		    uint8_t *verdict)
{
	(void)s, (void)w, (void)f, (void)n, (void)verdict;
}

static int make_dry(struct engine *e)
{
	struct dry *d;
	int err;

	if (!e->telling)
		e->telling = malloc(sizeof(*e->telling));
	if (!e->telling)
		return -ENOMEM;
	if (e->dry)
		return 0;
	d = aligned_alloc(CACHE_LINE, (sizeof(*d) + 63) / 64 * 64);
	if (!d)
		return -ENOMEM;
	memset(d, 0, sizeof(*d));
	err = worker_init(&d->worker, e) ?: tracing_make(&d->worker, false);
	if (err) {
		free(d);
		return err;
	}
	d->worker.io.dry = true;
	d->worker.io.number = (uint16_t)e->n_workers;
	d->worker.sink = d->sink;
	d->device.tx = swallow;
	e->dry = d;
	return 0;
}

void dry_fini(struct engine *e)
{
	if (e->dry)
		worker_fini(&e->dry->worker);
	free(e->dry);
	free(e->telling);
}

/* Ports come and go between two runs. */
static void take_sinks(struct engine *e)
{
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		struct sink *s = e->sink[i];

		e->dry->sink[i] = !s || s->relays ? s : &e->dry->device;
	}
}

struct made {
	const uint8_t *frame;
	uint32_t len;
};

static unsigned int made_rx(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	const struct made *m = s->arg;
	struct pkt *p = worker_pkt(w);

	(void)max;
	memcpy(p->data, m->frame, m->len);
	p->len = m->len;
	p->head_len = (uint16_t)m->len;
	trace_root(w, p, 0);
	*out = p;
	return 1;
}

int trace_made(struct engine *e, port_id_t port, const uint8_t *frame, uint32_t len,
	       trace_way_fn *fn, void *arg)
{
	struct made made = { frame, len };
	struct source source = { .port = port, .fd = -1, .rx = made_rx, .arg = &made };
	struct trace_run *run;
	int err;

	if (len > PKT_HEAD)
		return -EMSGSIZE;
	err = make_dry(e);
	if (err)
		return err;
	take_sinks(e);
	worker_run_at(&e->dry->worker, &source, clock_s());
	run = &e->dry->worker.tracing->run;
	run->root[0].time_ns = 0;
	tell_all(e, run, run->root, run->step, fn, arg);
	trace_forget(&e->dry->worker);
	return 0;
}
