/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fd.h"
#include "dataplane/engine_priv.h"

/* ---- life ----------------------------------------------------------------------------------- */

int engine_create(const struct node_def *const *defs, unsigned int workers, struct engine **out,
		  struct faults *f)
{
	struct engine *e = aligned_alloc(CACHE_LINE, (sizeof(*e) + 63) / 64 * 64);
	int err;

	assert(workers >= 1 && workers <= WORKERS_MAX);
	if (!e)
		return -ENOMEM;
	memset(e, 0, sizeof(*e));
	e->view = &e->views[0];
	e->views[0].epoch = 1;
	e->parcels_fd = -1;
	err = graph_build(&e->graph, defs, f);
	if (!err)
		err = parcels_init(e);
	for (unsigned int i = 0; i < workers && !err; i++) {
		err = worker_init(&e->worker[i], e);
		e->worker[i].io.number = (uint16_t)i;
		e->n_workers += !err;
	}
	if (!err)
		err = inject_init(e);
	if (err) {
		engine_destroy(e);
		return err;
	}
	*out = e;
	return 0;
}

void engine_destroy(struct engine *e)
{
	if (!e)
		return;
	engine_stop(e);
	inject_fini(e);
	for (unsigned int i = 0; i < e->n_workers; i++)
		worker_fini(&e->worker[i]);
	dry_fini(e);
	for (unsigned int i = 0; i < TRACES_MAX; i++)
		free(e->trace_slot[i]);
	fd_close(&e->parcels_fd);
	free(e);
}

int engine_start(struct engine *e)
{
	int err = 0;

	for (unsigned int i = 0; i < e->n_workers && !err; i++)
		err = worker_start(&e->worker[i]);
	if (err)
		engine_stop(e);
	return err;
}

void engine_stop(struct engine *e)
{
	if (!e)
		return;
	for (unsigned int i = 0; i < e->n_workers; i++)
		worker_stop(&e->worker[i]);
}

bool engine_runs(const struct engine *e)
{
	return e->worker[0].started;
}

unsigned int engine_workers(const struct engine *e)
{
	return e->n_workers;
}

struct worker *engine_worker(struct engine *e, unsigned int i)
{
	return &e->worker[i];
}

void engine_trace(struct engine *e, trace_fn *fn, void *arg)
{
	e->trace = fn;
	e->trace_arg = arg;
	/* With nowhere to go, every frame takes the slow way, where it is seen. */
	for (unsigned int w = 0; w < e->n_workers; w++)
		worker_resolve(&e->worker[w]);
}

/* ---- the published view --------------------------------------------------------------------- */

static struct view *spare(struct engine *e)
{
	return e->view == &e->views[0] ? &e->views[1] : &e->views[0];
}

void engine_stage(struct engine *e, const char *part, const void *data)
{
	struct view *v = spare(e);

	if (!e->staged)
		memcpy(v->part, e->view->part, sizeof(v->part));
	e->staged = true;
	for (unsigned int i = 0; i < e->graph.n_parts; i++) {
		if (!strcmp(e->graph.part_name[i], part))
			v->part[i] = data;
	}
}

void engine_publish(struct engine *e)
{
	struct view *v = spare(e);

	if (!e->staged)
		return;
	v->epoch = e->view->epoch + 1;
	e->staged = false;
	__atomic_store_n(&e->view, v, __ATOMIC_RELEASE);
}

/* ---- ports ---------------------------------------------------------------------------------- */

int port_take(struct engine *e, port_id_t *out)
{
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		unsigned int id = (e->next_port + i) % PORT_MAX;

		if (e->taken[id])
			continue;
		e->taken[id] = true;
		e->next_port = id + 1; /* a number comes back as late as possible */
		*out = (port_id_t)id;
		return 0;
	}
	return -ENOSPC;
}

void port_free(struct engine *e, port_id_t id)
{
	for (unsigned int i = 0; i < e->n_workers; i++)
		memset(&e->worker[i].tally[id], 0, sizeof(struct port_tally));
	e->watch[id] = 0;
	e->pinned[id] = 0;
	e->taken[id] = false;
}

void engine_set_sink(struct engine *e, port_id_t id, struct sink *s)
{
	__atomic_store_n(&e->sink[id], s, __ATOMIC_RELEASE);
}

