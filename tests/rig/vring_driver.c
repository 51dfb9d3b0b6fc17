/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/vring_driver.h"

#include <stdlib.h>

#include "base/fence.h"

#define AVAIL_BIT (1u << VRING_PACKED_DESC_F_AVAIL)
#define USED_BIT  (1u << VRING_PACKED_DESC_F_USED)

static void must(bool good)
{
	if (!good)
		abort();
}

size_t vring_desc_len(uint16_t size)
{
	return 16u * size;
}

size_t vring_driver_len(uint16_t size, bool packed)
{
	return packed ? sizeof(struct vring_packed_desc_event) : 4 + 2u * size + 2;
}

size_t vring_device_len(uint16_t size, bool packed)
{
	return packed ? sizeof(struct vring_packed_desc_event) : 4 + 8u * size + 2;
}

void vring_driver_init(struct vring_driver *d, uint16_t size, bool packed, bool event_idx,
		       void *desc, void *driver, void *device)
{
	must(size && size <= VRING_DRIVER_MAX);
	memset(d, 0, sizeof(*d));
	memset(desc, 0, vring_desc_len(size));
	memset(driver, 0, vring_driver_len(size, packed));
	memset(device, 0, vring_device_len(size, packed));
	d->size = size;
	d->packed = packed;
	d->event_idx = event_idx;
	d->desc = desc;
	d->driver = driver;
	d->device = device;
	d->n_free = size;
	d->avail_wrap = d->used_wrap = true;
	for (uint16_t i = 0; i < size; i++)
		d->next[i] = (uint16_t)(i + 1);
}

/* ---- split: 2.7.13 -------------------------------------------------------------------------- */

static uint16_t *split_used_event(const struct vring_driver *d)
{
	struct vring_avail *avail = d->driver;

	return &avail->ring[d->size];
}

static uint16_t split_avail_event(const struct vring_driver *d)
{
	uint16_t at;

	memcpy(&at, (const uint8_t *)d->device + 4 + 8u * d->size, sizeof(at));
	return at;
}

static struct vring_desc desc_of(const struct vring_piece *p)
{
	return (struct vring_desc){ .addr = p->gpa,
				    .len = p->len,
				    .flags = p->write ? VRING_DESC_F_WRITE : 0 };
}

static void fill_table(struct vring_desc *table, const struct vring_piece *p, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		table[i] = desc_of(&p[i]);
		if (i + 1 < n) {
			table[i].flags |= VRING_DESC_F_NEXT;
			table[i].next = (uint16_t)(i + 1);
		}
	}
}

/* 2.8.7: flags but for WRITE, and the ids, mean nothing here; Linux leaves the ids as they are. */
static void fill_packed_table(struct vring_packed_desc *table, const struct vring_piece *p,
			      unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		table[i] =
			(struct vring_packed_desc){ .addr = p[i].gpa,
						    .len = p[i].len,
						    .id = 0xffff,
						    .flags = p[i].write ? VRING_DESC_F_WRITE : 0 };
}

static int split_add(struct vring_driver *d, const struct vring_piece *p, unsigned int n,
		     void *table, uint64_t table_gpa)
{
	struct vring_desc *desc = d->desc;
	struct vring_avail *avail = d->driver;
	uint16_t head = d->free_head, at = head;
	unsigned int slots = table ? 1 : n;

	for (unsigned int i = 0; i < slots; i++) {
		if (table)
			desc[at] = (struct vring_desc){ .addr = table_gpa,
							.len = 16 * n,
							.flags = VRING_DESC_F_INDIRECT };
		else
			desc[at] = desc_of(&p[i]);
		if (i + 1 < slots) {
			desc[at].flags |= VRING_DESC_F_NEXT;
			desc[at].next = d->next[at];
		}
		d->free_head = d->next[at];
		at = d->next[at];
	}
	if (table)
		fill_table(table, p, n);
	avail->ring[d->avail % d->size] = head;
	d->avail++;
	__atomic_store_n(&avail->idx, d->avail, __ATOMIC_RELEASE);
	return head;
}

