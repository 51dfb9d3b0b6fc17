/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>

#include "vswitch/fdb.h"

enum { MACS = 40, VIDS = 5, KEYS = MACS * VIDS };

static const uint16_t vids[VIDS] = { 1, 10, 64, 4093, 4094 };

static fdb_key_t key_of(unsigned int k)
{
	/* The first and last octets differ, so that no part of the key can be lost. */
	struct eth_addr mac = { { (uint8_t)(2 + 4 * (k % 2)), 0, 0, 0, 0, (uint8_t)(k / VIDS) } };

	return fdb_key(vids[k % VIDS], &mac);
}

static enum fdb_learned hear(struct fdb *f, unsigned int k, port_id_t port, uint32_t now_s)
{
	return fdb_learn(f, key_of(k), fdb_fetch(f, key_of(k)), port, now_s);
}

static bool learn(struct fdb *f, unsigned int k, port_id_t port, uint32_t now_s)
{
	return hear(f, k, port, now_s) == FDB_LEARNED;
}

/* What was forgotten is out of the table, and its places are free again. */
static void clean(struct fdb *f)
{
	assert_false(fdb_sweep(f, UINT64_MAX));
	fdb_reclaim(f);
	assert_false(fdb_to_reclaim(f));
}

static port_id_t lookup(struct fdb *f, unsigned int k)
{
	return fdb_lookup(f, key_of(k), fdb_fetch(f, key_of(k)));
}

static void a_key_is_its_vlan_and_its_address(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		struct eth_addr mac, back;
		uint16_t vid = (uint16_t)(1 + random() % 4094);
		fdb_key_t k;

		for (unsigned int b = 0; b < sizeof(mac.b); b++)
			mac.b[b] = (uint8_t)random();
		k = fdb_key(vid, &mac);
		back = fdb_key_mac(k);
		assert_int_equal(fdb_key_vid(k), vid);
		assert_memory_equal(&back, &mac, sizeof(mac));
	}
}

/* ---- the dullest table that could work ------------------------------------------------------ */

enum { PORTS = 6 };

struct dull {
	struct {
		port_id_t port; /* PORT_NONE: not known */
		uint32_t seen_s;
		bool fixed;
	} at[KEYS];
	unsigned int limit[PORTS];
	unsigned int move_limit, moves_now;
	uint32_t move_s;
	unsigned int capacity;
	bool crossed[PORTS];
	uint64_t learned, moved, aged, flushed, refused[FDB_LEARNED_ENDS];
};

static unsigned int dull_count(const struct dull *d, port_id_t port)
{
	unsigned int n = 0;

	for (unsigned int k = 0; k < KEYS; k++)
		n += d->at[k].port != PORT_NONE && (port == PORT_NONE || d->at[k].port == port);
	return n;
}

static enum fdb_learned dull_judge(const struct dull *d, unsigned int k, port_id_t port,
				   uint32_t now_s)
{
	bool here = d->at[k].port != PORT_NONE;

	if (d->at[k].port == port)
		return FDB_LEARNED;
	if (here && d->at[k].fixed)
		return FDB_STATIC;
	if (d->limit[port] && dull_count(d, port) >= d->limit[port])
		return FDB_BEYOND;
	if (here && d->move_limit && d->move_s == now_s && d->moves_now >= d->move_limit)
		return FDB_STORM;
	if (!here && dull_count(d, PORT_NONE) >= d->capacity)
		return FDB_FULL;
	return FDB_LEARNED;
}

static enum fdb_learned dull_hear(struct dull *d, unsigned int k, port_id_t port, uint32_t now_s)
{
	enum fdb_learned done = dull_judge(d, k, port, now_s);

	if (done != FDB_LEARNED) {
		d->refused[done]++;
		d->crossed[port] |= done == FDB_BEYOND;
		return done;
	}
	if (d->at[k].port == PORT_NONE) {
		d->learned++;
	} else if (d->at[k].port != port) {
		d->moved++;
		d->moves_now = d->move_s == now_s ? d->moves_now + 1 : 1;
		d->move_s = now_s;
	}
	d->at[k].port = port;
	d->at[k].seen_s = now_s;
	return done;
}

