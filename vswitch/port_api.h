/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_PORT_API_H
#define VSWITCH_PORT_API_H

#include "ports/cable/cable_api.h"
#include "ports/netdev/netdev_api.h"
#include "ports/pcap/pcap_api.h"
#include "ports/place_api.h"
#include "ports/tap/tap_api.h"
#include "ports/vhost_user/vhost_user_api.h"

/* Where something plugs into a switch: what the switch does with it, then what each type adds. */
static const char *const port_types[] = { "tap", "vhost_user", "netdev", "cable", "pcap", NULL };

static const struct field port_fields[] = {
	{ .name = "switch",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .flags = FIELD_REQUIRED | FIELD_FIXED,
	  .help = "the switch that it belongs to",
	  .example = "s1" },
	{ .name = "type",
	  .type = FIELD_CHOICE,
	  .choices = port_types,
	  .flags = FIELD_FIXED,
	  .def = "\"tap\"",
	  .help = "what plugs in: a device of ours, a virtual machine's NIC, a device of others, ...",
	  .example = "tap" },
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
	{ .name = "up",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "true",
	  .help = "false cuts it: no frames, and the far side loses its carrier",
	  .example = "false" },
	{ .name = "worker",
	  .type = FIELD_INT,
	  .min = 0,
	  .max = 15,
	  .help = "the worker that all its queues are on; without it any, as they are busy",
	  .example = "1" },
	{ 0 },
};
static const struct field *const port_tables[] = { port_fields,       place_fields,  tap_fields,
						   vhost_user_fields, netdev_fields, cable_fields,
						   pcap_fields,       NULL };
static const struct schema port_schema = {
	.kind = "port",
	.plural = "ports",
	.help = "where something plugs into a switch",
	.joined = true, /* "a.eth0" */
	.fields = port_tables,
};

#endif /* VSWITCH_PORT_API_H */
