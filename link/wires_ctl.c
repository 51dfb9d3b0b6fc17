/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wires: from the model to the view that workers read, and the carriers of what they join.
 *
 * A port that is in no switch has a carrier exactly if it is at the end of a wire that is whole and
 * whose other end could have one: its device is up, its guest's driver is ready (port->ready). That
 * does not depend on the carrier that we show it, so neither end waits for the other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/pages.h"
#include "link/link_priv.h"
#include "link/wire.h"

struct wire {
	char link[NAME_MAX_LEN + 1];
	bool up; /* not cut */
	bool carrier; /* as it was told */
	struct port *port[2]; /* by end; NULL: not up, or gone since */
};

struct wires {
	struct wire_view view;
	struct plug {
		struct port *port; /* NULL: there is none of that number, or it is in a switch */
		struct wire *wire; /* NULL: in none */
		bool moved; /* held for another reason than before */
	} plug[PORT_MAX];
	unsigned int n;
	struct wire *wire;
};

/* ---- from the model ------------------------------------------------------------------------- */

static struct port *end_of(const struct model *m, const struct object *link, const char *end)
{
	const char *name = object_text(link, end);
	const struct object *o = name ? model_find(m, "port", name) : NULL;

	return o && !object_has(o, "switch") ? o->run : NULL;
}

static void add_wire(struct wires *ws, const struct model *m, const struct object *o)
{
	struct wire *w = &ws->wire[ws->n++];

	w->up = object_bool(o, "up");
	w->port[0] = end_of(m, o, "a");
	w->port[1] = end_of(m, o, "b");
	snprintf(w->link, sizeof(w->link), "%.*s", NAME_MAX_LEN, o->name);
	for (unsigned int i = 0; i < 2; i++) {
		if (w->port[i])
			ws->plug[w->port[i]->id].wire = w;
	}
}

static const struct wire *wire_of(const struct wires *ws, const struct port *p)
{
	return ws && ws->plug[p->id].port == p ? ws->plug[p->id].wire : NULL;
}

static struct port *across(const struct wire *w, const struct port *p)
{
	return w->port[w->port[0] == p];
}

static struct wire_way way_of(const struct wires *ws, const struct object *o)
{
	const struct port *p = o->run, *far;
	const struct wire *w = wire_of(ws, p);

	if (!object_bool(o, "up"))
		return (struct wire_way){ PORT_NONE, WIRE_DROP_DOWN };
	if (!w)
		return (struct wire_way){ PORT_NONE, WIRE_DROP_UNPLUGGED };
	far = across(w, p);
	return w->up && far ? (struct wire_way){ far->id, WIRE_CROSSED }
			    : (struct wire_way){ PORT_NONE, WIRE_DROP_CUT };
}

static const struct object *next_loose(const struct model *m, const struct object *o)
{
	while ((o = model_next(m, "port", o)) && (object_has(o, "switch") || !o->run))
		;
	return o;
}

static int make(const struct model *m, struct wires **out)
{
	struct wires *ws;

	*out = NULL;
	if (!next_loose(m, NULL))
		return 0;
	ws = pages_take(1, sizeof(*ws));
	if (!ws)
		return -ENOMEM;
	ws->wire = calloc(model_count(m, "link") + 1, sizeof(*ws->wire));
	if (!ws->wire) {
		wires_free(ws);
		return -ENOMEM;
	}
	for (const struct object *o = NULL; (o = next_loose(m, o));) {
		struct port *p = o->run;

		ws->plug[p->id].port = p;
	}
	for (const struct object *o = NULL; (o = model_next(m, "link", o));) {
		if (link_is_wire(o))
			add_wire(ws, m, o);
	}
	for (unsigned int i = 0; i < PORT_MAX; i++)
		ws->view.way[i] = (struct wire_way){ PORT_NONE, WIRE_DROP_UNPLUGGED };
	for (const struct object *o = NULL; (o = next_loose(m, o));) {
		const struct port *p = o->run;

		ws->view.way[p->id] = way_of(ws, o);
	}
	*out = ws;
	return 0;
}

void wires_free(struct wires *ws)
{
	if (!ws)
		return;
	free(ws->wire);
	pages_give(ws, 1, sizeof(*ws));
}

/* ---- carriers ------------------------------------------------------------------------------- */

/* Why the port has no carrier though it is wanted; NULL: nothing is against it. */
static const char *hold_of(const struct plug *p)
{
	const struct port *far;

	if (!p->wire)
		return "it is plugged into no switch and no link";
	if (!p->wire->up)
		return "its link is cut";
	far = across(p->wire, p->port);
	if (!far)
		return "the other end of its link is not there";
	return far->ready ? NULL : "the other end of its link is down";
}

static bool hold(struct plug *p)
{
	const char *why = hold_of(p);
	bool changed = why != p->port->held;

	p->port->held = why;
	return changed;
}