static bool dull_remove(struct dull *d, unsigned int k)
{
	bool there = d->at[k].port != PORT_NONE;

	d->at[k].port = PORT_NONE;
	d->at[k].fixed = false;
	d->flushed += there;
	return there;
}

static unsigned int dull_flush(struct dull *d, const struct fdb_match *m)
{
	unsigned int n = 0;

	for (unsigned int k = 0; k < KEYS; k++) {
		uint16_t vid = vids[k % VIDS];

		if (d->at[k].port == PORT_NONE || (d->at[k].fixed && !m->fixed))
			continue;
		if (m->port != PORT_NONE && d->at[k].port != m->port)
			continue;
		if (m->vid && vid != m->vid)
			continue;
		if (m->seen_before && d->at[k].seen_s >= m->seen_before)
			continue;
		if (m->keep && m->keep[vid / 64] >> vid % 64 & 1)
			continue;
		d->at[k].port = PORT_NONE;
		d->at[k].fixed = false;
		n++;
	}
	d->aged += m->seen_before ? n : 0;
	d->flushed += m->seen_before ? 0 : n;
	return n;
}

static struct fdb_match any_match(uint32_t now_s, uint64_t keep[64])
{
	struct fdb_match m = { .port = PORT_NONE, .fixed = random() % 4 == 0 };

	memset(keep, 0, 64 * sizeof(keep[0]));
	if (random() % 3)
		m.port = (port_id_t)(random() % PORTS);
	if (random() % 3 == 0)
		m.vid = vids[random() % VIDS];
	if (random() % 4 == 0)
		m.seen_before = now_s - (uint32_t)(random() % 20);
	if (random() % 4 == 0) {
		m.keep = keep;
		for (unsigned int i = 0; i < VIDS; i++)
			keep[vids[i] / 64] |= (uint64_t)(random() % 2) << vids[i] % 64;
	}
	return m;
}

struct sum {
	unsigned int n;
	const struct dull *dull;
};

static void check_each(void *arg, const struct fdb_entry *e)
{
	struct sum *s = arg;

	for (unsigned int k = 0; k < KEYS; k++) {
		if (key_of(k).w != e->key.w)
			continue;
		assert_int_equal(e->port, s->dull->at[k].port);
		assert_int_equal(e->seen_s, s->dull->at[k].seen_s);
		assert_int_equal(e->fixed, s->dull->at[k].fixed);
		s->n++;
		return;
	}
	fail_msg("nobody learned %lx", e->key.w);
}

static void check_all(struct fdb *f, struct dull *d, bool sweeping)
{
	struct sum s = { 0, d };
	struct fdb_counters c;

	fdb_each(f, check_each, &s);
	assert_int_equal(s.n, dull_count(d, PORT_NONE));
	for (port_id_t p = 0; p < PORTS; p++) {
		if (!sweeping)
			assert_int_equal(fdb_port_count(f, p), dull_count(d, p));
		else
			assert_true(fdb_port_count(f, p) >= dull_count(d, p));
		assert_int_equal(fdb_port_crossed(f, p), d->crossed[p]);
		d->crossed[p] = false;
	}
	fdb_counters(f, &c);
	assert_int_equal(c.live, s.n);
	assert_int_equal(c.learned, d->learned);
	assert_int_equal(c.moved, d->moved);
	assert_int_equal(c.aged, d->aged);
	assert_int_equal(c.flushed, d->flushed);
	for (unsigned int i = 0; i < FDB_LEARNED_ENDS; i++) {
		if (i != FDB_BUSY)
			assert_int_equal(c.refused[i], d->refused[i]);
	}
}

/* What a worker does, and the limits that it meets. */
static void hear_both(struct fdb *f, struct dull *d, uint32_t now_s, bool sweeping)
{
	unsigned int k = (unsigned int)random() % KEYS;
	port_id_t port = (port_id_t)(random() % PORTS);
	enum fdb_learned done = hear(f, k, port, now_s);

	/* It may be that nobody knows how many are behind the port: then nothing happens. */
	if (done == FDB_BUSY) {
		assert_true(sweeping);
		assert_true(d->limit[port] && d->at[k].port != port);
		return;
	}
	/* What was forgotten and not reclaimed still takes its place. */
	if (done == FDB_FULL && dull_judge(d, k, port, now_s) == FDB_LEARNED) {
		d->refused[FDB_FULL]++;
		return;
	}
	assert_int_equal(done, dull_hear(d, k, port, now_s));
}

