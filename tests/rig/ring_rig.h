/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_RING_RIG_H
#define TESTS_RIG_RING_RIG_H

#include "tests/rig/vring_driver.h"
#include "virtio/ring.h"

/*
 * A guest's memory and virtqueues in it, without a socket: the driver's view is a mapping of its
 * own, the device's is a struct gmem. The memory is two regions that follow one another for the
 * guest but not for us. What cannot be made ends the test program.
 */
#define RING_RIG_GPA 0x100000000ull /* where the guest's memory begins */
#define RING_RIG_UVA 0x7f0000000000ull /* and where it is in the frontend */

struct ring_memory {
	int fd;
	uint64_t size; /* of both regions together */
	uint64_t taken;
	uint8_t *guest; /* the driver's mapping */
	struct gmem *mem;
};

struct ring_memory *ring_memory_create(uint64_t size); /* a multiple of two pages */
/* Of memory that the caller has made; HUGE: MAP_HUGETLB-like alignment is the file's. */
struct ring_memory *ring_memory_of(int fd, uint64_t size);
void ring_memory_destroy(struct ring_memory *);
uint64_t ring_memory_take(struct ring_memory *, uint64_t len, uint64_t align); /* gpa */
static inline void *ring_memory_at(const struct ring_memory *m, uint64_t gpa)
{
	return m->guest + (gpa - RING_RIG_GPA);
}

/* One queue: the driver's half, and what the device's half is set up with. */
struct ring_pair {
	struct vring_driver driver;
	struct ring_config config; /* call_fd -1: set it before ring_setup() */
	uint64_t desc, avail, used; /* gpa */
};

/* Fresh areas, a fresh driver and a config that fits; the caller calls ring_setup(). */
void ring_pair_init(struct ring_pair *, struct ring_memory *, uint16_t size, bool packed,
		    bool event_idx);

#endif /* TESTS_RIG_RING_RIG_H */
