/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kind vlan: a title, and what a switch does with a VLAN (or a range of them) beside its ports. No
 * port needs one; without an object a VLAN learns, floods and is not private.
 */
#include <stdio.h>

#include "vswitch/port_vlans.h"
#include "vswitch/vlan_titles.h"
#include "vswitch/switches.h"

static uint16_t first_of(const struct object *o)
{
	return (uint16_t)object_int(o, "vid");
}

static bool covers(const struct object *o, uint16_t vid)
{
	return first_of(o) <= vid && vid <= vlan_last(o);
}

/* "VLAN 10" or "VLANs 100-199". */
struct said {
	char text[32];
};
static struct said say(const struct object *o)
{
	struct said s;

	if (first_of(o) == vlan_last(o))
		snprintf(s.text, sizeof(s.text), "VLAN %u", first_of(o));
	else
		snprintf(s.text, sizeof(s.text), "VLANs %u-%u", first_of(o), vlan_last(o));
	return s;
}

/* ---- is it sensible? ------------------------------------------------------------------------ */

/* Two vlans of one switch with one number would be one: so the name says both. */
static void check_name(const struct object *now, struct faults *f)
{
	char name[sizeof(now->name) + 16];

	snprintf(name, sizeof(name), "%s.%u", object_text(now, "switch"), first_of(now));
	if (object_has(now, "last"))
		snprintf(name, sizeof(name), "%s.%u-%u", object_text(now, "switch"), first_of(now),
			 vlan_last(now));
	if (strcmp(name, now->name) != 0)
		fault(f, FAULT_INVALID, NULL, NULL, "%s of switch %s is called %s, not %s",
		      say(now).text, object_text(now, "switch"), name, now->name);
	if (object_has(now, "last") && vlan_last(now) <= first_of(now))
		fault(f, FAULT_INVALID, "last", "leave it out for a single VLAN",
		      "the last VLAN of a range comes after the first, %u", first_of(now));
}

static bool is_private(const struct object *o)
{
	return object_has(o, "private") && object_has(o, "primary");
}

static bool is_isolated(const struct object *o)
{
	return is_private(o) && !strcmp(object_text(o, "private"), "isolated");
}

/* 802.1Q knows no private VLANs; these are those of RFC 5517. */
static void check_private(const struct object *now, struct faults *f)
{
	if (object_has(now, "private") && !object_has(now, "primary"))
		fault(f, FAULT_INVALID, "private", "say which: primary 100",
		      "a private VLAN belongs to a primary one");
	if (object_has(now, "primary") && !object_has(now, "private"))
		fault(f, FAULT_INVALID, "primary", "say which: private isolated, or community",
		      "%s can be isolated or a community", say(now).text);
	if (is_private(now) && covers(now, (uint16_t)object_int(now, "primary")))
		fault(f, FAULT_INVALID, "primary", "take another VLAN for one of the two",
		      "VLAN %ld cannot be primary to itself", object_int(now, "primary"));
	if (is_isolated(now) && first_of(now) != vlan_last(now))
		fault(f, FAULT_INVALID, "private", "one is enough for all who are to be isolated",
		      "VLAN %ld can have one isolated VLAN, not %u", object_int(now, "primary"),
		      vlan_last(now) - first_of(now) + 1u);
}

/* A primary VLAN is no secondary one: UPPER belongs to LOWER, which belongs to another. */
static void check_levels(const struct object *lower, const struct object *upper, struct faults *f)
{
	if (is_private(upper) && is_private(lower) &&
	    covers(upper, (uint16_t)object_int(lower, "primary")))
		fault(f, FAULT_INVALID, "primary", "let both have the same primary VLAN",
		      "VLAN %ld is primary to %s, so it cannot be private itself",
		      object_int(lower, "primary"), say(lower).text);
}

static void check_pair(const struct object *now, const struct object *o, struct faults *f)
{
	if (first_of(now) <= vlan_last(o) && first_of(o) <= vlan_last(now))
		fault(f, FAULT_INVALID, object_has(now, "last") ? "last" : "vid",
		      "take numbers that no other has", "%s and %s of switch %s overlap",
		      say(now).text, say(o).text, object_text(now, "switch"));
	check_levels(now, o, f);
	check_levels(o, now, f);
	if (is_isolated(now) && is_isolated(o) &&
	    object_int(now, "primary") == object_int(o, "primary"))
		fault(f, FAULT_INVALID, "private", "use that one, or make this one a community",
		      "VLAN %ld has an isolated VLAN already, %u", object_int(now, "primary"),
		      first_of(o));
}

