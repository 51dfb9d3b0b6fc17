/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/drop_owner.h"

#include <stdio.h>
#include <stdlib.h>

#include "ports/port.h"

/* ---- which object --------------------------------------------------------------------------- */

/* One object may stand for a range of VLANs. */
static const struct object *vlan_of(const struct model *m, const char *sw, uint16_t vid)
{
	const struct object *o = NULL;

	while ((o = model_next(m, "vlan", o))) {
		long first = object_int(o, "vid"), last = object_int(o, "last");

		if (first <= vid && vid <= MAX(first, last) &&
		    !strcmp(object_text(o, "switch"), sw))
			return o;
	}
	return NULL;
}

/* The cable that it is an end of, or the wire that ends there. */
static const char *link_of(const struct model *m, const struct object *port)
{
	const struct object *o = NULL;

	if (object_has(port, "link"))
		return object_text(port, "link");
	while ((o = model_next(m, "link", o))) {
		const char *a = object_text(o, "a"), *b = object_text(o, "b");

		if ((a && !strcmp(a, port->name)) || (b && !strcmp(b, port->name)))
			return o->name;
	}
	return NULL;
}

static const struct object *mirror_to(const struct model *m, const char *port)
{
	const struct object *o = NULL;

	while ((o = model_next(m, "mirror", o))) {
		const char *to = object_text(o, "to");

		if (to && !strcmp(to, port))
			return o;
	}
	return NULL;
}

/* What belongs to PORT; a VLAN that nobody gave a title has no object, but a name all the same. */
static const struct object *belonging(const struct model *m, const char *kind,
				      const struct object *port, uint16_t vid, char *name,
				      size_t room)
{
	const char *ref = !strcmp(kind, "link")
				  ? link_of(m, port)
				  : object_text(port, strcmp(kind, "vlan") ? kind : "switch");

	if (!strcmp(kind, "port")) {
		snprintf(name, room, "%s", port->name);
		return port;
	}
	if (!strcmp(kind, "mirror"))
		return mirror_to(m, port->name);
	if (!ref)
		return NULL;
	if (strcmp(kind, "vlan") != 0) {
		snprintf(name, room, "%s", ref);
		return model_find(m, kind, ref);
	}
	if (!vid)
		return NULL;
	snprintf(name, room, "%.*s.%u", NAME_MAX_LEN, ref, vid);
	return vlan_of(m, ref, vid);
}

/* ---- what it says --------------------------------------------------------------------------- */

static void add(char *out, size_t room, const char *field, const json_t *value)
{
	char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
	size_t len = strlen(out);

	snprintf(out + len, room - len, "%s%s %s", len ? ", " : "", field,
		 text ? text : json_string_value(value));
	free(text);
}

/* Of FIELDS those that it has; if it has none, what their absence amounts to. */
static void say(const struct object *o, const char *fields, char *out, size_t room)
{
	const char *absent = NULL;
	char name[64], what[64] = "";

	for (int n = 0; sscanf(fields, "%63s%n", name, &n) == 1; fields += n) {
		const struct field *f = schema_field(o->schema, name);

		if (!strcmp(name, "up") && object_bool(o, name))
			continue; /* it is down for another reason than its spec */
		if (object_has(o, name)) {
			add(out, room, name, json_object_get(o->spec, name));
		} else if (f && f->absent && !absent) {
			absent = f->absent;
			snprintf(what, sizeof(what), "%s", name);
		}
	}
	if (!*out && absent)
		snprintf(out, room, "%s %s", what, absent);
}

/* A cable's end is down with its link, whatever it says itself. */
static const char *kind_of(const struct drop_rule *rule, const struct model *m,
			   const struct object *port)
{
	const char *name = link_of(m, port);
	const struct object *link = name ? model_find(m, "link", name) : NULL;

	if (rule->fields && !strcmp(rule->fields, "up") && link && !object_bool(link, "up"))
		return "link";
	return rule->object;
}

void drop_owner(const struct engine *e, const struct model *m, unsigned int cause,
		const struct drop_scene *scene, struct drop_owner *out)
{
	const struct drop_rule *rule = engine_cause_rule(e, cause);
	const struct object *port = rule->at == DROP_AT_OUT ? scene->out : scene->port;
	const struct object *o;

	*out = (struct drop_owner){ .kind = rule->object };
	if (rule->at == DROP_AT_NOBODY || !port)
		return;
	out->kind = kind_of(rule, m, port);
	o = belonging(m, out->kind, port, scene->vid, out->name, sizeof(out->name));
	if (o)
		snprintf(out->name, sizeof(out->name), "%s", o->name);
	if (o && rule->fields)
		say(o, rule->fields, out->rule, sizeof(out->rule));
}

