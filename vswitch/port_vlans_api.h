/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_PORT_VLANS_API_H
#define VSWITCH_PORT_VLANS_API_H

#include "api/schema.h"

/* Which VLANs a port is in, and with which tags. */
static const struct field port_vlans_fields[] = {
	{ .name = "access",
	  .type = FIELD_VID,
	  .flags = FIELD_INTERRUPTS,
	  .absent = "1",
	  .help = "untagged member of this VLAN only; 1 if neither access nor trunk is given",
	  .example = "10" },
	{ .name = "trunk",
	  .type = FIELD_VIDS,
	  .flags = FIELD_INTERRUPTS,
	  .help = "tagged member of these VLANs",
	  .example = "10,20,100-199" },
	{ .name = "native",
	  .type = FIELD_VID,
	  .flags = FIELD_INTERRUPTS,
	  .help = "on a trunk: the VLAN of untagged frames; without it they are dropped",
	  .example = "99" },
	{ .name = "native_tagged",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "false",
	  .help = "on a trunk: frames of the native VLAN go out tagged",
	  .example = "true" },
	{ 0 },
};

#endif /* VSWITCH_PORT_VLANS_API_H */
