/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_PORT_API_H
#define VSWITCH_PORT_API_H

#include "ports/cable/cable_api.h"
#include "ports/netdev/netdev_api.h"
#include "ports/pcap/pcap_api.h"
#include "ports/place_api.h"
#include "ports/tap/tap_api.h"
#include "ports/vhost_user/vhost_user_api.h"
#include "vswitch/stations/port_learn_api.h"
#include "vswitch/limits/limits_api.h"
#include "vswitch/policy/policy_api.h"
#include "vswitch/vlan/port_vlans_api.h"

/* Where something plugs into a switch or a wire: what the switch does with it, then what each type
 * adds. */
static const char *const port_types[] = { "tap", "vhost_user", "netdev", "cable", "pcap", NULL };

static const struct field port_fields[] = {
	{ .name = "switch",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .flags = FIELD_FIXED,
	  .help = "the switch that it belongs to; without it a wire can end at the port",
	  .example = "s1" },
	{ .name = "type",
	  .type = FIELD_CHOICE,
	  .choices = port_types,
	  .flags = FIELD_FIXED,
	  .def = "\"tap\"",
	  .help = "what plugs in: a device of ours, a virtual machine's NIC, a device of others, ...",
	  .example = "tap" },
	{ 0 },
};

/* What a port is told beside. */
static const struct field port_state_fields[] = {
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
/*
 * What the switch does with a port: a table for each feature. A macro, because the CLI initialises
 * constant lists with it.
 */
#define PORT_SWITCH_TABLES                                                                         \
	port_fields, port_vlans_fields, port_learn_fields, port_limits_fields, port_policy_fields, \
		port_state_fields

static const struct field *const port_tables[] = {
	PORT_SWITCH_TABLES, place_fields, tap_fields,  vhost_user_fields,
	netdev_fields,      cable_fields, pcap_fields, NULL,
};
static const struct schema port_schema = {
	.kind = "port",
	.plural = "ports",
	.help = "where something plugs into a switch, or a wire",
	.joined = true, /* "a.eth0" */
	.fields = port_tables,
};

#endif /* VSWITCH_PORT_API_H */
