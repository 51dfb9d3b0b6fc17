/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of a frame, in one sentence.
 *
 * A frame that was sent to a port by name, and did not arrive there, is told why: by a drop on its
 * way if there is one; else by what kept it from being flooded there, which no station saw, because
 * a flood list has only those ports that may get the frame.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ports/drop_owner.h"
#include "vswitch/trace/trace_priv.h"

#define NAMES_MAX 12 /* receivers that a sentence names */

struct verdict {
	const struct vswitch *v;
	const struct model *m;
	const struct trace_way *way;
	const struct trace_goal *goal; /* NULL: live */
	bool delivered;
	bool punted;
	unsigned int n_reached, n_dropped;
	uint16_t vid; /* in which it was flooded; 0: it was not */
	const struct trace_step *arrived; /* at the goal, or anywhere if there is none */
	const struct trace_step *drop; /* the first; at the goal if there is one there */
	unsigned int cause; /* DROP_NONE: there is no drop to tell of */
	struct drop_scene scene; /* of the cause */
	json_t *ports;
	char sentence[2048];
};

static void say(struct verdict *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct verdict *d, const char *fmt, ...)
{
	size_t len = strlen(d->sentence);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->sentence + len, sizeof(d->sentence) - len, fmt, ap);
	va_end(ap);
}

static bool is_made(const struct verdict *d)
{
	return !d->way->time_ns;
}

static port_id_t goal_id(const struct verdict *d)
{
	const struct port *p = d->goal && d->goal->port ? d->goal->port->run : NULL;

	return p ? p->id : PORT_NONE;
}

static const struct port *port_at(const struct verdict *d, port_id_t id)
{
	return id < PORT_MAX ? d->v->port[id] : NULL;
}

static const struct vsw_port *view_of(const struct verdict *d, port_id_t id)
{
	return d->v->live->port[id];
}

static unsigned int cause_named(const struct verdict *d, const char *want)
{
	const char *text;

	for (unsigned int i = 0; (text = engine_cause(d->v->env->engine, i, NULL)); i++) {
		if (!strcmp(text, want))
			return i;
	}
	return DROP_NONE;
}

/* ---- what the way shows --------------------------------------------------------------------- */

/* Nobody is behind a port without carrier; a live frame's device has spoken for itself. */
static bool is_lost_there(const struct verdict *d, const struct trace_step *s)
{
	const struct port *p = port_at(d, s->port);

	return is_made(d) && p && !p->carrier;
}

static void add_reached(struct verdict *d, const struct trace_step *s)
{
	const struct object *o = trace_port(d->v, d->m, s->port);
	const char *host = o ? object_text(o, "host") : NULL;
	uint32_t tag = be32_get(s->tag);
	json_t *at = json_pack("{s:s, s:b}", "port", o ? o->name : "?", "tagged", tag != 0);

	if (at && host)
		json_object_set_new(at, "host", json_string(host));
	if (at && s->vid)
		json_object_set_new(at, "vlan", json_integer(s->vid));
	json_array_append_new(d->ports, at);
	d->n_reached++;
	if (goal_id(d) == PORT_NONE ? !d->arrived : s->port == goal_id(d))
		d->arrived = s;
}

static void add_drop(struct verdict *d, const struct trace_step *s)
{
	d->n_dropped++;
	if (!d->drop || (s->what == TRACE_OUT && s->port == goal_id(d)))
		d->drop = s;
}

static void look(struct verdict *d)
{
	for (unsigned int i = 0; i < d->way->n; i++) {
		const struct trace_step *s = &d->way->step[i];
		struct trace_edge edge;

		if (s->what == TRACE_IN)
			continue;
		edge = trace_edge(d->v->env->engine, s);
		if (!strcmp(edge.station, "vsw-flood") && edge.kind == EDGE_DONE && !d->vid)
			d->vid = s->vid;
		d->punted |= edge.kind == EDGE_TO && !strcmp(edge.to, "punt");
		if (edge.kind == EDGE_DROP || (s->what == TRACE_OUT && is_lost_there(d, s)))
			add_drop(d, s);
		else if (s->what == TRACE_OUT && !trace_crossed(d->way, i))
			add_reached(d, s);
	}
}

/* ---- why it is not where it should be ------------------------------------------------------- */

/* The port by which the frame came into this switch; NULL: it did not. */
static const struct vsw_port *came_into(const struct verdict *d, const struct vsw_switch *sw)
{
	for (unsigned int i = 0; i < d->way->n; i++) {
		const struct trace_step *s = &d->way->step[i];

		if (s->what == TRACE_IN && view_of(d, s->port)->sw == sw)
			return view_of(d, s->port);
	}
	return NULL;
}

