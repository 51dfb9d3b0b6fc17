/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forwarding database: one writer at a time, many lock-free readers.
 *
 * Where it sits
 *	vsw-learn inserts what it does not find, and stamps what it does find at most once a second,
 *	so a busy entry's cache line stays shared. vsw-forward asks for every unicast frame.
 *	vsw-classify has hashed both addresses and fetched their slots beforehand.
 *
 * Shape
 *	Open addressing with linear probing over a power-of-two array of 16-octet slots, four to a
 *	cache line. A slot is a key word and a value word: port and second of last hearing.
 *
 * Why a reader needs no lock
 *	A slot goes FREE -> LIVE -> DEAD -> SPARE or FREE. Its value is written before the key is
 *	released, or, for a station that moved or spoke again, in one word while the key stays. So a
 *	reader that sees its key may read the value that follows, provided the slot is not given to
 *	another key meanwhile. It is not: fdb_flush() makes the key unmatchable first, and the slot
 *	can be taken again only after fdb_reclaim(), when every worker has been quiescent.
 *	SPARE becomes FREE only where the next slot is FREE: there the chain ended anyway.
 *
 * Invariants (asserted where they are relied on)
 *	I1  every key is in at most one slot: inserts probe the whole chain under the lock
 *	I2  a probe chain is broken by a FREE slot and by nothing else
 *	I3  at least a quarter of the slots are FREE, so each probe ends
 */
#include "vswitch/fdb.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/pages.h"

/* Keys that no frame makes: a VID has 12 bits. */
#define KEY_FREE  0ull
#define KEY_DEAD  0xffffffffffffffffull
#define KEY_SPARE 0xfffffffffffffffeull

static port_id_t value_port(uint64_t v)
{
	return (port_id_t)v;
}