static int split_get(struct vring_driver *d, uint32_t *written)
{
	struct vring_used *used = d->device;
	struct vring_desc *desc = d->desc;
	struct vring_used_elem e;
	uint16_t at;

	if (__atomic_load_n(&used->idx, __ATOMIC_ACQUIRE) == d->used)
		return -1;
	e = used->ring[d->used % d->size];
	d->used++;
	must(e.id < d->size && d->n_slots[e.id]);
	at = (uint16_t)e.id;
	for (unsigned int i = 0; i + 1 < d->n_slots[e.id]; i++)
		at = d->next[at];
	desc[e.id].flags = 0xffff; /* whoever reads it now is found out */
	d->next[at] = d->free_head;
	d->free_head = (uint16_t)e.id;
	*written = e.len;
	return (int)e.id;
}

/* ---- packed: 2.8.21 ------------------------------------------------------------------------- */

static int packed_add(struct vring_driver *d, const struct vring_piece *p, unsigned int n,
		      void *table, uint64_t table_gpa)
{
	struct vring_packed_desc *desc = d->desc;
	unsigned int slots = table ? 1 : n;
	uint16_t id = d->free_head, head = d->avail, head_flags = 0;

	d->free_head = d->next[id];
	for (unsigned int i = 0; i < slots; i++) {
		uint16_t flags = d->avail_wrap ? AVAIL_BIT : USED_BIT;
		struct vring_packed_desc *to = &desc[d->avail];

		if (table) {
			flags |= VRING_DESC_F_INDIRECT;
			to->addr = table_gpa;
			to->len = 16 * n;
		} else {
			flags |= (uint16_t)((p[i].write ? VRING_DESC_F_WRITE : 0) |
					    (i + 1 < slots ? VRING_DESC_F_NEXT : 0));
			to->addr = p[i].gpa;
			to->len = p[i].len;
		}
		/* 2.8.6: only the last one's counts. */
		to->id = i + 1 < slots ? 0xdead : id;
		if (i)
			to->flags = flags;
		else
			head_flags = flags;
		if (++d->avail == d->size) {
			d->avail = 0;
			d->avail_wrap = !d->avail_wrap;
		}
	}
	if (table)
		fill_packed_table(table, p, n);
	__atomic_store_n(&desc[head].flags, head_flags, __ATOMIC_RELEASE);
	d->kicked = (uint16_t)(d->kicked + slots);
	return id;
}

static int packed_get(struct vring_driver *d, uint32_t *written)
{
	struct vring_packed_desc *desc = d->desc;
	uint16_t flags = __atomic_load_n(&desc[d->used].flags, __ATOMIC_ACQUIRE), id;
	bool avail = flags & AVAIL_BIT, used = flags & USED_BIT;

	if (avail != used || used != d->used_wrap)
		return -1;
	id = desc[d->used].id;
	must(id < d->size && d->n_slots[id]);
	*written = desc[d->used].len;
	d->used = (uint16_t)(d->used + d->n_slots[id]);
	if (d->used >= d->size) {
		d->used = (uint16_t)(d->used - d->size);
		d->used_wrap = !d->used_wrap;
	}
	d->next[id] = d->free_head;
	d->free_head = id;
	return id;
}

/* ---- both ----------------------------------------------------------------------------------- */

int vring_driver_add(struct vring_driver *d, const struct vring_piece *p, unsigned int n,
		     void *table, uint64_t table_gpa, void *cookie)
{
	unsigned int slots = table ? 1 : n;
	int id;

	must(n);
	if (slots > d->n_free)
		return -1;
	id = d->packed ? packed_add(d, p, n, table, table_gpa)
		       : split_add(d, p, n, table, table_gpa);
	d->n_free -= slots;
	d->n_slots[id] = (uint16_t)slots;
	d->cookie[id] = cookie;
	return id;
}

