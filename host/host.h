/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "ports/port.h"

/*
 * Lab hosts: kind host made real. A host is a namespace in RUN_DIR/netns; it outlives the daemon
 * and is found again by its name.
 *
 * Threads: control thread. Memory: model; borrows ENV, which outlives it.
 */
void host_kind(const struct port_env *, struct kind *out); /* once a process */

/* Once, when the daemon has loaded its model: namespaces that no host of it owns go. */
void hosts_sweep(const struct port_env *, const struct model *);

#endif /* HOST_HOST_H */
