/* SPDX-License-Identifier: Apache-2.0 */
/* What split and packed virtqueues have in common: setting up, returning, signals both ways. */
#include "virtio/ring.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fence.h"
#include "virtio/ring_priv.h"

#define WRAP_BIT 15
#define PLACE    0x7fffu

/* ---- made and unmade ------------------------------------------------------------------------ */

uint64_t ring_desc_len(const struct ring_config *c)
{
	return (uint64_t)c->size * sizeof(struct vring_desc);
}

uint64_t ring_driver_len(const struct ring_config *c)
{
	if (c->packed)
		return sizeof(struct vring_packed_desc_event);
	return sizeof(struct vring_avail) + sizeof(uint16_t) * (uint64_t)(c->size + c->event_idx);
}

uint64_t ring_device_len(const struct ring_config *c)
{
	if (c->packed)
		return sizeof(struct vring_packed_desc_event);
	return sizeof(struct vring_used) + sizeof(struct vring_used_elem) * (uint64_t)c->size +
	       (c->event_idx ? sizeof(uint16_t) : 0);
}

static bool is_aligned(const void *at, uintptr_t by)
{
	return at && !((uintptr_t)at % by);
}

bool ring_makes_sense(const struct ring_config *c)
{
	if (!c->size || c->size > RING_SIZE_MAX || !c->mem)
		return false;
	if (!is_aligned(c->desc, 16)) /* 2.7, 2.8.10 */
		return false;
	if (c->packed)
		return is_aligned(c->driver, 4) && is_aligned(c->device, 4) &&
		       (c->base & PLACE) < c->size && (c->used_base & PLACE) < c->size;
	return !(c->size & (c->size - 1)) && is_aligned(c->driver, 2) && is_aligned(c->device, 4);
}

int ring_setup(struct ring *r, const struct ring_config *c)
{
	int err;

	if (!ring_makes_sense(c))
		return -EINVAL;
	*r = (struct ring){ .cfg = *c };
	if (!c->budget)
		r->cfg.budget = UINT32_MAX;
	if (c->packed) {
		r->avail_next = c->base & PLACE;
		r->avail_wrap = c->base >> WRAP_BIT;
		r->used_next = c->used_base & PLACE;
		r->used_wrap = c->used_base >> WRAP_BIT;
	} else {
		const struct vring_used *used = c->device;

		r->mask = c->size - 1;
		r->avail_next = c->base;
		r->used_next = le16toh(__atomic_load_n(&used->idx, __ATOMIC_ACQUIRE));
	}
	err = c->inflight ? inflight_setup(r) : 0;
	r->used_shown = r->used_next;
	r->avail_seen = r->avail_next;
	return err;
}

void ring_teardown(struct ring *r)
{
	inflight_teardown(r);
	*r = (struct ring){ .broken = "it is not set up" };
}

uint32_t ring_base(const struct ring *r)
{
	if (!r->cfg.packed)
		return r->avail_next;
	return r->avail_next | (uint32_t)r->avail_wrap << WRAP_BIT |
	       (uint32_t)(r->used_next | (uint32_t)r->used_wrap << WRAP_BIT) << 16;
}

void ring_break(struct ring *r, const char *why)
{
	__atomic_store_n(&r->broken, why, __ATOMIC_RELEASE);
}

/* ---- take ----------------------------------------------------------------------------------- */

unsigned int ring_take(struct ring *r, enum ring_dir dir, struct ring_chain *out, unsigned int max,
		       struct iovec *pool, unsigned int n_pool)
{
	struct take t = { .ring = r, .dir = dir, .pool = pool, .left = n_pool, .whole = true };
	unsigned int n = 0, got;

	if (unlikely(r->broken))
		return 0;
	if (unlikely(r->inflight) && !inflight_resubmit(&t, out, max, &n))
		return n;
	do {
		unsigned int want = MIN(max - n, 32u);

		got = r->cfg.packed ? packed_take(&t, out + n, want)
				    : split_take(&t, out + n, want);
		n += got;
		if (got < want)
			break;
	} while (n < max);
	return n;
}

void ring_untake(struct ring *r, const struct ring_chain *c, unsigned int n)
{
	unsigned int slots = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (unlikely(c[i].resubmitted))
			inflight_unresubmit(r);
		else
			slots += c[i].slots;
	}
	if (r->cfg.packed)
		packed_untake(r, slots);
	else
		r->avail_next = (uint16_t)(r->avail_next - slots);
}

/* ---- use and return ------------------------------------------------------------------------- */

/* A guest that is being moved must be told which of its pages are new. */
static void log_written(struct ring *r, const struct ring_chain *c, uint32_t written)
{
	const struct iovec *iov = ring_chain_iov(c);

	for (unsigned int i = c->n_read; i < c->n_iov && written; i++) {
		uint32_t n = MIN(written, (uint32_t)iov[i].iov_len);
		uint64_t gpa;

		if (gmem_gpa(r->cfg.mem, iov[i].iov_base, &gpa))
			dirty_log_mark(r->cfg.log, gpa, n);
		written -= n;
	}
}

void ring_use_slow(struct ring *r, const struct ring_chain *c, uint32_t written)
{
	uint16_t at = (uint16_t)(r->used_next + r->pending - 1) & r->mask;

	if (r->cfg.log) {
		log_written(r, c, written);
		if (!r->cfg.packed)
			dirty_log_mark(r->cfg.log,
				       r->cfg.log_gpa + offsetof(struct vring_used, ring) +
					       at * sizeof(struct vring_used_elem),
				       sizeof(struct vring_used_elem));
	}
	if (r->inflight)
		inflight_use(r, c);
}

