/* SPDX-License-Identifier: Apache-2.0 */
/* Taking from a split virtqueue (virtio 1.2, 2.7). */
#include "virtio/ring_priv.h"

#define HEADS 32u /* a line of the avail ring */

/* The whole chain, descriptor by descriptor. */
bool split_take_head(struct take *t, uint16_t head, struct ring_chain *c)
{
	const struct ring *r = t->ring;
	const struct vring_desc *desc = r->cfg.desc;
	uint16_t at = head, steps = 0;
	struct walk w;

	if (unlikely(head >= r->cfg.size)) {
		ring_break(t->ring, "a chain's head is not in the queue");
		return false;
	}
	walk_begin(&w, t, c);
	for (;;) {
		struct half d = half_read(&desc[at]);
		uint32_t len = (uint32_t)d.rest;
		uint16_t flags = (uint16_t)(d.rest >> 32);

		if (unlikely(steps++ == r->cfg.size)) {
			ring_break(t->ring, "a chain is longer than the queue");
			return false;
		}
		if (flags & VRING_DESC_F_INDIRECT) {
			if (unlikely(flags & VRING_DESC_F_NEXT)) { /* 2.7.5.3.1 */
				ring_break(t->ring, "an indirect descriptor that goes on");
				return false;
			}
			if (!walk_table(&w, d.addr, len, false))
				return false;
			break;
		}
		if (!walk_piece(&w, d.addr, len, flags))
			return false;
		if (!(flags & VRING_DESC_F_NEXT))
			break;
		at = (uint16_t)(d.rest >> 48);
		if (unlikely(at >= r->cfg.size)) {
			ring_break(t->ring, "a chain leads out of the queue");
			return false;
		}
	}
	walk_end(&w);
	c->id = head;
	return true;
}

/* How many chains are there, at most MAX. The driver's line is looked at only if it has to be. */
static unsigned int available(struct ring *r, unsigned int max)
{
	const struct vring_avail *avail = r->cfg.driver;
	uint16_t n = (uint16_t)(r->avail_seen - r->avail_next);

	if (n < max) {
		r->avail_seen = le16toh(__atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE));
		n = (uint16_t)(r->avail_seen - r->avail_next);
		if (unlikely(n > r->cfg.size)) {
			ring_break(r, "more chains are available than the queue has descriptors");
			return 0;
		}
	}
	return MIN((unsigned int)n, max);
}

/*
 * What comes from the driver's cache takes as long as forty descriptors, and one line leads to the
 * next: index, heads, descriptors, buffers. So the lines of the next burst are asked for now, if
 * it is there already; its descriptors are probably those behind the last one. And so are the
 * lines where this burst will be used, which the driver has just read.
 */
static inline void ask_ahead(const struct ring *r, uint16_t last, unsigned int n)
{
	const struct vring_avail *avail = r->cfg.driver;
	const struct vring_desc *desc = r->cfg.desc;
	const struct vring_used *used = r->cfg.device;
	const uint8_t *to =
		(const uint8_t *)&used->ring[(uint16_t)(r->used_next + r->pending) & r->mask];
	unsigned int more = (uint16_t)(r->avail_seen - r->avail_next);

	for (unsigned int i = 0; i < n * sizeof(used->ring[0]); i += CACHE_LINE)
		prefetch_own(to + i);
	if (!more)
		return;
	__builtin_prefetch(&avail->ring[(r->avail_next + HEADS - 1u) & r->mask]);
	more = MIN(more, HEADS);
	for (unsigned int i = 1; i <= more; i += CACHE_LINE / sizeof(*desc))
		__builtin_prefetch(&desc[(last + i) & r->mask]);
}

/* N heads in a row. All of them, or-ed. */
static inline uint32_t fetch_row(const uint16_t *from, const struct vring_desc *desc,
				 uint16_t *head, unsigned int n)
{
	uint32_t all = 0;

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++) {
		uint32_t h = le16toh(__atomic_load_n(&from[i], __ATOMIC_RELAXED));

		head[i] = (uint16_t)h;
		all |= h;
		__builtin_prefetch(&desc[h]); /* may be anywhere: a prefetch does not fault */
	}
	return all;
}

