/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting stations: at once, and the work behind it.
 *
 * How a flush is O(1)
 *	Every value bears the stamp of its writing. A flush of a port, of a VLAN or of all moves the
 *	stamp on and notes it at that port, VLAN or table: what is older there is forgotten,
 *	wherever it lies (fdb_fate()). Counts by port and VLAN say how many that were.
 *
 * Why readers do not pay for it
 *	While a flush is under way octet_mask is 0, so that fdb_fetch() gives every key the fences,
 *	the first pair of slots, which nobody matches: all go the rare way, which asks for stamps.
 *	Otherwise no slot is older than any flush, and nobody has to ask.
 *
 * How it ends
 *	fdb_sweep() goes once round the table, buries what is forgotten and stamps the others anew.
 *	After a grace period nobody holds a value that was read before, so fdb_reclaim() brings the
 *	stamps of ports and VLANs up to date too, and gives octet_mask back.
 *
 * Why the counts are right
 *	A flush of a port takes its stations from the port's count and the table's, but from no
 *	VLAN's: those are unsure until the sweep has met each of them (fdb_count_fate()); and the
 *	other way round. A flush of the one sort while the other is under way sweeps to its end
 *	first, so that no station is forgotten twice. Only a flush of all may come any time: it
 *	brings all counts to what is static.
 */
#include "vswitch/fdb_priv.h"

/* A worker that learns must not wait for the whole table. */
#define CHUNK 4096

/* Stamps may lie this far apart before the table is gone through; see stamp_older(). */
#define STAMP_REACH (FDB_STAMP_MASK / 4)

/* ---- who is forgotten ----------------------------------------------------------------------- */

static bool flushing(const struct fdb *f)
{
	return fdb_read(&f->octet_mask) == 0;
}

enum fdb_fate fdb_fate(const struct fdb *f, uint64_t key, uint64_t value)
{
	uint16_t stamp = value_stamp(value), vid = fdb_key_vid((fdb_key_t){ key });

	if (likely(!flushing(f)) || value_fixed(value))
		return FDB_FATE_NONE;
	if (stamp_older(stamp, fdb_read(&f->flushed)))
		return FDB_FATE_ALL;
	if (stamp_older(stamp, fdb_read(&f->port[value_port(value)].flushed)))
		return FDB_FATE_PORT;
	if (stamp_older(stamp, fdb_read(&f->vlan[vid].flushed)))
		return FDB_FATE_VLAN;
	return FDB_FATE_NONE;
}

/* What its flush could not count out. */
void fdb_count_fate(struct fdb *f, uint64_t key, uint64_t value, enum fdb_fate fate)
{
	struct fdb_group *port = &f->port[value_port(value)];
	struct fdb_group *vlan = &f->vlan[fdb_key_vid((fdb_key_t){ key })];

	if (fate == FDB_FATE_PORT)
		fdb_add(&vlan->n, -1u);
	else if (fate == FDB_FATE_VLAN)
		fdb_add(&port->n, -1u);
}

void fdb_bury(struct fdb *f, struct fdb_slot *s)
{
	__atomic_store_n(&s->key, KEY_DEAD, __ATOMIC_RELEASE);
	f->dead++;
}

/* ---- behind a flush ------------------------------------------------------------------------- */

/* With the lock held. True: a station is still there. */
static bool sweep_slot(struct fdb *f, struct fdb_slot *s)
{
	enum fdb_fate fate;

	if (!key_is_station(s->key))
		return false;
	fate = fdb_fate(f, s->key, s->value);
	if (fate == FDB_FATE_NONE)
		return true;
	fdb_count_fate(f, s->key, s->value, fate);
	fdb_bury(f, s);
	return false;
}

static void restamp(const struct fdb *f, struct fdb_slot *s)
{
	uint64_t v = s->value & ~(FDB_STAMP_MASK << FDB_STAMP_SHIFT);

	fdb_write(&s->value, v | (uint64_t)f->stamp << FDB_STAMP_SHIFT);
}

