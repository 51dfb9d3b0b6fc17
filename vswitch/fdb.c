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
 *	cache line; a probe begins at an even one. A slot is a key word and a value word: port,
 *	second of last hearing, stamp.
 *
 * Why a reader needs no lock
 *	A slot goes FREE -> LIVE -> DEAD -> SPARE or FREE. Its value is written before the key is
 *	released, or, for a station that moved or spoke again, in one word while the key stays. So a
 *	reader that sees its key may read the value that follows, provided the slot is not given to
 *	another key meanwhile. It is not: who forgets a station makes its key unmatchable first, and
 *	the slot can be taken again only after fdb_reclaim(), when every worker has been quiescent.
 *	SPARE becomes FREE only where the next slot is FREE: there the chain ended anyway.
 *
 * Who may come in
 *	judge() says it from what is known at the moment, twice: without the lock, so that a station
 *	that nobody lets in costs nobody the lock, however often it speaks; and with it, where the
 *	counts are exact. So no two workers ever let in one too many.
 *
 * Invariants (asserted where they are relied on)
 *	I1  every key is in at most one slot: inserts probe the whole chain under the lock
 *	I2  a probe chain is broken by a FREE slot and by nothing else
 *	I3  at least a quarter of the slots are FREE, so each probe ends
 *	I4  the counts of ports and VLANs are of those that a lookup finds, unless *_unsure says
 *	    that a flush of the other sort is not through
 */
#include "vswitch/fdb.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/pages.h"
#include "vswitch/fdb_priv.h"

static int take_memory(struct fdb *f, uint64_t slots)
{
	f->slot = pages_take(slots, sizeof(*f->slot));
	f->port = pages_take(FDB_PORTS, sizeof(*f->port));
	f->vlan = pages_take(FDB_VLANS, sizeof(*f->vlan));
	return f->slot && f->port && f->vlan ? 0 : -ENOMEM;
}

int fdb_create(unsigned int capacity, struct fdb **out)
{
	struct fdb *f = aligned_alloc(CACHE_LINE, sizeof(*f));
	uint64_t slots = 16;

	if (!f)
		return -ENOMEM;
	while (slots / 4 < capacity) /* so sparse that nearly every first probe is the last */
		slots *= 2;
	*f = (struct fdb){ .mask = slots - 1,
			   .octet_mask = FDB_OCTET_MASK(slots),
			   .capacity = capacity,
			   .used = FDB_FENCES };
	if (take_memory(f, slots) < 0) {
		fdb_destroy(f);
		return -ENOMEM;
	}
	madvise(f->slot, slots * sizeof(struct fdb_slot),
		MADV_HUGEPAGE); /* a wish; large tables gain */
	for (unsigned int i = 0; i < FDB_FENCES; i++)
		f->slot[i].key = KEY_FENCE;
	hash_key_random(&f->secret);
	*out = f;
	return 0;
}

void fdb_destroy(struct fdb *f)
{
	if (!f)
		return;
	pages_give(f->slot, f->mask + 1, sizeof(*f->slot));
	pages_give(f->port, FDB_PORTS, sizeof(*f->port));
	pages_give(f->vlan, FDB_VLANS, sizeof(*f->vlan));
	free(f);
}

/* ---- looking -------------------------------------------------------------------------------- */

static uint64_t place_of(const struct fdb *f, uint64_t key)
{
	uint64_t octets = hash_word(&f->secret, key) & FDB_OCTET_MASK(f->mask + 1);

	return octets / sizeof(struct fdb_slot);
}

/* AT as fdb_fetch() gave it: the fence says nothing about where the key is. */
static struct fdb_slot *find(const struct fdb *f, uint64_t key, const struct fdb_slot *at)
{
	uint64_t i = at == f->slot ? place_of(f, key) : (uint64_t)(at - f->slot);

	for (;; i++) {
		struct fdb_slot *s = &f->slot[i & f->mask];
		uint64_t k = __atomic_load_n(&s->key, __ATOMIC_ACQUIRE);

		if (k == key)
			return s;
		if (k == KEY_FREE)
			return NULL;
	}
}

/* The value of a station that is known; false: it is not, or no longer. */
static bool known(const struct fdb *f, uint64_t key, const struct fdb_slot *at, uint64_t *value)
{
	const struct fdb_slot *s = find(f, key, at);

	if (!s)
		return false;
	*value = value_of(s);
	return fdb_fate(f, key, *value) == FDB_FATE_NONE;
}

port_id_t fdb_lookup_on(const struct fdb *f, fdb_key_t k, const struct fdb_slot *at)
{
	uint64_t value;

	/* As it is for group addresses, each time: the table is sparse. */
	if (likely(__atomic_load_n(&at->key, __ATOMIC_RELAXED) == KEY_FREE))
		return PORT_NONE;
	return known(f, k.w, at, &value) ? value_port(value) : PORT_NONE;
}

bool fdb_get(const struct fdb *f, fdb_key_t k, struct fdb_entry *out)
{
	uint64_t value;

	if (!known(f, k.w, f->slot, &value))
		return false;
	*out = (struct fdb_entry){ k, value_port(value), value_seen(value), value_fixed(value) };
	return true;
}

