/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LINK_API_H
#define LINK_LINK_API_H

#include "api/schema.h"

/*
 * A cable. Between switches its two ends are ports of type cable, "NAME.a" and "NAME.b"; a wire
 * joins two ports of any other type that are in no switch.
 */
static const char *const link_modes[] = { "switch", "wire", NULL };

static const struct field link_fields[] = {
	{ .name = "mode",
	  .type = FIELD_CHOICE,
	  .choices = link_modes,
	  .flags = FIELD_FIXED,
	  .def = "\"switch\"",
	  .help = "switch joins two switches; wire two ports directly, and all frames cross it as they are",
	  .example = "wire" },
	{ .name = "up",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .def = "true",
	  .help = "false cuts the cable: both ends lose their carrier",
	  .example = "false" },
	{ 0 },
};

static const struct field wire_fields[] = {
	{ .name = "a",
	  .type = FIELD_REF,
	  .ref = "port",
	  .flags = FIELD_INTERRUPTS | FIELD_CASCADE,
	  .help = "of a wire: the port at one end, which is in no switch",
	  .example = "r1.eth0" },
	{ .name = "b",
	  .type = FIELD_REF,
	  .ref = "port",
	  .flags = FIELD_INTERRUPTS | FIELD_CASCADE,
	  .help = "of a wire: the port at the other end",
	  .example = "vm1" },
	{ 0 },
};
static const struct field *const link_tables[] = { link_fields, wire_fields, NULL };
static const struct schema link_schema = {
	.kind = "link",
	.plural = "links",
	.help = "a cable between two switches, or a wire between two ports",
	.fields = link_tables,
};

#endif /* LINK_LINK_API_H */
