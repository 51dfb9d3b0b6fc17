/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_NETDEV_NETDEV_API_H
#define PORTS_NETDEV_NETDEV_API_H

#include "api/schema.h"

/* Settings of a port of type netdev, besides where its device is (ports/place_api.h). */
static const struct field netdev_fields[] = {
	{ .name = "force",
	  .type = FIELD_BOOL,
	  .only = "netdev",
	  .def = "false",
	  .help = "take the device even from a machine that uses it: its addresses are cut off",
	  .example = "true" },
	{ 0 },
};

#endif /* PORTS_NETDEV_NETDEV_API_H */