/* What a person does. */
static void change_both(struct fdb *f, struct dull *d)
{
	unsigned int k = (unsigned int)random() % KEYS, n = (unsigned int)random() % 40;
	port_id_t port = (port_id_t)(random() % PORTS);
	int err;

	switch (random() % 8) {
	case 0:
		d->limit[port] = n;
		d->crossed[port] = false;
		fdb_limit_port(f, port, n);
		break;
	case 1:
		d->move_limit = n;
		fdb_limit_moves(f, n);
		break;
	case 2:
	case 3:
		err = fdb_set_static(f, key_of(k), port);
		if (err) {
			assert_int_equal(err, -ENOSPC);
			break;
		}
		d->at[k].port = port;
		d->at[k].fixed = true;
		d->at[k].seen_s = 0;
		break;
	default:
		assert_int_equal(fdb_remove(f, key_of(k)), dull_remove(d, k));
	}
}

static void agrees_with_an_array_of(unsigned int capacity, unsigned int steps)
{
	struct dull d = { .capacity = capacity };
	uint64_t keep[64];
	uint32_t now_s = 100;
	bool sweeping = false;
	struct fdb *f;

	for (unsigned int k = 0; k < KEYS; k++)
		d.at[k].port = PORT_NONE;
	assert_int_equal(fdb_create(capacity, &f), 0);
	for (unsigned int step = 0; step < steps; step++) {
		unsigned int k = (unsigned int)random() % KEYS;
		struct fdb_match m;

		now_s += random() % 64 == 0;
		switch (random() % 256) {
		case 0:
			m = any_match(now_s, keep);
			assert_int_equal(fdb_flush(f, &m), dull_flush(&d, &m));
			sweeping = true;
			break;
		case 1:
			if (random() % 4 == 0)
				clean(f), sweeping = false;
			else
				fdb_reclaim(f);
			break;
		case 2:
			check_all(f, &d, sweeping);
			break;
		case 3:
			change_both(f, &d);
			break;
		default:
			hear_both(f, &d, now_s, sweeping);
		}
		assert_int_equal(lookup(f, k), d.at[k].port);
		assert_int_equal(fdb_count(f), dull_count(&d, PORT_NONE));
	}
	clean(f);
	check_all(f, &d, false);
	fdb_destroy(f);
}

static void agrees_with_an_array(void **state)
{
	(void)state;
	srandom(0x1a);
	agrees_with_an_array_of(KEYS, 200000);
	agrees_with_an_array_of(KEYS / 2, 200000);
	agrees_with_an_array_of(16, 100000);
}

static void a_flush_says_how_many_it_forgot(void **state)
{
	struct fdb_match m = { .port = 3 };
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(KEYS, &f), 0);
	assert_int_equal(fdb_flush(f, &m), 0);
	for (unsigned int k = 0; k < 30; k++)
		learn(f, k, (port_id_t)(k % 3 + 1), 7);
	assert_int_equal(fdb_flush(f, &m), 10);
	assert_int_equal(fdb_flush(f, &m), 0);
	assert_int_equal(fdb_count(f), 20);
	fdb_destroy(f);
}

static void a_full_table_refuses_the_new_and_serves_the_old(void **state)
{
	enum { ROOM = 50 };
	struct fdb_match all = { .port = PORT_NONE };
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(ROOM, &f), 0);
	for (unsigned int round = 1; round <= 20; round++) {
		for (unsigned int k = 0; k < KEYS; k++)
			assert_int_equal(learn(f, k, 1, round), k < ROOM);
		assert_int_equal(fdb_count(f), ROOM);
		assert_int_equal(fdb_full(f), round * (KEYS - ROOM));
		for (unsigned int k = 0; k < KEYS; k++)
			assert_int_equal(lookup(f, k), k < ROOM ? 1 : PORT_NONE);
		assert_true(learn(f, 7, 2, round)); /* a known station may move */
		assert_int_equal(lookup(f, 7), 2);
		fdb_flush(f, &all);
		clean(f);
	}
	fdb_destroy(f);
}

