/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

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

static bool learn(struct fdb *f, unsigned int k, port_id_t port, uint32_t now_s)
{
	return fdb_learn(f, key_of(k), fdb_fetch(f, key_of(k)), port, now_s);
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

struct dull {
	port_id_t port; /* PORT_NONE: not known */
	uint32_t seen_s;
};

static unsigned int dull_flush(struct dull *d, const struct fdb_match *m)
{
	unsigned int n = 0;

	for (unsigned int k = 0; k < KEYS; k++) {
		uint16_t vid = vids[k % VIDS];

		if (d[k].port == PORT_NONE)
			continue;
		if (m->port != PORT_NONE && d[k].port != m->port)
			continue;
		if (m->vid && vid != m->vid)
			continue;
		if (m->seen_before && d[k].seen_s >= m->seen_before)
			continue;
		if (m->keep && m->keep[vid / 64] >> vid % 64 & 1)
			continue;
		d[k].port = PORT_NONE;
		n++;
	}
	return n;
}

static struct fdb_match any_match(uint32_t now_s, uint64_t keep[64])
{
	struct fdb_match m = { .port = PORT_NONE };

	memset(keep, 0, 64 * sizeof(keep[0]));
	if (random() % 3)
		m.port = (port_id_t)(random() % 6);
	if (random() % 2)
		m.vid = vids[random() % VIDS];
	if (random() % 2)
		m.seen_before = now_s - (uint32_t)(random() % 20);
	if (random() % 2) {
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
		assert_int_equal(e->port, s->dull[k].port);
		assert_int_equal(e->seen_s, s->dull[k].seen_s);
		s->n++;
		return;
	}
	fail_msg("nobody learned %lx", e->key.w);
}

static void agrees_with_an_array(void **state)
{
	enum { STEPS = 400000 };
	struct dull d[KEYS];
	uint64_t keep[64];
	unsigned int live = 0;
	uint32_t now_s = 100;
	struct fdb *f;

	(void)state;
	srandom(0x1a);
	for (unsigned int k = 0; k < KEYS; k++)
		d[k].port = PORT_NONE;
	assert_int_equal(fdb_create(KEYS, &f), 0);
	for (unsigned int step = 0; step < STEPS; step++) {
		unsigned int k = (unsigned int)random() % KEYS;
		struct fdb_match m;
		struct sum s = { 0, d };

		now_s += random() % 64 == 0;
		switch (random() % 256) {
		case 0:
			m = any_match(now_s, keep);
			live -= dull_flush(d, &m);
			fdb_flush(f, &m);
			break;
		case 1:
			fdb_reclaim(f);
			break;
		case 2:
			fdb_each(f, check_each, &s);
			assert_int_equal(s.n, live);
			break;
		default:
			live += d[k].port == PORT_NONE;
			d[k] = (struct dull){ (port_id_t)(random() % 6), now_s };
			/* What was flushed and not reclaimed still takes its place. */
			if (!learn(f, k, d[k].port, now_s)) {
				fdb_reclaim(f);
				assert_true(learn(f, k, d[k].port, now_s));
			}
		}
		k = (unsigned int)random() % KEYS;
		assert_int_equal(lookup(f, k), d[k].port);
		assert_int_equal(fdb_count(f), live);
	}
	fdb_destroy(f);
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
		fdb_reclaim(f);
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

			if (!fdb_learn(f, k, fdb_fetch(f, k), 1, round))
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

		learned += fdb_learn(f, k, fdb_fetch(f, k), 1, 1);
		fdb_flush(f, &all);
		assert_int_equal(fdb_lookup(f, k, fdb_fetch(f, k)), PORT_NONE);
	}
	assert_true(learned >= ROOM && learned < KEYS_MADE);
	fdb_reclaim(f);
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
		cmocka_unit_test(nothing_is_destroyed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
