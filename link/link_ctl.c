/* SPDX-License-Identifier: Apache-2.0 */
/* Kind link: a cable with two ends, which ports of type cable are; or a wire between two ports. */
#include <errno.h>
#include <stdlib.h>

#include "link/link_api.h"
#include "link/link_priv.h"
#include "ports/cable/cable.h"

bool link_is_wire(const struct object *o)
{
	return !strcmp(object_text(o, "mode"), "wire");
}

static void link_check(void *ctx, const struct model *m, const struct object *now, struct faults *f)
{
	(void)ctx;
	if (link_is_wire(now)) {
		wire_check(m, now, f);
		return;
	}
	for (const struct field *end = wire_fields; end->name; end++) {
		if (object_has(now, end->name))
			fault(f, FAULT_INVALID, end->name, "leave it out, or add mode: wire",
			      "only a wire names ports: the ends of a link between switches are "
			      "ports %s.a and %s.b",
			      now->name, now->name);
	}
}

static int link_prepare(void *ctx, const struct model *m, const struct object *was,
			struct object *now, struct faults *faults)
{
	struct cable *c;
	int err;

	(void)ctx;
	(void)m;
	if (was || link_is_wire(now))
		return 0; /* a wire is made of the model alone */
	err = cable_create(now->name, object_bool(now, "up"), &c);
	if (err)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "link %s cannot be made: %s",
			     now->name, strerror(-err));
	now->run = c;
	return 0;
}

static void link_abort(void *ctx, const struct object *was, struct object *now)
{
	(void)ctx;
	if (was)
		return;
	cable_destroy(now->run);
	now->run = NULL;
}

static void link_commit(void *ctx, const struct object *was, struct object *now)
{
	(void)ctx;
	(void)was;
	if (now->run)
		cable_set_up(now->run, object_bool(now, "up"));
}

static void link_release(void *ctx, struct object *was)
{
	(void)ctx;
	cable_destroy(was->run);
	was->run = NULL;
}

static void link_settle(void *ctx)
{
	wires_settle(ctx);
}

static json_t *link_status(void *ctx, const struct object *o)
{
	const struct cable *c = o->run;
	json_t *ends;

	if (link_is_wire(o))
		return wire_status(ctx, o);
	ends = json_object();
	for (unsigned int i = 0; i < ARRAY_LEN(c->end); i++)
		json_object_set_new(ends, i ? "b" : "a",
				    c->end[i].port ? json_string(c->end[i].port->name)
						   : json_null());
	return json_pack("{s:b, s:o}", "carrier", cable_carrier(c), "ends", ends);
}

int links_create(struct port_env *env, struct links **out)
{
	struct links *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->env = env;
	l->kind = (struct kind){
		.schema = schema_find("link"),
		.ctx = l,
		.check = link_check,
		.prepare = link_prepare,
		.abort = link_abort,
		.commit = link_commit,
		.release = link_release,
		.settle = link_settle,
		.leave = link_release,
		.status = link_status,
	};
	wires_init(l);
	*out = l;
	return 0;
}

void links_destroy(struct links *l)
{
	if (!l)
		return;
	wires_free(l->live);
	free(l);
}

const struct kind *links_kind(struct links *l)
{
	return &l->kind;
}

const struct compiler *links_compiler(struct links *l)
{
	return &l->compiler;
}

void links_metrics(void *ctx, const struct model *model, struct metrics *m)
{
	const struct links *l = ctx;

	metrics_family(m, METRIC_GAUGE, "weft_link_carrier",
		       "1: whole, and plugged in at both ends.");
	for (const struct object *o = NULL; (o = model_next(model, "link", o));) {
		bool up = link_is_wire(o) ? wire_carrier(l, o->name)
					  : o->run && cable_carrier(o->run);

		metrics_put(m, up, "link", o->name, "mode", object_text(o, "mode"), NULL);
	}
}
