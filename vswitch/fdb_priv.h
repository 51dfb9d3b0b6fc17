/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_FDB_PRIV_H
#define VSWITCH_FDB_PRIV_H

#include "dataplane/engine.h"
#include "vswitch/fdb.h"

/* What fdb.c and fdb_flush.c share: what a slot says, and the counts that go with it. */

#define FDB_PORTS PORT_MAX
#define FDB_VLANS 4096u

/* Keys that no frame makes: a VID has 12 bits. */
#define KEY_FREE  0ull
#define KEY_DEAD  0xffffffffffffffffull
#define KEY_SPARE 0xfffffffffffffffeull
#define KEY_FENCE 0xfffffffffffffffdull /* the first FDB_FENCES slots: nobody's, for ever */

static inline bool key_is_station(uint64_t key)
{
	return key != KEY_FREE && key < KEY_FENCE;
}

static inline port_id_t value_port(uint64_t v)
{
	return (port_id_t)v;
}

static inline uint32_t value_seen(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

static inline uint16_t value_stamp(uint64_t v)
{
	return v >> FDB_STAMP_SHIFT & FDB_STAMP_MASK;
}

static inline bool value_fixed(uint64_t v)
{
	return v & FDB_VALUE_FIXED;
}

/* What is written now; FIXED is FDB_VALUE_FIXED or 0. With the lock held. */
static inline uint64_t value_now(const struct fdb *f, port_id_t port, uint32_t seen_s,
				 uint64_t fixed)
{
	return fdb_value(port, seen_s) | (uint64_t)f->stamp << FDB_STAMP_SHIFT | fixed;
}

static inline uint64_t value_of(const struct fdb_slot *s)
{
	return __atomic_load_n(&s->value, __ATOMIC_RELAXED);
}

/* Numbers with one writer at a time, whom others may look over the shoulder. */
#define fdb_read(p)       __atomic_load_n(p, __ATOMIC_RELAXED)
#define fdb_write(p, v)   __atomic_store_n(p, v, __ATOMIC_RELAXED)
#define fdb_add(p, delta) fdb_write(p, *(p) + (delta))

/* 15 bits that go round; the table sees to it that no two are farther apart than a quarter. */
static inline bool stamp_older(uint16_t a, uint16_t b)
{
	return (int16_t)((uint16_t)(a - b) << 1) < 0;
}

/* The flush that a value did not survive, or NONE. */
enum fdb_fate { FDB_FATE_NONE, FDB_FATE_ALL, FDB_FATE_PORT, FDB_FATE_VLAN };
enum fdb_fate fdb_fate(const struct fdb *, uint64_t key, uint64_t value);

/* With the lock held: the counts of a station that comes, goes, or goes behind a flush. */
void fdb_count_in(struct fdb *, uint64_t key, uint64_t value);
void fdb_count_out(struct fdb *, uint64_t key, uint64_t value);
void fdb_count_fate(struct fdb *, uint64_t key, uint64_t value, enum fdb_fate);

/* With the lock held, by the control thread: the key is unmatchable from here on. */
void fdb_bury(struct fdb *, struct fdb_slot *);

#endif /* VSWITCH_FDB_PRIV_H */
