/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was taken and not returned, in memory that outlives us (vhost-user, "Inflight I/O
 * tracking"): the backend that comes after a crash takes it first.
 *
 * The region is shared with the frontend, so nothing is read back from it but once, at setup, with
 * bounds; from then on the lists are our own and the region is only written.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "virtio/ring_priv.h"

#define VERSION 1u
#define NONE    0xffffu

/* Layouts of the vhost-user document. */
struct split_desc {
	uint8_t inflight, padding[5];
	uint16_t next;
	uint64_t counter;
};
struct split_region {
	uint64_t features;
	uint16_t version, desc_num, last_batch_head, used_idx;
	struct split_desc desc[];
};
struct packed_desc {
	uint8_t inflight, padding;
	uint16_t next, last, num;
	uint64_t counter;
	uint16_t id, flags;
	uint32_t len;
	uint64_t addr;
};
struct packed_region {
	uint64_t features;
	uint16_t version, desc_num, free_head, old_free_head;
	union {
		struct {
			uint16_t used_idx, old_used_idx;
			uint8_t used_wrap, old_used_wrap;
		};
		uint64_t used; /* all four, which change at once: see packed_used() */
	};
	uint8_t padding[8];
	struct packed_desc desc[];
};
static_assert(sizeof(struct split_region) == 16 && sizeof(struct split_desc) == 16, "layout");
static_assert(offsetof(struct packed_region, desc) == 32 && sizeof(struct packed_desc) == 32, "");

struct ring_inflight {
	uint64_t counter;
	uint16_t *todo, n_todo,
		at; /* what an earlier backend left: heads (split), entries (packed) */
	uint16_t *batch, n_batch; /* used and not returned */
	/* Packed: entries of a chain and the free ones; how many of them a chain has. */
	uint16_t *next, *last, *num, free_head;
	uint16_t array[];
};

uint64_t ring_inflight_len(const struct ring_config *c)
{
	return c->packed ? sizeof(struct packed_region) + c->size * sizeof(struct packed_desc)
			 : sizeof(struct split_region) + c->size * sizeof(struct split_desc);
}

/* ---- what is found at setup ----------------------------------------------------------------- */

/* Counters as read once: the region may change while they are sorted. */
struct left {
	uint64_t counter;
	uint16_t which;
};

static int by_counter(const void *a, const void *b)
{
	uint64_t x = ((const struct left *)a)->counter, y = ((const struct left *)b)->counter;

	return (x > y) - (x < y);
}

static void in_order(struct ring_inflight *f, struct left *left, unsigned int n)
{
	qsort(left, n, sizeof(*left), by_counter);
	for (unsigned int i = 0; i < n; i++)
		f->todo[i] = left[i].which;
	f->n_todo = (uint16_t)n;
	f->counter = n ? left[n - 1].counter + 1 : 0;
}

/* The last batch may have been shown and not been written down. */
static void split_settle(struct split_region *g, uint16_t shown, uint16_t size)
{
	uint16_t at = g->last_batch_head;
	unsigned int n = (uint16_t)(shown - g->used_idx);

	for (unsigned int i = 0; i < n && i < size && at < size; i++) {
		g->desc[at].inflight = 0;
		at = __atomic_load_n(&g->desc[at].next, __ATOMIC_RELAXED);
	}
	g->used_idx = shown;
}

static void split_find(struct ring *r, struct split_region *g, struct left *left)
{
	struct ring_inflight *f = r->inflight;
	unsigned int n = 0;

	if (g->version != VERSION || g->desc_num != r->cfg.size) {
		memset(g, 0, ring_inflight_len(&r->cfg));
		g->version = VERSION;
		g->desc_num = r->cfg.size;
		g->used_idx = r->used_next;
		return;
	}
	split_settle(g, r->used_next, r->cfg.size);
	for (uint16_t i = 0; i < r->cfg.size; i++) {
		if (g->desc[i].inflight)
			left[n++] = (struct left){ g->desc[i].counter, i };
	}
	in_order(f, left, n);
	r->avail_next = (uint16_t)(r->used_next + n);
}

static void packed_anew(struct ring *r, struct packed_region *g)
{
	memset(g, 0, ring_inflight_len(&r->cfg));
	g->version = VERSION;
	g->desc_num = r->cfg.size;
	g->used_idx = g->old_used_idx = r->used_next;
	g->used_wrap = g->old_used_wrap = r->used_wrap;
	for (uint16_t i = 0; i < r->cfg.size; i++)
		g->desc[i].next = (uint16_t)(i + 1);
}

/*
 * Was the last batch shown? Then it is done with, else it never happened. Its first slot tells by
 * its used bit alone: before, the slot was available in our lap and had the other one; after, it is
 * used, or the driver has put there what is available in the next lap, which keeps that bit.
 */
static void packed_settle(const struct ring *r, struct packed_region *g)
{
	const struct vring_packed_desc *ring = r->cfg.desc;
	uint16_t at = g->old_used_idx, flags;

	if ((g->used_idx != at || g->used_wrap != g->old_used_wrap) && at < r->cfg.size) {
		flags = le16toh(__atomic_load_n(&ring[at].flags, __ATOMIC_ACQUIRE));
		if ((flags >> VRING_PACKED_DESC_F_USED & 1) == !!g->old_used_wrap) {
			g->old_free_head = g->free_head;
			g->old_used_idx = g->used_idx;
			g->old_used_wrap = g->used_wrap;
		}
	}
	g->free_head = g->old_free_head;
	g->used_idx = g->old_used_idx;
	g->used_wrap = g->old_used_wrap;
}

/* Our own copy of the lists: whatever cannot be is cut off. */
static void packed_lists(struct ring_inflight *f, struct packed_region *g, uint16_t size)
{
	uint16_t at;

	for (uint16_t i = 0; i < size; i++) {
		uint16_t next = g->desc[i].next, last = g->desc[i].last;

		f->next[i] = next < size ? next : NONE;
		f->last[i] = last < size ? last : NONE;
	}
	f->free_head = g->free_head < size ? g->free_head : NONE;
	at = f->free_head;
	for (unsigned int i = 0; i < size && at != NONE; i++, at = f->next[at])
		g->desc[at].inflight = 0;
}

static int packed_find(struct ring *r, struct packed_region *g, struct left *left)
{
	struct ring_inflight *f = r->inflight;
	unsigned int n = 0, slots = 0;

	bool anew = g->version != VERSION || g->desc_num != r->cfg.size;

	if (anew)
		packed_anew(r, g);
	else
		packed_settle(r, g);
	packed_lists(f, g, r->cfg.size);
	for (uint16_t i = 0; i < r->cfg.size; i++) {
		if (!g->desc[i].inflight)
			continue;
		left[n++] = (struct left){ g->desc[i].counter, i };
		f->num[i] = __atomic_load_n(&g->desc[i].num, __ATOMIC_RELAXED);
		slots += f->num[i];
	}
	if (g->used_idx >= r->cfg.size || slots > r->cfg.size)
		return -EINVAL;
	in_order(f, left, n);
	r->used_next = g->used_idx;
	r->used_wrap = g->used_wrap & 1;
	if (!anew) {
		r->avail_next = r->used_next;
		r->avail_wrap = r->used_wrap;
		packed_advance(r, &r->avail_next, &r->avail_wrap, slots);
		r->out = (uint16_t)slots;
	}
	return 0;
}

int inflight_setup(struct ring *r)
{
	unsigned int size = r->cfg.size;
	struct ring_inflight *f = calloc(1, sizeof(*f) + 5 * size * sizeof(uint16_t));
	struct left *left = calloc(size, sizeof(*left));
	int err = -ENOMEM;

	if (f && left) {
		f->todo = f->array;
		f->batch = f->todo + size;
		f->next = f->batch + size;
		f->last = f->next + size;
		f->num = f->last + size;
		r->inflight = f;
		err = 0;
		if (r->cfg.packed)
			err = packed_find(r, r->cfg.inflight, left);
		else
			split_find(r, r->cfg.inflight, left);
	}
	free(left);
	if (err) {
		free(f);
		r->inflight = NULL;
	}
	return err;
}

void inflight_teardown(struct ring *r)
{
	free(r->inflight);
	r->inflight = NULL;
}

/* ---- taken again ---------------------------------------------------------------------------- */

/* As the earlier backend wrote it down: the ring's own slots may be overwritten since. */
static bool retake_packed(struct take *t, uint16_t entry, struct ring_chain *c)
{
	const struct ring *r = t->ring;
	const struct packed_region *g = r->cfg.inflight;
	uint16_t n = r->inflight->num[entry], at = entry;
	struct walk w;

	walk_begin(&w, t, c);
	c->slots = n;
	c->entry = entry;
	for (unsigned int i = 0; i < n; i++, at = r->inflight->next[at]) {
		struct packed_desc d;

		if (at == NONE) {
			ring_break(t->ring, "the inflight region makes no sense");
			return false;
		}
		d = g->desc[at];
		__asm__ volatile("" : "+m"(d));
		if (!walk_step(&w))
			return false;
		if (d.flags & VRING_DESC_F_INDIRECT ? !walk_table(&w, d.addr, d.len, true)
						    : !walk_piece(&w, d.addr, d.len, d.flags))
			return false;
		c->id = d.id;
	}
	walk_end(&w);
	return true;
}

bool inflight_resubmit(struct take *t, struct ring_chain *out, unsigned int max, unsigned int *n)
{
	struct ring_inflight *f = t->ring->inflight;

	for (; f->at < f->n_todo && *n < max; f->at++, ++*n) {
		struct ring_chain *c = &out[*n];

		if (t->ring->cfg.packed ? !retake_packed(t, f->todo[f->at], c)
					: !split_take_head(t, f->todo[f->at], c))
			return false;
		c->resubmitted = true;
	}
	return f->at == f->n_todo;
}

void inflight_unresubmit(struct ring *r)
{
	r->inflight->at--;
}

/* ---- taken, used, returned ------------------------------------------------------------------ */

static void packed_took(struct ring *r, struct packed_region *g, uint16_t place,
			struct ring_chain *c)
{
	const struct vring_packed_desc *ring = r->cfg.desc;
	struct ring_inflight *f = r->inflight;
	uint16_t head = f->free_head, at = head, last = head;
	bool wrap = false;

	for (unsigned int i = 0; i < c->slots; i++, at = f->next[at]) {
		struct vring_packed_desc d = ring[place];

		if (at == NONE) {
			ring_break(r, "the inflight region makes no sense");
			return;
		}
		g->desc[at].addr = d.addr;
		g->desc[at].len = d.len;
		g->desc[at].flags = d.flags;
		g->desc[at].id = i + 1u == c->slots ? c->id : d.id;
		last = at;
		packed_advance(r, &place, &wrap, 1);
	}
	c->entry = head;
	f->last[head] = last;
	f->free_head = f->next[last];
	g->desc[head].last = last;
	g->desc[head].num = c->slots;
	g->desc[head].counter = f->counter++;
	g->free_head = f->free_head;
	__atomic_store_n(&g->desc[head].inflight, 1, __ATOMIC_RELEASE);
	g->old_free_head = f->free_head;
}

void inflight_took(struct ring *r, enum ring_dir dir, uint16_t place, struct ring_chain *c)
{
	struct split_region *g = r->cfg.inflight;

	c->entry = NONE;
	if (dir == RING_WRITE)
		return;
	if (r->cfg.packed) {
		packed_took(r, r->cfg.inflight, place, c);
		return;
	}
	g->desc[place].counter = r->inflight->counter++;
	__atomic_store_n(&g->desc[place].inflight, 1, __ATOMIC_RELEASE);
}

void inflight_use(struct ring *r, const struct ring_chain *c)
{
	struct ring_inflight *f = r->inflight;
	uint16_t which = r->cfg.packed ? c->entry : c->id;

	if (which >= r->cfg.size)
		return; /* it was never told */
	if (f->n_batch == r->cfg.size) {
		ring_break(r, "more chains were used than the queue has descriptors");
		return;
	}
	f->batch[f->n_batch++] = which;
	if (r->cfg.packed) {
		struct packed_region *g = r->cfg.inflight;
		uint16_t last = f->last[which];

		if (last == NONE)
			return;
		g->desc[last].next = f->free_head == NONE ? r->cfg.size : f->free_head;
		f->next[last] = f->free_head;
		f->free_head = which;
		g->free_head = which;
	} else {
		struct split_region *g = r->cfg.inflight;

		g->desc[which].next = g->last_batch_head;
		g->last_batch_head = which;
	}
}

/* We may die between any two stores, so index and wrap counter are one. */
static void packed_used(struct ring *r, struct packed_region *g, bool shown)
{
	struct packed_region now = { .used = g->used };

	now.used_idx = r->used_next;
	now.used_wrap = r->used_wrap;
	if (shown) {
		now.old_used_idx = r->used_next;
		now.old_used_wrap = r->used_wrap;
	}
	__atomic_store_n(&g->used, now.used, __ATOMIC_RELEASE);
}

void inflight_show(struct ring *r)
{
	packed_used(r, r->cfg.inflight, false);
}

void inflight_shown(struct ring *r)
{
	struct ring_inflight *f = r->inflight;
	struct packed_region *packed = r->cfg.inflight;
	struct split_region *split = r->cfg.inflight;

	for (unsigned int i = 0; i < f->n_batch; i++) {
		uint8_t *mark = r->cfg.packed ? &packed->desc[f->batch[i]].inflight
					      : &split->desc[f->batch[i]].inflight;

		__atomic_store_n(mark, 0, __ATOMIC_RELEASE);
	}
	f->n_batch = 0;
	if (r->cfg.packed) {
		packed->old_free_head = packed->free_head;
		packed_used(r, packed, true);
	} else {
		__atomic_store_n(&split->used_idx, r->used_next, __ATOMIC_RELEASE);
	}
}
