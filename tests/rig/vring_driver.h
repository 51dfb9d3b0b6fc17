/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_VRING_DRIVER_H
#define TESTS_RIG_VRING_DRIVER_H

#include <linux/virtio_ring.h>
#include <sys/uio.h>

#include "base/compat.h"

/*
 * The driver's side of one virtqueue, as plain as it can be written (virtio 1.2, 2.7 and 2.8): the
 * oracle of the ring tests, and the guest of the session tests. Never in a hurry, never in doubt.
 *
 * Addresses of buffers are the guest's (gpa); the ring itself is reached by our own pointers.
 * Threads: one. What cannot be right ends the test program.
 */
#define VRING_DRIVER_MAX 1024u /* slots */

struct vring_piece {
	uint64_t gpa;
	uint32_t len;
	bool write; /* the device's to write */
};

struct vring_driver {
	uint16_t size;
	bool packed, event_idx;
	void *desc, *driver, *device; /* as struct ring_config */
	/* What the test wants to find, by the id of the chain. */
	void *cookie[VRING_DRIVER_MAX];
	uint16_t n_slots[VRING_DRIVER_MAX]; /* that the chain takes; 0: the id is free */
	unsigned int n_free; /* slots */
	uint16_t free_head, next[VRING_DRIVER_MAX]; /* split: free descriptors; packed: free ids */
	uint16_t avail, used; /* split: free running; packed: place */
	bool avail_wrap, used_wrap;
	uint16_t kicked; /* split: avail when we last asked; packed: slots since then */
};

/* Octets behind desc, driver and device. */
size_t vring_desc_len(uint16_t size);
size_t vring_driver_len(uint16_t size, bool packed);
size_t vring_device_len(uint16_t size, bool packed);

/* The three are zeroed. */
void vring_driver_init(struct vring_driver *, uint16_t size, bool packed, bool event_idx,
		       void *desc, void *driver, void *device);

/*
 * Makes one chain available; returns its id, or -1: there are too few slots. TABLE: as an indirect
 * table of N descriptors that is written there and that the guest sees at table_gpa; NULL: direct.
 */
int vring_driver_add(struct vring_driver *, const struct vring_piece *, unsigned int n, void *table,
		     uint64_t table_gpa, void *cookie);

/* The next used chain: true, its cookie, and how much was written into it. */
bool vring_driver_get(struct vring_driver *, void **cookie, uint32_t *written);

/* Has the device to be kicked for what was added since the last time we asked? */
bool vring_driver_kick(struct vring_driver *);
/* Signals for used chains: from now on (true), or never mind. True: there is something already. */
bool vring_driver_listen(struct vring_driver *, bool on);
/* As listen(true), but only when N more are used; EVENT_IDX only. */
void vring_driver_listen_after(struct vring_driver *, unsigned int n);

#endif /* TESTS_RIG_VRING_DRIVER_H */
