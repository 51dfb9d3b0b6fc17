/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_WATCH_H
#define PORTS_WATCH_H

#include "control/metrics.h"
#include "control/route.h"
#include "ports/port.h"

/*
 * What people may see of the traffic: what was dropped and why, where frames can go, what the
 * workers do, and the frames of a port as a pcap stream. It also calls engine_balance().
 * Object->run of kind port is its struct port.
 *
 * Threads: control thread. Memory: model; borrows ENV.
 */
struct watch;

int watch_create(struct port_env *, struct watch **out);
void watch_destroy(struct watch *); /* NULL is fine; after control_destroy() */

/* For control_route(): /v1/drops, /v1/graph, /v1/workers, /v1/ports/{name}/capture; the context is
 * the watch. */
extern const struct route watch_routes[];
metrics_fn watch_metrics; /* for control_metrics(), with the same context */

#endif /* PORTS_WATCH_H */
