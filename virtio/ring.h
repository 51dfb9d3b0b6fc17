/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTIO_RING_H
#define VIRTIO_RING_H

#include <linux/virtio_ring.h>
#include <sys/uio.h>

#include "virtio/gmem.h"

/*
 * One virtqueue as the device sees it, split (virtio 1.2, 2.7) or packed (2.8).
 *
 * Threads: set up and torn down on one thread while no other uses it; between the two, one thread
 * at a time takes and returns (a worker, or several under a lock).
 *
 * Trust: everything behind desc, driver and device is the guest's and changes at any time. Each
 * field is read once; whatever makes no sense sets `broken` and ends the ring's work until it is
 * set up again. It never ends in an access outside of what the guest shared.
 */
#define RING_SIZE_MAX 32768u

struct ring_config {
	uint16_t size; /* split: a power of two */
	bool packed, event_idx, indirect, in_order;
	/* split: descriptors, avail, used; packed: ring, driver's and device's event suppression */
	void *desc, *driver, *device;
	uint16_t base; /* split: next avail index to take; packed: place, with the wrap bit 15 */
	uint16_t used_base; /* packed only: place and wrap bit of the next used element */
	const struct gmem *mem; /* of chains and indirect tables; outlives the ring's run */
	int call_fd; /* the caller's; -1: the driver polls */
	struct dirty_log *log; /* NULL: nothing is logged */
	uint64_t log_gpa; /* where the used ring is in the log, if log */
	void *inflight; /* this queue's region (vhost-user "Inflight I/O tracking"), or NULL */
};

struct ring {
	struct ring_config cfg;
	uint16_t mask;
	uint16_t avail_next, used_next; /* split: free running; packed: place */
	bool avail_wrap, used_wrap;
	const char *broken; /* why the ring is out of use; NULL: it works */
};

/* -EINVAL: sizes or places make no sense. */
int ring_setup(struct ring *, const struct ring_config *);
/* Where to go on: what GET_VRING_BASE answers (packed: avail and used, vhost-user's encoding). */
uint32_t ring_base(const struct ring *);

#endif /* VIRTIO_RING_H */
