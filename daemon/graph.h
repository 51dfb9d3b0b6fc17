/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_GRAPH_H
#define DAEMON_GRAPH_H

#include "dataplane/node.h"

/* Every station of the daemon, in the packet's way; NULL-terminated. For engine_create(). */
extern const struct node_def *const weft_graph[];

#endif /* DAEMON_GRAPH_H */
