/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VLAN_PORT_VLANS_API_H
#define VSWITCH_VLAN_PORT_VLANS_API_H

#include "api/schema.h"

static const char *const port_tags[] = { "c", "s", NULL };

/* Which VLANs a port is in, with which tags, and who hears whom. */
static const struct field port_vlans_fields[] = {
	{ .name = "access",
	  .type = FIELD_VLAN,
	  .flags = FIELD_INTERRUPTS,
	  .absent = "1",
	  .help = "untagged member of this VLAN only; 1 if neither access, trunk nor tunnel is given",
	  .example = "10" },
	{ .name = "trunk",
	  .type = FIELD_VLANS,
	  .flags = FIELD_INTERRUPTS,
	  .help = "tagged member of these VLANs",
	  .example = "10,20,100-199" },
	{ .name = "native",
	  .type = FIELD_VLAN,
	  .flags = FIELD_INTERRUPTS,
	  .help = "on a trunk: the VLAN of untagged frames; without it they are dropped",
	  .example = "99" },
	{ .name = "native_tagged",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "false",
	  .help = "on a trunk: frames of the native VLAN go out tagged",
	  .example = "true" },
	{ .name = "untagged",
	  .type = FIELD_VLANS,
	  .flags = FIELD_INTERRUPTS,
	  .help = "on a trunk: of its VLANs, those whose frames go out without tag",
	  .example = "10,20" },
	{ .name = "tag",
	  .type = FIELD_CHOICE,
	  .choices = port_tags,
	  .flags = FIELD_INTERRUPTS,
	  .absent = "\"c\"",
	  .help = "on a trunk: tags of customers (c, 802.1Q) or of providers (s, 802.1ad)",
	  .example = "s" },
	{ .name = "tunnel",
	  .type = FIELD_VLAN,
	  .flags = FIELD_INTERRUPTS,
	  .help = "a customer's port (QinQ): all that comes in, tagged or not, is in this VLAN",
	  .example = "100" },
	{ .name = "customer_vlans",
	  .type = FIELD_VIDS,
	  .flags = FIELD_INTERRUPTS,
	  .help = "on a tunnel: only frames that the customer tagged with one of these come in",
	  .example = "10,20" },
	{ .name = "pcp",
	  .type = FIELD_PCP,
	  .absent = "\"keep\"",
	  .help = "priority of what comes in: keep, a number, or a map",
	  .example = "0-3:1,5:7" },
	{ .name = "isolated",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "false",
	  .help = "no frame passes between this port and other isolated ones",
	  .example = "true" },
	{ 0 },
};

#endif /* VSWITCH_VLAN_PORT_VLANS_API_H */
