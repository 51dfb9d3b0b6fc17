/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_PORT_VLANS_H
#define VSWITCH_PORT_VLANS_H

#include "api/pcp.h"
#include "vswitch/vsw.h"

/*
 * From what a person says of a port's VLANs to the sets that workers read. Pure; any thread.
 */

/* What a switch knows of its VLANs beside their ports. */
struct vsw_vlans {
	bool private; /* some VLAN has a FID that is not its own */
	uint16_t fid[4096]; /* by VID; 0: the VID itself, else the primary VLAN of a private one */
	struct vlan_set isolated; /* secondary VLANs whose ports do not hear each other */
	struct vlan_set no_learn, no_flood;
};

struct port_vlans {
	uint16_t access, tunnel; /* one of the two, or neither: a trunk */
	struct vlan_set trunk;
	uint16_t native; /* 0: none */
	bool native_tagged;
	struct vlan_set untagged; /* of the trunk's */
	bool s_tags; /* of the trunk */
	bool some_customers; /* of the tunnel, only these: */
	struct vlan_set customers;
	struct pcp_map pcp;
	bool isolated;
};

/* Adds to OUT. VLANS: of its switch; NULL: there is nothing to know. */
void port_vlans_plan(const struct port_vlans *, const struct vsw_vlans *vlans,
		     struct vsw_port *out);

#endif /* VSWITCH_PORT_VLANS_H */