/*
 * The heads of N chains, and their descriptors on the way into the cache. False: there is one that
 * is not in the queue.
 */
static inline bool fetch(const struct ring *r, uint16_t *head, unsigned int n)
{
	const uint16_t *ring = ((const struct vring_avail *)r->cfg.driver)->ring;
	uint32_t at = r->avail_next & r->mask, row = MIN(n, r->cfg.size - at), all;

	all = fetch_row(&ring[at], r->cfg.desc, head, row);
	if (unlikely(row < n))
		all |= fetch_row(ring, r->cfg.desc, head + row, n - row);
	return all <= r->mask; /* the mask is all ones */
}

/*
 * Those of N heads that are quickly taken, up to the first that is not. *OCTETS: of the budget.
 * Nothing is called in here, so everything stays in registers; a constant DIR makes two of it.
 */
static inline __attribute__((always_inline)) unsigned int quick_heads(
	const struct quick *quick, enum ring_dir dir, const struct vring_desc *desc,
	const uint16_t *head, unsigned int n, struct ring_chain *out, int64_t *octets)
{
	const struct quick q = *quick;
	int64_t left = *octets;
	const uint16_t *at = head, *end = head + n;

	for (; at < end && left > 0; at++, out++) {
		uint16_t h = *at;
		struct half d = half_read(&desc[h]);
		uint32_t len = (uint32_t)d.rest;

		if (unlikely(!quick_take(&q, dir, out, d.addr, len, (uint16_t)(d.rest >> 32), h)))
			break;
		left -= len;
	}
	*octets = left;
	return (unsigned int)(at - head);
}

static __attribute__((noinline)) unsigned int quick_reads(const struct quick *q,
							  const struct vring_desc *desc,
							  const uint16_t *head, unsigned int n,
							  struct ring_chain *out, int64_t *octets)
{
	return quick_heads(q, RING_READ, desc, head, n, out, octets);
}

static __attribute__((noinline)) unsigned int quick_writes(const struct quick *q,
							   const struct vring_desc *desc,
							   const uint16_t *head, unsigned int n,
							   struct ring_chain *out, int64_t *octets)
{
	return quick_heads(q, RING_WRITE, desc, head, n, out, octets);
}

static unsigned int take_heads(struct take *t, const uint16_t *head, unsigned int n,
			       struct ring_chain *out)
{
	const struct vring_desc *desc = t->ring->cfg.desc;
	int64_t octets = t->ring->cfg.budget;
	unsigned int i = 0;

	for (;;) {
		struct quick q = quick_begin(t);

		i += t->dir == RING_READ
			     ? quick_reads(&q, desc, head + i, n - i, out + i, &octets)
			     : quick_writes(&q, desc, head + i, n - i, out + i, &octets);
		if (i == n || octets <= 0 || !split_take_head(t, head[i], &out[i]))
			return i;
		octets -= out[i++].len;
		if (i == n || octets <= 0)
			return i;
	}
}

static unsigned int take_any(struct take *t, const uint16_t *head, unsigned int n,
			     struct ring_chain *out)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!split_take_head(t, head[i], &out[i]))
			return i;
	}
	return n;
}

unsigned int split_take(struct take *t, struct ring_chain *out, unsigned int max)
{
	struct ring *r = t->ring;
	unsigned int there = available(r, MIN(max, HEADS)), n;
	uint16_t head[HEADS];

	if (!there)
		return 0;
	if (unlikely(!fetch(r, head, there) || t->dir == RING_BOTH))
		n = take_any(t, head, there, out);
	else
		n = take_heads(t, head, there, out);
	assert(n <= there);
	for (unsigned int i = 0; unlikely(r->inflight) && i < n; i++)
		inflight_took(r, t->dir, head[i], &out[i]);
	r->avail_next = (uint16_t)(r->avail_next + n);
	if (likely(n))
		ask_ahead(r, head[n - 1], n);
	return n;
}
