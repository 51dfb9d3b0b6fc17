/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_GRAPH_H
#define DATAPLANE_GRAPH_H

#include "dataplane/node.h"

/* The engine's own stations; port-tx is always the last. */
extern const struct node_def port_rx_node; /* always the first */
extern const struct node_def punt_node; /* note[0] is the service */

#endif /* DATAPLANE_GRAPH_H */