const char *drop_owner_text(const struct drop_owner *w, char *out, size_t room)
{
	if (!w->kind)
		*out = '\0';
	else if (!*w->name)
		snprintf(out, room, "%s", w->kind);
	else
		snprintf(out, room, "%s %s%s%s", w->kind, w->name, *w->rule ? ": " : "", w->rule);
	return out;
}

/* ---- in a sentence -------------------------------------------------------------------------- */

struct sentence {
	char *out;
	size_t room, len;
};

static void put(struct sentence *s, const char *text, size_t n)
{
	n = MIN(n, s->room - 1 - s->len);
	memcpy(s->out + s->len, text, n);
	s->len += n;
	s->out[s->len] = '\0';
}

static void put_named(struct sentence *s, const char *kind, const char *name)
{
	put(s, kind, strlen(kind));
	put(s, " ", 1);
	put(s, name, strlen(name));
}

static const char *name_of(const struct object *o)
{
	return o ? o->name : "";
}

/* Puts a name for what is meant at AT; returns the length of the words that it stands for, or 0. */
static size_t put_meant(struct sentence *s, const char *at, const struct drop_scene *scene,
			const struct drop_owner *who)
{
	char vid[16] = "";
	bool is_switch = who->kind && !strcmp(who->kind, "switch");
	bool is_link = who->kind && !strcmp(who->kind, "link");
	const struct {
		const char *word, *kind, *name;
		bool at_start;
	} meant[] = {
		{ "the ingress port", "port", name_of(scene->port), false },
		{ "ingress port", "port", name_of(scene->port), false },
		{ "the egress port", "port", name_of(scene->out), false },
		{ "egress port", "port", name_of(scene->out), false },
		{ "the VLAN", "VLAN", vid, false },
		{ "the switch", "switch", is_switch ? who->name : "", false },
		{ "link", "link", is_link ? who->name : "", true },
		{ "port", "port", name_of(scene->port), true },
	};

	if (scene->vid)
		snprintf(vid, sizeof(vid), "%u", scene->vid);
	for (size_t i = 0; i < ARRAY_LEN(meant); i++) {
		size_t n = strlen(meant[i].word);

		if (!*meant[i].name || strncmp(at, meant[i].word, n) != 0 ||
		    (meant[i].at_start && s->len))
			continue;
		put_named(s, meant[i].kind, meant[i].name);
		return n;
	}
	return 0;
}

const char *drop_sentence(const struct engine *e, const struct model *m, unsigned int cause,
			  const struct drop_scene *scene, char *out, size_t room)
{
	struct sentence s = { out, room, 0 };
	char text[DROP_OWNER_LEN];
	struct drop_owner who;

	drop_owner(e, m, cause, scene, &who);
	*out = '\0';
	for (const char *at = engine_cause(e, cause, NULL); *at;) {
		size_t n = put_meant(&s, at, scene, &who);

		if (!n)
			put(&s, at, n = 1);
		at += n;
	}
	if (!*who.name || (!*who.rule && strstr(out, who.name)))
		return out;
	drop_owner_text(&who, text, sizeof(text));
	put(&s, " (", 2);
	put(&s, text, strlen(text));
	put(&s, ")", 1);
	return out;
}

/* ---- all of a port -------------------------------------------------------------------------- */

static const struct object *port_numbered(const struct model *m, port_id_t id)
{
	const struct object *o = NULL;

	while ((o = model_next(m, "port", o))) {
		if (o->run && ((const struct port *)o->run)->id == id)
			return o;
	}
	return NULL;
}

json_t *port_drops(const struct engine *e, const struct model *m, const struct object *port)
{
	port_id_t id = ((const struct port *)port->run)->id, out;
	json_t *list = json_array();
	struct port_count c;
	const char *cause, *node;

	port_counters(e, id, &c);
	for (unsigned int i = 0; (cause = engine_cause(e, i, &node)); i++) {
		struct drop_scene scene = { .port = port };
		struct drop_owner who = { 0 };
		char object[DROP_OWNER_LEN] = "";

		if (!c.drop[i])
			continue;
		port_last_drop(e, id, i, &out, &scene.vid);
		if (m && engine_cause_rule(e, i)->at == DROP_AT_OUT)
			scene.out = port_numbered(m, out);
		if (m)
			drop_owner(e, m, i, &scene, &who);
		if (who.kind)
			snprintf(object, sizeof(object), "%s%s%s", who.kind, *who.name ? " " : "",
				 who.name);
		json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s, s:s}", "cause", cause,
						      "node", node, "frames", (json_int_t)c.drop[i],
						      "object", object, "rule", who.rule));
	}
	return list;
}
