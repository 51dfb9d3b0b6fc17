/* SPDX-License-Identifier: Apache-2.0 */
/* Kind port: the switch's half (VLANs, state) here, the device's half in the type (ports/). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/rcu.h"
#include "control/control.h"
#include "ports/drop_owner.h"
#include "vswitch/parts.h"

static const struct port_part *const port_parts[] = { &port_vlans_part,   &port_rings_part,
						      &port_mirrors_part, &port_learn_part,
						      &port_limits_part,  &port_policy_part };

void port_plan(const struct vswitch *v, const struct model *m, const struct object *now,
	       struct vsw_port *out)
{
	const struct port *p = now->run;

	*out = (struct vsw_port){ .up = object_bool(now, "up"), .live = v->port_live[p->id] };
	if (out->live)
		out->shut = (uint8_t)__atomic_load_n(&out->live->shut, __ATOMIC_RELAXED);
	for (size_t i = 0; i < ARRAY_LEN(port_parts); i++) {
		if (port_parts[i]->plan)
			port_parts[i]->plan(v, m, now, out);
	}
}

static const struct port_type *type_of(const struct object *o)
{
	return port_type_find(object_text(o, "type"));
}

/* A port that a daemon with more workers left behind comes up all the same. */
static void check_worker(const struct vswitch *v, const struct object *now, struct faults *f)
{
	unsigned int n = engine_workers(v->env->engine);

	if (object_has(now, "worker") && object_int(now, "worker") >= (long)n &&
	    engine_runs(v->env->engine))
		fault(f, FAULT_INVALID, "worker",
		      "take another one or none, or start weftd with more --workers",
		      "there is no worker %ld, the last one is %u", object_int(now, "worker"),
		      n - 1);
}

/* As it is wanted, if there is such a one; -1: any. */
static int worker_of(const struct vswitch *v, const struct object *o)
{
	long wanted = object_has(o, "worker") ? object_int(o, "worker") : -1;

	if (wanted < (long)engine_workers(v->env->engine))
		return (int)wanted;
	log_warn("port", "%s: there is no worker %ld, so any has it", o->name, wanted);
	return -1;
}

/* What only a switch could do with a port's frames is not to be asked for without one. */
static void check_homeless(const struct object *now, struct faults *f)
{
	static const char *const own[] = { "type", "up", "worker", NULL };
	struct field_at at;

	if (!strcmp(object_text(now, "type"), "cable"))
		fault(f, FAULT_INVALID, "switch", "say which switch, or let the link be a wire",
		      "port %s is the end of a link between switches, so it needs a switch",
		      now->name);
	for (const struct field *x = schema_first(now->schema, &at); x; x = schema_next(&at)) {
		json_t *value = json_object_get(now->spec, x->name), *def;
		const char *const *o = own;

		while (*o && strcmp(*o, x->name) != 0)
			o++;
		if (!value || x->only || *o)
			continue;
		def = x->def ? json_loads(x->def, JSON_DECODE_ANY, NULL) : NULL;
		if (!def || !json_equal(value, def))
			fault(f, FAULT_INVALID, x->name, "add the switch, or leave it out",
			      "port %s is in no switch, so it can have no %s", now->name, x->name);
		json_decref(def);
	}
}

static void port_check(void *ctx, const struct model *m, const struct object *now, struct faults *f)
{
	const struct vswitch *v = ctx;

	if (!object_has(now, "switch"))
		check_homeless(now, f);
	for (size_t i = 0; i < ARRAY_LEN(port_parts) && object_has(now, "switch"); i++) {
		if (port_parts[i]->check)
			port_parts[i]->check(v, m, now, f);
	}
	check_worker(v, now, f);
	if (type_of(now)->check)
		type_of(now)->check(m, now, f);
	if (!now->run && type_of(now)->look)
		type_of(now)->look(v->env, now, f);
}

static int port_new(struct vswitch *v, struct object *now, struct faults *f)
{
	struct port *p = calloc(1, sizeof(*p));
	struct vsw_live *live = calloc(1, sizeof(*live));
	int err;

	if (!p || !live) {
		free(p);
		free(live);
		return fault(f, FAULT_SYSTEM, NULL, NULL, "there is no memory for another port");
	}
	p->env = v->env;
	p->type = type_of(now);
	p->wanted = object_bool(now, "up");
	snprintf(p->name, sizeof(p->name), "%s", now->name);
	err = port_take(v->env->engine, &p->id);
	if (err) {
		free(p);
		free(live);
		return fault(f, FAULT_SYSTEM, NULL, "remove some first",
			     "all %d ports of the daemon are taken", PORT_MAX);
	}
	engine_pin(v->env->engine, p->id, worker_of(v, now)); /* there are no sources yet */
	err = p->type->open(p, now, f);
	if (err) {
		port_free(v->env->engine, p->id);
		free(p);
		free(live);
		return err;
	}
	v->port_live[p->id] = live;
	now->run = p;
	return 0;
}

static int port_prepare(void *ctx, const struct model *m, const struct object *was,
			struct object *now, struct faults *f)
{
	struct port *p = now->run;

	(void)m;
	if (!was)
		return port_new(ctx, now, f);
	return p->type->set ? p->type->set(p, was, now, f) : 0;
}

static void port_gone(struct vswitch *v, struct port *p)
{
	port_is_gone(p);
	for (size_t i = 0; i < ARRAY_LEN(port_parts); i++) {
		if (port_parts[i]->gone)
			port_parts[i]->gone(v, p);
	}
	v->port[p->id] = NULL;
	v->home[p->id] = NULL;
	free(v->port_live[p->id]->bindings);
	free(v->port_live[p->id]);
	v->port_live[p->id] = NULL;
	port_free(v->env->engine, p->id);
	free(p);
}

