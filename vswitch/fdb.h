/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_FDB_H
#define VSWITCH_FDB_H

#include "base/hash.h"
#include "base/lock.h"
#include "packet/pkt.h"

/*
 * Forwarding database: (VLAN, MAC address) -> port, with the second in which the station was last
 * heard (IEEE 802.1Q-2018 8.8; independent learning: the FID is the VID).
 *
 * Threads: a writer (a worker that learns, the control thread that ages and flushes) takes the
 * table's lock inside these calls. Any number of workers read at the same time without one. See
 * fdb.c for why this is safe.
 *
 * Memory: everything is taken in fdb_create(). No later call allocates.
 */
struct fdb_slot {
	uint64_t key, value;
};

struct fdb {
	/* Fixed from fdb_create() on: what readers need. */
	struct fdb_slot *slot;
	uint64_t mask, octet_mask; /* of an index into slot[], and of the same in octets */
	struct hash_key secret;
	struct lock lock cache_aligned; /* what follows is the writer's */
	unsigned int live, used; /* used: all but FREE */
	unsigned int dead; /* the control thread's alone */
	unsigned int capacity;
	uint64_t full;
};

/* A (VLAN, MAC) pair packed into one word, so that a probe is one compare. Never 0: VID >= 1. */
typedef struct {
	uint64_t w;
} fdb_key_t;

/* MAC as eth_src() and eth_dst() tell it. */
static inline fdb_key_t fdb_key_of(uint16_t vid, uint64_t mac)
{
	return (fdb_key_t){ mac | vid };
}

static inline fdb_key_t fdb_key(uint16_t vid, const struct eth_addr *mac)
{
	uint32_t front;
	uint16_t back;

	memcpy(&front, mac->b, sizeof(front));
	memcpy(&back, mac->b + sizeof(front), sizeof(back));
	return fdb_key_of(vid, (uint64_t)back << 48 | (uint64_t)front << 16);
}

static inline uint16_t fdb_key_vid(fdb_key_t k)
{
	return (uint16_t)k.w;
}

static inline struct eth_addr fdb_key_mac(fdb_key_t k)
{
	uint32_t front = (uint32_t)(k.w >> 16);
	uint16_t back = (uint16_t)(k.w >> 48);
	struct eth_addr mac;

	memcpy(mac.b, &front, sizeof(front));
	memcpy(mac.b + sizeof(front), &back, sizeof(back));
	return mac;
}

/* Control thread. */
int fdb_create(unsigned int capacity, struct fdb **out);
void fdb_destroy(struct fdb *); /* NULL is fine */

/* What a flush is about: PORT_NONE and 0 stand for any; a VID in `keep` is spared. */
struct fdb_match {
	port_id_t port;
	uint16_t vid;
	uint32_t seen_before; /* 0: whenever */
	const uint64_t *keep; /* as vlan_set.bits; NULL: none */
};

/*
 * Forgets what matches. What it frees can be used again after fdb_reclaim(), which the caller runs
 * when all workers were quiescent since. Returns how many.
 */
unsigned int fdb_flush(struct fdb *, const struct fdb_match *);
void fdb_reclaim(struct fdb *);

struct fdb_entry {
	fdb_key_t key;
	port_id_t port;
	uint32_t seen_s;
};
typedef void fdb_each_fn(void *arg, const struct fdb_entry *);
void fdb_each(const struct fdb *, fdb_each_fn *, void *arg);

/* Any thread. */
unsigned int fdb_count(const struct fdb *);
uint64_t fdb_full(const struct fdb *); /* frames whose station found no place */

/* Where the calls below begin to look; it is on its way into the cache. */
static inline struct fdb_slot *fdb_fetch(const struct fdb *f, fdb_key_t k)
{
	uint64_t off = hash_word(&f->secret, k.w) & f->octet_mask;
	struct fdb_slot *at = (struct fdb_slot *)((uint8_t *)f->slot + off);

	__builtin_prefetch(at);
	return at;
}

/* The rare half of fdb_lookup(): what is asked for is not in the first place. */
port_id_t fdb_lookup_on(const struct fdb *, fdb_key_t, const struct fdb_slot *);

static inline uint64_t fdb_value(port_id_t port, uint32_t seen_s)
{
	return (uint64_t)seen_s << 32 | port;
}

static inline bool fdb_slot_has(const struct fdb_slot *s, fdb_key_t k)
{
	return __atomic_load_n(&s->key, __ATOMIC_ACQUIRE) == k.w;
}

/* PORT_NONE: not known. */
static inline port_id_t fdb_lookup(const struct fdb *f, fdb_key_t k, const struct fdb_slot *at)
{
	if (likely(fdb_slot_has(at, k)))
		return (port_id_t)__atomic_load_n(&at->value, __ATOMIC_RELAXED);
	return fdb_lookup_on(f, k, at);
}

/* A worker heard this station at PORT. False: it is new and the table is full. */
bool fdb_learn(struct fdb *, fdb_key_t, const struct fdb_slot *at, port_id_t port, uint32_t now_s);

/* fdb_learn() would change nothing, as it mostly does; it may be called all the same. */
static inline bool fdb_knows(const struct fdb_slot *at, fdb_key_t k, port_id_t port, uint32_t now_s)
{
	return fdb_slot_has(at, k) &&
	       __atomic_load_n(&at->value, __ATOMIC_RELAXED) == fdb_value(port, now_s);
}

#endif /* VSWITCH_FDB_H */
