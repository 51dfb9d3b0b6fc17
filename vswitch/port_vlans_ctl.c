/* SPDX-License-Identifier: Apache-2.0 */
/* A port's VLANs, from its spec to the sets that workers read. */
#include "vswitch/parts.h"

/* Neither access nor trunk: a switch out of the box, everything in VLAN 1. */
#define DEFAULT_VID 1

static void check(const struct vswitch *v, const struct model *m, const struct object *now,
		  struct faults *f)
{
	(void)v;
	(void)m;
	if (object_has(now, "access") && object_has(now, "trunk"))
		fault(f, FAULT_INVALID, "trunk", "take one of the two away",
		      "a port is either access or trunk, not both");
	if (object_has(now, "native") && !object_has(now, "trunk"))
		fault(f, FAULT_INVALID, "native",
		      "use `access` for an untagged port, or give `trunk` too",
		      "only a trunk has a native VLAN");
	if (object_bool(now, "native_tagged") && !object_has(now, "native"))
		fault(f, FAULT_INVALID, "native_tagged", "give `native` too",
		      "there is no native VLAN whose frames could be tagged");
}

static void plan_access(const struct object *o, struct vsw_port *out)
{
	out->pvid = object_has(o, "access") ? (uint16_t)object_int(o, "access") : DEFAULT_VID;
	vlan_set_add(&out->member, out->pvid);
	vlan_set_add(&out->untagged, out->pvid);
	out->ingress = out->member;
}

static void plan(const struct vswitch *v, const struct model *m, const struct object *o,
		 struct vsw_port *out)
{
	const char *trunk = object_text(o, "trunk");
	uint16_t native = (uint16_t)object_int(o, "native");

	(void)v;
	(void)m;
	out->tpid = ETH_TYPE_CTAG;
	if (!trunk) {
		plan_access(o, out);
		return;
	}
	if (vlan_set_parse(trunk, &out->member, NULL) < 0)
		out->member = (struct vlan_set){ 0 }; /* schema_check() let nothing else through */
	out->tagged_ok = true;
	if (native) {
		out->pvid = native;
		if (!object_bool(o, "native_tagged"))
			vlan_set_add(&out->untagged, native);
		vlan_set_add(&out->member, native);
	}
	out->ingress = out->member;
}

const struct port_part port_vlans_part = { .check = check, .plan = plan };