/* Addresses that never come twice, as a scan makes them: places must come back for ever. */
static void places_come_back_for_ever(void **state)
{
	enum { ROOM = 100, ROUNDS = 3000 };
	struct fdb *f;
	uint32_t next = 0;

	(void)state;
	assert_int_equal(fdb_create(ROOM, &f), 0);
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		struct fdb_match old = { .port = PORT_NONE, .seen_before = round };

		for (unsigned int i = 0; i < ROOM; i++, next++) {
			struct eth_addr mac = { { 2, 0, next >> 24, next >> 16, next >> 8, next } };
			fdb_key_t k = fdb_key(1, &mac);

			if (fdb_learn(f, k, fdb_fetch(f, k), 1, round) != FDB_LEARNED)
				fail_msg("round %u: no place for station %u of %u", round, i, ROOM);
		}
		old.seen_before = round + 1;
		assert_int_equal(fdb_flush(f, &old), ROOM);
		fdb_reclaim(f);
	}
	fdb_destroy(f);
}

/* Flushed is not reclaimed: such places are not given away, and a probe still ends (I3). */
static void what_nobody_reclaims_fills_the_table_and_no_more(void **state)
{
	enum { ROOM = 16, KEYS_MADE = 1000 };
	struct fdb_match all = { .port = PORT_NONE };
	unsigned int learned = 0;
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(ROOM, &f), 0);
	for (unsigned int i = 0; i < KEYS_MADE; i++) {
		struct eth_addr mac = { { 2, 0, 0, 1, (uint8_t)(i >> 8), (uint8_t)i } };
		fdb_key_t k = fdb_key(1, &mac);

		learned += fdb_learn(f, k, fdb_fetch(f, k), 1, 1) == FDB_LEARNED;
		fdb_flush(f, &all);
		assert_int_equal(fdb_lookup(f, k, fdb_fetch(f, k)), PORT_NONE);
	}
	assert_true(learned >= ROOM && learned < KEYS_MADE);
	clean(f);
	for (unsigned int k = 0; k < ROOM; k++)
		assert_true(learn(f, k, 1, 2));
	fdb_destroy(f);
}

/* Seconds go round after 136 years, and a clock that starts late goes round soon. */
static void age_is_a_difference(void **state)
{
	struct fdb_match old = { .port = PORT_NONE, .seen_before = 50 };
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(KEYS, &f), 0);
	learn(f, 1, 1, UINT32_MAX - 10);
	learn(f, 2, 2, 60);
	assert_int_equal(fdb_flush(f, &old), 1);
	assert_int_equal(lookup(f, 1), PORT_NONE);
	assert_int_equal(lookup(f, 2), 2);
	fdb_destroy(f);
}

/* ---- a flush is as quick for a hundred thousand as for one ----------------------------------- */

static uint64_t visited(struct fdb *f)
{
	struct fdb_counters c;

	fdb_counters(f, &c);
	return c.visited;
}

static fdb_key_t many_key(unsigned int i)
{
	struct eth_addr mac = { { 2, 1, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };

	return fdb_key(1 + i % 10, &mac);
}

static unsigned int many_found(struct fdb *f, unsigned int n)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < n; i++)
		found += fdb_lookup(f, many_key(i), fdb_fetch(f, many_key(i))) != PORT_NONE;
	return found;
}

