/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packed virtqueue (virtio 1.2, 2.8): one ring, in which the device overwrites what it has used.
 *
 * A burst is shown all at once: the flags of its first slot are written last, and the driver looks
 * at slots in order (2.8.6).
 */
#include "virtio/ring_priv.h"

#define AVAIL_BIT (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED_BIT  (1u << VRING_PACKED_DESC_F_USED)
#define AHEAD     8u

static inline struct vring_packed_desc *slot(const struct ring *r, uint16_t at)
{
	return (struct vring_packed_desc *)r->cfg.desc + at;
}

void packed_advance(const struct ring *r, uint16_t *place, bool *wrap, unsigned int slots)
{
	unsigned int at = *place + slots;

	if (at >= r->cfg.size) {
		at -= r->cfg.size;
		*wrap = !*wrap;
	}
	*place = (uint16_t)at;
}

/* 2.8.1: available as the wrap counter is, used as it is not. */
static inline bool is_avail(uint16_t flags, bool wrap)
{
	return !(flags & AVAIL_BIT) == !wrap && !(flags & USED_BIT) == wrap;
}

bool packed_is_avail(const struct ring *r)
{
	return is_avail(le16toh(__atomic_load_n(&slot(r, r->avail_next)->flags, __ATOMIC_ACQUIRE)),
			r->avail_wrap);
}

/* Its second word first: if its flags say that it is available, so is what stands before them. */
static inline struct half slot_read(const struct ring *r, uint16_t at)
{
	const uint64_t *w = (const uint64_t *)slot(r, at);
	uint64_t rest = le64toh(__atomic_load_n(&w[1], __ATOMIC_ACQUIRE));

	return (struct half){ le64toh(__atomic_load_n(&w[0], __ATOMIC_RELAXED)), rest };
}

/* From its first descriptor D on, slot by slot; only the first says that they are there. */
static bool take_chain(struct take *t, struct half d, uint16_t at, unsigned int most,
		       struct ring_chain *c)
{
	const struct ring *r = t->ring;
	unsigned int slots = 0;
	bool wrap = false;
	struct walk w;

	walk_begin(&w, t, c);
	for (;;) {
		uint32_t len = (uint32_t)d.rest;
		uint16_t flags = (uint16_t)(d.rest >> 48);

		if (unlikely(slots++ == most)) {
			ring_break(t->ring, "a chain is longer than the queue");
			return false;
		}
		if (flags & VRING_DESC_F_INDIRECT) {
			if (unlikely(flags & VRING_DESC_F_NEXT)) { /* 2.8.19 */
				ring_break(t->ring, "an indirect descriptor that goes on");
				return false;
			}
			if (!walk_table(&w, d.addr, len, true))
				return false;
			break;
		}
		if (!walk_piece(&w, d.addr, len, flags))
			return false;
		if (!(flags & VRING_DESC_F_NEXT))
			break;
		packed_advance(r, &at, &wrap, 1);
		d = half_read(slot(r, at));
	}
	walk_end(&w);
	c->id = (uint16_t)(d.rest >> 32); /* 2.8.6: the last one's */
	c->slots = (uint16_t)slots;
	return true;
}

/* The second word as a split ring has it: flags behind the length, without those of the place. */
static inline uint64_t split_rest(uint64_t rest)
{
	uint64_t flags = rest >> 48 & ~(uint64_t)(AVAIL_BIT | USED_BIT);

	return (uint32_t)rest | flags << 32;
}

/* A constant DIR makes two loops of it. */
static inline __attribute__((always_inline)) unsigned int take_slots(struct take *t,
								     enum ring_dir dir,
								     struct ring_chain *out,
								     unsigned int max)
{
	struct ring *r = t->ring;
	struct quick q = quick_begin(t);
	uint64_t octets = 0, budget = r->cfg.budget;
	uint16_t at = r->avail_next, left = (uint16_t)(r->cfg.size - r->out), slots = 0;
	bool wrap = r->avail_wrap, told = r->inflight;
	unsigned int n;

	for (n = 0; n < max && octets < budget; n++) {
		struct half d = slot_read(r, at);
		uint16_t flags = (uint16_t)(d.rest >> 48);

		if (!is_avail(flags, wrap))
			break;
		prefetch_own(slot(r, at) + AHEAD);
		if (unlikely(slots == left)) {
			ring_break(r, "more chains are available than the queue has descriptors");
			break;
		}
		if (unlikely(dir == RING_BOTH) ||
		    unlikely(!quick_take(&q, dir, &out[n], d.addr, split_rest(d.rest),
					 (uint16_t)(d.rest >> 32)))) {
			if (!take_chain(t, d, at, (uint16_t)(left - slots), &out[n]))
				break;
			q = quick_begin(t);
		}
		octets += out[n].len;
		slots = (uint16_t)(slots + out[n].slots);
		if (unlikely(told))
			inflight_took(r, dir, at, &out[n]);
		packed_advance(r, &at, &wrap, out[n].slots);
	}
	r->avail_next = at;
	r->avail_wrap = wrap;
	r->out = (uint16_t)(r->out + slots);
	return n;
}

unsigned int packed_take(struct take *t, struct ring_chain *out, unsigned int max)
{
	if (likely(t->dir == RING_READ))
		return take_slots(t, RING_READ, out, max);
	if (likely(t->dir == RING_WRITE))
		return take_slots(t, RING_WRITE, out, max);
	return take_slots(t, RING_BOTH, out, max);
}

void packed_untake(struct ring *r, unsigned int slots)
{
	int at = (int)r->avail_next - (int)slots;

	if (at < 0) {
		at += r->cfg.size;
		r->avail_wrap = !r->avail_wrap;
	}
	r->avail_next = (uint16_t)at;
	r->out = (uint16_t)(r->out - slots);
}

static void log_slot(struct ring *r, uint16_t at)
{
	uint64_t gpa;

	if (gmem_gpa(r->cfg.mem, slot(r, at), &gpa))
		dirty_log_mark(r->cfg.log, gpa, sizeof(struct vring_packed_desc));
}

void ring_use_packed(struct ring *r, const struct ring_chain *c, uint32_t written)
{
	struct vring_packed_desc *d = slot(r, r->used_next);
	uint16_t flags = r->used_wrap ? AVAIL_BIT | USED_BIT : 0;

	if (written)
		flags |= VRING_DESC_F_WRITE; /* 2.8.5 */
	d->len = htole32(written);
	d->id = htole16(c->id);
	if (!r->pending) {
		r->first = r->used_next;
		r->first_flags = flags;
	} else {
		__atomic_store_n(&d->flags, htole16(flags), __ATOMIC_RELEASE);
	}
	if (unlikely(r->cfg.log))
		log_slot(r, r->used_next);
	r->pending = (uint16_t)(r->pending + c->slots);
	r->out = (uint16_t)(r->out - c->slots);
	packed_advance(r, &r->used_next, &r->used_wrap, c->slots);
}

void packed_return(struct ring *r)
{
	if (unlikely(r->inflight))
		inflight_show(r);
	__atomic_store_n(&slot(r, r->first)->flags, htole16(r->first_flags), __ATOMIC_RELEASE);
	if (unlikely(r->cfg.log))
		log_slot(r, r->first);
	if (unlikely(r->inflight))
		inflight_shown(r);
}
