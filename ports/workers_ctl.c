/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/workers: what the threads that move frames do. And the round that keeps them even. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dataplane/balance.h"
#include "ports/watch_priv.h"

#define ROUND_MS 1000

static const char *const burst_name[] = { "1", "2-3", "4-7", "8-15", "16-31", "32" };
static_assert(ARRAY_LEN(burst_name) == WORKER_BURSTS, "a name each");

static uint64_t bursts(const struct worker_count *c)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < WORKER_BURSTS; i++)
		n += c->burst[i];
	return n;
}

/* To one place behind the point. NULL: of nothing. */
static json_t *ratio(double a, uint64_t b)
{
	return b ? json_real((double)(int64_t)(a / (double)b * 10 + 0.5) / 10) : json_null();
}

static json_t *sizes(const struct worker_count *c)
{
	json_t *o = json_object();

	for (unsigned int i = 0; i < WORKER_BURSTS; i++)
		json_object_set_new(o, burst_name[i], json_integer((json_int_t)c->burst[i]));
	return o;
}

static json_t *recent(const struct worker_count *c)
{
	double s = (double)c->elapsed / clock_tsc_mhz() / 1e6;

	if (s <= 0)
		s = 1;
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I}", "busy",
			 ratio(100.0 * (double)c->busy, c->elapsed), "polling",
			 ratio(100.0 * (double)c->polling, c->elapsed), "cycles_per_frame",
			 ratio((double)c->busy, c->frames), "burst",
			 ratio((double)c->frames, bursts(c)), "burst_sizes", sizes(c),
			 "frames_per_s", (json_int_t)((double)c->frames / s), "wakeups_per_s",
			 (json_int_t)((double)c->wakes / s), "sleeps_per_s",
			 (json_int_t)((double)c->sleeps / s));
}

static json_t *total(const struct worker_count *c)
{
	return json_pack("{s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I}", "frames",
			 (json_int_t)c->frames, "bursts", (json_int_t)bursts(c), "burst_sizes",
			 sizes(c), "busy_cycles", (json_int_t)c->busy, "polling_cycles",
			 (json_int_t)c->polling, "elapsed_cycles", (json_int_t)c->elapsed, "sleeps",
			 (json_int_t)c->sleeps, "wakeups", (json_int_t)c->wakes);
}

/* Its queues; *ports: of how many ports. */
static json_t *queues(const struct engine *e, unsigned int worker, const char *const *name,
		      unsigned int *ports)
{
	bool seen[PORT_MAX] = { false };
	json_t *list = json_array();
	struct source *s;

	*ports = 0;
	for (unsigned int at = 0; (s = engine_source(e, worker, &at));) {
		if (s->port == PORT_NONE || !name[s->port])
			continue; /* frames of the control thread */
		*ports += !seen[s->port];
		seen[s->port] = true;
		json_array_append_new(
			list, json_pack("{s:s, s:i, s:I}", "port", name[s->port], "queue", s->queue,
					"frames",
					(json_int_t)__atomic_load_n(&s->frames, __ATOMIC_RELAXED)));
	}
	return list;
}

static json_t *worker_json(const struct engine *e, unsigned int i, const char *const *name)
{
	struct worker_count now, lately;
	unsigned int ports;
	json_t *list = queues(e, i, name, &ports);

	worker_counters(e, i, &now);
	worker_recent(e, i, &lately);
	return json_pack("{s:i, s:o, s:o, s:i, s:o}", "worker", i, "recent", recent(&lately),
			 "total", total(&now), "ports", ports, "queues", list);
}

void workers_list(void *ctx, struct request *r)
{
	const struct watch *w = ctx;
	const struct engine *e = w->env->engine;
	const char **name = calloc(PORT_MAX, sizeof(*name));
	json_t *items = json_array();

	if (!name) {
		json_decref(items);
		fault(request_faults(r), FAULT_SYSTEM, NULL, NULL, "there is no memory");
		reply_faults(r);
		return;
	}
	for (const struct object *o = NULL; (o = model_next(request_model(r), "port", o));) {
		const struct port *p = o->run;

		if (p)
			name[p->id] = p->name;
	}
	for (unsigned int i = 0; i < engine_workers(e); i++)
		json_array_append_new(items, worker_json(e, i, name));
	free(name);
	reply_json(r, 200, json_pack("{s:i, s:o}", "tsc_mhz", clock_tsc_mhz(), "items", items));
}

static void on_round(void *arg)
{
	struct watch *w = arg;

	engine_balance(w->env->engine);
}

int workers_watch(struct watch *w)
{
	return loop_add_timer(w->env->loop, ROUND_MS, ROUND_MS, on_round, w, &w->round);
}

/* ---- /metrics ------------------------------------------------------------------------------- */

static void put_each(struct metrics *m, const struct engine *e, size_t what)
{
	for (unsigned int i = 0; i < engine_workers(e); i++) {
		struct worker_count c;
		char number[12];

		worker_counters(e, i, &c);
		snprintf(number, sizeof(number), "%u", i);
		metrics_put(m, *(uint64_t *)((char *)&c + what), "worker", number, NULL);
	}
}

void workers_metrics(const struct engine *e, struct metrics *m)
{
	static const struct {
		const char *name, *help;
		size_t at;
	} family[] = {
		{ "weft_worker_frames", "Frames that a worker took in.",
		  offsetof(struct worker_count, frames) },
		{ "weft_worker_busy_cycles", "TSC cycles of rounds that had frames.",
		  offsetof(struct worker_count, busy) },
		{ "weft_worker_polling_cycles", "TSC cycles of rounds that had none.",
		  offsetof(struct worker_count, polling) },
		{ "weft_worker_wakeups", "Times that a worker was woken.",
		  offsetof(struct worker_count, wakes) },
	};

	for (size_t i = 0; i < ARRAY_LEN(family); i++) {
		metrics_family(m, METRIC_COUNTER, family[i].name, family[i].help);
		put_each(m, e, family[i].at);
	}
}
