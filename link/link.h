/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include "control/metrics.h"
#include "ports/port.h"

/*
 * Links: kind link made real. One between switches is a cable (ports/cable/cable.h), whose ends are
 * ports; a wire joins two ports that are in no switch (link/wire.h).
 *
 * Threads: control thread. Memory: model; borrows ENV, which outlives it.
 */
struct links;

int links_create(struct port_env *, struct links **out);
void links_destroy(struct links *); /* NULL is fine; workers are stopped, all links are gone */

const struct kind *links_kind(struct links *);
const struct compiler *links_compiler(struct links *);

/* For control_metrics(). */
void links_metrics(void *links, const struct model *, struct metrics *);

#endif /* LINK_LINK_H */