/* ---- counting ------------------------------------------------------------------------------- */

static void group_add(struct fdb_group *g, int n, bool fixed)
{
	fdb_add(&g->n, (unsigned int)n);
	if (fixed)
		g->fixed += (unsigned int)n;
}

static void count(struct fdb *f, uint64_t key, uint64_t value, int n)
{
	group_add(&f->port[value_port(value)], n, value_fixed(value));
	group_add(&f->vlan[fdb_key_vid((fdb_key_t){ key })], n, value_fixed(value));
	fdb_add(&f->live, (unsigned int)n);
	if (value_fixed(value))
		f->fixed += (unsigned int)n;
}

/* A group that is new has not been flushed since: stamps that are too old would look new. */
static void reach(struct fdb *f, struct fdb_group *g, unsigned int *end, unsigned int i)
{
	for (; *end <= i; ++*end)
		fdb_write(&g[*end].flushed, f->stamp);
}

void fdb_count_in(struct fdb *f, uint64_t key, uint64_t value)
{
	reach(f, f->port, &f->ports_end, value_port(value));
	reach(f, f->vlan, &f->vlans_end, fdb_key_vid((fdb_key_t){ key }));
	count(f, key, value, 1);
	fdb_write(&f->peak, MAX(f->peak, f->live));
}

void fdb_count_out(struct fdb *f, uint64_t key, uint64_t value)
{
	count(f, key, value, -1);
}

/* ---- learning ------------------------------------------------------------------------------- */

static bool port_is_full(const struct fdb *f, port_id_t port)
{
	const struct fdb_group *g = &f->port[port];
	unsigned int limit = fdb_read(&g->limit);

	return unlikely(limit) && fdb_read(&g->n) >= limit;
}

static bool moved_enough(const struct fdb *f, uint32_t now_s)
{
	unsigned int limit = fdb_read(&f->move_limit);

	return unlikely(limit) && fdb_read(&f->move_s) == now_s && fdb_read(&f->moves_now) >= limit;
}

/* May a station be at PORT that was where VALUE says (HERE), or nowhere? */
static enum fdb_learned judge(const struct fdb *f, bool here, uint64_t value, port_id_t port,
			      uint32_t now_s)
{
	if (here && value_port(value) == port)
		return FDB_LEARNED;
	if (here && value_fixed(value))
		return FDB_STATIC;
	if (port_is_full(f, port))
		return fdb_read(&f->ports_unsure) ? FDB_BUSY : FDB_BEYOND;
	if (here)
		return moved_enough(f, now_s) ? FDB_STORM : FDB_LEARNED;
	return fdb_read(&f->live) >= fdb_read(&f->capacity) ? FDB_FULL : FDB_LEARNED;
}

enum fdb_learned fdb_ask(const struct fdb *f, fdb_key_t k, const struct fdb_slot *at,
			 port_id_t port, uint32_t now_s)
{
	uint64_t value = 0;
	bool here = known(f, k.w, at, &value);

	return judge(f, here, value, port, now_s);
}

/* Where a new key would go, with the lock held; NULL: nowhere. */
static struct fdb_slot *new_place(struct fdb *f, uint64_t key)
{
	struct fdb_slot *spare = NULL;

	for (uint64_t i = place_of(f, key);; i++) {
		struct fdb_slot *s = &f->slot[i & f->mask];

		if (s->key == KEY_SPARE && !spare)
			spare = s;
		if (s->key != KEY_FREE)
			continue;
		if (spare)
			return spare;
		return f->used < (f->mask + 1) * 3 / 4 ? s : NULL; /* I3 */
	}
}

/* With the lock held: a station that is not known. S: its slot, if a flush left it there. */
static bool put_new(struct fdb *f, uint64_t key, struct fdb_slot *s, uint64_t value)
{
	bool left = s;

	if (left)
		fdb_count_fate(f, key, s->value, fdb_fate(f, key, s->value));
	else
		s = new_place(f, key);
	if (!s)
		return false;
	f->used += s->key == KEY_FREE;
	fdb_count_in(f, key, value);
	fdb_write(&s->value, value);
	if (!left)
		__atomic_store_n(&s->key, key, __ATOMIC_RELEASE);
	return true;
}

/* With the lock held. */
static void move(struct fdb *f, uint64_t key, uint64_t from, uint64_t to, uint32_t now_s)
{
	fdb_count_out(f, key, from);
	fdb_count_in(f, key, to);
	fdb_write(&f->moves_now, f->move_s == now_s ? f->moves_now + 1 : 1);
	fdb_write(&f->move_s, now_s);
	fdb_add(&f->moved, 1);
	f->last_move = (struct fdb_move){ key, value_port(from), value_port(to) };
}

/* With the lock held. */
static enum fdb_learned learn(struct fdb *f, uint64_t key, port_id_t port, uint32_t now_s)
{
	struct fdb_slot *s = find(f, key, f->slot); /* another worker may have been faster: I1 */
	bool here = s && fdb_fate(f, key, s->value) == FDB_FATE_NONE;
	uint64_t was = here ? s->value : 0;
	uint64_t value = value_now(f, port, now_s, was & FDB_VALUE_FIXED);
	enum fdb_learned done = judge(f, here, was, port, now_s);

