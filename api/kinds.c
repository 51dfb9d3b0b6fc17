/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of nouns: a new kind of object is a line here and an _api.h in its folder. */
#include "api/schema.h"
#include "host/host_api.h"
#include "link/link_api.h"
#include "vswitch/mirror/mirror_api.h"
#include "vswitch/port_api.h"
#include "vswitch/stations/station_api.h"
#include "vswitch/switch_api.h"
#include "vswitch/vlan/vlan_api.h"

/* What refers comes after what it refers to. */
const struct schema *const schemas[] = {
	&switch_schema, &vlan_schema,   &host_schema,    &link_schema,
	&port_schema,   &mirror_schema, &station_schema, NULL,
};
