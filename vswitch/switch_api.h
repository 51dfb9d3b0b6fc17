/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_SWITCH_API_H
#define VSWITCH_SWITCH_API_H

#include "api/schema.h"

/* A VLAN-aware learning switch (IEEE 802.1Q-2018 clause 8). */
static const char *const switch_loops[] = { "block", "allow", NULL };

static const struct field switch_fields[] = {
	{ .name = "aging",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 1000000,
	  .def = "300",
	  .help = "seconds after which a silent station is forgotten (802.1Q 8.8.3)",
	  .example = "60" },
	{ .name = "fdb_size",
	  .type = FIELD_INT,
	  .flags = FIELD_FIXED,
	  .min = 16,
	  .max = 4194304,
	  .def = "16384",
	  .help = "stations that can be known at once",
	  .example = "100000" },
	{ .name = "move_limit",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 1000000,
	  .help = "moves of stations between ports that are followed in a second; without it all",
	  .example = "100" },
	{ .name = "mtu",
	  .type = FIELD_INT,
	  .flags = FIELD_INTERRUPTS,
	  .min = 1280,
	  .max = 9216,
	  .def = "9216",
	  .help = "longest payload of a frame that is switched, in octets",
	  .example = "1500" },
	{ .name = "loops",
	  .type = FIELD_CHOICE,
	  .choices = switch_loops,
	  .flags = FIELD_INTERRUPTS,
	  .def = "\"block\"",
	  .help = "whether links and ports that close a ring are blocked; of a link, allow at both ends: not",
	  .example = "allow" },
	{ 0 },
};
static const struct field *const switch_tables[] = { switch_fields, NULL };
static const struct schema switch_schema = {
	.kind = "switch",
	.plural = "switches",
	.help = "a VLAN-aware learning switch",
	.fields = switch_tables,
};

#endif /* VSWITCH_SWITCH_API_H */
