/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_FDB_H
#define VSWITCH_FDB_H

#include "base/hash.h"
#include "base/lock.h"
#include "packet/pkt.h"

/*
 * Forwarding database: (VLAN, MAC address) -> port, with the second in which the station was last
 * heard (IEEE 802.1Q-2018 8.8). A "VLAN" here is a filtering identifier: who asks has mapped it.
 *
 * Threads: a writer (a worker that learns, the control thread that forgets) takes the table's lock
 * inside these calls. Any number of workers read at the same time without one. See fdb.c for why
 * this is safe, fdb_flush.c for how a flush of any number of stations takes effect at once.
 *
 * Memory: everything is taken in fdb_create(). No later call allocates.
 */
struct fdb_slot {
	uint64_t key, value;
};

/* What became of a station that was heard; the first is how it mostly ends. */
enum fdb_learned {
	FDB_LEARNED, /* it is known there */
	FDB_FULL, /* it is new, and the table has no place */
	FDB_BEYOND, /* it is new there, and the port has as many as it may have */
	FDB_STATIC, /* it stays where it was put by hand */
	FDB_STORM, /* it stays where it is: too many have moved in this second */
	FDB_BUSY, /* a flush is not through yet, so nobody knows whether the port has room */
	FDB_LEARNED_ENDS
};

/* How many stations there are behind a port or in a VLAN, and when they were last forgotten. */
struct fdb_group {
	unsigned int n, fixed; /* fixed: the static ones among them */
	unsigned int limit; /* of a port: how many it may have; 0: any */
	uint16_t flushed; /* stamp */
	bool crossed; /* of a port: somebody was refused since fdb_port_crossed() asked */
};

/* The last station that went from one port to another. */
struct fdb_move {
	uint64_t key; /* fdb_key_t */
	port_id_t from, to;
};

struct fdb {
	/* Fixed from fdb_create() on, but for octet_mask: what readers need. */
	struct fdb_slot *slot;
	uint64_t mask, octet_mask; /* of an index into slot[]; of octets, 0 while flushing */
	struct hash_key secret;
	struct fdb_group *port, *vlan; /* by number */
	/* Changed by the control thread only, with the lock held. */
	unsigned int capacity cache_aligned;
	unsigned int move_limit; /* moves a second that are followed; 0: all */
	uint16_t flushed; /* stamp of the last flush of everything */
	bool vlans_unsure, ports_unsure; /* their counts have stations that are forgotten */
	struct lock lock cache_aligned; /* what follows is the writer's */
	uint16_t stamp; /* that what is written now gets */
	unsigned int live, peak, fixed, used; /* used: all but FREE */
	unsigned int ports_end, vlans_end; /* past the last group that was ever used */
	uint32_t move_s, moves_now; /* the second of the last move, moves in it */
	struct fdb_move last_move;
	uint64_t learned, moved, aged, forgotten;
	/* The control thread's alone. */
	unsigned int dead;
	uint16_t stamp_base; /* no stamp in the table is older */
	uint64_t sweep_at, sweep_left; /* slots */
	uint64_t visited; /* slots that it looked at since the table was made */
	uint64_t refused[FDB_LEARNED_ENDS] cache_aligned; /* any worker's, atomically */
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
	bool fixed; /* static ones too */
};

/*
 * Forgets what matches, and says how many. When it returns no lookup that begins finds one of them,
 * and fdb_each() shows none. By port, by VLAN, or all: at once, however many there are; their
 * places come back with fdb_sweep(). By more than one, or by age: it goes through the table.
 */
unsigned int fdb_flush(struct fdb *, const struct fdb_match *);
/*
 * Behind a flush: N slots more. True: it is not through yet. What is freed, here and in
 * fdb_flush(), can be used again after fdb_reclaim(), which the caller runs when all workers were
 * quiescent since.
 */
bool fdb_sweep(struct fdb *, uint64_t n);
bool fdb_to_reclaim(const struct fdb *); /* something waits for it */
void fdb_reclaim(struct fdb *);

/*
 * A station that is behind PORT until it is removed: no frame moves it, it has no age, and a flush
 * spares it. -ENOSPC: the table is full. Removing says whether it was there, static or learned.
 */
int fdb_set_static(struct fdb *, fdb_key_t, port_id_t port);
bool fdb_remove(struct fdb *, fdb_key_t);

/* Stations that a port may have, its static ones among them; 0: any. Nobody goes who is there. */
void fdb_limit_port(struct fdb *, port_id_t, unsigned int limit);
unsigned int fdb_port_count(const struct fdb *, port_id_t);
/* Somebody was refused at PORT since this was last asked. */
bool fdb_port_crossed(struct fdb *, port_id_t);

