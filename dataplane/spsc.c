/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single producer, single consumer, records in a byte ring.
 *
 * Shape
 *	Two counters that only grow, each written by one side, each in a line of its own. A record
 *	is a word with its length, then its octets, rounded up to eight. It never wraps: where the
 *	rest of the ring is too short, a word SKIP sends both sides to the start.
 *
 * Why it is right
 *	The writer releases `head` after the octets, the reader acquires it before it reads them.
 *	The reader releases `tail` when it is done with them, the writer acquires it before it
 *	writes there again.
 *
 * Invariants
 *	I1  tail <= head <= tail + size
 *	I2  a record lies in one piece
 */
#include "dataplane/spsc.h"

#include <errno.h>
#include <stdlib.h>

#define SKIP 0xffffffffffffffffull

struct spsc {
	uint64_t head cache_aligned; /* writer's */
	uint64_t seen_tail; /* what it last saw of the reader */
	uint64_t reserved; /* where head will be after the commit */
	uint64_t tail cache_aligned; /* reader's */
	uint64_t next; /* where tail will be after the pop */
	uint64_t mask cache_aligned;
	uint8_t *data;
};

static uint64_t rounded(unsigned int len)
{
	return sizeof(uint64_t) + ((uint64_t)len + 7) / 8 * 8;
}

int spsc_create(unsigned int octets, struct spsc **out)
{
	struct spsc *r = aligned_alloc(CACHE_LINE, sizeof(*r));

	assert(octets && !(octets & (octets - 1)));
	if (!r)
		return -ENOMEM;
	*r = (struct spsc){ .mask = octets - 1, .data = aligned_alloc(CACHE_LINE, octets) };
	if (!r->data) {
		free(r);
		return -ENOMEM;
	}
	*out = r;
	return 0;
}

void spsc_destroy(struct spsc *r)
{
	if (!r)
		return;
	free(r->data);
	free(r);
}

void *spsc_reserve(struct spsc *r, unsigned int len)
{
	uint64_t need = rounded(len), at = r->head, size = r->mask + 1;
	uint64_t to_end = size - (at & r->mask);
	uint64_t skip = need > to_end ? to_end : 0;
	uint64_t word = len;

	if (need > size / 2) /* so that a record and the skip before it always fit */
		return NULL;
	if (at + skip + need - r->seen_tail > size) {
		r->seen_tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
		if (at + skip + need - r->seen_tail > size)
			return NULL;
	}
	if (skip) {
		memcpy(r->data + (at & r->mask), &(uint64_t){ SKIP }, sizeof(uint64_t));
		at += skip;
	}
	memcpy(r->data + (at & r->mask), &word, sizeof(word));
	r->reserved = at + need;
	assert(r->reserved - r->seen_tail <= size); /* I1 */
	return r->data + (at & r->mask) + sizeof(word);
}

void spsc_commit(struct spsc *r)
{
	__atomic_store_n(&r->head, r->reserved, __ATOMIC_RELEASE);
}

const void *spsc_peek(struct spsc *r, unsigned int *len)
{
	uint64_t at = r->tail, word;

	if (at == __atomic_load_n(&r->head, __ATOMIC_ACQUIRE))
		return NULL;
	memcpy(&word, r->data + (at & r->mask), sizeof(word));
	if (word == SKIP) {
		at += r->mask + 1 - (at & r->mask);
		memcpy(&word, r->data + (at & r->mask), sizeof(word));
	}
	*len = (unsigned int)word;
	r->next = at + rounded(*len);
	return r->data + (at & r->mask) + sizeof(word);
}

void spsc_pop(struct spsc *r)
{
	__atomic_store_n(&r->tail, r->next, __ATOMIC_RELEASE);
}