	if (done != FDB_LEARNED)
		return done;
	if (!here) {
		if (!put_new(f, key, s, value))
			return FDB_FULL;
		fdb_add(&f->learned, 1);
		return FDB_LEARNED;
	}
	if (value_port(was) != port)
		move(f, key, was, value, now_s);
	fdb_write(&s->value, value);
	return FDB_LEARNED;
}

static enum fdb_learned refuse(struct fdb *f, port_id_t port, enum fdb_learned why)
{
	bool *crossed = &f->port[port].crossed;

	__atomic_fetch_add(&f->refused[why], 1, __ATOMIC_RELAXED);
	if (why == FDB_BEYOND && !fdb_read(crossed))
		fdb_write(crossed, true);
	return why;
}

enum fdb_learned fdb_learn(struct fdb *f, fdb_key_t k, const struct fdb_slot *at, port_id_t port,
			   uint32_t now_s)
{
	uint64_t value = 0;
	enum fdb_learned done;
	bool here;

	assert(port < FDB_PORTS && fdb_key_vid(k) < FDB_VLANS);
	here = known(f, k.w, at, &value);
	if (here && (value & ~FDB_VALUE_MARKS) == fdb_value(port, now_s))
		return FDB_LEARNED;
	done = judge(f, here, value, port, now_s);
	if (likely(done == FDB_LEARNED)) {
		lock_take(&f->lock);
		done = learn(f, k.w, port, now_s);
		lock_drop(&f->lock);
	}
	return likely(done == FDB_LEARNED) ? done : refuse(f, port, done);
}

/* ---- by hand -------------------------------------------------------------------------------- */

int fdb_set_static(struct fdb *f, fdb_key_t k, port_id_t port)
{
	struct fdb_slot *s;
	uint64_t value;
	bool done = true;

	assert(port < FDB_PORTS && fdb_key_vid(k) < FDB_VLANS);
	lock_take(&f->lock);
	s = find(f, k.w, f->slot);
	value = value_now(f, port, 0, FDB_VALUE_FIXED);
	if (s && fdb_fate(f, k.w, s->value) == FDB_FATE_NONE) {
		fdb_count_out(f, k.w, s->value);
		fdb_count_in(f, k.w, value);
		fdb_write(&s->value, value);
	} else {
		done = f->live < f->capacity && put_new(f, k.w, s, value);
	}
	lock_drop(&f->lock);
	return done ? 0 : -ENOSPC;
}

bool fdb_remove(struct fdb *f, fdb_key_t k)
{
	struct fdb_slot *s;
	bool there;

	lock_take(&f->lock);
	s = find(f, k.w, f->slot);
	there = s && fdb_fate(f, k.w, s->value) == FDB_FATE_NONE;
	if (there) {
		fdb_count_out(f, k.w, s->value);
		fdb_bury(f, s);
		f->forgotten++;
	}
	lock_drop(&f->lock);
	return there;
}

void fdb_limit_port(struct fdb *f, port_id_t port, unsigned int limit)
{
	lock_take(&f->lock);
	fdb_write(&f->port[port].limit, limit);
	fdb_write(&f->port[port].crossed, false);
	lock_drop(&f->lock);
}

bool fdb_port_crossed(struct fdb *f, port_id_t port)
{
	return fdb_read(&f->port[port].crossed) &&
	       __atomic_exchange_n(&f->port[port].crossed, false, __ATOMIC_RELAXED);
}

void fdb_limit_moves(struct fdb *f, unsigned int limit)
{
	lock_take(&f->lock);
	fdb_write(&f->move_limit, limit);
	lock_drop(&f->lock);
}

/* ---- numbers -------------------------------------------------------------------------------- */

unsigned int fdb_count(const struct fdb *f)
{
	return fdb_read(&f->live);
}

unsigned int fdb_port_count(const struct fdb *f, port_id_t port)
{
	return fdb_read(&f->port[port].n);
}

uint64_t fdb_full(const struct fdb *f)
{
	return fdb_read(&f->refused[FDB_FULL]);
}

uint64_t fdb_moves(const struct fdb *f)
{
	return fdb_read(&f->moved);
}

struct fdb_move fdb_last_move(struct fdb *f)
{
	struct fdb_move m;

	lock_take(&f->lock);
	m = f->last_move;
	lock_drop(&f->lock);
	return m;
}

void fdb_counters(struct fdb *f, struct fdb_counters *out)
{
	lock_take(&f->lock);
	*out = (struct fdb_counters){
		.live = f->live,
		.peak = f->peak,
		.fixed = f->fixed,
		.learned = f->learned,
		.moved = f->moved,
		.aged = f->aged,
		.flushed = f->forgotten,
		.visited = f->visited,
	};
	lock_drop(&f->lock);
	for (unsigned int i = 0; i < FDB_LEARNED_ENDS; i++)
		out->refused[i] = fdb_read(&f->refused[i]);
}
