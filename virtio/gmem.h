/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTIO_GMEM_H
#define VIRTIO_GMEM_H

#include "base/compat.h"

/*
 * A guest's memory as another process maps it: a few regions, each a piece of a file that the guest
 * shares with us. The guest may write to it at any time, and may truncate the file.
 *
 * Threads: made, changed and freed on one thread; any thread reads a map that was published to it.
 * A map is immutable: a change makes a new one that shares the mappings that stay (they count who
 * holds them), and the old one is freed after a grace period.
 *
 * A truncated file: touching what is gone raises SIGBUS. gmem_guard() installs the handler that
 * puts zero pages of our own under the whole region and marks it as lost, so that the access
 * succeeds and the port that owns the map sees gmem_lost() and unplugs its guest.
 */
#define GMEM_REGIONS 64u /* VHOST_USER_GET_MAX_MEM_SLOTS */
#define GMEM_OCTETS  (1ull << 42) /* of one map: a guest may not use up our address space */

struct gmem_mapping; /* one mmap(), counted */

struct gmem_region {
	uint64_t gpa; /* where the guest sees it */
	uint64_t uva; /* where the frontend's process sees it */
	uint64_t size;
	uint8_t *host; /* where we see it */
	struct gmem_mapping *mapping;
};

struct gmem {
	unsigned int n;
	struct gmem_region region[GMEM_REGIONS];
};

/* One region as a frontend names it. */
struct gmem_plan {
	uint64_t gpa, uva, size, offset; /* offset: into the file */
};

/* Once, before the first map; again does nothing. -errno of sigaction(). */
int gmem_guard(void);

/*
 * A new map like OLD (NULL: empty) with one region more. FD is the caller's and may be closed
 * afterwards. -EINVAL: it overlaps, wraps around, is empty, lies behind the file's end or FD is not
 * a file that can be mapped; -EPERM: it is a file that somebody else serves (FUSE, a network), who
 * could make us wait for its pages; -ENOSPC: GMEM_REGIONS or GMEM_OCTETS are there; -ENOMEM.
 */
int gmem_add(const struct gmem *old, const struct gmem_plan *, int fd, struct gmem **out);
/*
 * Is that very piece of that very file there already? Then it is so once more, as far as anybody
 * counts, and gmem_remove() has to be called as often until it is gone.
 */
bool gmem_again(struct gmem *, const struct gmem_plan *, int fd);
/* The same without the region that has this gpa, uva and size; -ENOENT. */
int gmem_remove(const struct gmem *old, const struct gmem_plan *, struct gmem **out);
void gmem_free(struct gmem *); /* NULL is fine; no thread uses it any more */
bool gmem_lost(const struct gmem *); /* a file was truncated under it; any thread */

/*
 * Any thread: the octets from GPA on. *LEN is cut to what one region holds; NULL: not guest memory.
 * HINT remembers the last region, for the next call; it starts at 0.
 */
static inline uint8_t *gmem_at(const struct gmem *m, uint64_t gpa, uint32_t *len,
			       unsigned int *hint)
{
	const struct gmem_region *r = &m->region[*hint];
	uint64_t off = gpa - r->gpa;

	if (unlikely(off >= r->size)) {
		unsigned int i = 0;

		while (i < m->n && gpa - m->region[i].gpa >= m->region[i].size)
			i++;
		if (i == m->n)
			return NULL;
		*hint = i;
		r = &m->region[i];
		off = gpa - r->gpa;
	}
	if (unlikely(*len > r->size - off))
		*len = (uint32_t)(r->size - off);
	return r->host + off;
}

/* The whole range of a ring or a log, by the frontend's addresses; NULL: not in one region. */
void *gmem_at_uva(const struct gmem *, uint64_t uva, uint64_t len);

/* Which address of the guest is HOST, a pointer that gmem_at() gave. False: none. */
bool gmem_gpa(const struct gmem *, const void *host, uint64_t *out);

#endif /* VIRTIO_GMEM_H */
