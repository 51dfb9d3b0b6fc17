/* SPDX-License-Identifier: Apache-2.0 */
/* What ports count, for /metrics. */
#include "dataplane/punt.h"
#include "ports/watch_priv.h"

typedef void put_fn(struct metrics *, const struct watch *, const struct port *);

static void put_frames(struct metrics *m, const struct watch *w, const struct port *p)
{
	struct port_count c;

	port_counters(w->env->engine, p->id, &c);
	metrics_put(m, c.in_frames, "port", p->name, "direction", "in", NULL);
	metrics_put(m, c.out_frames, "port", p->name, "direction", "out", NULL);
}

static void put_bytes(struct metrics *m, const struct watch *w, const struct port *p)
{
	struct port_count c;

	port_counters(w->env->engine, p->id, &c);
	metrics_put(m, c.in_bytes, "port", p->name, "direction", "in", NULL);
	metrics_put(m, c.out_bytes, "port", p->name, "direction", "out", NULL);
}

static void put_drops(struct metrics *m, const struct watch *w, const struct port *p)
{
	struct port_count c;
	const char *cause, *node;

	port_counters(w->env->engine, p->id, &c);
	for (unsigned int i = 0; (cause = engine_cause(w->env->engine, i, &node)); i++) {
		if (c.drop[i])
			metrics_put(m, c.drop[i], "port", p->name, "node", node, "cause", cause,
				    NULL);
	}
}

static void put_carrier(struct metrics *m, const struct watch *w, const struct port *p)
{
	(void)w;
	metrics_put(m, p->carrier, "port", p->name, "type", p->type->name, NULL);
}

static void each_port(struct metrics *m, const struct watch *w, const struct model *model,
		      put_fn *put)
{
	for (const struct object *o = NULL; (o = model_next(model, "port", o));) {
		if (o->run)
			put(m, w, o->run);
	}
}

void watch_metrics(void *ctx, const struct model *model, struct metrics *m)
{
	const struct watch *w = ctx;

	metrics_family(m, METRIC_COUNTER, "weft_port_frames", "Frames through a port.");
	each_port(m, w, model, put_frames);
	metrics_family(m, METRIC_COUNTER, "weft_port_bytes", "Octets of those frames.");
	each_port(m, w, model, put_bytes);
	metrics_family(m, METRIC_COUNTER, "weft_port_drops", "Frames that died, where and why.");
	each_port(m, w, model, put_drops);
	metrics_family(m, METRIC_GAUGE, "weft_port_carrier", "1: plugged in at both ends.");
	each_port(m, w, model, put_carrier);
	metrics_family(m, METRIC_COUNTER, "weft_capture_missed_frames",
		       "Frames that no capture got, because its reader was slow.");
	metrics_put(m, capture_missed(w->env->engine), NULL);
	workers_metrics(w->env->engine, m);
}