static void check(void *ctx, const struct model *m, const struct object *now, struct faults *f)
{
	(void)ctx;
	check_name(now, f);
	check_private(now, f);
	for (const struct object *o = NULL; (o = model_next(m, "vlan", o));) {
		if (strcmp(o->name, now->name) != 0 &&
		    !strcmp(object_text(o, "switch"), object_text(now, "switch")))
			check_pair(now, o, f);
	}
	vlan_titles_check(m, now, f);
}

static void check_gone(void *ctx, const struct model *m, const struct object *was, struct faults *f)
{
	(void)ctx;
	if (model_find(m, "switch", object_text(was, "switch")))
		vlan_titles_check(m, was, f);
}

/* ---- what workers are to know --------------------------------------------------------------- */

static void gather_one(const struct object *o, struct vsw_vlans *out)
{
	for (uint16_t vid = first_of(o); vid <= vlan_last(o); vid++) {
		if (!object_bool(o, "learn"))
			vlan_set_add(&out->no_learn, vid);
		if (!object_bool(o, "flood"))
			vlan_set_add(&out->no_flood, vid);
		if (!is_private(o))
			continue;
		out->private = true;
		out->fid[vid] = (uint16_t)object_int(o, "primary");
		if (is_isolated(o))
			vlan_set_add(&out->isolated, vid);
	}
}

void vlans_gather(struct vswitch *v, const struct model *m)
{
	for (struct vsw *sw = v->switches; sw; sw = sw->next)
		*sw->vlans = (struct vsw_vlans){ 0 };
	for (const struct object *o = NULL; (o = model_next(m, "vlan", o));) {
		const struct object *sw = model_find(m, "switch", object_text(o, "switch"));

		gather_one(o, ((struct vsw *)sw->run)->vlans);
	}
}

/* Does a port let frames of it in? */
static bool concerns(void *ctx, const struct model *m, const struct object *o)
{
	const struct vswitch *v = ctx;
	const struct vsw *sw = vswitch_find(v, object_text(o, "switch"));

	(void)m;
	for (unsigned int i = 0; sw && v->live && i < PORT_MAX; i++) {
		const struct vsw_port *port = v->live->port[i];

		for (uint16_t vid = first_of(o); port->fdb == sw->fdb && vid <= vlan_last(o);
		     vid++) {
			if (vlan_set_has(&port->ingress, vid))
				return true;
		}
	}
	return false;
}

/* ---- as it changes -------------------------------------------------------------------------- */

static bool learns_alike(const struct object *a, const struct object *b)
{
	bool a_learns = !a || object_bool(a, "learn"), b_learns = !b || object_bool(b, "learn");
	long a_in = a ? object_int(a, "primary") : 0, b_in = b ? object_int(b, "primary") : 0;

	return a_learns == b_learns && a_in == b_in;
}

static void forget_primary(struct vswitch *v, struct vsw *sw, const struct object *o)
{
	uint16_t vid = o ? (uint16_t)object_int(o, "primary") : 0;

	if (vid)
		vswitch_forget_vlans(v, sw, vid, vid);
}

/* 802.1Q-2018 8.8.3: what was learned otherwise than it would be now is not kept. */
static void forget(struct vswitch *v, const struct object *was, const struct object *now)
{
	const struct object *o = now ? now : was;
	struct vsw *sw = vswitch_find(v, object_text(o, "switch"));

	if (!sw || learns_alike(was, now))
		return;
	vswitch_forget_vlans(v, sw, first_of(o), vlan_last(o));
	forget_primary(v, sw, was);
	forget_primary(v, sw, now);
}

static void commit(void *ctx, const struct object *was, struct object *now)
{
	forget(ctx, was, now);
}

static void release(void *ctx, struct object *was)
{
	forget(ctx, was, NULL);
}

/* Of all VLANs of a range together. */
static json_t *status(void *ctx, const struct object *o)
{
	const struct vsw *sw = vswitch_find(ctx, object_text(o, "switch"));

	return sw ? vlans_count_json(ctx, sw, first_of(o), vlan_last(o)) : json_object();
}

void vlan_kind_init(struct vswitch *v)
{
	v->vlan_kind = (struct kind){
		.schema = schema_find("vlan"),
		.ctx = v,
		.check = check,
		.status = status,
		.check_gone = check_gone,
		.concerns = concerns,
		.commit = commit,
		.release = release,
	};
}
