/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_MIRROR_MIRROR_API_H
#define VSWITCH_MIRROR_MIRROR_API_H

#include "api/schema.h"

/* Copies of what ports or VLANs of a switch carry (SPAN), to another port or into a file. */
static const char *const mirror_directions[] = { "in", "out", "both", NULL };

static const struct field mirror_fields[] = {
	{ .name = "switch",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .flags = FIELD_REQUIRED | FIELD_FIXED | FIELD_CASCADE,
	  .help = "the switch whose traffic is copied",
	  .example = "s1" },
	{ .name = "ports",
	  .type = FIELD_REFS,
	  .ref = "port",
	  .help = "ports of it that are copied; without them all, in the VLANs given",
	  .example = "a,b" },
	{ .name = "vlans",
	  .type = FIELD_VIDS,
	  .help = "VLANs that are copied; without them all, of the ports given",
	  .example = "10,20" },
	{ .name = "direction",
	  .type = FIELD_CHOICE,
	  .choices = mirror_directions,
	  .def = "\"both\"",
	  .help = "what is copied: what comes in at the ports, what goes out of them, or both",
	  .example = "in" },
	{ .name = "to",
	  .type = FIELD_REF,
	  .ref = "port",
	  .help = "the port that gets the copies, and takes part in no switching meanwhile",
	  .example = "p9" },
	{ .name = "file",
	  .type = FIELD_FILE,
	  .help = "or a pcapng file in the daemon's capture folder that gets them",
	  .example = "trace.pcapng" },
	{ .name = "file_size",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 1048576,
	  .def = "100",
	  .help = "MiB after which the file is renamed to NAME.1 and begun anew",
	  .example = "500" },
	{ 0 },
};
static const struct field *const mirror_tables[] = { mirror_fields, NULL };
static const struct schema mirror_schema = {
	.kind = "mirror",
	.plural = "mirrors",
	.help = "copies of what ports or VLANs carry",
	.no_traffic = true, /* those that are copied do not notice */
	.fields = mirror_tables,
};

#endif /* VSWITCH_MIRROR_MIRROR_API_H */
