/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTIO_DIRTY_LOG_H
#define VIRTIO_DIRTY_LOG_H

#include "base/compat.h"

/*
 * Which pages of guest memory we have written, for a guest that is being moved (vhost-user,
 * "Migration"): a bit a page of 4096 octets, in memory that the frontend reads and clears.
 *
 * Threads: any. Memory: the map is the caller's and outlives all rings that have it.
 */
#define DIRTY_PAGE_SHIFT 12

struct dirty_log {
	uint8_t *map;
	uint64_t size; /* octets; what lies behind them is not logged */
};

static inline void dirty_log_mark(struct dirty_log *log, uint64_t gpa, uint64_t len)
{
	uint64_t page = gpa >> DIRTY_PAGE_SHIFT, last;

	if (!len || gpa + len - 1 < gpa)
		return;
	last = (gpa + len - 1) >> DIRTY_PAGE_SHIFT;
	for (; page <= last && page / 8 < log->size; page++)
		__atomic_fetch_or(&log->map[page / 8], (uint8_t)(1u << page % 8), __ATOMIC_RELAXED);
}

#endif /* VIRTIO_DIRTY_LOG_H */
