/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PLACE_API_H
#define PORTS_PLACE_API_H

#include "api/schema.h"

/* Which network device a port of type tap or netdev is, and where: see place.h. */
static const struct field place_fields[] = {
	{ .name = "host",
	  .type = FIELD_REF,
	  .ref = "host",
	  .flags = FIELD_FIXED | FIELD_CASCADE,
	  .only = "tap netdev",
	  .help = "the host that has the device; without it the machine itself does",
	  .example = "a" },
	{ .name = "netns",
	  .type = FIELD_TEXT,
	  .flags = FIELD_INTERRUPTS,
	  .only = "tap netdev",
	  .max = 255,
	  .help = "in place of a host: a namespace that others made, by name or path",
	  .example = "/run/netns/blue" },
	{ .name = "device",
	  .type = FIELD_DEVICE,
	  .flags = FIELD_FIXED,
	  .only = "tap netdev",
	  .help = "the device's name there; eth0 in a host or namespace, weft0, weft1 ... on the machine",
	  .example = "eth0" },
	{ 0 },
};

#endif /* PORTS_PLACE_API_H */
