/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_HOST_API_H
#define HOST_HOST_API_H

#include "api/schema.h"

/* A lab host: a network namespace that Weft makes and owns. Its NICs are ports of type tap. */
static const struct field host_fields[] = {
	{ .name = "routes",
	  .type = FIELD_ROUTES,
	  .def = "[]",
	  .help = "routes of the host",
	  .example = "default via 10.0.10.254" },
	{ .name = "forwarding",
	  .type = FIELD_BOOL,
	  .def = "false",
	  .help = "true makes it a router: packets that are not its own go on",
	  .example = "true" },
	{ 0 },
};
static const struct field *const host_tables[] = { host_fields, NULL };
static const struct schema host_schema = {
	.kind = "host",
	.plural = "hosts",
	.help = "a lab host: a network namespace made and owned by Weft",
	.fields = host_tables,
};

#endif /* HOST_HOST_API_H */
