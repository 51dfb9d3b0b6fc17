/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_WATCH_PRIV_H
#define PORTS_WATCH_PRIV_H

#include "ports/capture.h"
#include "ports/watch.h"

struct capture;

struct watch {
	const struct port_env *env;
	struct loop_handle *parcels, *round;
	struct capture *captures;
	struct port_listener listener;
	uint8_t *scratch; /* GSO_BUF: a frame being finished for a capture */
};

/* workers_ctl.c */
int workers_watch(struct watch *); /* begins to keep workers even, and to measure them */
void workers_list(void *watch, struct request *);
void workers_metrics(const struct engine *, struct metrics *);

/* capture_ctl.c */
void capture_begin(void *watch, struct request *);
void captures_put(void *watch, const struct parcel *);
void captures_end(void *watch, struct port *); /* the port goes: so do its captures */

#endif /* PORTS_WATCH_PRIV_H */
