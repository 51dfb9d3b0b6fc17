/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VLAN_VLAN_API_H
#define VSWITCH_VLAN_VLAN_API_H

#include "api/schema.h"

/* A VLAN exists where a port is in it. An object gives it a title, or says what is special of it.
 */
static const char *const vlan_privates[] = { "isolated", "community", NULL };

static const struct field vlan_fields[] = {
	{ .name = "switch",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .flags = FIELD_REQUIRED | FIELD_FIXED | FIELD_CASCADE,
	  .help = "the switch that it is on",
	  .example = "s1" },
	{ .name = "vid",
	  .type = FIELD_VID,
	  .flags = FIELD_REQUIRED | FIELD_FIXED,
	  .help = "its number, or the first of a range",
	  .example = "10" },
	{ .name = "last",
	  .type = FIELD_VID,
	  .flags = FIELD_FIXED,
	  .help = "the last number of a range, which is one object",
	  .example = "199" },
	{ .name = "title",
	  .type = FIELD_TEXT,
	  .max = 63,
	  .def = "\"\"",
	  .help = "what people call it",
	  .example = "staff" },
	{ .name = "learn",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "true",
	  .help = "false: no station is learned, so everything is flooded",
	  .example = "false" },
	{ .name = "flood",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "true",
	  .help = "false: frames for stations that nobody knows are dropped",
	  .example = "false" },
	{ .name = "private",
	  .type = FIELD_CHOICE,
	  .choices = vlan_privates,
	  .flags = FIELD_INTERRUPTS,
	  .help = "its ports reach those of the primary VLAN, and one another in a community only",
	  .example = "isolated" },
	{ .name = "primary",
	  .type = FIELD_VID,
	  .flags = FIELD_INTERRUPTS,
	  .help = "of a private VLAN: the one whose ports hear all",
	  .example = "100" },
	{ 0 },
};
static const struct field *const vlan_tables[] = { vlan_fields, NULL };
static const struct schema vlan_schema = {
	.kind = "vlan",
	.plural = "vlans",
	.help = "what a switch knows of a VLAN, or of a range of them",
	.joined = true, /* "s1.10" */
	.no_traffic = true, /* the ports of the VLAN stay */
	.fields = vlan_tables,
};

#endif /* VSWITCH_VLAN_VLAN_API_H */
