/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_STATIONS_STATION_API_H
#define VSWITCH_STATIONS_STATION_API_H

#include "api/schema.h"

/* A station that is where a person has put it, for good (802.1Q-2018 8.8.1). */
static const struct field station_fields[] = {
	{ .name = "port",
	  .type = FIELD_REF,
	  .ref = "port",
	  .flags = FIELD_REQUIRED | FIELD_CASCADE | FIELD_INTERRUPTS,
	  .help = "the port that it is behind, whatever frames say",
	  .example = "a.eth0" },
	{ .name = "mac",
	  .type = FIELD_MAC,
	  .flags = FIELD_REQUIRED | FIELD_FIXED,
	  .help = "its address",
	  .example = "02:00:00:00:00:01" },
	{ .name = "vid",
	  .type = FIELD_VID,
	  .flags = FIELD_INTERRUPTS,
	  .help = "its VLAN; without it that of untagged frames at the port",
	  .example = "10" },
	{ 0 },
};
static const struct field *const station_tables[] = { station_fields, NULL };
static const struct schema station_schema = {
	.kind = "station",
	.plural = "stations",
	.help = "a permanent entry of a switch's station table",
	.joined = true, /* "s1.10-02-00-00-00-00-01", as `weft fdb add --permanent` names it */
	.no_traffic = true, /* without it the switch learns where the station is */
	.fields = station_tables,
};

#endif /* VSWITCH_STATIONS_STATION_API_H */
