/* SPDX-License-Identifier: Apache-2.0 */
/* What ports count, for /metrics. */
#include "dataplane/punt.h"
#include "ports/drop_owner.h"
#include "ports/watch_priv.h"

typedef void put_fn(struct metrics *, const struct watch *, const struct model *,
		    const struct object *port);

static void put_frames(struct metrics *m, const struct watch *w, const struct model *model,
		       const struct object *o)
{
	const struct port *p = o->run;
	struct port_count c;

	(void)model;
	port_counters(w->env->engine, p->id, &c);
	metrics_put(m, c.in_frames, "port", p->name, "direction", "in", NULL);
	metrics_put(m, c.out_frames, "port", p->name, "direction", "out", NULL);
}

static void put_bytes(struct metrics *m, const struct watch *w, const struct model *model,
		      const struct object *o)
{
	const struct port *p = o->run;
	struct port_count c;

	(void)model;
	port_counters(w->env->engine, p->id, &c);
	metrics_put(m, c.in_bytes, "port", p->name, "direction", "in", NULL);
	metrics_put(m, c.out_bytes, "port", p->name, "direction", "out", NULL);
}

static void put_class(struct metrics *m, const struct port *p, const char *direction,
		      const struct class_count *c, bool bytes)
{
	for (unsigned int i = 0; i < ETH_CLASSES; i++)
		metrics_put(m, bytes ? c[i].bytes : c[i].frames, "port", p->name, "direction",
			    direction, "class", eth_class_names[i], NULL);
}

static void put_class_frames(struct metrics *m, const struct watch *w, const struct model *model,
			     const struct object *o)
{
	const struct port *p = o->run;
	struct port_count c;

	(void)model;
	port_counters(w->env->engine, p->id, &c);
	put_class(m, p, "in", c.in, false);
	put_class(m, p, "out", c.out, false);
}

static void put_class_bytes(struct metrics *m, const struct watch *w, const struct model *model,
			    const struct object *o)
{
	const struct port *p = o->run;
	struct port_count c;

	(void)model;
	port_counters(w->env->engine, p->id, &c);
	put_class(m, p, "in", c.in, true);
	put_class(m, p, "out", c.out, true);
}

/* The owner is told as far as it is always the same: a label that changes is another counter. */
static void put_drops(struct metrics *m, const struct watch *w, const struct model *model,
		      const struct object *o)
{
	const struct port *p = o->run;
	struct port_count c;
	const char *cause, *node;

	port_counters(w->env->engine, p->id, &c);
	for (unsigned int i = 0; (cause = engine_cause(w->env->engine, i, &node)); i++) {
		struct drop_owner who;
		char object[DROP_OWNER_LEN];

		if (!c.drop[i])
			continue;
		drop_owner(w->env->engine, model, i, &(struct drop_scene){ .port = o }, &who);
		*who.rule = '\0';
		metrics_put(m, c.drop[i], "port", p->name, "node", node, "cause", cause, "object",
			    drop_owner_text(&who, object, sizeof(object)), NULL);
	}
}

static void put_carrier(struct metrics *m, const struct watch *w, const struct model *model,
			const struct object *o)
{
	const struct port *p = o->run;

	(void)w;
	(void)model;
	metrics_put(m, p->carrier, "port", p->name, "type", p->type->name, NULL);
}

static void each_port(struct metrics *m, const struct watch *w, const struct model *model,
		      put_fn *put)
{
	for (const struct object *o = NULL; (o = model_next(model, "port", o));) {
		if (o->run)
			put(m, w, model, o);
	}
}

void watch_metrics(void *ctx, const struct model *model, struct metrics *m)
{
	const struct watch *w = ctx;

	metrics_family(m, METRIC_COUNTER, "weft_port_frames", "Frames through a port.");
	each_port(m, w, model, put_frames);
	metrics_family(m, METRIC_COUNTER, "weft_port_bytes", "Octets of those frames.");
	each_port(m, w, model, put_bytes);
	metrics_family(m, METRIC_COUNTER, "weft_port_class_frames",
		       "Of those frames, how many were for one station, for some, for all.");
	each_port(m, w, model, put_class_frames);
	metrics_family(m, METRIC_COUNTER, "weft_port_class_bytes", "Octets of those frames.");
	each_port(m, w, model, put_class_bytes);
	metrics_family(m, METRIC_COUNTER, "weft_port_drops",
		       "Frames that died, where and why, and by whose rule.");
	each_port(m, w, model, put_drops);
	metrics_family(m, METRIC_GAUGE, "weft_port_carrier", "1: plugged in at both ends.");
	each_port(m, w, model, put_carrier);
	metrics_family(m, METRIC_COUNTER, "weft_capture_missed_frames",
		       "Frames that no capture got, because its reader was slow.");
	metrics_put(m, capture_missed(w->env->engine), NULL);
	workers_metrics(w->env->engine, m);
}
