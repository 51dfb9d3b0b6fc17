/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_FAST_DRIVER_H
#define TESTS_RIG_FAST_DRIVER_H

#include "tests/rig/ring_rig.h"

/*
 * A driver in a hurry, for benches: slot i of a queue always has buffer i, chains are single
 * descriptors, and the device is trusted to use them in order. Everything that a real driver
 * writes is written each time, so that the same cache lines travel.
 *
 * Threads: one a queue.
 */
struct fast_queue {
	struct ring_config *config;
	uint16_t mask;
	bool receives;
	/* The driver's own pointers to the areas and to the buffers. */
	void *desc, *driver, *device;
	uint8_t *buffer;
	uint64_t gpa;
	uint32_t stride;
	uint32_t next, back; /* slots made available and come back: free running */
};

void fast_queue_init(struct fast_queue *, struct ring_pair *, struct ring_memory *, bool receives,
		     uint32_t stride);

static inline uint8_t *fast_buffer(const struct fast_queue *q, uint32_t slot)
{
	return q->buffer + (size_t)(slot & q->mask) * q->stride;
}

/* How many slots from back on have come back, at most MAX; the caller adds them to back. */
unsigned int fast_used(struct fast_queue *, unsigned int max, uint32_t *len);
/* N more slots, of LEN octets each. */
void fast_add(struct fast_queue *, unsigned int n, uint32_t len);

#endif /* TESTS_RIG_FAST_DRIVER_H */
