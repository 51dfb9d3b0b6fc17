/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/cable/cable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ports/types.h"

static struct cable *cables; /* by link name: there are few, and they change seldom */

struct cable *cable_find(const char *link)
{
	struct cable *c = cables;

	while (c && strcmp(c->link, link) != 0)
		c = c->next;
	return c;
}

int cable_create(const char *link, bool up, struct cable **out)
{
	struct cable *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	snprintf(c->link, sizeof(c->link), "%s", link);
	c->up = up;
	for (unsigned int i = 0; i < ARRAY_LEN(c->end); i++) {
		c->end[i].cable = c;
		c->end[i].peer = PORT_NONE;
		c->end[i].sink = (struct sink){ .tx = cable_tx, .relays = true, .arg = &c->end[i] };
	}
	c->next = cables;
	cables = c;
	*out = c;
	return 0;
}

void cable_destroy(struct cable *c)
{
	struct cable **at = &cables;

	if (!c)
		return;
	assert(!c->end[0].port && !c->end[1].port);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	free(c);
}

static bool ready(const struct cable_end *e)
{
	return e->port && e->started && e->port->wanted;
}

bool cable_carrier(const struct cable *c)
{
	return c->up && ready(&c->end[0]) && ready(&c->end[1]);
}

static const char *why_down(const struct cable *c, const struct cable_end *own,
			    const struct cable_end *other)
{
	if (!own->started)
		return "stopped";
	if (!own->port->wanted)
		return "cut";
	if (!c->up)
		return "its link is cut";
	return other->port && other->started ? "the other end is cut"
					     : "the other end is not plugged in";
}

/* Brings both ends in line with what the cable, they and their ports are now. */
static void refresh(struct cable *c)
{
	bool up = cable_carrier(c);

	for (unsigned int i = 0; i < 2; i++) {
		struct cable_end *own = &c->end[i], *other = &c->end[!i];

		__atomic_store_n(&own->peer, up && other->port ? other->port->id : PORT_NONE,
				 __ATOMIC_RELAXED);
		if (own->port)
			port_carrier_is(own->port, up,
					up ? "the link is whole" : why_down(c, own, other));
	}
}

void cable_set_up(struct cable *c, bool up)
{
	c->up = up;
	refresh(c);
}

/* The port type. */
static unsigned int end_of(const struct object *o)
{
	return !strcmp(object_text(o, "end"), "b");
}

static const char *other_on(const struct model *m, const struct object *now)
{
	const char *link = object_text(now, "link"), *end = object_text(now, "end");
	const struct object *o;

	for (unsigned int i = 0; (o = model_user(m, "link", link, i)) != NULL; i++) {
		const char *theirs = object_text(o, "end");

		if (strcmp(o->name, now->name) != 0 && theirs && !strcmp(theirs, end) &&
		    !strcmp(object_text(o, "type"), "cable"))
			return o->name;
	}
	return NULL;
}

static void cable_check(const struct model *m, const struct object *now, struct faults *faults)
{
	const char *other;

	if (!object_text(now, "link"))
		fault(faults, FAULT_INVALID, "link", "name a link", "a cable's end needs a link");
	if (!object_text(now, "end"))
		fault(faults, FAULT_INVALID, "end", "it is \"a\" or \"b\"",
		      "which end of the cable it is has to be said");
	if (!object_text(now, "link") || !object_text(now, "end"))
		return;
	other = other_on(m, now);
	if (other)
		fault(faults, FAULT_CONFLICT, "end", NULL, "end %s of link %s is port %s already",
		      object_text(now, "end"), object_text(now, "link"), other);
}

static int cable_open(struct port *p, const struct object *now, struct faults *faults)
{
	struct cable *c = cable_find(object_text(now, "link"));
	struct cable_end *e;

	if (!c)
		return fault(faults, FAULT_SYSTEM, "link", NULL, "link %s is not up",
			     object_text(now, "link"));
	e = &c->end[end_of(now)];
	if (e->port)
		return fault(faults, FAULT_CONFLICT, "end", NULL, "end %s of link %s is in use",
			     object_text(now, "end"), c->link);
	e->port = p;
	e->sink.port = p->id;
	p->own = e;
	return 0;
}

static void cable_start(struct port *p)
{
	struct cable_end *e = p->own;

	e->started = true;
	engine_set_sink(p->env->engine, p->id, &e->sink);
	refresh(e->cable);
}

static void cable_stop(struct port *p)
{
	struct cable_end *e = p->own;

	e->started = false;
	engine_set_sink(p->env->engine, p->id, NULL);
	refresh(e->cable);
}

static void cable_close(struct port *p)
{
	struct cable_end *e = p->own;

	e->port = NULL;
	p->own = NULL;
}

static void cable_changed(struct port *p)
{
	struct cable_end *e = p->own;

	refresh(e->cable);
}

static void cable_status(const struct port *p, json_t *into)
{
	const struct cable_end *own = p->own;
	const struct cable_end *other = &own->cable->end[own == &own->cable->end[0]];

	if (other->port)
		json_object_set_new(into, "peer", json_string(other->port->name));
}

const struct port_type cable_type = {
	.name = "cable",
	.check = cable_check,
	.open = cable_open,
	.start = cable_start,
	.stop = cable_stop,
	.close = cable_close,
	.carrier = cable_changed,
	.status = cable_status,
};
