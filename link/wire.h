/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_WIRE_H
#define LINK_WIRE_H

#include "dataplane/engine.h"

/*
 * Wires as workers see them: for each port that is in no switch, where its frames come out. What
 * crosses a wire is changed by nobody and looked at by nobody: reserved addresses, pause frames,
 * any tag, any length.
 *
 * Threads: any may read. Memory: snapshot.
 */
enum wire_edge { WIRE_CROSSED, WIRE_DROP_UNPLUGGED, WIRE_DROP_CUT, WIRE_DROP_DOWN };

struct wire_way {
	port_id_t out; /* if it is WIRE_CROSSED */
	uint16_t edge; /* enum wire_edge */
};

struct wire_view {
	struct wire_way way[PORT_MAX]; /* by the port where a frame comes in */
};

/* The station; vsw-classify leads to it whatever came in at a port of no switch. */
extern const struct node_def wire_node;
#define WIRE_VIEW "wires" /* the part of the published view; NULL: there are none */

#endif /* LINK_WIRE_H */