bool vring_driver_get(struct vring_driver *d, void **cookie, uint32_t *written)
{
	uint32_t n;
	int id = d->packed ? packed_get(d, &n) : split_get(d, &n);

	if (id < 0)
		return false;
	d->n_free += d->n_slots[id];
	d->n_slots[id] = 0;
	*cookie = d->cookie[id];
	*written = n;
	return true;
}

static bool packed_kick(struct vring_driver *d)
{
	const struct vring_packed_desc_event *e = d->device;
	uint16_t flags = __atomic_load_n(&e->flags, __ATOMIC_RELAXED) & 3;
	uint16_t off_wrap = __atomic_load_n(&e->off_wrap, __ATOMIC_RELAXED);
	uint16_t added = d->kicked, at;

	d->kicked = 0;
	if (flags != VRING_PACKED_EVENT_FLAG_DESC)
		return added && flags == VRING_PACKED_EVENT_FLAG_ENABLE;
	/* Is the place among those that were just passed? */
	at = off_wrap & 0x7fff;
	for (uint16_t i = 1; i <= added; i++) {
		bool wrapped = d->avail < i;
		uint16_t slot = (uint16_t)(wrapped ? d->avail + d->size - i : d->avail - i);
		bool wrap = wrapped ? !d->avail_wrap : d->avail_wrap;

		if (slot == at && wrap == off_wrap >> 15)
			return true;
	}
	return false;
}

bool vring_driver_kick(struct vring_driver *d)
{
	const struct vring_used *used = d->device;
	uint16_t before = d->kicked;

	fence_full();
	if (d->packed)
		return packed_kick(d);
	d->kicked = d->avail;
	if (d->avail == before)
		return false;
	if (d->event_idx)
		return vring_need_event(split_avail_event(d), d->avail, before);
	return !(__atomic_load_n(&used->flags, __ATOMIC_RELAXED) & VRING_USED_F_NO_NOTIFY);
}

static bool is_there(const struct vring_driver *d)
{
	const struct vring_used *used = d->device;
	const struct vring_packed_desc *desc = d->desc;
	uint16_t flags;

	if (!d->packed)
		return __atomic_load_n(&used->idx, __ATOMIC_ACQUIRE) != d->used;
	flags = __atomic_load_n(&desc[d->used].flags, __ATOMIC_ACQUIRE);
	return !(flags & AVAIL_BIT) == !(flags & USED_BIT) && !(flags & USED_BIT) == !d->used_wrap;
}

static void packed_listen(struct vring_driver *d, bool on, unsigned int n)
{
	struct vring_packed_desc_event *e = d->driver;
	unsigned int at = d->used + n;
	bool wrap = d->used_wrap;

	if (at >= d->size) {
		at -= d->size;
		wrap = !wrap;
	}
	e->off_wrap = (uint16_t)(at | (wrap ? 1u << 15 : 0));
	e->flags = !on            ? VRING_PACKED_EVENT_FLAG_DISABLE
		   : d->event_idx ? VRING_PACKED_EVENT_FLAG_DESC
				  : VRING_PACKED_EVENT_FLAG_ENABLE;
}

bool vring_driver_listen(struct vring_driver *d, bool on)
{
	struct vring_avail *avail = d->driver;

	if (d->packed)
		packed_listen(d, on, 0);
	else if (d->event_idx)
		*split_used_event(d) = (uint16_t)(on ? d->used : d->used - 1);
	else
		avail->flags = on ? 0 : VRING_AVAIL_F_NO_INTERRUPT;
	fence_full();
	return on && is_there(d);
}

void vring_driver_listen_after(struct vring_driver *d, unsigned int n)
{
	must(d->event_idx && n);
	if (d->packed)
		packed_listen(d, true, n - 1);
	else
		*split_used_event(d) = (uint16_t)(d->used + n - 1);
	fence_full();
}
