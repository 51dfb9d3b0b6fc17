/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_TAP_IO_H
#define PORTS_TAP_IO_H

#include <net/if.h>

#include "dataplane/engine.h"

/*
 * The descriptors of a TAP device as sources and a sink of the engine: whatever a port type does
 * with the device, its frames come and go here, each with its offload header.
 *
 * Threads: control thread, but for what a worker calls. Memory: the port's; after tap_io_ignore()
 * and taking the sink away comes a grace period, then tap_io_close(). 0 or -errno.
 */
#define TAP_QUEUES 16

/* One descriptor of the device. A worker reads it; any worker may write. */
struct tap_queue {
	struct source source; /* .fd is the device */
	struct worker *worker; /* who reads it, once it has: tx prefers its own (atomic) */
	struct iovec rest[BURST_MAX]; /* what did not fit into the heads of this run's frames */
};

struct tap_io {
	struct sink sink;
	unsigned int offload; /* OFFLOAD_* that the kernel takes from us */
	bool listens; /* its queues are the engine's sources */
	unsigned int n_queue;
	struct tap_queue queue[];
};

static inline size_t tap_io_size(unsigned int n_queue)
{
	return n_queue * sizeof(struct tap_queue);
}

/* In zeroed memory, with tap_io_size() behind it. */
void tap_io_init(struct tap_io *, port_id_t, unsigned int n_queue);

/*
 * Opens all queues of device NAME ("weft%d": the first free name, which NAME then is) in the
 * namespace; makes the device if it is not there. It has no carrier then, and goes with its last
 * descriptor until it is kept.
 */
int tap_io_open(struct tap_io *, int netns, char name[IFNAMSIZ]);
int tap_io_keep(struct tap_io *); /* from now on it outlives us */
void tap_io_let_go(struct tap_io *); /* it goes with its last descriptor */
void tap_io_close(struct tap_io *);
int tap_io_carrier(struct tap_io *, bool up);

int tap_io_listen(struct engine *, struct tap_io *); /* workers read it from now on */
void tap_io_ignore(struct engine *,
		   struct tap_io *); /* and no longer; if they do not, that is fine */

/* tap_io_node.c, worker threads */
unsigned int tap_io_rx(struct source *, struct worker *, struct pkt **out, unsigned int max);
void tap_io_tx(struct sink *, struct worker *, const struct tx_frame *, unsigned int n,
	       uint8_t *verdict);

#endif /* PORTS_TAP_IO_H */