static void port_abort(void *ctx, const struct object *was, struct object *now)
{
	struct faults nobody = { 0 };
	struct port *p = now->run;

	if (!was) {
		p->type->close(p);
		port_gone(ctx, p);
	} else if (p->type->set) {
		p->type->set(p, now, was, &nobody);
	}
	faults_free(&nobody);
}

static void port_commit(void *ctx, const struct object *was, struct object *now)
{
	struct vswitch *v = ctx;
	struct port *p = now->run;

	v->port[p->id] = p;
	v->home[p->id] =
		object_has(now, "switch") ? vswitch_find(v, object_text(now, "switch")) : NULL;
	p->wanted = object_bool(now, "up");
	for (size_t i = 0; i < ARRAY_LEN(port_parts); i++) {
		if (port_parts[i]->commit)
			port_parts[i]->commit(v, p, now);
	}
	if (!was)
		p->type->start(p);
	else if (engine_pin(v->env->engine, p->id, worker_of(v, now)))
		log_warn("port", "%s: it cannot move to worker %ld", p->name,
			 object_int(now, "worker"));
	v->committed[v->n_committed++] = p->id;
	/* 802.1Q-2018 8.8.3: stations that left their VLAN with the port are forgotten. */
	if (was)
		vswitch_forget(v, p->id, &v->live->port[p->id]->member);
	if (was && !p->wanted)
		port_open(v, p); /* whoever takes it down and up again has looked at it */
}

/* Nor need it be down in between. */
static void port_said(void *ctx, const struct object *o, const json_t *fields)
{
	if (json_is_true(json_object_get(fields, "up")))
		port_open(ctx, o->run);
}

static void port_unpublish(void *ctx, struct object *was)
{
	struct port *p = was->run;

	(void)ctx;
	p->type->stop(p);
}

/*
 * 1. No worker takes frames from the port any more, or sends to it (grace period before us).
 * 2. The device goes.
 * 3. The station table forgets the number; a worker may just have read it: grace period.
 * 4. The number is free.
 */
static void let_go(struct vswitch *v, struct port *p, bool leave)
{
	if (leave && p->type->leave)
		p->type->leave(p);
	else
		p->type->close(p);
	vswitch_forget(v, p->id, NULL);
	rcu_wait();
	port_gone(v, p);
}

static void port_release(void *ctx, struct object *was)
{
	let_go(ctx, was->run, false);
}

/* Carriers come when all ports take frames: who speaks at once is heard by all. */
static void port_settle(void *ctx)
{
	struct vswitch *v = ctx;

	for (unsigned int i = 0; i < v->n_committed; i++) {
		struct port *p = v->port[v->committed[i]];

		if (p && p->type->carrier)
			p->type->carrier(p);
	}
	v->n_committed = 0;
	ports_settle(v->env);
}

static void port_leave(void *ctx, struct object *o)
{
	struct port *p = o->run;

	p->type->stop(p);
	rcu_wait();
	let_go(ctx, p, true);
}

/* Which worker serves each queue. */
static json_t *workers(const struct vswitch *v, const struct port *p)
{
	json_t *list = json_array();

	for (const struct source *s = NULL; (s = port_source(v->env->engine, p->id, s));)
		json_array_insert_new(list, 0, json_integer(s->worker));
	return list;
}

/* All, and of them those of each class. */
static json_t *counts_json(uint64_t frames, uint64_t bytes, const struct class_count *c)
{
	json_t *all = classes_json(c);

	json_object_set_new(all, "frames", json_integer((json_int_t)frames));
	json_object_set_new(all, "bytes", json_integer((json_int_t)bytes));
	return all;
}

static json_t *port_status(void *ctx, const struct object *o)
{
	const struct vswitch *v = ctx;
	const struct port *p = o->run;
	struct port_count c;
	const struct control *control = v->env->control;
	json_t *s;

	port_counters(v->env->engine, p->id, &c);
	s = json_pack("{s:i, s:b, s:o, s:o, s:o}", "id", p->id, "carrier", p->carrier, "in",
		      counts_json(c.in_frames, c.in_bytes, c.in), "out",
		      counts_json(c.out_frames, c.out_bytes, c.out), "drops",
		      port_drops(v->env->engine, control ? control_model(control) : NULL, o));
	if (s && port_source(v->env->engine, p->id, NULL))
		json_object_set_new(s, "workers", workers(v, p));
	for (size_t i = 0; s && i < ARRAY_LEN(port_parts); i++) {
		if (port_parts[i]->status)
			port_parts[i]->status(v, p, s);
	}
	if (s && p->wanted && p->held)
		json_object_set_new(s, "held", json_string(p->held));
	if (s && p->type->status)
		p->type->status(p, s);
	if (s)
		port_ask_status(p, s);
	return s;
}

/* 802.1Q-2018 8.8.3: nor is a station kept behind a port that nothing comes through. */
static void port_down(void *ctx, struct port *p)
{
	vswitch_forget_learned(ctx, p->id);
}

void port_kind_init(struct vswitch *v)
{
	v->listener = (struct port_listener){ .down = port_down, .ctx = v };
	v->port_kind = (struct kind){
		.schema = schema_find("port"),
		.ctx = v,
		.check = port_check,
		.prepare = port_prepare,
		.abort = port_abort,
		.commit = port_commit,
		.unpublish = port_unpublish,
		.release = port_release,
		.settle = port_settle,
		.said = port_said,
		.leave = port_leave,
		.status = port_status,
	};
}
