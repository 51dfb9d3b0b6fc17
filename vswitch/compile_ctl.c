/* SPDX-License-Identifier: Apache-2.0 */
/* From the model to the view that workers read. */
#include <errno.h>
#include <stdlib.h>

#include "vswitch/parts.h"
#include "vswitch/port_vlans.h"

static int add_port(struct vswitch *v, const struct model *m, struct vsw *sw,
		    const struct object *o)
{
	const struct port *p = o->run;

	if (sw->n_ports == sw->room) {
		unsigned int room = sw->room ? 2 * sw->room : 8;
		struct vsw_port_plan *plan = reallocarray(sw->plan, room, sizeof(*plan));

		if (!plan)
			return -ENOMEM;
		sw->plan = plan;
		sw->room = room;
	}
	sw->plan[sw->n_ports].port = p->id;
	port_plan(v, m, o, &sw->plan[sw->n_ports].set);
	sw->n_ports++;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct vsw_port_plan *x = a, *y = b;

	return (x->port > y->port) - (x->port < y->port);
}

/* Which ports each switch has. Switches whose object goes are no longer in the model. */
static int gather(struct vswitch *v, const struct model *m)
{
	const struct object *o = NULL;
	int err = mirrors_compile(v, m);

	for (struct vsw *sw = v->switches; sw; sw = sw->next)
		sw->n_ports = 0;
	vlans_gather(v, m);
	while (!err && (o = model_next(m, "port", o))) {
		const char *sw = object_text(o, "switch");

		if (sw)
			err = add_port(v, m, model_find(m, "switch", sw)->run, o);
	}
	for (struct vsw *sw = v->switches; sw; sw = sw->next) {
		if (sw->n_ports)
			qsort(sw->plan, sw->n_ports, sizeof(*sw->plan), by_number);
	}
	return err;
}

static int compile(void *ctx, const struct model *m, struct faults *f)
{
	struct vswitch *v = ctx;
	unsigned int n = 0;
	struct vsw_switch_plan *plan = calloc(model_count(m, "switch") + 1, sizeof(*plan));
	int err = plan ? gather(v, m) : -ENOMEM;

	v->model = m;

	if (!err)
		err = rings_compile(v, m);

	for (const struct object *o = NULL; !err && (o = model_next(m, "switch", o));) {
		const struct vsw *sw = o->run;

		plan[n++] = (struct vsw_switch_plan){
			.fdb = sw->fdb,
			.mtu = (uint32_t)object_int(o, "mtu"),
			.fid = sw->vlans->private ? sw->vlans->fid : NULL,
			.no_learn = sw->vlans->no_learn,
			.no_flood = sw->vlans->no_flood,
			.tally = sw->tally,
			.n_tallies = engine_workers(v->env->engine) + 1,
			.n_mirrors = sw->n_mirrors,
			.mirror = sw->mirror,
			.n_ports = sw->n_ports,
			.port = sw->plan,
		};
	}
	if (!err)
		err = vsw_view_build(plan, n, &v->staged);
	free(plan);
	if (err) {
		rings_discard(v);
		return fault(f, FAULT_SYSTEM, NULL, NULL, "there is no memory for the switches");
	}
	probes_compiled(v, v->staged);
	engine_stage(v->env->engine, VSW_VIEW, v->staged);
	return 0;
}

static void publish(void *ctx)
{
	struct vswitch *v = ctx;

	v->old = v->live;
	v->live = v->staged;
	v->staged = NULL;
	rings_publish(v);
	engine_publish(v->env->engine);
}

static void discard(void *ctx)
{
	struct vswitch *v = ctx;

	engine_stage(v->env->engine, VSW_VIEW, v->live);
	vsw_view_free(v->staged);
	v->staged = NULL;
	rings_discard(v);
}

static void retire(void *ctx)
{
	struct vswitch *v = ctx;

	vsw_view_free(v->old);
	v->old = NULL;
	rings_retire(v);
	probes_retire(v);
	stations_apply(v);
}

void compiler_init(struct vswitch *v)
{
	v->compiler = (struct compiler){
		.ctx = v,
		.compile = compile,
		.publish = publish,
		.discard = discard,
		.retire = retire,
	};
}
