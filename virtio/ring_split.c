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

/*
 * Those of N chains that are quickly taken, up to the first that is not; their heads are at HEAD.
 * *OCTETS more. Nothing is called in here, so everything stays in registers; a constant DIR makes
 * two of it.
 */
static inline __attribute__((always_inline)) unsigned int quick_heads(
	const struct quick *quick, enum ring_dir dir, const struct ring *r, const uint16_t *head,
	unsigned int n, struct ring_chain *out, uint64_t *octets)
{
	const struct vring_desc *desc = r->cfg.desc;
	const struct quick q = *quick;
	uint64_t more = 0, i = 0, mask = r->mask;

	for (; i < n; i++, out++) {
		uint64_t h = le16toh(__atomic_load_n(&head[i], __ATOMIC_RELAXED));
		struct half d;

		if (unlikely(h > mask))
			break;
		d = half_read(&desc[h]);
		if (unlikely(!quick_take(&q, dir, out, d.addr, d.rest, (uint16_t)h)))
			break;
		more += (uint32_t)d.rest;
	}
	*octets += more;
	return (unsigned int)i;
}

static __attribute__((noinline)) unsigned int quick_reads(const struct quick *q,
							  const struct ring *r,
							  const uint16_t *head, unsigned int n,
							  struct ring_chain *out, uint64_t *octets)
{
	return quick_heads(q, RING_READ, r, head, n, out, octets);
}

static __attribute__((noinline)) unsigned int quick_writes(const struct quick *q,
							   const struct ring *r,
							   const uint16_t *head, unsigned int n,
							   struct ring_chain *out, uint64_t *octets)
{
	return quick_heads(q, RING_WRITE, r, head, n, out, octets);
}

/* The first of N that together are as long as the budget. */
static __attribute__((noinline, cold)) unsigned int within(const struct ring *r,
							   const struct ring_chain *c,
							   unsigned int n)
{
	uint64_t octets = 0;
	unsigned int i = 0;

	while (i < n && octets < r->cfg.budget)
		octets += c[i++].len;
	return i;
}

/* N chains are there, and more than one way to take them: quickly, as long as that will do. */
static unsigned int take_heads(struct take *t, unsigned int n, struct ring_chain *out)
{
	struct ring *r = t->ring;
	const uint16_t *heads = ((const struct vring_avail *)r->cfg.driver)->ring;
	uint64_t octets = 0;
	unsigned int i = 0;

	while (i < n && octets < r->cfg.budget) {
		uint32_t at = (r->avail_next + i) & r->mask;
		unsigned int row = MIN(n - i, r->cfg.size - at), got = 0;

		if (likely(t->dir != RING_BOTH)) {
			struct quick q = quick_begin(t);

			got = t->dir == RING_READ
				      ? quick_reads(&q, r, &heads[at], row, out + i, &octets)
				      : quick_writes(&q, r, &heads[at], row, out + i, &octets);
			i += got;
		}
		if (likely(got == row) || octets >= r->cfg.budget)
			continue;
		at = (r->avail_next + i) & r->mask;
		if (!split_take_head(t, le16toh(__atomic_load_n(&heads[at], __ATOMIC_RELAXED)),
				     &out[i]))
			return i;
		octets += out[i++].len;
	}
	return likely(octets < r->cfg.budget) ? i : within(r, out, i);
}

unsigned int split_take(struct take *t, struct ring_chain *out, unsigned int max)
{
	struct ring *r = t->ring;
	unsigned int there = available(r, MIN(max, HEADS)), n;

	if (!there)
		return 0;
	n = take_heads(t, there, out);
	assert(n <= there);
	for (unsigned int i = 0; unlikely(r->inflight) && i < n; i++)
		inflight_took(r, t->dir, out[i].id, &out[i]);
	r->avail_next = (uint16_t)(r->avail_next + n);
	if (likely(n))
		ask_ahead(r, out[n - 1].id, n);
	return n;
}