static uint32_t value_seen(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

int fdb_create(unsigned int capacity, struct fdb **out)
{
	struct fdb *f = aligned_alloc(CACHE_LINE, sizeof(*f));
	uint64_t slots = 16;
	void *mem;

	if (!f)
		return -ENOMEM;
	while (slots / 4 < capacity) /* so sparse that nearly every first probe is the last */
		slots *= 2;
	mem = pages_take(slots, sizeof(struct fdb_slot));
	if (!mem) {
		free(f);
		return -ENOMEM;
	}
	madvise(mem, slots * sizeof(struct fdb_slot),
		MADV_HUGEPAGE); /* a wish; large tables gain */
	*f = (struct fdb){ .slot = mem,
			   .mask = slots - 1,
			   .octet_mask = (slots - 1) * sizeof(struct fdb_slot),
			   .capacity = capacity };
	hash_key_random(&f->secret);
	*out = f;
	return 0;
}

void fdb_destroy(struct fdb *f)
{
	if (!f)
		return;
	pages_give(f->slot, f->mask + 1, sizeof(struct fdb_slot));
	free(f);
}

static uint64_t key_at(const struct fdb *f, uint64_t i)
{
	return __atomic_load_n(&f->slot[i & f->mask].key, __ATOMIC_ACQUIRE);
}

static const struct fdb_slot *find(const struct fdb *f, uint64_t key, const struct fdb_slot *at)
{
	for (uint64_t i = (uint64_t)(at - f->slot);; i++) {
		uint64_t k = key_at(f, i);

		if (k == key)
			return &f->slot[i & f->mask];
		if (k == KEY_FREE)
			return NULL;
	}
}

port_id_t fdb_lookup_on(const struct fdb *f, fdb_key_t k, const struct fdb_slot *at)
{
	const struct fdb_slot *s = find(f, k.w, at);

	return s ? value_port(__atomic_load_n(&s->value, __ATOMIC_RELAXED)) : PORT_NONE;
}

/* With the lock held. */
static bool insert(struct fdb *f, uint64_t key, uint64_t value)
{
	struct fdb_slot *place = NULL;

	for (uint64_t i = hash_word(&f->secret, key) / sizeof(*place);; i++) {
		struct fdb_slot *s = &f->slot[i & f->mask];

		if (s->key == key) { /* another worker was faster: I1 */
			__atomic_store_n(&s->value, value, __ATOMIC_RELAXED);
			return true;
		}
		if (s->key == KEY_SPARE && !place)
			place = s;
		if (s->key != KEY_FREE)
			continue;
		if (!place && f->used < (f->mask + 1) * 3 / 4) { /* I3 */
			place = s;
			f->used++;
		}
		break;
	}
	if (!place || f->live >= f->capacity)
		return false;
	__atomic_store_n(&f->live, f->live + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&place->value, value, __ATOMIC_RELAXED);
	__atomic_store_n(&place->key, key, __ATOMIC_RELEASE);
	return true;
}

bool fdb_learn(struct fdb *f, fdb_key_t k, const struct fdb_slot *at, port_id_t port,
	       uint32_t now_s)
{
	const struct fdb_slot *s = find(f, k.w, at);
	uint64_t value = fdb_value(port, now_s);
	bool done;

	if (likely(s && __atomic_load_n(&s->value, __ATOMIC_RELAXED) == value))
		return true;
	lock_take(&f->lock);
	done = insert(f, k.w, value);
	__atomic_store_n(&f->full, f->full + !done, __ATOMIC_RELAXED);
	lock_drop(&f->lock);
	return done;
}

/* ---- the control thread --------------------------------------------------------------------- */

static bool matches(const struct fdb_match *m, const struct fdb_slot *s)
{
	uint16_t vid = fdb_key_vid((fdb_key_t){ s->key });

	if (s->key == KEY_FREE || s->key == KEY_DEAD || s->key == KEY_SPARE)
		return false;
	if (m->port != PORT_NONE && m->port != value_port(s->value))
		return false;
	if (m->vid && m->vid != vid)
		return false;
	if (m->seen_before && (int32_t)(value_seen(s->value) - m->seen_before) >= 0)
		return false;
	return !m->keep || !(m->keep[vid / 64] >> vid % 64 & 1);
}

/* A worker that learns must not wait for the whole table. */
#define CHUNK 4096

static void flush_chunk(struct fdb *f, const struct fdb_match *m, uint64_t from)
{
	for (uint64_t i = from; i <= f->mask && i < from + CHUNK; i++) {
		if (!matches(m, &f->slot[i]))
			continue;
		__atomic_store_n(&f->slot[i].key, KEY_DEAD, __ATOMIC_RELEASE);
		__atomic_store_n(&f->live, f->live - 1, __ATOMIC_RELAXED);
		f->dead++;
	}
}

unsigned int fdb_flush(struct fdb *f, const struct fdb_match *m)
{
	unsigned int dead = f->dead;

	for (uint64_t from = 0; from <= f->mask && fdb_count(f); from += CHUNK) {
		lock_take(&f->lock);
		flush_chunk(f, m, from);
		lock_drop(&f->lock);
	}
	return f->dead - dead;
}

/* Backwards, so that a run of dead slots in front of a free one becomes free in one go. */
static void reclaim_chunk(struct fdb *f, uint64_t end)
{
	for (uint64_t i = end; f->dead && i-- > 0 && i + CHUNK >= end;) {
		struct fdb_slot *s = &f->slot[i];
		bool ends = f->slot[(i + 1) & f->mask].key == KEY_FREE;

		if (s->key != KEY_DEAD && !(s->key == KEY_SPARE && ends))
			continue;
		f->dead -= s->key == KEY_DEAD;
		f->used -= ends;
		__atomic_store_n(&s->key, ends ? KEY_FREE : KEY_SPARE, __ATOMIC_RELEASE);
	}
}

void fdb_reclaim(struct fdb *f)
{
	for (uint64_t end = f->mask + 1; end && f->dead; end -= MIN(end, (uint64_t)CHUNK)) {
		lock_take(&f->lock);
		reclaim_chunk(f, end);
		lock_drop(&f->lock);
	}
}

void fdb_each(const struct fdb *f, fdb_each_fn *fn, void *arg)
{
	for (uint64_t i = 0; i <= f->mask; i++) {
		struct fdb_entry e = { .key.w = key_at(f, i) };
		uint64_t v = __atomic_load_n(&f->slot[i].value, __ATOMIC_RELAXED);

		if (e.key.w == KEY_FREE || e.key.w == KEY_DEAD || e.key.w == KEY_SPARE)
			continue;
		e.port = value_port(v);
		e.seen_s = value_seen(v);
		fn(arg, &e);
	}
}

unsigned int fdb_count(const struct fdb *f)
{
	return __atomic_load_n(&f->live, __ATOMIC_RELAXED);
}

uint64_t fdb_full(const struct fdb *f)
{
	return __atomic_load_n(&f->full, __ATOMIC_RELAXED);
}
