/* SPDX-License-Identifier: Apache-2.0 */
/* Kind link: a cable with two ends, which ports of type cable are. */
#include "link/link.h"

#include <string.h>

#include "ports/cable/cable.h"

static int link_prepare(void *ctx, const struct model *m, const struct object *was,
			struct object *now, struct faults *faults)
{
	struct cable *c;
	int err;

	(void)ctx;
	(void)m;
	if (was)
		return 0;
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
	cable_set_up(now->run, object_bool(now, "up"));
}

static void link_release(void *ctx, struct object *was)
{
	(void)ctx;
	cable_destroy(was->run);
	was->run = NULL;
}

static json_t *link_status(void *ctx, const struct object *o)
{
	const struct cable *c = o->run;
	json_t *ends = json_object();

	(void)ctx;
	for (unsigned int i = 0; i < ARRAY_LEN(c->end); i++)
		json_object_set_new(ends, i ? "b" : "a",
				    c->end[i].port ? json_string(c->end[i].port->name)
						   : json_null());
	return json_pack("{s:b, s:o}", "carrier", cable_carrier(c), "ends", ends);
}

void link_kind(const struct port_env *env, struct kind *out)
{
	(void)env; /* a cable needs nothing of the machine */
	*out = (struct kind){
		.schema = schema_find("link"),
		.prepare = link_prepare,
		.abort = link_abort,
		.commit = link_commit,
		.release = link_release,
		.leave = link_release,
		.status = link_status,
	};
}
