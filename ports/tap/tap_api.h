/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_TAP_TAP_API_H
#define PORTS_TAP_TAP_API_H

#include "api/schema.h"

/* Settings of a port of type tap, besides where its device is (ports/place_api.h). */
static const struct field tap_fields[] = {
	{ .name = "mac",
	  .type = FIELD_MAC,
	  .flags = FIELD_INTERRUPTS,
	  .only = "tap vhost_user",
	  .help = "the device's address; made from the port's name if not given",
	  .example = "02:00:00:00:00:0a" },
	{ .name = "mtu",
	  .type = FIELD_INT,
	  .only = "tap vhost_user",
	  .min = 68,
	  .max = 9216,
	  .def = "1500",
	  .help = "the device's MTU in octets",
	  .example = "9000" },
	{ .name = "address",
	  .type = FIELD_CIDRS,
	  .flags = FIELD_INTERRUPTS,
	  .only = "tap",
	  .def = "[]",
	  .help = "addresses of the device, each with its prefix length",
	  .example = "10.0.10.1/24" },
	{ .name = "queues",
	  .type = FIELD_INT,
	  .flags = FIELD_FIXED,
	  .only = "tap vhost_user",
	  .min = 1,
	  .max = 16,
	  .def = "1",
	  .help = "queues of the device",
	  .example = "2" },
	{ 0 },
};

#endif /* PORTS_TAP_TAP_API_H */
