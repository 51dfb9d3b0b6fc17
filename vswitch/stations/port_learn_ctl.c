/* SPDX-License-Identifier: Apache-2.0 */
/* How many stations a port may have, and what becomes of it when there are more. */
#include <stdio.h>

#include "dataplane/punt.h"
#include "vswitch/parts.h"
#include "vswitch/stations/port_learn_api.h"
#include "vswitch/vsw_node.h"

static enum vsw_beyond beyond_of(const struct object *o)
{
	const char *text = object_text(o, "learn_beyond");

	for (unsigned int i = 0; text && port_learn_beyond[i]; i++) {
		if (!strcmp(port_learn_beyond[i], text))
			return (enum vsw_beyond)i;
	}
	return VSW_BEYOND_DROP;
}

static void check(const struct vswitch *v, const struct model *m, const struct object *now,
		  struct faults *f)
{
	(void)v;
	(void)m;
	if (object_has(now, "learn_beyond") && !object_has(now, "learn_limit"))
		fault(f, FAULT_INVALID, "learn_beyond", "give `learn_limit` too",
		      "there is no limit beyond which frames could be treated so");
}

static void plan(const struct vswitch *v, const struct model *m, const struct object *now,
		 struct vsw_port *out)
{
	(void)v;
	(void)m;
	out->beyond = (uint8_t)beyond_of(now);
}

static bool is_shut(const struct vswitch *v, const struct port *p)
{
	return port_shut_by(v, p) == VSW_SHUT_LEARN;
}

static void commit(struct vswitch *v, struct port *p, const struct object *now)
{
	struct learn_limit *l = &v->learn[p->id];
	unsigned int limit = (unsigned int)object_int(now, "learn_limit");
	enum vsw_beyond beyond = beyond_of(now);

	if (limit == l->limit && beyond == l->beyond)
		return;
	v->n_limits += !l->limit - !limit;
	*l = (struct learn_limit){ .limit = limit, .beyond = beyond };
	if (v->home[p->id])
		fdb_limit_port(v->home[p->id]->fdb, p->id, limit);
	if (is_shut(v, p))
		port_open(v, p);
}

static void gone(struct vswitch *v, struct port *p)
{
	struct learn_limit *l = &v->learn[p->id];

	v->n_limits -= l->limit != 0;
	*l = (struct learn_limit){ 0 };
	if (v->home[p->id])
		fdb_limit_port(v->home[p->id]->fdb, p->id, 0);
}

static void status(const struct vswitch *v, const struct port *p, json_t *into)
{
	char text[64];

	if (v->home[p->id] && v->learn[p->id].limit)
		json_object_set_new(into, "stations",
				    json_integer(fdb_port_count(v->home[p->id]->fdb, p->id)));
	if (!is_shut(v, p))
		return;
	snprintf(text, sizeof(text), "learned more than %u stations", v->learn[p->id].limit);
	json_object_set_new(into, "shut", json_string(text));
}

const struct port_part port_learn_part = {
	.check = check, .plan = plan, .commit = commit, .gone = gone, .status = status
};

/* ---- what became of it ---------------------------------------------------------------------- */

static void tell_shut(struct vswitch *v, struct port *p)
{
	events_post(v->env->events, "port.learn_limit", "port", p->name,
		    "port %s is shut: more than %u stations spoke there (learn_limit); `weft port "
		    "set %s up true` opens it",
		    p->name, v->learn[p->id].limit, p->name);
}

static void tell_beyond(struct vswitch *v, struct port *p)
{
	const struct learn_limit *l = &v->learn[p->id];

	events_post(v->env->events, "port.learn_limit", "port", p->name,
		    "port %s has %u stations, as many as it may (learn_limit); frames of others "
		    "are %s",
		    p->name, l->limit,
		    l->beyond == VSW_BEYOND_FLOOD ? "switched, but not learned" : "dropped");
}

/* A crossing is told once; the next one is new when there was room in between. */
static void look_at(struct vswitch *v, struct port *p)
{
	struct learn_limit *l = &v->learn[p->id];
	struct fdb *fdb = v->home[p->id]->fdb;
	bool crossed = fdb_port_crossed(fdb, p->id);

	if (is_shut(v, p)) {
		if (!p->held) {
			tell_shut(v, p);
			port_shut(v, p, VSW_SHUT_LEARN, "it learned more stations than it may");
		}
		return;
	}
	if (crossed && !l->told)
		tell_beyond(v, p);
	l->told = crossed || (l->told && fdb_port_count(fdb, p->id) >= l->limit);
}

void learn_limits_look(struct vswitch *v)
{
	for (unsigned int i = 0, n = v->n_limits; n && i < PORT_MAX; i++) {
		if (!v->learn[i].limit)
			continue;
		n--;
		if (v->port[i] && v->home[i])
			look_at(v, v->port[i]);
	}
}

/* A worker has just shut the port: the frame that was one too many comes here. */
static void one_too_many(void *arg, const struct parcel *from)
{
	struct vswitch *v = arg;
	port_id_t id = from->port;

	if (id < PORT_MAX && v->port[id] && v->home[id] && v->learn[id].limit)
		look_at(v, v->port[id]);
}

void learn_limits_start(struct vswitch *v)
{
	punt_to(v->env->engine, PUNT_LEARN, one_too_many, v);
}
