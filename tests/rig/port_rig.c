/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/port_rig.h"

#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rcu.h"
#include "dataplane/graph.h"
#include "ports/netns.h"
#include "tests/rig/model_rig.h"

static void need(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "port rig: %s\n", what);
	abort();
}

bool port_rig_alone(void)
{
	return geteuid() == 0 && !unshare(CLONE_NEWNET | CLONE_NEWNS) &&
	       !mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

enum { PATCH_OUT, PATCH_DROP };

static void patch(struct node_ctx *ctx, const struct burst *in)
{
	const struct port_rig *r = node_state(ctx);

	for (unsigned int i = 0; i < in->n; i++) {
		struct pkt *p = in->pkt[i];
		port_id_t to = __atomic_load_n(&r->to[p->in_port], __ATOMIC_RELAXED);

		if (to != PORT_NONE)
			tx_put(ctx->worker, to, p, r->tag);
		node_send(ctx, to == PORT_NONE ? PATCH_DROP : PATCH_OUT, p);
	}
}

static NODE(patch_node) = {
	.name = "patch",
	.run = patch,
	.state = "patch",
	.arc = "port-input",
	.edge = { [PATCH_OUT] = DONE, [PATCH_DROP] = DROP("nowhere to go") },
};

struct port_rig *port_rig_create(void)
{
	return port_rig_create_with(1);
}

struct port_rig *port_rig_create_with(unsigned int workers)
{
	static const struct node_def *const graph[] = { &port_rx_node, &patch_node, NULL };
	struct port_rig *r = calloc(1, sizeof(*r));
	struct faults f = { 0 };

	need(r, "memory");
	log_set_level(LOG_LEVEL_ERR);
	snprintf(r->dir, sizeof(r->dir), "/tmp/weft-port-rig.XXXXXX");
	need(mkdtemp(r->dir), "a folder");
	memset(r->to, 0xff, sizeof(r->to));
	need(!engine_create(graph, workers, &r->env.engine, &f), "an engine");
	need(!loop_create(&r->env.loop) && !events_create(&r->env.events), "a loop");
	need(!model_create(&r->model), "a model");
	r->env.run_dir = r->env.capture_dir = r->dir;
	r->env.instance = r->dir + strlen("/tmp/weft-");
	engine_stage(r->env.engine, "patch", r);
	engine_publish(r->env.engine);
	return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void port_rig_destroy(struct port_rig *r)
{
	if (!r)
		return;
	ports_settle(&r->env);
	engine_stop(r->env.engine);
	engine_destroy(r->env.engine);
	events_destroy(r->env.events);
	loop_destroy(r->env.loop);
	model_destroy(r->model);
	netns_tidy(r->dir);
	nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(r);
}

struct object *port_rig_object(struct port_rig *r, const char *kind, const char *name,
			       const char *spec)
{
	return model_rig_add(r->model, kind, name, spec);
}

void port_rig_respec(struct port_rig *r, struct object *o, const char *spec, struct object *was)
{
	(void)r;
	*was = *o;
	o->spec = model_rig_spec(o->schema->kind, spec);
}

struct port *port_rig_open(struct port_rig *r, struct object *o, struct faults *f)
{
	struct port *p = calloc(1, sizeof(*p));

	need(p, "memory");
	p->env = &r->env;
	p->type = port_type_find(object_text(o, "type"));
	p->wanted = object_bool(o, "up");
	snprintf(p->name, sizeof(p->name), "%s", o->name);
	need(!port_take(r->env.engine, &p->id), "a port number");
	p->type->check(r->model, o, f);
	if (f->n || p->type->open(p, o, f)) {
		port_free(r->env.engine, p->id);
		free(p);
		return NULL;
	}
	o->run = p;
	return p;
}

struct port *port_rig_start(struct port_rig *r, const char *name, const char *spec)
{
	struct faults f = { 0 };
	struct port *p = port_rig_open(r, port_rig_object(r, "port", name, spec), &f);

	need(p, f.n ? f.v[0].message : name);
	p->type->start(p);
	if (p->type->carrier)
		p->type->carrier(p);
	return p;
}

void port_rig_close(struct port_rig *r, struct port *p, bool leave)
{
	struct entry *e = model_entry(r->model, schema_find("port"), p->name);

	p->type->stop(p);
	rcu_wait();
	if (leave && p->type->leave)
		p->type->leave(p);
	else
		p->type->close(p);
	port_free(r->env.engine, p->id);
	model_take(r->model, e);
	entry_free(e);
	model_sweep(r->model);
	free(p);
}

void port_rig_run(struct port_rig *r, struct source *s)
{
	while (worker_run(engine_worker(r->env.engine, 0), s) > 0)
		continue;
}

bool port_rig_said(const struct port_rig *r, const char *sentence)
{
	const struct event *e = NULL;

	while ((e = events_after(r->env.events, e ? e->id : 0)) != NULL)
		if (!strcmp(e->message, sentence))
			return true;
	return false;
}