/* Moves a second that the table follows; 0: all. */
void fdb_limit_moves(struct fdb *, unsigned int limit);

struct fdb_entry {
	fdb_key_t key;
	port_id_t port;
	uint32_t seen_s; /* 0: never */
	bool fixed;
};
typedef void fdb_each_fn(void *arg, const struct fdb_entry *);
void fdb_each(const struct fdb *, fdb_each_fn *, void *arg);
bool fdb_get(const struct fdb *, fdb_key_t, struct fdb_entry *out); /* false: not known */

/* Any thread. */
struct fdb_counters {
	unsigned int live, peak, fixed;
	uint64_t learned, moved, aged, flushed;
	uint64_t refused[FDB_LEARNED_ENDS]; /* frames whose station was not learned, by why */
	uint64_t visited; /* slots that the control thread looked at */
};
void fdb_counters(struct fdb *, struct fdb_counters *out);
unsigned int fdb_count(const struct fdb *);
uint64_t fdb_full(const struct fdb *); /* frames whose station found no place */
uint64_t fdb_moves(const struct fdb *); /* stations that went from one port to another */
struct fdb_move fdb_last_move(struct fdb *); /* the last of them; all 0: there was none */

/*
 * Where the calls below begin to look; it is on its way into the cache. A key's place is the first
 * of a pair of slots, so that both are in one line; the pair that is the fences' is nobody's.
 */
#define FDB_FENCES            2u
#define FDB_OCTET_MASK(slots) (((slots)-FDB_FENCES) * sizeof(struct fdb_slot))
static inline struct fdb_slot *fdb_fetch(const struct fdb *f, fdb_key_t k)
{
	uint64_t mask = __atomic_load_n(&f->octet_mask, __ATOMIC_ACQUIRE);
	uint64_t off = hash_word(&f->secret, k.w) & mask;
	struct fdb_slot *at = (struct fdb_slot *)((uint8_t *)f->slot + off);

	__builtin_prefetch(at);
	return at;
}

/*
 * A value: port (16 bits), stamp (15), static (1), second of the last hearing (32). The stamp says
 * which flushes it has survived; it matters while one is under way, and then the slot that
 * fdb_fetch() gives is nobody's, so that every call takes its rare half.
 */
#define FDB_STAMP_SHIFT 16
#define FDB_STAMP_MASK  0x7fffull
#define FDB_VALUE_FIXED (1ull << 31)
#define FDB_VALUE_MARKS (0xffffull << FDB_STAMP_SHIFT)

static inline uint64_t fdb_value(port_id_t port, uint32_t seen_s)
{
	return (uint64_t)seen_s << 32 | port;
}

static inline bool fdb_slot_has(const struct fdb_slot *s, fdb_key_t k)
{
	return __atomic_load_n(&s->key, __ATOMIC_ACQUIRE) == k.w;
}

/*
 * Where the key is, if it is in its pair, as nearly all are. The two are in one line, and which of
 * them it is nobody has to guess: a branch for it is taken one time in eight.
 */
static inline const struct fdb_slot *fdb_of_pair(const struct fdb_slot *at, fdb_key_t k)
{
	return at + fdb_slot_has(at + 1, k);
}

/* The rare half of fdb_lookup(): what is asked for is farther away. */
port_id_t fdb_lookup_on(const struct fdb *, fdb_key_t, const struct fdb_slot *);

/* PORT_NONE: not known. */
static inline port_id_t fdb_lookup(const struct fdb *f, fdb_key_t k, const struct fdb_slot *at)
{
	const struct fdb_slot *s = fdb_of_pair(at, k);

	if (likely(fdb_slot_has(s, k)))
		return (port_id_t)__atomic_load_n(&s->value, __ATOMIC_RELAXED);
	return fdb_lookup_on(f, k, at);
}

/* A worker heard this station at PORT. */
enum fdb_learned fdb_learn(struct fdb *, fdb_key_t, const struct fdb_slot *at, port_id_t port,
			   uint32_t now_s);

/* What fdb_learn() would say; nothing happens. */
enum fdb_learned fdb_ask(const struct fdb *, fdb_key_t, const struct fdb_slot *at, port_id_t port,
			 uint32_t now_s);

/* fdb_learn() would change nothing, as it mostly does; it may be called all the same. */
static inline bool fdb_knows(const struct fdb_slot *at, fdb_key_t k, port_id_t port, uint32_t now_s)
{
	const struct fdb_slot *s = fdb_of_pair(at, k);

	return fdb_slot_has(s, k) && (__atomic_load_n(&s->value, __ATOMIC_RELAXED) &
				      ~FDB_VALUE_MARKS) == fdb_value(port, now_s);
}

#endif /* VSWITCH_FDB_H */