static void sweep_chunk(struct fdb *f)
{
	uint64_t n = MIN(f->sweep_left, (uint64_t)CHUNK);

	lock_take(&f->lock);
	for (uint64_t i = 0; i < n; i++) {
		struct fdb_slot *s = &f->slot[(f->sweep_at + i) & f->mask];

		if (sweep_slot(f, s))
			restamp(f, s);
	}
	f->sweep_at = (f->sweep_at + n) & f->mask;
	f->sweep_left -= n;
	f->visited += n;
	if (!f->sweep_left) {
		fdb_write(&f->ports_unsure, false);
		fdb_write(&f->vlans_unsure, false);
	}
	lock_drop(&f->lock);
}

bool fdb_sweep(struct fdb *f, uint64_t n)
{
	for (uint64_t done = 0; done < n && f->sweep_left; done += CHUNK)
		sweep_chunk(f);
	return f->sweep_left;
}

/* All stations have been swept and bear the present stamp: so may all flushes. */
static void forget_flushes(struct fdb *f)
{
	lock_take(&f->lock);
	for (unsigned int i = 0; i < f->ports_end; i++)
		fdb_write(&f->port[i].flushed, f->stamp);
	for (unsigned int i = 0; i < f->vlans_end; i++)
		fdb_write(&f->vlan[i].flushed, f->stamp);
	fdb_write(&f->flushed, f->stamp);
	f->stamp_base = f->stamp;
	lock_drop(&f->lock);
}

static void finish(struct fdb *f)
{
	fdb_sweep(f, f->mask + 1);
}

/* ---- at once -------------------------------------------------------------------------------- */

/* All but the static ones of a group. */
static unsigned int empty(struct fdb_group *g)
{
	unsigned int n = g->n - g->fixed;

	fdb_write(&g->n, g->fixed);
	return n;
}

/* With the lock held: the flush that STAMP becomes is about what was written before. */
static void begin(struct fdb *f, uint16_t *stamp)
{
	f->stamp = (f->stamp + 1) & FDB_STAMP_MASK;
	fdb_write(stamp, f->stamp);
	f->sweep_left = f->mask + 1;
	__atomic_store_n(&f->octet_mask, 0, __ATOMIC_RELEASE);
}

static unsigned int flush_port(struct fdb *f, port_id_t port)
{
	struct fdb_group *g = &f->port[port];
	unsigned int n;

	if (f->ports_unsure)
		finish(f);
	lock_take(&f->lock);
	n = empty(g);
	if (n) {
		begin(f, &g->flushed);
		fdb_write(&f->vlans_unsure, true);
		fdb_add(&f->live, -n);
	}
	lock_drop(&f->lock);
	return n;
}

static unsigned int flush_vlan(struct fdb *f, uint16_t vid)
{
	struct fdb_group *g = &f->vlan[vid];
	unsigned int n;

	if (f->vlans_unsure)
		finish(f);
	lock_take(&f->lock);
	n = empty(g);
	if (n) {
		begin(f, &g->flushed);
		fdb_write(&f->ports_unsure, true);
		fdb_add(&f->live, -n);
	}
	lock_drop(&f->lock);
	return n;
}

static unsigned int flush_all(struct fdb *f)
{
	unsigned int n;

	lock_take(&f->lock);
	n = f->live - f->fixed;
	if (n) {
		for (unsigned int i = 0; i < f->ports_end; i++)
			empty(&f->port[i]);
		for (unsigned int i = 0; i < f->vlans_end; i++)
			empty(&f->vlan[i]);
		begin(f, &f->flushed);
		fdb_write(&f->ports_unsure, false);
		fdb_write(&f->vlans_unsure, false);
		fdb_add(&f->live, -n);
	}
	lock_drop(&f->lock);
	return n;
}

/* ---- one by one ----------------------------------------------------------------------------- */

static bool matches(const struct fdb_match *m, const struct fdb_slot *s)
{
	uint16_t vid = fdb_key_vid((fdb_key_t){ s->key });

	if (value_fixed(s->value) && !m->fixed)
		return false;
	if (m->port != PORT_NONE && m->port != value_port(s->value))
		return false;
	if (m->vid && m->vid != vid)
		return false;
	if (m->seen_before && (int32_t)(value_seen(s->value) - m->seen_before) >= 0)
		return false;
	return !m->keep || !(m->keep[vid / 64] >> vid % 64 & 1);
}

