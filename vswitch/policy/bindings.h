/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_POLICY_BINDINGS_H
#define VSWITCH_POLICY_BINDINGS_H

#include "packet/wire.h"

/*
 * Which stations behind a port were given which IPv4 address: what a DHCP server tells at run time.
 *
 * Shape: an array that never changes once it is published, ordered by address; a change publishes
 * another one.
 *
 * Threads: bindings_have() any, between two quiescent points; the rest the control thread, of which
 * a change waits for a grace period. Memory: snapshot; the place that points to it is struct
 * vsw_live's (table).
 */
#define BINDINGS_MAX 1024u /* of a port */

struct binding {
	uint64_t mac; /* as eth_src() tells it */
	uint32_t ip; /* host order */
};

struct bindings {
	unsigned int n;
	struct binding b[]; /* by ip, then mac */
};

/* NULL at *PLACE: none. 0 also if it is there already; -ENOSPC, -ENOMEM. */
int bindings_add(struct bindings **place, const struct binding *);
int bindings_remove(struct bindings **place, const struct binding *); /* -ENOENT, -ENOMEM */

bool bindings_have(struct bindings *const *place, const struct binding *);

#endif /* VSWITCH_POLICY_BINDINGS_H */
