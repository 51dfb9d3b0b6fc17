/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_STATIONS_STATIONS_H
#define VSWITCH_STATIONS_STATIONS_H

#include "vswitch/switches.h"

/*
 * Stations that people put behind a port: permanent ones are objects (kind station), static ones
 * are in the table alone. Threads: control thread.
 */
struct station {
	struct station *next;
	char name[2 * NAME_MAX_LEN + 2], port[2 * NAME_MAX_LEN + 2];
	struct eth_addr mac;
	uint16_t vid; /* 0: that of untagged frames at the port */
	const char *why; /* it is not in the table; NULL: it is */
	/* Where it is in the table. */
	struct fdb *fdb; /* NULL: nowhere */
	fdb_key_t key;
	port_id_t at;
};

/* Permanent, and in this table with this key; NULL. */
const struct station *station_find(const struct vswitch *, const struct fdb *, fdb_key_t);

/*
 * May a station of VLAN VID (0: that of untagged frames) be behind this port, as its spec is?
 * Returns the VID, or 0 with a fault.
 */
uint16_t station_vid(const struct model *, const struct object *port, uint16_t vid,
		     struct faults *);

#endif /* VSWITCH_STATIONS_STATIONS_H */
