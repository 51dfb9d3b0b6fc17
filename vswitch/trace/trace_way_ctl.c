/* SPDX-License-Identifier: Apache-2.0 */
/* A way as JSON: the frame, and what happened to it station by station. */
#include <stdio.h>

#include "packet/describe.h"
#include "ports/drop_owner.h"
#include "vswitch/trace/trace_priv.h"

#define STEPS_MAX 2000u /* told of one way; an event has to fit into SSE_MAX of the CLI */
#define TEXT_LEN  (DROP_SENTENCE_LEN + 64)

const struct object *trace_port(const struct vswitch *v, const struct model *m, port_id_t id)
{
	const struct port *p = id < PORT_MAX ? v->port[id] : NULL;

	return p ? model_find(m, "port", p->name) : NULL;
}

bool trace_crossed(const struct trace_way *way, unsigned int i)
{
	return way->step[i].what == TRACE_OUT && i + 1 < way->n &&
	       way->step[i + 1].what == TRACE_IN && way->step[i + 1].from == way->step[i].frame;
}

const char *trace_drop(const struct vswitch *v, const struct model *m, const struct trace_step *s,
		       char *out, size_t room)
{
	struct trace_edge edge = trace_edge(v->env->engine, s);
	struct drop_scene scene = { .port = trace_port(v, m, s->port),
				    .out = trace_port(v, m, s->out),
				    .vid = s->vid };

	return drop_sentence(v->env->engine, m, edge.cause, &scene, out, room);
}

/* ---- steps ---------------------------------------------------------------------------------- */

struct telling {
	const struct vswitch *v;
	const struct model *m;
	const struct trace_way *way;
	json_t *list;
	uint16_t vid; /* of the step before */
};

static const char *port_name(const struct telling *t, port_id_t id)
{
	const struct port *p = id < PORT_MAX ? t->v->port[id] : NULL;

	return p ? p->name : "?";
}

static void say_sent(const struct telling *t, unsigned int i, char *out, size_t room)
{
	const struct trace_step *s = &t->way->step[i];
	const struct object *o = trace_port(t->v, t->m, s->port);
	const char *link = o && trace_crossed(t->way, i) ? object_text(o, "link") : NULL;
	uint32_t tag = be32_get(s->tag);
	char tagged[48] = "untagged";

	if (tag)
		snprintf(tagged, sizeof(tagged), "tagged %u%s", tci_vid((uint16_t)tag),
			 tag >> 16 == ETH_TYPE_STAG ? " (802.1ad)" : "");
	if (link)
		snprintf(out, room, "%s, over link %s", tagged, link);
	else
		snprintf(out, room, "%s", tagged);
}

/* On the arc vsw-ingress something else stands there (struct pkt). */
static bool knows_out(const struct trace_step *s, const struct trace_edge *edge)
{
	static const char *const stations[] = { "vsw-forward", "vsw-output", "wire" };

	for (size_t i = 0; i < ARRAY_LEN(stations) && s->out != PORT_NONE; i++) {
		if (!strcmp(edge->station, stations[i]))
			return true;
	}
	return false;
}

/* What a station found out. */
static void say_edge(const struct telling *t, const struct trace_step *s,
		     const struct trace_edge *edge, bool first, char *out, size_t room)
{
	const struct object *port = trace_port(t->v, t->m, s->port);
	const char *sw = port ? object_text(port, "switch") : NULL;

	if (edge->kind == EDGE_DROP)
		trace_drop(t->v, t->m, s, out, room);
	else if (first)
		snprintf(out, room, "in at port %s", port_name(t, s->port));
	else if (s->vid && s->vid != t->vid)
		snprintf(out, room, "VLAN %u%s%s", s->vid, sw ? " of switch " : "", sw ? sw : "");
	else if (edge->to && !strcmp(edge->to, "vsw-flood"))
		snprintf(out, room, "to all others in VLAN %u", s->vid);
	else if (knows_out(s, edge))
		snprintf(out, room, "to port %s", port_name(t, s->out));
}

static void tell_step(struct telling *t, unsigned int i, bool first)
{
	const struct trace_step *s = &t->way->step[i];
	struct trace_edge edge = trace_edge(t->v->env->engine, s);
	char text[TEXT_LEN] = "";
	json_t *step;

	if (s->what == TRACE_OUT && edge.kind == EDGE_DONE)
		say_sent(t, i, text, sizeof(text));
	else
		say_edge(t, s, &edge, first, text, sizeof(text));
	step = json_pack("{s:s, s:s, s:b, s:s, s:s}", "station", edge.station, "edge",
			 edge.to                ? edge.to
			 : s->what == TRACE_OUT ? "sent"
						: "done",
			 "dropped", edge.kind == EDGE_DROP, "port", port_name(t, s->port), "text",
			 text);
	if (step && s->vid)
		json_object_set_new(step, "vlan", json_integer(s->vid));
	json_array_append_new(t->list, step);
	t->vid = s->vid;
}

/* Where a frame comes in is told with its first station. */
static json_t *steps_json(struct telling *t)
{
	bool first = false;

	t->list = json_array();
	for (unsigned int i = 0; i < MIN(t->way->n, STEPS_MAX); i++) {
		if (t->way->step[i].what == TRACE_IN)
			t->vid = 0;
		else
			tell_step(t, i, first);
		first = t->way->step[i].what == TRACE_IN;
	}
	return t->list;
}

/* ---- the frame ------------------------------------------------------------------------------ */

static json_t *frame_json(const struct telling *t)
{
	const struct trace_way *way = t->way;
	char src[18], dst[18];
	struct frame_summary s;
	json_t *frame;

	frame_describe(way->head, way->head_len, way->len, &s);
	snprintf(src, sizeof(src), ETH_ADDR_FMT, ETH_ADDR_ARG(s.src));
	snprintf(dst, sizeof(dst), ETH_ADDR_FMT, ETH_ADDR_ARG(s.dst));
	frame = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "port", port_name(t, way->port),
			  "source", src, "destination", dst, "protocol", s.protocol, "length",
			  (int)way->len, "summary", s.text);
	if (frame && s.tpid)
		json_object_set_new(frame, "tag", json_integer(tci_vid(s.tci)));
	if (frame && way->time_ns)
		json_object_set_new(frame, "time_ns", json_integer((json_int_t)way->time_ns));
	return frame;
}

json_t *trace_way_json(const struct vswitch *v, const struct model *m, const struct trace_way *way,
		       const struct trace_goal *goal)
{
	struct telling t = { .v = v, .m = m, .way = way };
	unsigned int left_out = way->n > STEPS_MAX ? way->n - STEPS_MAX : 0;
	json_t *out = json_pack("{s:o, s:o, s:o}", "frame", frame_json(&t), "steps", steps_json(&t),
				"verdict", trace_verdict_json(v, m, way, goal));

	if (out && way->lost + left_out)
		json_object_set_new(out, "steps_missing",
				    json_integer((json_int_t)way->lost + left_out));
	return out;
}
