/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_LIMITS_LIMITS_API_H
#define VSWITCH_LIMITS_LIMITS_API_H

#include "api/schema.h"

/* How much a port may send and be sent, in bits or frames a second. */
static const struct field port_limits_fields[] = {
	{ .name = "limit_in",
	  .type = FIELD_RATE,
	  .help = "frames that come in, all together; more are dropped",
	  .example = "100Mbit" },
	{ .name = "limit_out",
	  .type = FIELD_RATE,
	  .help = "frames that go out, all together; more are dropped",
	  .example = "100Mbit" },
	{ .name = "broadcast_in",
	  .type = FIELD_RATE,
	  .help = "broadcasts that come in; more are dropped",
	  .example = "100fps" },
	{ .name = "broadcast_out",
	  .type = FIELD_RATE,
	  .help = "broadcasts that go out; more are dropped",
	  .example = "100fps" },
	{ .name = "multicast_in",
	  .type = FIELD_RATE,
	  .help = "multicasts that come in; more are dropped",
	  .example = "1000fps" },
	{ .name = "multicast_out",
	  .type = FIELD_RATE,
	  .help = "multicasts that go out; more are dropped",
	  .example = "1000fps" },
	{ .name = "unknown_in",
	  .type = FIELD_RATE,
	  .help = "frames for unknown stations that come in; more are dropped",
	  .example = "100fps" },
	{ .name = "unknown_out",
	  .type = FIELD_RATE,
	  .help = "frames for unknown stations that go out; more are dropped",
	  .example = "100fps" },
	{ 0 },
};

#endif /* VSWITCH_LIMITS_LIMITS_API_H */