void ring_use_all(struct ring *r, const struct ring_chain *c, unsigned int n)
{
	struct vring_used *used = r->cfg.device;
	unsigned int i = 0;

	if (unlikely(!ring_is_plain(r))) {
		for (; i < n; i++)
			ring_use(r, &c[i], 0);
		return;
	}
	while (i < n) { /* in a row, but for the end of the ring */
		uint16_t at = (uint16_t)(r->used_next + r->pending) & r->mask;
		unsigned int row = MIN(n - i, (unsigned int)r->cfg.size - at);
		struct vring_used_elem *to = &used->ring[at];

		for (const struct ring_chain *end = &c[i + row], *from = &c[i]; from < end; from++)
			*to++ = ring_used_elem(from->id, 0);
		r->pending = (uint16_t)(r->pending + row);
		i += row;
	}
}

static void split_return(struct ring *r)
{
	struct vring_used *used = r->cfg.device;

	r->used_next = (uint16_t)(r->used_next + r->pending);
	__atomic_store_n(&used->idx, htole16(r->used_next), __ATOMIC_RELEASE);
	if (unlikely(r->cfg.log))
		dirty_log_mark(r->cfg.log, r->cfg.log_gpa, sizeof(*used));
	if (unlikely(r->inflight))
		inflight_shown(r);
}

/* 2.7.7.2 */
static bool split_wants_signal(const struct ring *r)
{
	const struct vring_avail *avail = r->cfg.driver;
	uint16_t event;

	if (!r->cfg.event_idx)
		return !(le16toh(__atomic_load_n(&avail->flags, __ATOMIC_RELAXED)) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	event = le16toh(__atomic_load_n(&avail->ring[r->cfg.size], __ATOMIC_RELAXED));
	return vring_need_event(event, r->used_next, r->used_shown);
}

/* 2.8.10: one word, so that both halves belong together. */
static bool packed_wants_signal(const struct ring *r, uint16_t passed)
{
	uint32_t word = le32toh(__atomic_load_n((const uint32_t *)r->cfg.driver, __ATOMIC_RELAXED));
	uint16_t event = word & PLACE;

	switch (word >> 16 & 3) {
	case VRING_PACKED_EVENT_FLAG_ENABLE:
		return true;
	case VRING_PACKED_EVENT_FLAG_DISABLE:
		return false;
	}
	if ((word >> WRAP_BIT & 1) != r->used_wrap)
		event = (uint16_t)(event - r->cfg.size);
	return vring_need_event(event, r->used_next, (uint16_t)(r->used_next - passed));
}

void ring_return(struct ring *r)
{
	bool wanted;

	if (!r->pending)
		return;
	if (r->cfg.packed)
		packed_return(r);
	else
		split_return(r);
	/* What was used is seen before we look whether somebody waits for it: 2.7.7.2, 2.8.21.3. */
	if (r->cfg.call_fd >= 0) {
		fence_full();
		wanted = r->cfg.packed ? packed_wants_signal(r, r->pending) : split_wants_signal(r);
		if (unlikely(wanted || !r->signalled)) {
			r->signalled = true;
			wake(r->cfg.call_fd, r->cfg.call_kind);
		}
	}
	r->used_shown = r->used_next;
	r->pending = 0;
}

/* ---- the driver's signals ------------------------------------------------------------------- */

static bool split_arm(struct ring *r, bool on)
{
	struct vring_used *used = r->cfg.device;
	const struct vring_avail *avail = r->cfg.driver;

	if (r->cfg.event_idx) {
		/* Off: it has just passed the place, and comes back there in 65,536 chains. */
		uint16_t at = htole16((uint16_t)(on ? r->avail_next : r->avail_next - 1));

		__atomic_store_n((uint16_t *)&used->ring[r->cfg.size], at, __ATOMIC_RELAXED);
	} else {
		__atomic_store_n(&used->flags, htole16(on ? 0 : VRING_USED_F_NO_NOTIFY),
				 __ATOMIC_RELAXED);
	}
	if (unlikely(r->cfg.log))
		dirty_log_mark(r->cfg.log, r->cfg.log_gpa, ring_device_len(&r->cfg));
	if (!on)
		return false;
	fence_full();
	return le16toh(__atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE)) != r->avail_next;
}

static bool packed_arm(struct ring *r, bool on)
{
	uint32_t flags = VRING_PACKED_EVENT_FLAG_DISABLE, place = 0;

	if (on) {
		flags = r->cfg.event_idx ? VRING_PACKED_EVENT_FLAG_DESC
					 : VRING_PACKED_EVENT_FLAG_ENABLE;
		place = r->avail_next | (uint32_t)r->avail_wrap << WRAP_BIT;
	}
	__atomic_store_n((uint32_t *)r->cfg.device, htole32(flags << 16 | place), __ATOMIC_RELAXED);
	if (unlikely(r->cfg.log)) {
		uint64_t gpa;

		if (gmem_gpa(r->cfg.mem, r->cfg.device, &gpa))
			dirty_log_mark(r->cfg.log, gpa, sizeof(struct vring_packed_desc_event));
	}
	if (!on)
		return false;
	fence_full();
	return packed_is_avail(r);
}

bool ring_arm(struct ring *r, bool on)
{
	if (r->broken)
		return false;
	return r->cfg.packed ? packed_arm(r, on) : split_arm(r, on);
}

void ring_drain(int kick_fd)
{
	uint64_t count;
	struct iovec iov = { &count, sizeof(count) };

	/* Its flags are shared with whoever sent it, so they are no protection. */
	if (preadv2(kick_fd, &iov, 1, -1, RWF_NOWAIT) < 0 && errno == EOPNOTSUPP &&
	    fcntl(kick_fd, F_GETFL) & O_NONBLOCK)
		(void)!read(kick_fd, &count, sizeof(count));
}
