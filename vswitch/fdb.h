/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_FDB_H
#define VSWITCH_FDB_H

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
struct fdb;

/*
 * A (VLAN, MAC) pair packed into one word, so that a probe is one compare. Never 0: VID >= 1. Built
 * in registers: octets stored one by one and loaded as a word would stall the pipeline.
 */
typedef struct {
	uint64_t w;
} fdb_key_t;

static inline fdb_key_t fdb_key(uint16_t vid, const struct eth_addr *mac)
{
	uint32_t front;
	uint16_t back;

	memcpy(&front, mac->b, sizeof(front));
	memcpy(&back, mac->b + sizeof(front), sizeof(back));
	return (fdb_key_t){ (uint64_t)vid << 48 | (uint64_t)back << 32 | front };
}

static inline uint16_t fdb_key_vid(fdb_key_t k)
{
	return (uint16_t)(k.w >> 48);
}

static inline struct eth_addr fdb_key_mac(fdb_key_t k)
{
	uint32_t front = (uint32_t)k.w;
	uint16_t back = (uint16_t)(k.w >> 32);
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

/* The hash that the calls below want; the slot is on its way into the cache. */
uint64_t fdb_fetch(const struct fdb *, fdb_key_t);
port_id_t fdb_lookup(const struct fdb *, fdb_key_t, uint64_t hash); /* PORT_NONE: not known */

/* A worker heard this station at PORT. False: it is new and the table is full. */
bool fdb_learn(struct fdb *, fdb_key_t, uint64_t hash, port_id_t port, uint32_t now_s);

#endif /* VSWITCH_FDB_H */
