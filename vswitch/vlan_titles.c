/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/vlan_titles.h"

#include <stdio.h>

static const char *const single[] = { "access", "native", "tunnel" };
static const char *const several[] = { "trunk", "untagged" };

/* A title on a switch, and what is found of it. */
struct search {
	const struct model *m;
	const char *sw;
	struct vlan_set *out; /* NULL: only count */
	const struct object *found;
	unsigned int n; /* vlans of that title */
	/* While a port is judged. */
	const struct object *port;
	const char *field;
	bool alone; /* the field takes one VLAN only */
	const char *of_vlan; /* the fault is that of the vlan of this title: say which port */
	struct faults *faults;
};

uint16_t vlan_last(const struct object *o)
{
	return (uint16_t)object_int(o, object_has(o, "last") ? "last" : "vid");
}

static void look_up(struct search *s, const char *title)
{
	s->n = 0;
	s->found = NULL;
	for (const struct object *o = NULL; (o = model_next(s->m, "vlan", o));) {
		if (strcmp(object_text(o, "title"), title) != 0 ||
		    strcmp(object_text(o, "switch"), s->sw) != 0)
			continue;
		s->found = s->found ?: o;
		s->n++;
	}
}

static void resolve(void *arg, const char *title)
{
	struct search *s = arg;

	look_up(s, title);
	for (long vid = s->n == 1 ? object_int(s->found, "vid") : 1;
	     s->n == 1 && vid <= vlan_last(s->found); vid++)
		vlan_set_add(s->out, (uint16_t)vid);
}

struct vlan_set port_vids(const struct model *m, const struct object *port, const char *field)
{
	struct vlan_set out = { 0 };
	struct search s = { .m = m, .sw = object_text(port, "switch"), .out = &out };
	const char *text = object_text(port, field);

	/* schema_check() let nothing else through. */
	if (text)
		vlan_words_parse(text, &out, resolve, &s, NULL);
	return out;
}

uint16_t port_vid(const struct model *m, const struct object *port, const char *field)
{
	struct search s = { .m = m, .sw = object_text(port, "switch") };
	const char *title = object_text(port, field);

	if (!title)
		return (uint16_t)object_int(port, field);
	look_up(&s, title);
	return s.n == 1 ? (uint16_t)object_int(s.found, "vid") : 0;
}

/* ---- is it sensible? ------------------------------------------------------------------------ */

static void judge(void *arg, const char *title)
{
	struct search *s = arg;
	const char *at = s->of_vlan ? NULL : s->field;
	enum fault_code code = s->of_vlan ? FAULT_CONFLICT : FAULT_INVALID;
	char who[OBJECT_TITLE_LEN + 32] = "";

	if (s->of_vlan && strcmp(s->of_vlan, title) != 0)
		return;
	look_up(s, title);
	if (s->of_vlan)
		snprintf(who, sizeof(who), "port %s has %s %s, but ", s->port->name, s->field,
			 title);
	if (!s->n)
		fault(s->faults, code, at,
		      s->of_vlan ? "change the port first, or in the same go"
				 : "use its number, or give it that title: weft vlan add",
		      s->of_vlan ? "%sno VLAN of switch %s would be called that"
				 : "%sno VLAN of switch %s is called '%s'",
		      who, s->sw, title);
	else if (s->n > 1)
		fault(s->faults, code, at, "use the number",
		      s->of_vlan ? "%s%u VLANs of switch %s would be called that"
				 : "%s%u VLANs of switch %s are called '%s'",
		      who, s->n, s->sw, title);
	else if (s->alone && object_has(s->found, "last"))
		fault(s->faults, code, at, "use one number of them",
		      s->of_vlan ? "%sthat would be VLANs %ld-%u of switch %s"
				 : "%sVLANs %ld-%u of switch %s are called '%s'",
		      who, object_int(s->found, "vid"), vlan_last(s->found), s->sw, title);
}

static void each_title(struct search *s)
{
	struct vlan_set ignored;

	s->alone = true;
	for (size_t i = 0; i < ARRAY_LEN(single); i++) {
		s->field = single[i];
		if (object_text(s->port, single[i]))
			judge(s, object_text(s->port, single[i]));
	}
	s->alone = false;
	for (size_t i = 0; i < ARRAY_LEN(several); i++) {
		s->field = several[i];
		if (object_text(s->port, several[i]))
			vlan_words_parse(object_text(s->port, several[i]), &ignored, judge, s,
					 NULL);
	}
}

void port_titles_check(const struct model *m, const struct object *port, struct faults *f)
{
	struct search s = { .m = m, .sw = object_text(port, "switch"), .port = port, .faults = f };

	each_title(&s);
}

void vlan_titles_check(const struct model *m, const struct object *vlan, struct faults *f)
{
	struct search s = { .m = m,
			    .sw = object_text(vlan, "switch"),
			    .of_vlan = object_text(vlan, "title"),
			    .faults = f };

	for (const struct object *o = NULL; (o = model_next(m, "port", o));) {
		const char *sw = object_text(o, "switch");

		s.port = o;
		if (sw && !strcmp(sw, s.sw))
			each_title(&s);
	}
}
