/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTIO_RING_PRIV_H
#define VIRTIO_RING_PRIV_H

#include "virtio/ring.h"

/* A chain is being taken: what is common to split and packed. */
struct take {
	struct ring *ring;
	enum ring_dir dir;
	struct iovec *pool;
	unsigned int left; /* of the pool */
	bool whole; /* nothing was taken into the pool yet */
};

/*
 * The most descriptors of one chain: Queue Size (2.7.5.3.1). Linux makes an indirect table longer
 * than a short queue all the same.
 */
#define CHAIN_MIN 1024u

/* The walk along one chain. */
struct walk {
	struct take *take;
	struct ring_chain *chain;
	uint64_t len;
	unsigned int n_iov, n_read, steps;
	bool wrote; /* a piece to be written was there */
};

/* Both: false ends the chain; either the ring is broken now, or the pool is exhausted. */
bool walk_piece(struct walk *, uint64_t gpa, uint32_t len, uint16_t flags);
bool walk_table(struct walk *, uint64_t gpa, uint32_t len, bool packed);
/* Fills in the chain but for id and slots. */
bool walk_begin(struct walk *, struct take *, struct ring_chain *);
bool walk_step(struct walk *); /* one descriptor more */
void walk_end(struct walk *);

/* A descriptor on its own, read once. */
struct half {
	uint64_t addr, rest; /* rest: len, then two fields of 16 bits */
};

static inline struct half half_read(const void *desc)
{
	const uint64_t *w = desc;

	return (struct half){ le64toh(__atomic_load_n(&w[0], __ATOMIC_RELAXED)),
			      le64toh(__atomic_load_n(&w[1], __ATOMIC_RELAXED)) };
}

/*
 * A line that will be written: fetched as our own at once, while without the instruction it comes
 * shared, and the store sends for it again. GCC has it only for chosen processors; those that lack
 * it (before 2014) take it as no operation.
 */
static inline void prefetch_own(const void *at)
{
	__asm__ volatile("prefetchw %0" : : "m"(*(const char *)at));
}

/*
 * The way of nearly all chains: one descriptor, of no more than QUICK_LEN octets, in the same
 * region as the last one. All that it needs is here, because after each store to memory a compiler
 * would read it again.
 */
#define QUICK_LEN (1ull << 17) /* any frame with its header, as a mask */

struct quick {
	uint64_t gpa, size; /* of the region */
	uint8_t *host;
	uint64_t want; /* what the second word less one is, where QUICK_MASK is set */
};

/* Flags, and what makes a length of 0 or more than QUICK_LEN: the second word of a split ring. */
#define QUICK_MASK (0xffffull << 32 | (UINT32_MAX & ~(QUICK_LEN - 1)))

static inline struct quick quick_begin(const struct take *t)
{
	const struct gmem_region *r = &t->ring->cfg.mem->region[t->ring->hint];
	uint64_t want = t->dir == RING_WRITE ? (uint64_t)VRING_DESC_F_WRITE << 32 : 0;

	/* Of a region that short nothing is taken quickly: no word less one has all bits there. */
	return (struct quick){ r->gpa, r->size, r->host, r->size < QUICK_LEN ? ~0ull : want };
}

/*
 * False: it has to be looked at properly. DIR is RING_READ or RING_WRITE, a constant; REST as the
 * second word of a split ring's descriptor.
 */
static inline bool quick_take(const struct quick *q, enum ring_dir dir, struct ring_chain *c,
			      uint64_t gpa, uint64_t rest, uint16_t id)
{
	uint64_t off = gpa - q->gpa, len = (uint32_t)rest, words[2];
	uint8_t *at;

	if (unlikely(((rest - 1) & QUICK_MASK) != q->want) || unlikely(off > q->size - len))
		return false;
	at = q->host + off;
	if (dir == RING_WRITE)
		prefetch_own(at);
	else
		__builtin_prefetch(at);
	__builtin_prefetch(at + CACHE_LINE);
	c->one = (struct iovec){ at, len };
	words[0] = len | (uint64_t)id << 32;
	words[1] = 1 | 1ull << 16 | (uint64_t)(dir == RING_READ) << 32; /* one slot, one piece */
	memcpy(&c->len, words, sizeof(words));
	return true;
}
static_assert(offsetof(struct ring_chain, id) == offsetof(struct ring_chain, len) + 4 &&
		      offsetof(struct ring_chain, slots) == offsetof(struct ring_chain, len) + 8 &&
		      offsetof(struct ring_chain, n_iov) == offsetof(struct ring_chain, len) + 10 &&
		      offsetof(struct ring_chain, n_read) == offsetof(struct ring_chain, len) + 12,
	      "the two words of quick_take()");

/* ring_split.c, ring_packed.c */
unsigned int split_take(struct take *, struct ring_chain *out, unsigned int max);
bool split_take_head(struct take *, uint16_t head, struct ring_chain *);
unsigned int packed_take(struct take *, struct ring_chain *out, unsigned int max);
bool packed_is_avail(const struct ring *);
void packed_untake(struct ring *, unsigned int slots);
void packed_return(struct ring *);
void packed_advance(const struct ring *, uint16_t *place, bool *wrap, unsigned int slots);

/*
 * inflight.c: what was taken and not returned, where the next backend finds it. A chain of a
 * receive queue is taken and used in one go; if we die in between it still is available, so it is
 * never told.
 */
int inflight_setup(struct ring *);
void inflight_teardown(struct ring *);
/* What an earlier backend left goes first. False: there is more of it than there was room for. */
bool inflight_resubmit(struct take *, struct ring_chain *out, unsigned int max, unsigned int *n);
void inflight_unresubmit(struct ring *);
void inflight_took(struct ring *, enum ring_dir, uint16_t place, struct ring_chain *);
void inflight_use(struct ring *, const struct ring_chain *);
/* Packed: before and after the flags are shown. Split: after. */
void inflight_show(struct ring *);
void inflight_shown(struct ring *);

#endif /* VIRTIO_RING_PRIV_H */