static void a_flush_looks_at_no_slot(void **state)
{
	enum { MANY = 100000 };
	static const struct {
		const char *why;
		struct fdb_match match;
		unsigned int gone;
	} row[] = {
		{ "a port", { .port = 3 }, MANY / 5 },
		{ "a port as a whole, where nothing is static",
		  { .port = 3, .fixed = true },
		  MANY / 5 },
		{ "a VLAN", { .port = PORT_NONE, .vid = 4 }, MANY / 10 },
		{ "everything", { .port = PORT_NONE }, MANY },
	};

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(row); r++) {
		struct fdb *f;
		uint64_t before;

		assert_int_equal(fdb_create(MANY, &f), 0);
		for (unsigned int i = 0; i < MANY; i++)
			fdb_learn(f, many_key(i), fdb_fetch(f, many_key(i)),
				  (port_id_t)(i / 10 % 5), 1);
		before = visited(f);
		if (fdb_flush(f, &row[r].match) != row[r].gone || visited(f) != before ||
		    many_found(f, MANY) != MANY - row[r].gone)
			fail_msg("%s: not gone at once", row[r].why);
		/* The work behind it is done in steps, each as large as asked for. */
		assert_true(fdb_sweep(f, 4096));
		assert_int_equal(visited(f), before + 4096);
		clean(f);
		assert_int_equal(many_found(f, MANY), MANY - row[r].gone);
		fdb_destroy(f);
	}
}

/* Each takes a stamp, and there are 32768: whoever sweeps or not, an old one never looks new. */
static void flushes_without_end_forget_what_they_should(void **state)
{
	enum { FLUSHES = 100000 };
	struct fdb_match m = { .port = 1 };
	struct fdb *f;

	(void)state;
	for (unsigned int swept = 0; swept < 2; swept++) {
		assert_int_equal(fdb_create(KEYS, &f), 0);
		learn(f, 1, 2, 1);
		for (unsigned int i = 0; i < FLUSHES; i++) {
			learn(f, 2, 1, 1);
			assert_int_equal(fdb_flush(f, &m), 1);
			assert_int_equal(lookup(f, 2), PORT_NONE);
			assert_int_equal(lookup(f, 1), 2);
			if (swept)
				clean(f);
		}
		learn(f, 3, 5, 1); /* behind a port that nobody was behind before */
		assert_int_equal(lookup(f, 3), 5);
		fdb_destroy(f);
	}
}

/* ---- stations put by hand, and limits -------------------------------------------------------- */

static void a_static_station_stays_where_it_was_put(void **state)
{
	struct fdb_match all = { .port = PORT_NONE }, port = { .port = 1, .fixed = true };
	struct fdb_match old = { .port = PORT_NONE, .seen_before = 1000 };
	struct fdb_counters c;
	struct fdb_entry e;
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(KEYS, &f), 0);
	learn(f, 1, 3, 7);
	assert_int_equal(fdb_set_static(f, key_of(1), 1), 0); /* whatever was learned of it */
	assert_int_equal(fdb_set_static(f, key_of(2), 1), 0);
	assert_true(fdb_get(f, key_of(1), &e));
	assert_true(e.fixed && e.seen_s == 0 && e.port == 1);
	assert_int_equal(hear(f, 1, 2, 7), FDB_STATIC);
	assert_int_equal(hear(f, 1, 1, 8), FDB_LEARNED); /* it is heard, and stays static */
	assert_true(fdb_knows(fdb_fetch(f, key_of(1)), key_of(1), 1, 8) ||
		    fdb_fetch(f, key_of(1))->key != key_of(1).w);
	assert_int_equal(fdb_flush(f, &all), 0);
	assert_int_equal(fdb_flush(f, &old), 0);
	assert_int_equal(lookup(f, 1), 1);
	assert_int_equal(fdb_flush(f, &port), 2); /* but its port may go */
	assert_false(fdb_remove(f, key_of(1)));
	fdb_set_static(f, key_of(1), 1);
	assert_true(fdb_remove(f, key_of(1)));
	assert_int_equal(lookup(f, 1), PORT_NONE);
	fdb_counters(f, &c);
	assert_int_equal(c.refused[FDB_STATIC], 1);
	assert_int_equal(c.fixed, 0);
	fdb_destroy(f);
}

