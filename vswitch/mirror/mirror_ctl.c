/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kind mirror: who may copy what where, the files that get copies, and what became of them. What
 * workers know of mirrors is made in mirror_plan.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ports/capture.h"
#include "ports/capture_file.h"
#include "vswitch/mirror/mirror_priv.h"

#define MIB (1u << 20)

/* ---- is it sensible? ------------------------------------------------------------------------ */

static bool lists(const struct object *mirror, const char *port)
{
	const json_t *ports = json_object_get(mirror->spec, "ports");

	for (size_t i = 0; i < json_array_size(ports); i++) {
		if (!strcmp(json_string_value(json_array_get(ports, i)), port))
			return true;
	}
	return false;
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static void check_itself(const struct object *now, struct faults *f)
{
	const char *to = object_text(now, "to");

	if (!json_array_size(json_object_get(now->spec, "ports")) && !object_has(now, "vlans"))
		fault(f, FAULT_INVALID, NULL, "give `ports`, `vlans` or both",
		      "a mirror needs something to copy");
	if (!to == !object_has(now, "file"))
		fault(f, FAULT_INVALID, NULL, "give either `to` or `file`",
		      to ? "copies go to a port or into a file, not both"
			 : "the copies have to go somewhere");
	if (to && lists(now, to))
		fault(f, FAULT_INVALID, "to", "name another port",
		      "port %s cannot get the copies of its own frames", to);
}

static void check_ports(const struct model *m, const struct object *now, struct faults *f)
{
	const json_t *ports = json_object_get(now->spec, "ports");
	const char *sw = object_text(now, "switch"), *to = object_text(now, "to");
	const struct object *dest = to ? model_find(m, "port", to) : NULL;

	for (size_t i = 0; i < json_array_size(ports); i++) {
		const char *name = json_string_value(json_array_get(ports, i));
		const struct object *port = model_find(m, "port", name);
		const char *at = port ? object_text(port, "switch") : NULL;

		if (port && !same(at, sw))
			fault(f, FAULT_INVALID, "ports", "a mirror is for one switch",
			      "port %s belongs to %s%s, not to %s", name,
			      at ? "switch " : "no switch", at ? at : "", sw);
	}
	if (dest && !object_has(dest, "switch"))
		fault(f, FAULT_INVALID, "to", "name a port of a switch",
		      "port %s belongs to no switch", to);
}

/* Against another one: no mirror of a mirror, no two in one file. */
static void check_beside(const struct object *now, const struct object *other, struct faults *f)
{
	const char *to = object_text(now, "to"), *theirs = object_text(other, "to");

	if (to && lists(other, to))
		fault(f, FAULT_CONFLICT, "to", "name another port",
		      "port %s is copied by mirror %s: there is no mirror of a mirror", to,
		      other->name);
	if (theirs && lists(now, theirs))
		fault(f, FAULT_CONFLICT, "ports", "leave it out",
		      "port %s gets the copies of mirror %s: there is no mirror of a mirror",
		      theirs, other->name);
	if (same(object_text(now, "file"), object_text(other, "file")))
		fault(f, FAULT_CONFLICT, "file", "name another file",
		      "mirror %s writes into %s already", other->name, object_text(now, "file"));
}

static void mirror_check(void *ctx, const struct model *m, const struct object *now,
			 struct faults *f)
{
	const char *sw = object_text(now, "switch");
	unsigned int on_switch = 1;

	(void)ctx;
	check_itself(now, f);
	check_ports(m, now, f);
	for (const struct object *o = NULL; (o = model_next(m, "mirror", o));) {
		if (!strcmp(o->name, now->name))
			continue;
		on_switch += !strcmp(object_text(o, "switch"), sw);
		check_beside(now, o, f);
	}
	if (on_switch > MIRRORS_MAX)
		fault(f, FAULT_INVALID, "switch", "remove one first",
		      "switch %s has %u mirrors already, which is all it can have", sw,
		      MIRRORS_MAX);
}

/* ---- made, changed, unmade ------------------------------------------------------------------ */

static uint64_t limit_of(const struct object *o)
{
	return (uint64_t)object_int(o, "file_size") * MIB;
}

static int open_file(struct vswitch *v, struct mirror *r, const struct object *now,
		     struct faults *f)
{
	const char *dir = v->env->capture_dir, *name = object_text(now, "file");
	int err = pcapng_open(dir, name, limit_of(now), &r->next_file);

	if (err)
		return capture_file_fault(dir, "file", name, err, f);
	if (copies_ready(v->env->engine) < 0)
		err = -ENOMEM;
	if (!v->scratch)
		v->scratch = malloc(GSO_BUF);
	if (err || !v->scratch) {
		pcapng_close(r->next_file);
		r->next_file = NULL;
		return fault(f, FAULT_SYSTEM, "file", NULL, "there is no memory to capture");
	}
	return 0;
}

static const struct mirror *by_who(const struct vswitch *v, unsigned int who)
{
	const struct mirror *r = v->mirrors;

	while (r && r->who != who)
		r = r->next;
	return r;
}

static struct mirror *new_mirror(struct vswitch *v, const char *name)
{
	struct mirror *r = calloc(1, sizeof(*r)), **at = &v->mirrors;

	if (!r)
		return NULL;
	r->tally = aligned_alloc(CACHE_LINE, MIRROR_TALLIES * sizeof(*r->tally));
	if (!r->tally) {
		free(r);
		return NULL;
	}
	memset(r->tally, 0, MIRROR_TALLIES * sizeof(*r->tally));
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->to = PORT_NONE;
	do /* copies of one that is gone may still be on their way */
		v->last_who = v->last_who % COPY_WHO_MAX + 1;
	while (by_who(v, v->last_who));
	r->who = v->last_who;
	while (*at)
		at = &(*at)->next;
	*at = r;
	return r;
}

static void destroy(struct vswitch *v, struct mirror *r)
{
	struct mirror **at = &v->mirrors;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	pcapng_close(r->next_file);
	pcapng_close(r->file);
	free(r->tally);
	free(r);
}

static int mirror_prepare(void *ctx, const struct model *m, const struct object *was,
			  struct object *now, struct faults *f)
{
	struct vswitch *v = ctx;
	struct mirror *r = was ? now->run : new_mirror(v, now->name);
	int err;

	(void)m;
	if (!r)
		return fault(f, FAULT_SYSTEM, NULL, NULL, "there is no memory for a mirror");
	if (!object_has(now, "file") ||
	    (was && same(object_text(was, "file"), object_text(now, "file")))) {
		now->run = r;
		return 0;
	}
	err = open_file(v, r, now, f);
	if (err && !was)
		destroy(v, r);
	else
		now->run = r;
	return err;
}

static void mirror_abort(void *ctx, const struct object *was, struct object *now)
{
	struct mirror *r = now->run;

	if (!was) {
		destroy(ctx, r);
		return;
	}
	pcapng_close(r->next_file);
	r->next_file = NULL;
}

/* What the port did not take: all of it is copies, as it takes part in no switching. */
static uint64_t refused(const struct vswitch *v, port_id_t port)
{
	const struct engine *e = v->env->engine;
	struct port_count c;
	const char *node;
	uint64_t n = 0;

	port_counters(e, port, &c);
	for (unsigned int i = 0; engine_cause(e, i, &node); i++)
		n += strcmp(node, "port-tx") ? 0 : c.drop[i];
	return n;
}

static void mirror_commit(void *ctx, const struct object *was, struct object *now)
{
	struct vswitch *v = ctx;
	struct mirror *r = now->run;
	const char *file = object_text(now, "file"), *to = object_text(now, "to");

	if (r->next_file || !file) {
		pcapng_close(r->file);
		r->file = r->next_file;
		r->next_file = NULL;
	}
	if (r->file)
		pcapng_set_limit(r->file, limit_of(now));
	if (to && !(was && same(object_text(was, "to"), to))) {
		vswitch_forget(v, r->to, NULL); /* whoever was behind it cannot be reached there */
		r->refused_before = refused(v, r->to);
	}
}

/* What is on its way to the file still gets there. */
static void drain(struct vswitch *v, const struct mirror *r)
{
	for (unsigned int i = 0; r->file && i < 64 && !parcels_take(v->env->engine, 1024);)
		i++;
}

static void mirror_gone(void *ctx, struct object *was)
{
	drain(ctx, was->run);
	destroy(ctx, was->run);
	was->run = NULL;
}

/* The view stays, and workers go on counting by it until they are stopped: freed at the end. */
static void mirror_leave(void *ctx, struct object *o)
{
	drain(ctx, o->run);
	o->run = NULL;
}

/* ---- into the file -------------------------------------------------------------------------- */

struct writing {
	struct vswitch *v;
	struct mirror *r;
	const struct parcel *p;
};

static void write_frame(void *arg, const uint8_t *frame, uint32_t len)
{
	struct writing *w = arg;
	const struct port *port = w->v->port[w->p->port];
	char number[16];
	int err;

	snprintf(number, sizeof(number), "port %u", w->p->port); /* it has gone meanwhile */
	err = pcapng_put(w->r->file, w->p->port, port ? port->name : number, copy_dir(w->p),
			 w->p->time_ns, frame, len);
	w->r->lost += err != 0;
	if (err && !w->r->told_lost)
		events_post(w->v->env->events, "mirror.failed", "mirror", w->r->name,
			    "mirror %s cannot write its file: %s", w->r->name, strerror(-err));
	w->r->told_lost = err != 0;
}

static void deliver(void *arg, const struct parcel *p)
{
	struct vswitch *v = arg;
	struct writing w = { .v = v, .r = (struct mirror *)by_who(v, copy_who(p)), .p = p };

	if (w.r && w.r->file)
		capture_finish(p, v->scratch, write_frame, &w);
}

/* ---- what became of the copies -------------------------------------------------------------- */

static json_t *mirror_status(void *ctx, const struct object *o)
{
	const struct mirror *r = o->run;
	uint64_t copied = 0, missed = 0, lost = r->lost;

	for (unsigned int i = 0; i < MIRROR_TALLIES; i++) {
		copied += __atomic_load_n(&r->tally[i].copied, __ATOMIC_RELAXED);
		missed += __atomic_load_n(&r->tally[i].missed, __ATOMIC_RELAXED);
	}
	if (r->to != PORT_NONE)
		lost = refused(ctx, r->to) - r->refused_before;
	return json_pack("{s:I, s:I}", "copied", (json_int_t)(copied - MIN(lost, copied)), "missed",
			 (json_int_t)(missed + lost));
}

void mirror_kind_init(struct vswitch *v)
{
	v->mirror_kind = (struct kind){
		.schema = schema_find("mirror"),
		.ctx = v,
		.check = mirror_check,
		.prepare = mirror_prepare,
		.abort = mirror_abort,
		.commit = mirror_commit,
		.release = mirror_gone,
		.leave = mirror_leave,
		.status = mirror_status,
	};
	copies_to(v->env->engine, deliver, v);
}

void mirror_kind_fini(struct vswitch *v)
{
	copies_to(v->env->engine, NULL, NULL);
	while (v->mirrors)
		destroy(v, v->mirrors);
	free(v->scratch);
}
