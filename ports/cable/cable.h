/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_CABLE_CABLE_H
#define PORTS_CABLE_CABLE_H

#include "ports/port.h"

/*
 * A cable: what a link is made of. Its two ends are ports of type cable, which find it by the
 * link's name. A frame that leaves at one end comes in at the other, in the same run.
 *
 * Threads: control thread. A worker reads only end.sink and end.peer.
 * Memory: model; the link's. It outlives what is plugged in, and the grace period after that.
 */
struct cable;

struct cable_end {
	struct cable *cable;
	struct sink sink;
	port_id_t peer; /* where frames come in again; PORT_NONE: nowhere (atomic) */
	struct port *port; /* NULL: nothing is plugged in */
	bool started;
};

struct cable {
	struct cable *next;
	char link[NAME_MAX_LEN + 1];
	bool up;
	struct cable_end end[2]; /* "a", "b" */
};

int cable_create(const char *link, bool up, struct cable **out);
void cable_destroy(struct cable *); /* NULL is fine; nothing is plugged in any more */
struct cable *cable_find(const char *link); /* NULL: no such link */
void cable_set_up(struct cable *, bool up);
/* Both ends are plugged in, wanted, and the link is not cut. */
bool cable_carrier(const struct cable *);

/* cable_node.c */
void cable_tx(struct sink *, struct worker *, const struct tx_frame *, unsigned int n,
	      uint8_t *verdict);

#endif /* PORTS_CABLE_CABLE_H */
