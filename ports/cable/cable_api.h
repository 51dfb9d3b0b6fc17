/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_CABLE_CABLE_API_H
#define PORTS_CABLE_CABLE_API_H

#include "api/schema.h"

/* Settings of a port of type cable: one end of a link between two switches. */
static const char *const cable_ends[] = { "a", "b", NULL };

static const struct field cable_fields[] = {
	{ .name = "link",
	  .type = FIELD_REF,
	  .ref = "link",
	  .flags = FIELD_FIXED | FIELD_CASCADE,
	  .only = "cable",
	  .help = "the link whose end this is",
	  .example = "uplink" },
	{ .name = "end",
	  .type = FIELD_CHOICE,
	  .choices = cable_ends,
	  .flags = FIELD_FIXED,
	  .only = "cable",
	  .help = "which end of it",
	  .example = "a" },
	{ 0 },
};

#endif /* PORTS_CABLE_CABLE_API_H */
