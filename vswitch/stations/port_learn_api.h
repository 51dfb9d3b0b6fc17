/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_STATIONS_PORT_LEARN_API_H
#define VSWITCH_STATIONS_PORT_LEARN_API_H

#include "api/schema.h"

/* How many stations may be behind a port. The order of the choices is that of enum vsw_beyond. */
static const char *const port_learn_beyond[] = { "drop", "flood", "shut", NULL };

static const struct field port_learn_fields[] = {
	{ .name = "learn_limit",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 4194304,
	  .help = "stations that may be known behind it, static ones included; without it any number",
	  .example = "5" },
	{ .name = "learn_beyond",
	  .type = FIELD_CHOICE,
	  .choices = port_learn_beyond,
	  .absent = "\"drop\"",
	  .help = "frames of others: drop them, flood them (switched, not learned), or shut the port",
	  .example = "shut" },
	{ 0 },
};

#endif /* VSWITCH_STATIONS_PORT_LEARN_API_H */
