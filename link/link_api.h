/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LINK_API_H
#define LINK_LINK_API_H

#include "api/schema.h"

/* A cable. Its two ends are ports of type cable, "NAME.a" and "NAME.b". */
static const struct field link_fields[] = {
	{ .name = "up",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "true",
	  .help = "false cuts the cable: both ends lose their carrier",
	  .example = "false" },
	{ 0 },
};
static const struct field *const link_tables[] = { link_fields, NULL };
static const struct schema link_schema = {
	.kind = "link",
	.plural = "links",
	.help = "a cable between two switches",
	.fields = link_tables,
};

#endif /* LINK_LINK_API_H */
