/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_CAPTURE_H
#define DATAPLANE_CAPTURE_H

#include "dataplane/engine.h"

/*
 * Capture: a worker copies what comes in and goes out at chosen ports into a ring; the control
 * thread takes it out. A worker never waits: what does not fit is counted as missed.
 *
 * Threads: control thread, but the worker's half (capture_put), which the engine calls.
 */
enum capture_dir { CAPTURE_IN, CAPTURE_OUT };

struct captured {
	port_id_t port;
	uint8_t dir;
	uint8_t pad;
	uint32_t len; /* octets that follow: the whole frame, tag included */
	uint64_t time_ns; /* CLOCK_REALTIME of the burst */
	struct virtio_net_hdr_v1 vnet;
	const uint8_t *data; /* valid until the callback returns */
};

typedef void capture_fn(void *arg, const struct captured *);

/* An eventfd that becomes readable when there is something to take. */
int capture_fd(const struct engine *);
void capture_port(struct engine *, port_id_t, bool on);
/* Takes out at most MAX; returns how many. *missed (may be NULL) grows by what did not fit. */
unsigned int capture_take(struct engine *, capture_fn *, void *arg, unsigned int max,
			  uint64_t *missed);

#endif /* DATAPLANE_CAPTURE_H */