static void a_port_has_as_many_stations_as_it_may(void **state)
{
	enum { LIMIT = 5 };
	struct fdb_match port = { .port = 1 };
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(KEYS, &f), 0);
	fdb_limit_port(f, 1, LIMIT);
	fdb_set_static(f, key_of(0), 1); /* it counts */
	for (unsigned int k = 0; k < 20; k++)
		assert_int_equal(hear(f, k, 1, 7), k < LIMIT ? FDB_LEARNED : FDB_BEYOND);
	assert_int_equal(fdb_port_count(f, 1), LIMIT);
	assert_true(fdb_port_crossed(f, 1));
	assert_false(fdb_port_crossed(f, 1)); /* once */
	assert_true(learn(f, 30, 2, 7)); /* another port's */
	assert_int_equal(hear(f, 30, 1, 7), FDB_BEYOND); /* nor may one move there */
	assert_int_equal(lookup(f, 30), 2);
	assert_true(learn(f, 1, 2, 7)); /* one moves away: there is room again */
	assert_true(learn(f, 6, 1, 7));
	assert_int_equal(hear(f, 7, 1, 7), FDB_BEYOND);
	assert_int_equal(fdb_flush(f, &port), LIMIT - 1); /* at once there is room again */
	assert_true(learn(f, 7, 1, 7));
	fdb_limit_port(f, 1, 1); /* nobody goes, nobody comes */
	assert_int_equal(fdb_port_count(f, 1), 2);
	assert_int_equal(hear(f, 8, 1, 7), FDB_BEYOND);
	fdb_limit_port(f, 1, 0);
	assert_true(learn(f, 8, 1, 7));
	fdb_destroy(f);
}

/* How many a port has is not known until what a VLAN forgot was swept: nobody is blamed for it. */
static void a_flush_of_a_vlan_blames_no_port(void **state)
{
	struct fdb_match vlan = { .port = PORT_NONE, .vid = vids[1] };
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(KEYS, &f), 0);
	fdb_limit_port(f, 1, 2);
	learn(f, 1, 1, 7);
	learn(f, 0, 1, 7);
	assert_int_equal(fdb_flush(f, &vlan), 1);
	assert_int_equal(hear(f, 2, 1, 7), FDB_BUSY);
	assert_false(fdb_port_crossed(f, 1));
	clean(f);
	assert_true(learn(f, 2, 1, 7));
	assert_int_equal(hear(f, 3, 1, 7), FDB_BEYOND);
	fdb_destroy(f);
}

static void so_many_moves_are_followed_in_a_second(void **state)
{
	struct fdb_move last;
	struct fdb *f;

	(void)state;
	assert_int_equal(fdb_create(KEYS, &f), 0);
	fdb_limit_moves(f, 3);
	learn(f, 1, 0, 7);
	for (unsigned int i = 1; i <= 10; i++)
		assert_int_equal(hear(f, 1, (port_id_t)i, 7), i <= 3 ? FDB_LEARNED : FDB_STORM);
	assert_int_equal(lookup(f, 1), 3);
	assert_true(learn(f, 2, 4, 7)); /* who is new may come */
	assert_true(learn(f, 1, 4, 8)); /* and another second is another matter */
	assert_int_equal(fdb_moves(f), 4);
	last = fdb_last_move(f);
	assert_int_equal(last.key, key_of(1).w);
	assert_int_equal(last.from, 3);
	assert_int_equal(last.to, 4);
	fdb_limit_moves(f, 0);
	for (unsigned int i = 0; i < 100; i++)
		assert_true(learn(f, 1, (port_id_t)(i % 7), 8));
	fdb_destroy(f);
}

static void nothing_is_destroyed_too(void **state)
{
	(void)state;
	fdb_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_its_vlan_and_its_address),
		cmocka_unit_test(agrees_with_an_array),
		cmocka_unit_test(a_flush_says_how_many_it_forgot),
		cmocka_unit_test(a_full_table_refuses_the_new_and_serves_the_old),
		cmocka_unit_test(places_come_back_for_ever),
		cmocka_unit_test(what_nobody_reclaims_fills_the_table_and_no_more),
		cmocka_unit_test(age_is_a_difference),
		cmocka_unit_test(a_flush_looks_at_no_slot),
		cmocka_unit_test(flushes_without_end_forget_what_they_should),
		cmocka_unit_test(a_static_station_stays_where_it_was_put),
		cmocka_unit_test(a_port_has_as_many_stations_as_it_may),
		cmocka_unit_test(a_flush_of_a_vlan_blames_no_port),
		cmocka_unit_test(so_many_moves_are_followed_in_a_second),
		cmocka_unit_test(nothing_is_destroyed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
