/* SPDX-License-Identifier: Apache-2.0 */
/* A port's VLANs, from its spec to the sets that workers read. */
#include "vswitch/parts.h"
#include "vswitch/port_vlans.h"
#include "vswitch/vlan_titles.h"

/* Neither access, trunk nor tunnel: a switch out of the box, everything in VLAN 1. */
#define DEFAULT_VID 1

static bool has_s_tags(const struct object *o)
{
	return object_has(o, "tag") && !strcmp(object_text(o, "tag"), "s");
}

/* ---- is it sensible? ------------------------------------------------------------------------ */

static void check_kind(const struct object *now, struct faults *f)
{
	static const char *const kinds[] = { "access", "trunk", "tunnel" };
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!object_has(now, kinds[i]))
			continue;
		if (first)
			fault(f, FAULT_INVALID, kinds[i], "take one of the two away",
			      "a port is either %s or %s, not both", first, kinds[i]);
		first = first ?: kinds[i];
	}
}

static void check_native(const struct object *now, struct faults *f)
{
	if (object_has(now, "native") && !object_has(now, "trunk"))
		fault(f, FAULT_INVALID, "native",
		      "use `access` for an untagged port, or give `trunk` too",
		      "only a trunk has a native VLAN");
	if (object_bool(now, "native_tagged") && !object_has(now, "native"))
		fault(f, FAULT_INVALID, "native_tagged", "give `native` too",
		      "there is no native VLAN whose frames could be tagged");
}

static void check_untagged(const struct model *m, const struct object *now, struct faults *f)
{
	struct vlan_set untagged = port_vids(m, now, "untagged");
	struct vlan_set carried = port_vids(m, now, "trunk");
	uint16_t native = port_vid(m, now, "native");

	if (!object_has(now, "untagged"))
		return;
	if (!object_has(now, "trunk")) {
		fault(f, FAULT_INVALID, "untagged",
		      "leave it out: what an access port sends has no tag anyhow",
		      "only a trunk chooses whose frames go without tag");
		return;
	}
	if (native && vlan_set_has(&untagged, native) && object_bool(now, "native_tagged"))
		fault(f, FAULT_INVALID, "native_tagged", "take one of the two away",
		      "the native VLAN %u is to go out tagged and untagged", native);
	vlan_set_add(&carried, native); /* VID 0 is in no set that was typed */
	for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++) {
		if (!vlan_set_has(&untagged, vid) || vlan_set_has(&carried, vid))
			continue;
		fault(f, FAULT_INVALID, "untagged", "add it to `trunk`",
		      "VLAN %u cannot go out untagged where it does not go out at all", vid);
		return;
	}
}

static void check_tags(const struct object *now, struct faults *f)
{
	if (has_s_tags(now) && !object_has(now, "trunk"))
		fault(f, FAULT_INVALID, "tag",
		      "use `tunnel` for a customer's port, or give `trunk` too",
		      "only a trunk has tags of providers");
	if (object_has(now, "customer_vlans") && !object_has(now, "tunnel"))
		fault(f, FAULT_INVALID, "customer_vlans", "give `tunnel` too, or use `trunk`",
		      "only a tunnel has customers with VLANs of their own");
}

static void check(const struct vswitch *v, const struct model *m, const struct object *now,
		  struct faults *f)
{
	(void)v;
	port_titles_check(m, now, f);
	check_kind(now, f);
	check_native(now, f);
	check_untagged(m, now, f);
	check_tags(now, f);
}

/* ---- what workers are to know --------------------------------------------------------------- */

void port_vlans_of(const struct model *m, const struct object *o, struct port_vlans *out)
{
	*out = (struct port_vlans){
		.access = port_vid(m, o, "access"),
		.tunnel = port_vid(m, o, "tunnel"),
		.trunk = port_vids(m, o, "trunk"),
		.native = port_vid(m, o, "native"),
		.native_tagged = object_bool(o, "native_tagged"),
		.untagged = port_vids(m, o, "untagged"),
		.s_tags = has_s_tags(o),
		.some_customers = object_has(o, "customer_vlans"),
		.customers = port_vids(m, o, "customer_vlans"),
		.isolated = object_bool(o, "isolated"),
	};

	pcp_parse(object_has(o, "pcp") ? object_text(o, "pcp") : "keep", &out->pcp);
	if (!object_has(o, "trunk") && !object_has(o, "access") && !object_has(o, "tunnel"))
		out->access = DEFAULT_VID;
}

static void plan(const struct vswitch *v, const struct model *m, const struct object *o,
		 struct vsw_port *out)
{
	const struct object *sw = model_find(m, "switch", object_text(o, "switch"));
	struct port_vlans p;

	(void)v;
	port_vlans_of(m, o, &p);
	port_vlans_plan(&p, ((const struct vsw *)sw->run)->vlans, out);
}

const struct port_part port_vlans_part = { .check = check, .plan = plan };
