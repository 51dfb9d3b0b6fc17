/* SPDX-License-Identifier: Apache-2.0 */
/* Kind switch: a station table and a number of seconds. */
#include <errno.h>
#include <stdlib.h>

#include "base/pages.h"
#include "vswitch/port_vlans.h"
#include "vswitch/switches.h"

/* Lines of counters for each worker, and for made frames. */
static size_t tallies(const struct vswitch *v)
{
	return (engine_workers(v->env->engine) + 1) * (size_t)VLAN_TALLIES;
}

static void free_switch(const struct vswitch *v, struct vsw *sw)
{
	if (!sw)
		return;
	fdb_destroy(sw->fdb);
	pages_give(sw->tally, tallies(v), sizeof(*sw->tally));
	free(sw->plan);
	free(sw->vlans);
	free(sw->mirror);
	free(sw);
}

static int switch_prepare(void *ctx, const struct model *m, const struct object *was,
			  struct object *now, struct faults *f)
{
	struct vswitch *v = ctx;
	struct vsw *sw;

	(void)m;
	if (was)
		return 0;
	sw = calloc(1, sizeof(*sw));
	if (sw) {
		sw->vlans = calloc(1, sizeof(*sw->vlans));
		sw->tally = pages_take(tallies(v), sizeof(*sw->tally));
	}
	if (!sw || !sw->vlans || !sw->tally ||
	    fdb_create((unsigned int)object_int(now, "fdb_size"), &sw->fdb) < 0) {
		free_switch(v, sw);
		return fault(f, FAULT_SYSTEM, "fdb_size", "ask for fewer stations",
			     "there is no memory for a table of %ld stations",
			     object_int(now, "fdb_size"));
	}
	sw->name = now->name;
	sw->aging_s = (uint32_t)object_int(now, "aging");
	sw->next = v->switches;
	v->switches = sw;
	now->run = sw;
	return 0;
}

static void forget_switch(struct vswitch *v, struct vsw *sw)
{
	struct vsw **at = &v->switches;

	while (*at != sw)
		at = &(*at)->next;
	*at = sw->next;
	free_switch(v, sw);
}

static void switch_abort(void *ctx, const struct object *was, struct object *now)
{
	if (!was)
		forget_switch(ctx, now->run);
}

static void switch_commit(void *ctx, const struct object *was, struct object *now)
{
	struct vsw *sw = now->run;

	(void)ctx;
	(void)was;
	sw->name = now->name;
	sw->aging_s = (uint32_t)object_int(now, "aging");
	sw->next_sweep_s = 0;
	sw->loops_ok = !strcmp(object_text(now, "loops"), "allow");
	fdb_limit_moves(sw->fdb, (unsigned int)object_int(now, "move_limit"));
}

static void switch_release(void *ctx, struct object *was)
{
	forget_switch(ctx, was->run);
}

static json_t *switch_status(void *ctx, const struct object *o)
{
	const struct vswitch *v = ctx;
	const struct vsw *sw = o->run;
	unsigned int ports = 0;
	json_t *s;

	for (unsigned int i = 0; v->live && i < PORT_MAX; i++)
		ports += v->live->port[i]->fdb == sw->fdb;
	s = json_pack("{s:I}", "ports", (json_int_t)ports);
	if (s)
		fdb_status(sw, s);
	return s;
}

void switch_kind_init(struct vswitch *v)
{
	v->switch_kind = (struct kind){
		.schema = schema_find("switch"),
		.ctx = v,
		.prepare = switch_prepare,
		.abort = switch_abort,
		.commit = switch_commit,
		.release = switch_release,
		.leave = switch_release,
		.status = switch_status,
	};
}