static void tell(const struct links *l, struct wire *w)
{
	bool carrier = w->port[0] && w->port[1] && w->port[0]->carrier && w->port[1]->carrier;

	if (carrier == w->carrier)
		return;
	w->carrier = carrier;
	events_post(l->env->events, "link.carrier", "link", w->link, "link %s is %s%s", w->link,
		    carrier ? "up" : "down",
		    carrier  ? ": both its ends have a carrier"
		    : !w->up ? ": it is cut"
			     : ": one of its ends is");
}

/* The other end follows. It asks us back about this one, whose state is as it was told by now. */
static void port_changed(void *ctx, struct port *p)
{
	struct links *l = ctx;
	struct plug *own = l->live ? &l->live->plug[p->id] : NULL;
	struct port *far;

	if (!own || own->port != p || !own->wire)
		return;
	far = across(own->wire, p);
	if (far && hold(&l->live->plug[far->id]))
		far->type->carrier(far);
	tell(l, own->wire);
}

static void port_gone(void *ctx, struct port *p)
{
	struct links *l = ctx;
	struct plug *own = l->live ? &l->live->plug[p->id] : NULL;

	if (!own || own->port != p)
		return;
	if (own->wire)
		own->wire->port[own->wire->port[1] == p] = NULL;
	*own = (struct plug){ 0 };
}

void wires_settle(struct links *l)
{
	for (unsigned int i = 0; l->live && i < PORT_MAX; i++) {
		struct plug *p = &l->live->plug[i];

		if (p->port && (hold(p) || p->moved))
			p->port->type->carrier(p->port);
		p->moved = false;
	}
	for (unsigned int i = 0; l->live && i < l->live->n; i++)
		tell(l, &l->live->wire[i]);
}

/* ---- published ------------------------------------------------------------------------------ */

static int compile(void *ctx, const struct model *m, struct faults *f)
{
	struct links *l = ctx;

	if (make(m, &l->staged))
		return fault(f, FAULT_SYSTEM, NULL, NULL, "there is no memory for the wires");
	engine_stage(l->env->engine, WIRE_VIEW, l->staged ? &l->staged->view : NULL);
	return 0;
}

static struct wire *find(const struct wires *ws, const char *link)
{
	for (unsigned int i = 0; ws && i < ws->n; i++) {
		if (!strcmp(ws->wire[i].link, link))
			return &ws->wire[i];
	}
	return NULL;
}

/* Both are by name. */
static void keep_told(struct wires *now, const struct wires *was)
{
	unsigned int k = 0;

	for (unsigned int i = 0; now && was && i < now->n; i++) {
		while (k < was->n && strcmp(was->wire[k].link, now->wire[i].link) < 0)
			k++;
		if (k < was->n && !strcmp(was->wire[k].link, now->wire[i].link))
			now->wire[i].carrier = was->wire[k].carrier;
	}
}

/* Carriers follow in wires_settle(): not all that came takes frames yet. */
static void publish(void *ctx)
{
	struct links *l = ctx;

	l->old = l->live;
	l->live = l->staged;
	l->staged = NULL;
	engine_publish(l->env->engine);
	keep_told(l->live, l->old);
	for (unsigned int i = 0; l->live && i < PORT_MAX; i++) {
		struct plug *p = &l->live->plug[i];

		if (p->port)
			p->moved = hold(p) || (l->old && l->old->plug[i].moved);
	}
}

static void discard(void *ctx)
{
	struct links *l = ctx;

	engine_stage(l->env->engine, WIRE_VIEW, l->live ? &l->live->view : NULL);
	wires_free(l->staged);
	l->staged = NULL;
}

static void retire(void *ctx)
{
	struct links *l = ctx;

	wires_free(l->old);
	l->old = NULL;
}

/* ---- told ----------------------------------------------------------------------------------- */

bool wire_carrier(const struct links *l, const char *link)
{
	const struct wire *w = find(l->live, link);

	return w && w->carrier;
}

json_t *wire_status(const struct links *l, const struct object *o)
{
	const struct wire *w = find(l->live, o->name);
	json_t *ends = json_object();

	for (unsigned int i = 0; i < 2; i++)
		json_object_set_new(ends, i ? "b" : "a",
				    w && w->port[i] ? json_string(w->port[i]->name) : json_null());
	return json_pack("{s:b, s:o}", "carrier", w && w->carrier, "ends", ends);
}

static void port_status(void *ctx, const struct port *p, json_t *into)
{
	const struct links *l = ctx;
	const struct wire *w = wire_of(l->live, p);
	const struct port *far = w ? across(w, p) : NULL;

	if (w)
		json_object_set_new(into, "wire", json_string(w->link));
	if (far)
		json_object_set_new(into, "peer", json_string(far->name));
}

void wires_init(struct links *l)
{
	l->compiler = (struct compiler){
		.ctx = l,
		.compile = compile,
		.publish = publish,
		.discard = discard,
		.retire = retire,
	};
	l->listener = (struct port_listener){
		.changed = port_changed,
		.gone = port_gone,
		.status = port_status,
		.ctx = l,
	};
	port_listen(l->env, &l->listener);
}
