/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/port_vlans.h"

/*
 * 802.1Q-2018 tables 8-1 and 8-2, by the last four bits of 01-80-C2-00-00-0X: a C-VLAN component
 * passes none of them; an S-VLAN component passes what is between the customer's own bridges (00),
 * 0B, 0C, 0D and 0F.
 */
#define PASSES_C 0u
#define PASSES_S (1u << 0x0 | 1u << 0xb | 1u << 0xc | 1u << 0xd | 1u << 0xf)

/* The primary VLAN of VID; 0: it is no secondary one. */
static uint16_t primary_of(const struct vsw_vlans *v, uint16_t vid)
{
	return v && v->fid[vid] != vid ? v->fid[vid] : 0;
}

/*
 * A port that is in one VLAN, untagged. In a secondary VLAN it is the port of a host: it sends into
 * the secondary VLAN and hears the primary one, and in a community its own kind. In a primary VLAN
 * that has secondaries it is promiscuous: it sends into the primary and hears all.
 */
static void plan_one(uint16_t vid, const struct vsw_vlans *v, struct vsw_port *out)
{
	uint16_t primary = primary_of(v, vid);

	out->pvid = vid;
	vlan_set_add(&out->ingress, vid);
	if (primary)
		vlan_set_add(&out->member, primary);
	if (!primary || !vlan_set_has(&v->isolated, vid))
		vlan_set_add(&out->member, vid);
	for (uint16_t i = 1; v && v->private && i <= VLAN_VID_MAX; i++) {
		if (primary_of(v, i) == vid)
			vlan_set_add(&out->member, i);
	}
	out->untagged = out->member;
}

/* Private VLANs cross a trunk as they are, so that they span switches. */
static void plan_trunk(const struct port_vlans *p, struct vsw_port *out)
{
	out->tagged_ok = true;
	out->pvid = p->native;
	out->member = p->trunk;
	out->untagged = p->untagged;
	if (p->native)
		vlan_set_add(&out->member, p->native);
	if (p->native && !p->native_tagged)
		vlan_set_add(&out->untagged, p->native);
	vlan_set_join(&out->ingress, &out->member);
}

void port_vlans_plan(const struct port_vlans *p, const struct vsw_vlans *vlans,
		     struct vsw_port *out)
{
	if (p->tunnel || p->access)
		plan_one(p->tunnel ? p->tunnel : p->access, vlans, out);
	else
		plan_trunk(p, out);
	out->tunnel = p->tunnel != 0;
	out->tpid = p->tunnel || p->s_tags ? ETH_TYPE_STAG : ETH_TYPE_CTAG;
	out->passes = out->tpid == ETH_TYPE_STAG ? PASSES_S : PASSES_C;
	out->some_customers = p->some_customers;
	out->customers = p->customers;
	out->marks = !pcp_keeps(&p->pcp);
	memcpy(out->pcp, p->pcp.to, sizeof(out->pcp));
	out->isolated = p->isolated;
}