void engine_watch(struct engine *e, port_id_t id, uint8_t what, bool on)
{
	uint8_t now = (uint8_t)(on ? e->watch[id] | what : e->watch[id] & ~what);

	__atomic_store_n(&e->watch[id], now, __ATOMIC_RELEASE);
}

/* ---- counters ------------------------------------------------------------------------------- */

static uint64_t peek(const uint64_t *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

static void add_groups(struct class_count *to, const struct group_count *from)
{
	for (unsigned int c = 0; c < ETH_CLASSES - 1; c++) {
		to[c + 1].frames += peek(&from[c].frames);
		to[c + 1].bytes += peek(&from[c].bytes);
	}
}

/* A burst that is being counted may be in one of the numbers and not in the other yet. */
static uint64_t less(uint64_t all, uint64_t some)
{
	return all > some ? all - some : 0;
}

static void rest_is_unicast(struct class_count *c, uint64_t frames, uint64_t bytes)
{
	c[ETH_UNICAST].frames = less(frames, c[ETH_MULTICAST].frames + c[ETH_BROADCAST].frames);
	c[ETH_UNICAST].bytes = less(bytes, c[ETH_MULTICAST].bytes + c[ETH_BROADCAST].bytes);
}

void port_counters(const struct engine *e, port_id_t id, struct port_count *out)
{
	*out = (struct port_count){ 0 };
	for (unsigned int i = 0; i < e->n_workers; i++) {
		const struct port_tally *t = &e->worker[i].tally[id];

		out->in_frames += peek(&t->in_frames);
		out->in_bytes += peek(&t->in_bytes);
		out->out_frames += peek(&t->out_frames);
		out->out_bytes += peek(&t->out_bytes);
		add_groups(out->in, t->in_group);
		add_groups(out->out, t->out_group);
		for (unsigned int c = 0; c < e->graph.n_causes; c++)
			out->drop[c] += peek(&t->drop[c]);
	}
	rest_is_unicast(out->in, out->in_frames, out->in_bytes);
	rest_is_unicast(out->out, out->out_frames, out->out_bytes);
}

void port_last_drop(const struct engine *e, port_id_t id, unsigned int cause, port_id_t *out,
		    uint16_t *vid)
{
	uint64_t most = 0;
	uint32_t last = (uint32_t)PORT_NONE << 16;

	for (unsigned int i = 0; i < e->n_workers; i++) {
		const struct port_tally *t = &e->worker[i].tally[id];
		uint64_t n = peek(&t->drop[cause]);

		if (n <= most)
			continue;
		most = n;
		last = __atomic_load_n(&t->last[cause], __ATOMIC_RELAXED);
	}
	*out = (port_id_t)(last >> 16);
	*vid = (uint16_t)last;
}

void worker_counters(const struct engine *e, unsigned int i, struct worker_count *out)
{
	const struct worker_count *c = &e->worker[i].count;

	out->frames = peek(&c->frames);
	for (unsigned int b = 0; b < WORKER_BURSTS; b++)
		out->burst[b] = peek(&c->burst[b]);
	out->busy = peek(&c->busy);
	out->polling = peek(&c->polling);
	out->sleeps = peek(&c->sleeps);
	out->wakes = peek(&c->wakes);
	out->elapsed = clock_tsc() - c->elapsed;
}

uint64_t port_frames_in(const struct engine *e, port_id_t id)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < e->n_workers; i++)
		n += peek(&e->worker[i].tally[id].in_frames);
	return n;
}

const char *engine_cause(const struct engine *e, unsigned int i, const char **node)
{
	if (i >= e->graph.n_causes)
		return NULL;
	if (node)
		*node = e->graph.def[e->graph.cause[i].node]->name;
	return e->graph.cause[i].text;
}

const struct drop_rule *engine_cause_rule(const struct engine *e, unsigned int i)
{
	assert(i < e->graph.n_causes);
	return &e->graph.def[e->graph.cause[i].node]->edge[e->graph.cause[i].edge].rule;
}

unsigned int engine_cause_of(const struct engine *e, const char *node, unsigned int edge)
{
	int i = graph_find(&e->graph, node);

	assert(i >= 0 && edge < NODE_EDGES);
	return e->graph.edge[i][edge].cause;
}
