/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace, the worker's half: which frames are followed, and what happens to them.
 *
 * While nobody follows a frame, edges are short cuts from queue to queue. From the moment on that a
 * frame is asked for until the run ends, this worker has none (worker_resolve()): each frame goes
 * through send_one(), which tells trace_sent(). The other frames of such a run take the long way
 * too, and nothing is written down of them.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/pages.h"
#include "dataplane/trace_priv.h"

#define TRACE_RING (1u << 20)
static_assert(sizeof(struct trace_run) < TRACE_RING / 2, "the longest run fits into the ring");
static_assert(RUN_FRAMES <= UINT16_MAX, "frames of a run have numbers of 16 bits");

static uint16_t number_of(const struct worker *w, const struct pkt *p)
{
	return (uint16_t)(p - w->arena);
}

static void put(struct trace_run *r, struct trace_step step)
{
	if (r->n_steps == TRACE_STEPS)
		r->lost++;
	else
		r->step[r->n_steps++] = step;
}

/* ---- who is followed ------------------------------------------------------------------------ */

static void came_in(struct worker *w, struct pkt *p, const struct pkt *from)
{
	struct tracing *t = w->tracing;
	struct trace_step step = { .frame = number_of(w, p),
				   .from = number_of(w, from),
				   .what = TRACE_IN,
				   .port = p->in_port,
				   .out = PORT_NONE };

	p->vid = 0; /* until a station says */
	p->out_port = PORT_NONE;
	t->marked[step.frame] = true;
	put(&t->run, step);
	if (w->traced)
		return;
	w->traced = true;
	worker_resolve(w);
}

void trace_root(struct worker *w, struct pkt *p, uint8_t traces)
{
	struct trace_run *run = &w->tracing->run;
	struct trace_root *r = &run->root[run->n_roots++];
	uint16_t number = number_of(w, p);

	r->time_ns = clock_realtime_ns();
	r->len = p->len;
	r->frame = number;
	r->head_len = p->head_len;
	r->port = p->in_port;
	r->traces = traces;
	r->serial = __atomic_load_n(&w->engine->trace_serial, __ATOMIC_RELAXED);
	memcpy(r->head, p->data, p->head_len);
	if (!w->tracing->marked[number])
		came_in(w, p, p);
}

static uint32_t asked_for(struct tracing *t, const struct trace *trace, unsigned int slot,
			  struct pkt *const *p, unsigned int n)
{
	if (!trace->filter)
		return ~0u >> (BURST_MAX - n);
	if (t->memo_of[slot] != trace->serial) {
		t->memo_of[slot] = trace->serial;
		t->memo[slot] = (struct filter_memo){ 0 };
	}
	return filter_burst(trace->filter, &t->memo[slot], p, n);
}

static void miss(struct tracing *t, uint8_t traces)
{
	for (unsigned int i = 0; i < TRACES_MAX; i++)
		count_add(&t->missed[i], traces >> i & 1);
}

static void follow(struct worker *w, struct pkt *p, uint8_t traces)
{
	if (w->tracing->run.n_roots == TRACE_ROOTS)
		miss(w->tracing, traces);
	else
		trace_root(w, p, traces);
}

/* The rings were made before the port was watched. */
void trace_match(struct worker *w, struct pkt *const *p, unsigned int n)
{
	struct tracing *t = __atomic_load_n(&w->tracing, __ATOMIC_ACQUIRE);
	uint32_t hits[TRACES_MAX] = { 0 }, any = 0;

	for (unsigned int i = 0; i < TRACES_MAX; i++) {
		const struct trace *trace =
			__atomic_load_n(&w->engine->trace_slot[i], __ATOMIC_ACQUIRE);

		if (!trace || trace->port != p[0]->in_port)
			continue;
		hits[i] = asked_for(t, trace, i, p, n);
		any |= hits[i];
	}
	for (; unlikely(any); any &= any - 1) {
		unsigned int at = (unsigned int)__builtin_ctz(any);
		uint8_t traces = 0;

		for (unsigned int i = 0; i < TRACES_MAX; i++)
			traces |= (uint8_t)((hits[i] >> at & 1) << i);
		follow(w, p[at], traces);
	}
}

/* ---- what happens to them ------------------------------------------------------------------- */

void trace_reentered(struct worker *w, struct pkt *p, const struct pkt *from)
{
	if (w->tracing->marked[number_of(w, from)])
		came_in(w, p, from);
}

void trace_sent(struct worker *w, unsigned int station, unsigned int edge, const struct pkt *p)
{
	uint16_t number = number_of(w, p);

	if (!w->tracing->marked[number])
		return;
	put(&w->tracing->run, (struct trace_step){ .frame = number,
						   .from = number,
						   .what = TRACE_EDGE,
						   .station = (uint8_t)station,
						   .edge = (uint8_t)edge,
						   .port = p->in_port,
						   .out = p->out_port,
						   .vid = p->vid });
}

void trace_left(struct worker *w, unsigned int station, unsigned int edge, port_id_t port,
		const struct tx_frame *f)
{
	uint16_t number = number_of(w, f->pkt);
	struct trace_step step = { .frame = number,
				   .from = number,
				   .what = TRACE_OUT,
				   .station = (uint8_t)station,
				   .edge = (uint8_t)edge,
				   .port = port,
				   .out = port,
				   .vid = f->pkt->vid };

	if (!w->tracing->marked[number])
		return;
	if (f->tagged)
		memcpy(&step.tag, f->tag, sizeof(step.tag));
	put(&w->tracing->run, step);
}

/* ---- the run ends --------------------------------------------------------------------------- */

/* As it lies in struct trace_run, without the room behind roots and steps. */
static bool ship(struct spsc *ring, const struct trace_run *r)
{
	size_t front = offsetof(struct trace_run, root);
	size_t roots = r->n_roots * sizeof(r->root[0]), steps = r->n_steps * sizeof(r->step[0]);
	uint8_t *to = spsc_reserve(ring, (unsigned int)(front + roots + steps));

	if (!to)
		return false;
	memcpy(to, r, front);
	memcpy(to + front, r->root, roots);
	memcpy(to + front + roots, r->step, steps);
	spsc_commit(ring);
	return true;
}

void trace_forget(struct worker *w)
{
	struct tracing *t = w->tracing;

	t->run.n_roots = t->run.n_steps = t->run.lost = 0;
	memset(t->marked, false, (size_t)(w->io.next - w->arena));
	w->traced = false;
	worker_resolve(w);
}

void trace_end(struct worker *w)
{
	struct tracing *t = w->tracing;

	if (!t->ring)
		return; /* dry: who ran it reads it first */
	if (ship(t->ring, &t->run))
		w->woke_control = true;
	else
		for (unsigned int i = 0; i < t->run.n_roots; i++)
			miss(t, t->run.root[i].traces);
	trace_forget(w);
}

/* ---- made and unmade; control thread -------------------------------------------------------- */

int tracing_make(struct worker *w, bool with_ring)
{
	struct tracing *t;

	if (w->tracing)
		return 0;
	t = pages_take(1, sizeof(*t));
	if (!t || (with_ring && spsc_create(TRACE_RING, &t->ring) < 0)) {
		pages_give(t, 1, sizeof(*t));
		return -ENOMEM;
	}
	__atomic_store_n(&w->tracing, t, __ATOMIC_RELEASE);
	return 0;
}

void trace_fini(struct worker *w)
{
	if (!w->tracing)
		return;
	spsc_destroy(w->tracing->ring);
	pages_give(w->tracing, 1, sizeof(*w->tracing));
}