static const char *shut_by(const struct vsw_port *p)
{
	switch ((enum vsw_shut)p->shut) {
	case VSW_SHUT_LEARN:
		return "ingress port is shut";
	case VSW_SHUT_LOOP:
		return "egress port is blocked: it is part of a ring";
	case VSW_SHUT_MIRROR:
		return "ingress port is there for a mirror's copies";
	case VSW_OPEN:
		break;
	}
	return "egress port is down";
}

/* VLANs that share a FID are those of one private VLAN (802.1Q-2018 8.8.8). */
static bool are_private(const struct vsw_switch *sw, uint16_t a, uint16_t b)
{
	return a != b && sw->fid[a] == sw->fid[b] && (sw->fid[a] != a || sw->fid[b] != b);
}

/* What keeps frames of VLAN VID from leaving by a port of their switch; NULL: nothing. */
static const char *kept_by(const struct verdict *d, port_id_t id, uint16_t vid)
{
	const struct vsw_port *p = view_of(d, id), *in = came_into(d, p->sw);

	if (!p->up)
		return shut_by(p);
	if (vlan_set_has(&p->blocked, vid))
		return "link closes a ring";
	if (!vlan_set_has(&p->member, vid))
		return are_private(p->sw, vid, p->pvid) ? "private VLAN keeps the two ports apart"
							: "egress port is not in the VLAN";
	return p->isolated && in->isolated ? "both ports are isolated" : NULL;
}

static bool blame(struct verdict *d, port_id_t id, const char *why, uint16_t vid)
{
	const struct object *o = trace_port(d->v, d->m, id);

	d->cause = why ? cause_named(d, why) : DROP_NONE;
	d->scene = (struct drop_scene){ .port = o, .out = o, .vid = vid };
	return d->cause != DROP_NONE && o;
}

/* The far end of a cable. */
static const struct object *far_end(const struct verdict *d, const struct object *end)
{
	const char *link = object_text(end, "link"), *other;

	for (const struct object *o = NULL; (o = model_next(d->m, "port", o));) {
		other = object_text(o, "link");
		if (o != end && link && other && !strcmp(link, other))
			return o;
	}
	return NULL;
}

static bool blame_drop(struct verdict *d, const struct trace_step *s)
{
	struct trace_edge edge;

	if (!s)
		return false;
	edge = trace_edge(d->v->env->engine, s);
	d->cause = edge.cause != DROP_NONE ? edge.cause : cause_named(d, "port is down");
	d->scene.port = trace_port(d->v, d->m, s->port);
	d->scene.out = trace_port(d->v, d->m, s->out);
	d->scene.vid = s->vid;
	return true;
}

/* The copy that was to leave by that port and did not. */
static const struct trace_step *refused_at(const struct verdict *d, port_id_t id)
{
	for (unsigned int i = 0; i < d->way->n; i++) {
		const struct trace_step *s = &d->way->step[i];

		if (s->what == TRACE_OUT && s->port == id &&
		    trace_edge(d->v->env->engine, s).kind == EDGE_DROP)
			return s;
	}
	return NULL;
}

/* A cable that leads out of the switches where the frame was, and that it did not take. */
static bool blame_cable(struct verdict *d, uint16_t vid)
{
	for (const struct object *o = NULL; (o = model_next(d->m, "port", o));) {
		const struct object *far = object_text(o, "link") ? far_end(d, o) : NULL;
		const struct port *p = o->run;

		if (!far || !far->run || !p || !view_of(d, p->id)->sw ||
		    !came_into(d, view_of(d, p->id)->sw) ||
		    came_into(d, view_of(d, ((const struct port *)far->run)->id)->sw))
			continue;
		if (blame_drop(d, refused_at(d, p->id)) ||
		    blame(d, p->id, kept_by(d, p->id, vid), vid))
			return true;
	}
	return false;
}

/* What kept the frame, flooded in VLAN VID, from the goal. */
static bool blame_flood(struct verdict *d, uint16_t vid)
{
	port_id_t goal = goal_id(d);

	if (goal == PORT_NONE || !vid || !view_of(d, goal)->sw)
		return false;
	if (came_into(d, view_of(d, goal)->sw))
		return blame(d, goal, kept_by(d, goal, vid), vid);
	return blame_cable(d, vid);
}

/* The drop says no more than that a flood reached nobody. */
static bool is_end_of_flood(const struct verdict *d, const struct trace_step *s)
{
	struct trace_edge edge = trace_edge(d->v->env->engine, s);

	return edge.cause == cause_named(d, "no other port in the VLAN") ||
	       edge.cause == cause_named(d, "all other ports are isolated as well");
}

/*
 * By the drop on its way; but where a flood ended, or what was flooded lost a copy elsewhere, by
 * what the flood lacked.
 */
