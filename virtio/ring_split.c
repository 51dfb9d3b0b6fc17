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

/* How many chains are there, at most MAX. */
static unsigned int available(struct ring *r, unsigned int max)
{
	const struct vring_avail *avail = r->cfg.driver;
	uint16_t n =
		(uint16_t)(le16toh(__atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE)) - r->avail_next);

	if (unlikely(n > r->cfg.size)) {
		ring_break(r, "more chains are available than the queue has descriptors");
		return 0;
	}
	return MIN((unsigned int)n, max);
}

static inline bool take_one(struct take *t, uint16_t head, struct ring_chain *c)
{
	const struct ring *r = t->ring;

	if (likely(head < r->cfg.size)) {
		struct half d = half_read((const struct vring_desc *)r->cfg.desc + head);

		if (likely(take_single(t, c, d.addr, (uint32_t)d.rest, (uint16_t)(d.rest >> 32)))) {
			c->id = head;
			c->slots = 1;
			t->whole = false;
			return true;
		}
	}
	return split_take_head(t, head, c);
}

unsigned int split_take(struct take *t, struct ring_chain *out, unsigned int max)
{
	struct ring *r = t->ring;
	const struct vring_avail *avail = r->cfg.driver;
	const struct vring_desc *desc = r->cfg.desc;
	unsigned int n = available(r, MIN(max, HEADS)), i;
	uint16_t head[HEADS];
	uint64_t octets = 0;

	for (i = 0; i < n; i++) {
		head[i] = le16toh(__atomic_load_n(
			&avail->ring[(uint16_t)(r->avail_next + i) & r->mask], __ATOMIC_RELAXED));
		__builtin_prefetch(&desc[head[i] & r->mask]);
	}
	for (i = 0; i < n; i++) {
		if (unlikely(!take_one(t, head[i], &out[i])))
			break;
		if (unlikely(r->inflight))
			inflight_took(r, t->dir, head[i], &out[i]);
		octets += out[i].len;
		if (unlikely(octets >= r->cfg.budget)) {
			i++;
			break;
		}
	}
	r->avail_next = (uint16_t)(r->avail_next + i);
	return i;
}
