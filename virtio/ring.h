/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTIO_RING_H
#define VIRTIO_RING_H

#include <endian.h>
#include <linux/virtio_ring.h>
#include <sys/uio.h>

#include "base/wake.h"
#include "virtio/dirty_log.h"
#include "virtio/gmem.h"

/*
 * One virtqueue as the device sees it, split (virtio 1.2, 2.7) or packed (2.8).
 *
 *	take	the next chains that the driver made available, as pieces of its memory
 *	use	one of them is done with, so many octets were written into it
 *	return	the driver sees all that were used since the last time, and is signalled if it
 *		asked for that
 *
 * Chains are used in the order in which they were taken, so IN_ORDER costs nothing.
 *
 * Threads: set up and torn down on one thread while no other uses it; between the two, one thread
 * at a time takes, uses and returns (a worker, or several under a lock).
 *
 * Trust: everything behind desc, driver and device is the guest's and changes at any time. Each
 * field is read once; whatever makes no sense sets `broken` and ends the ring's work until it is
 * set up again. It never ends in an access outside of what the guest shared.
 */
#define RING_SIZE_MAX 32768u

struct ring_config {
	uint16_t size; /* split: a power of two */
	bool packed, event_idx, indirect;
	/* split: descriptors, avail, used; packed: ring, driver's and device's event suppression */
	void *desc, *driver, *device;
	uint16_t base; /* split: next avail index to take; packed: place, with the wrap bit 15 */
	uint16_t used_base; /* packed only: place and wrap bit of the next used element */
	uint32_t budget; /* a take ends with the chain that reaches so many octets; 0: none does */
	const struct gmem *mem; /* of chains and indirect tables; outlives the ring's run */
	int call_fd; /* the caller's; -1: the driver polls */
	enum wake_kind call_kind;
	struct dirty_log *log; /* NULL: nothing is logged; may change while nobody takes */
	uint64_t log_gpa; /* split: where the used ring is in the log, if log */
	void *inflight; /* this queue's region (vhost-user "Inflight I/O tracking"), or NULL */
};

/* How many octets have to be behind the three pointers, and behind inflight. */
uint64_t ring_desc_len(const struct ring_config *);
uint64_t ring_driver_len(const struct ring_config *);
uint64_t ring_device_len(const struct ring_config *);
uint64_t ring_inflight_len(const struct ring_config *);

/* What the device may do with a chain. The other direction in it breaks the ring. */
enum ring_dir {
	RING_READ, /* transmit queues */
	RING_WRITE, /* receive queues */
	RING_BOTH, /* the control queue: first what it reads, then what it writes */
};

struct ring_chain {
	union { /* ring_chain_iov() */
		struct iovec one; /* if n_iov is 1 */
		struct iovec *more; /* otherwise: in the caller's pool */
	};
	/* What a chain of one descriptor has in them is written as two words: see ring_priv.h. */
	uint32_t len; /* octets of all pieces */
	uint16_t id; /* the driver's name for it */
	uint16_t resubmitted; /* not 0: an earlier backend had taken it and crashed */
	uint16_t slots; /* packed: how many the chain takes; split: 1 */
	uint16_t n_iov; /* may be 0: all descriptors are empty */
	uint16_t n_read; /* the first of them are to be read, the others to be written */
	uint16_t entry; /* packed: where it is in the inflight region */
};

/* Its pieces, n_iov of them. */
static inline struct iovec *ring_chain_iov(const struct ring_chain *c)
{
	return c->n_iov == 1 ? (struct iovec *)&c->one : c->more;
}

struct ring {
	struct ring_config cfg;
	uint16_t mask; /* split: size - 1 */
	uint16_t avail_next, used_next; /* split: free running; packed: place */
	uint16_t avail_seen; /* split: how far there was something when we last looked */
	bool avail_wrap, used_wrap;
	uint16_t out; /* packed: slots taken and not used */
	uint16_t pending; /* used and not returned: elements (split), slots (packed) */
	uint16_t first, first_flags; /* packed: the first pending slot, whose flags come last */
	uint16_t used_shown; /* used_next as the driver has seen it */
	bool signalled; /* since setup: before, we do not know what the driver waits for */
	unsigned int hint; /* gmem_at()'s */
	const char *broken; /* why the ring is out of use; NULL: it works (atomic) */
	struct ring_inflight *inflight; /* NULL: not tracked */
};

/* Size, places and bases are such as the standard allows: what is there may be looked at. */
bool ring_makes_sense(const struct ring_config *);
/*
 * -EINVAL: they are not, see above; -ENOMEM. With an inflight region, what an earlier
 * backend had taken and not returned is taken first, and base is what the region says. A region of
 * zeroes, or one of another size, is made anew.
 */
int ring_setup(struct ring *, const struct ring_config *);
void ring_teardown(struct ring *); /* of a zeroed one, too; no thread uses it any more */
/*
 * Where to go on: what GET_VRING_BASE answers. Split: the next avail index. Packed: the next slot
 * to take in bits 0 to 14, its wrap bit in 15; the same of the next used slot in 16 to 31.
 */
uint32_t ring_base(const struct ring *);
void ring_break(struct ring *, const char *why); /* WHY is static; any thread */

/*
 * At most MAX chains, their pieces in POOL. Fewer than MAX: there are no more, or the pool might
 * not hold the next (one that does not fit into an empty pool of N_POOL breaks the ring).
 */
unsigned int ring_take(struct ring *, enum ring_dir, struct ring_chain *out, unsigned int max,
		       struct iovec *pool, unsigned int n_pool);
/* The last N that were taken, none of them used yet, are as if they had not been: RING_WRITE. */
void ring_untake(struct ring *, const struct ring_chain *, unsigned int n);

/* WRITTEN octets were put into the chain, from its first writable piece on. */
void ring_use_packed(struct ring *, const struct ring_chain *, uint32_t written);
void ring_use_slow(struct ring *, const struct ring_chain *, uint32_t written);

/* Is a used element all that using a chain takes? */
static inline bool ring_is_plain(const struct ring *r)
{
	return !r->cfg.packed && !r->cfg.log && !r->inflight;
}

/* Of a split ring; both fields are one word. */
static inline struct vring_used_elem ring_used_elem(uint16_t id, uint32_t written)
{
	uint64_t word = htole64(id | (uint64_t)written << 32);
	struct vring_used_elem e;

	memcpy(&e, &word, sizeof(e));
	return e;
}

static inline void ring_use(struct ring *r, const struct ring_chain *c, uint32_t written)
{
	struct vring_used *used = r->cfg.device;

	if (unlikely(r->cfg.packed)) {
		ring_use_packed(r, c, written);
	} else {
		used->ring[(r->used_next + r->pending) & r->mask] = ring_used_elem(c->id, written);
		r->pending++;
	}
	if (unlikely(r->cfg.log || r->inflight)) /* a page is marked after it was written */
		ring_use_slow(r, c, written);
}

/* All of these, and nothing was written. */
void ring_use_all(struct ring *, const struct ring_chain *, unsigned int n);

void ring_return(struct ring *);

/*
 * The driver's signals that it has made buffers available. ON: it shall send them; returns whether
 * there is something already, so that the caller must not sleep. Off: it need not.
 */
bool ring_arm(struct ring *, bool on);
/* Takes what a signal left in the descriptor, without waiting whatever it is. Control thread. */
void ring_drain(int kick_fd);

#endif /* VIRTIO_RING_H */