static bool find_cause(struct verdict *d)
{
	const struct trace_step *s = d->drop;
	bool at_goal = s && s->what == TRACE_OUT && s->port == goal_id(d);
	bool ended = s && is_end_of_flood(d, s);

	if (!at_goal && (ended || d->vid) && blame_flood(d, ended ? s->vid : d->vid))
		return true;
	return (at_goal || !d->vid || goal_id(d) == PORT_NONE) && blame_drop(d, s);
}

/* ---- the sentence --------------------------------------------------------------------------- */

static void say_place(struct verdict *d, const struct trace_step *s)
{
	const struct object *o = trace_port(d->v, d->m, s->port);
	const char *host = o ? object_text(o, "host") : NULL;
	uint32_t tag = be32_get(s->tag);

	say(d, "port %s", o ? o->name : "?");
	if (host)
		say(d, " (host %s)", host);
	if (!s->vid)
		return;
	say(d, " in VLAN %u, ", s->vid);
	if (!tag)
		say(d, "untagged");
	else if (tci_vid((uint16_t)tag) == s->vid)
		say(d, "tagged");
	else
		say(d, "tagged %u", tci_vid((uint16_t)tag));
}

/* "3 ports: b, c and d" */
static void say_receivers(struct verdict *d)
{
	size_t i, n = json_array_size(d->ports);
	json_t *at;

	say(d, "%zu port%s: ", n, n == 1 ? "" : "s");
	json_array_foreach (d->ports, i, at) {
		if (i == NAMES_MAX) {
			say(d, " and %zu more", n - i);
			return;
		}
		say(d, "%s%s",
		    !i           ? ""
		    : i + 1 == n ? " and "
				 : ", ",
		    json_string_value(json_object_get(at, "port")));
	}
}

static void say_drop(struct verdict *d)
{
	char text[DROP_SENTENCE_LEN];

	drop_sentence(d->v->env->engine, d->m, d->cause, &d->scene, text, sizeof(text));
	say(d, "dropped: %s", text);
}

static void say_delivered(struct verdict *d)
{
	if (!d->vid || goal_id(d) != PORT_NONE) {
		say(d, "delivered to ");
		say_place(d, d->arrived);
		if (d->n_reached > 1) {
			say(d, "; flooded to ");
			say_receivers(d);
		}
		return;
	}
	say(d, "flooded in VLAN %u to ", d->vid);
	say_receivers(d);
	if (d->n_dropped && find_cause(d)) {
		say(d, "; one more was ");
		say_drop(d);
	}
}

static void say_missed(struct verdict *d)
{
	const char *to = d->goal ? d->goal->name : "";

	if (find_cause(d)) {
		say_drop(d);
	} else if (d->vid) {
		say(d, "not delivered: flooded in VLAN %u to ", d->vid);
		say_receivers(d);
		say(d, "; nothing leads from there to %s", to);
	} else if (d->n_reached) {
		say(d,
		    "not delivered: the station is known elsewhere than at %s, and the frame went to ",
		    to);
		say_receivers(d);
	} else if (d->punted) {
		say(d, "the daemon took it for itself");
	} else {
		say(d, "no port got it");
	}
}

/* ---- all of it ------------------------------------------------------------------------------ */

static json_t *object_json(const struct verdict *d)
{
	struct drop_owner who;

	drop_owner(d->v->env->engine, d->m, d->cause, &d->scene, &who);
	if (!who.kind)
		return NULL;
	if (!*who.rule)
		return json_pack("{s:s, s:s}", "kind", who.kind, "name", who.name);
	return json_pack("{s:s, s:s, s:s}", "kind", who.kind, "name", who.name, "rule", who.rule);
}

json_t *trace_verdict_json(const struct vswitch *v, const struct model *m,
			   const struct trace_way *way, const struct trace_goal *goal)
{
	struct verdict d = {
		.v = v, .m = m, .way = way, .goal = goal, .cause = DROP_NONE, .ports = json_array()
	};
	const char *station = NULL;
	json_t *out, *object;

	look(&d);
	d.delivered = d.arrived;
	if (d.delivered)
		say_delivered(&d);
	else
		say_missed(&d);
	out = json_pack("{s:b, s:s, s:o}", "delivered", d.delivered, "sentence", d.sentence,
			"ports", d.ports);
	if (!out || d.delivered || d.cause == DROP_NONE)
		return out;
	json_object_set_new(out, "cause",
			    json_string(engine_cause(v->env->engine, d.cause, &station)));
	json_object_set_new(out, "station", json_string(station));
	object = object_json(&d);
	if (object)
		json_object_set_new(out, "object", object);
	return out;
}