static unsigned int pick_chunk(struct fdb *f, const struct fdb_match *m, uint64_t from)
{
	uint64_t end = MIN(from + CHUNK, f->mask + 1);
	unsigned int n = 0;

	for (uint64_t i = from; i < end; i++) {
		struct fdb_slot *s = &f->slot[i];

		if (!sweep_slot(f, s) || !matches(m, s))
			continue;
		fdb_count_out(f, s->key, s->value);
		fdb_bury(f, s);
		n++;
	}
	f->visited += end - from;
	return n;
}

static unsigned int pick(struct fdb *f, const struct fdb_match *m)
{
	unsigned int n = 0;

	for (uint64_t from = 0; from <= f->mask && fdb_count(f); from += CHUNK) {
		lock_take(&f->lock);
		n += pick_chunk(f, m, from);
		lock_drop(&f->lock);
	}
	return n;
}

/* Whether M is about one group as a whole, of whose static stations none is to go. */
static bool is_group(const struct fdb *f, const struct fdb_match *m)
{
	bool one = m->port == PORT_NONE || !m->vid;
	bool fixed = m->fixed && f->fixed;

	if (m->fixed && m->port != PORT_NONE)
		fixed = f->port[m->port].fixed;
	return one && !fixed && !m->seen_before && !m->keep;
}

unsigned int fdb_flush(struct fdb *f, const struct fdb_match *m)
{
	unsigned int n;

	if (((f->stamp - f->stamp_base) & FDB_STAMP_MASK) >= STAMP_REACH) {
		finish(f);
		forget_flushes(f); /* a reader may miss a station now, once */
	}
	if (!is_group(f, m))
		n = pick(f, m);
	else if (m->port != PORT_NONE)
		n = flush_port(f, m->port);
	else if (m->vid)
		n = flush_vlan(f, m->vid);
	else
		n = flush_all(f);
	lock_take(&f->lock);
	if (m->seen_before)
		f->aged += n;
	else
		f->forgotten += n;
	lock_drop(&f->lock);
	return n;
}

/* ---- places come back ----------------------------------------------------------------------- */

/* Does a chain that has come to slot I end behind it? Fences are passed over. */
static bool chain_ends(const struct fdb *f, uint64_t i)
{
	uint64_t next = (i + 1) & f->mask;

	return f->slot[MAX(next, (uint64_t)FDB_FENCES)].key == KEY_FREE;
}

/* Backwards, so that a run of dead slots in front of a free one becomes free in one go. */
static void reclaim_chunk(struct fdb *f, uint64_t end)
{
	for (uint64_t i = end; f->dead && i-- > 0 && i + CHUNK >= end;) {
		struct fdb_slot *s = &f->slot[i];
		bool ends = chain_ends(f, i);

		if (s->key != KEY_DEAD && !(s->key == KEY_SPARE && ends))
			continue;
		f->dead -= s->key == KEY_DEAD;
		f->used -= ends;
		__atomic_store_n(&s->key, ends ? KEY_FREE : KEY_SPARE, __ATOMIC_RELEASE);
	}
}

bool fdb_to_reclaim(const struct fdb *f)
{
	return f->dead || (flushing(f) && !f->sweep_left);
}

void fdb_reclaim(struct fdb *f)
{
	for (uint64_t end = f->mask + 1; end && f->dead; end -= MIN(end, (uint64_t)CHUNK)) {
		lock_take(&f->lock);
		reclaim_chunk(f, end);
		lock_drop(&f->lock);
	}
	if (!flushing(f) || f->sweep_left)
		return;
	forget_flushes(f);
	__atomic_store_n(&f->octet_mask, FDB_OCTET_MASK(f->mask + 1), __ATOMIC_RELEASE);
}

void fdb_each(const struct fdb *f, fdb_each_fn *fn, void *arg)
{
	for (uint64_t i = 0; i <= f->mask; i++) {
		struct fdb_entry e = { .key.w =
					       __atomic_load_n(&f->slot[i].key, __ATOMIC_ACQUIRE) };
		uint64_t v = value_of(&f->slot[i]);

		if (!key_is_station(e.key.w) || fdb_fate(f, e.key.w, v) != FDB_FATE_NONE)
			continue;
		e.port = value_port(v);
		e.seen_s = value_seen(v);
		e.fixed = value_fixed(v);
		fn(arg, &e);
	}
}
