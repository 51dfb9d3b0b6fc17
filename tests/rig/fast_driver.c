/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/fast_driver.h"

#include <stdlib.h>

#define AVAIL_BIT (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED_BIT  (1u << VRING_PACKED_DESC_F_USED)

void fast_queue_init(struct fast_queue *q, struct ring_pair *p, struct ring_memory *m,
		     bool receives, uint32_t stride)
{
	uint16_t size = p->config.size;
	struct vring_avail *avail = p->driver.driver;
	uint64_t gpa = ring_memory_take(m, (uint64_t)size * stride, CACHE_LINE);

	*q = (struct fast_queue){ .config = &p->config,
				  .mask = (uint16_t)(size - 1),
				  .receives = receives,
				  .desc = p->driver.desc,
				  .driver = p->driver.driver,
				  .device = p->driver.device,
				  .buffer = ring_memory_at(m, gpa),
				  .gpa = gpa,
				  .stride = stride };
	if (size & (size - 1))
		abort();
	/* It looks for itself and wants no signals. */
	if (p->config.packed)
		((struct vring_packed_desc_event *)avail)->flags = VRING_PACKED_EVENT_FLAG_DISABLE;
	else if (p->config.event_idx)
		avail->ring[size] = 0x8000;
	else
		avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
}

static bool wrap_of(const struct fast_queue *q, uint32_t slot)
{
	return !(slot & (q->mask + 1u));
}

static unsigned int packed_used(struct fast_queue *q, unsigned int max, uint32_t *len)
{
	const struct vring_packed_desc *desc = q->desc;
	unsigned int n = 0;

	for (; n < max; n++) {
		uint32_t slot = q->back + n;
		const struct vring_packed_desc *d = &desc[slot & q->mask];
		uint16_t flags = __atomic_load_n(&d->flags, __ATOMIC_ACQUIRE);

		if (!(flags & USED_BIT) == wrap_of(q, slot) ||
		    !(flags & AVAIL_BIT) == wrap_of(q, slot))
			break;
		if (d->id != (slot & q->mask))
			abort();
		len[n] = d->len;
	}
	return n;
}

unsigned int fast_used(struct fast_queue *q, unsigned int max, uint32_t *len)
{
	const struct vring_used *used = q->device;
	unsigned int n;

	max = MIN(max, q->next - q->back);
	if (q->config->packed)
		return packed_used(q, max, len);
	n = (uint16_t)(__atomic_load_n(&used->idx, __ATOMIC_ACQUIRE) - q->back);
	n = MIN(n, max);
	for (unsigned int i = 0; i < n; i++) {
		const struct vring_used_elem *e = &used->ring[(q->back + i) & q->mask];

		if (e->id != ((q->back + i) & q->mask))
			abort();
		len[i] = e->len;
	}
	return n;
}

static void packed_add(struct fast_queue *q, unsigned int n, uint32_t len)
{
	struct vring_packed_desc *desc = q->desc;

	for (unsigned int i = n; i--;) { /* the first last */
		uint32_t slot = q->next + i;
		struct vring_packed_desc *d = &desc[slot & q->mask];
		uint16_t flags = wrap_of(q, slot) ? AVAIL_BIT : USED_BIT;

		d->addr = q->gpa + (uint64_t)(slot & q->mask) * q->stride;
		d->len = len;
		d->id = (uint16_t)(slot & q->mask);
		__atomic_store_n(&d->flags,
				 flags | (q->receives ? (uint16_t)VRING_DESC_F_WRITE : 0),
				 __ATOMIC_RELEASE);
	}
}

void fast_add(struct fast_queue *q, unsigned int n, uint32_t len)
{
	struct vring_avail *avail = q->driver;
	struct vring_desc *desc = q->desc;

	if (q->config->packed) {
		packed_add(q, n, len);
	} else {
		for (unsigned int i = 0; i < n; i++) {
			uint16_t slot = (q->next + i) & q->mask;

			desc[slot] = (struct vring_desc){
				.addr = q->gpa + (uint64_t)slot * q->stride,
				.len = len,
				.flags = q->receives ? VRING_DESC_F_WRITE : 0,
			};
			avail->ring[slot] = slot;
		}
		__atomic_store_n(&avail->idx, (uint16_t)(q->next + n), __ATOMIC_RELEASE);
	}
	q->next += n;
}
