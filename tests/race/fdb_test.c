/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers against learners against a control thread that flushes, sweeps and reclaims.
 *
 * Each station is learned at ports of its own only, so a reader that is ever given another one has
 * been misled. With the grace period left out some are, most surely under the thread sanitizer.
 *
 * The quiet ones are learned and forgotten by the control thread alone, which says so in `phase`: a
 * reader that finds one although its flush has returned, or none although it was learned, has been
 * misled as well. The crowd wants to one port that has a limit.
 */
#include "tests/test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "vswitch/fdb.h"

enum { STATIONS = 400, CAPACITY = 400, LEARNERS = 2, READERS = 2, ROUNDS = 3000, LIMIT_S = 6 };
enum { QUIET = 20, QUIET_VID = 9, QUIET_PORT = 4000 };
enum { CROWD = 100, CROWD_VID = 8, CROWD_PORT = 4001, CROWD_LIMIT = 10 };

static struct fdb *table;
static bool stop;
static unsigned int
	phase; /* 0: nobody can say; odd: the quiet ones are known; even: they are not */
static unsigned long misled, found, sure;

static fdb_key_t key_of(unsigned int i)
{
	struct eth_addr mac = { { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };

	return fdb_key(1 + i % 3, &mac);
}

static fdb_key_t key_in(uint16_t vid, unsigned int i)
{
	struct eth_addr mac = { { 2, 0, 0, 1, (uint8_t)(i >> 8), (uint8_t)i } };

	return fdb_key(vid, &mac);
}

/* A station has four ports, which are no other's. */
static port_id_t port_of(unsigned int i, unsigned int move)
{
	return (port_id_t)(i * 4 + move % 4);
}

static unsigned int next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return (unsigned int)(*x >> 20);
}

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

static void *learn(void *arg)
{
	uint64_t x = 77 + (uintptr_t)arg;

	rcu_join();
	while (!stopped()) {
		for (unsigned int n = 0; n < 32; n++) {
			unsigned int i = next(&x) % STATIONS;
			fdb_key_t k = key_of(i);

			fdb_learn(table, k, fdb_fetch(table, k), port_of(i, next(&x)),
				  next(&x) % 8);
			k = key_in(CROWD_VID, next(&x) % CROWD);
			fdb_learn(table, k, fdb_fetch(table, k), CROWD_PORT, next(&x) % 8);
		}
		rcu_quiescent();
	}
	rcu_leave();
	return NULL;
}

/* What was true before and after was true in between; no load is moved across it. */
static unsigned int phase_now(void)
{
	return __atomic_fetch_add(&phase, 0, __ATOMIC_ACQ_REL);
}

static unsigned long look_at_quiet(unsigned int i, unsigned long *n)
{
	fdb_key_t k = key_in(QUIET_VID, i);
	unsigned int before = phase_now();
	port_id_t port = fdb_lookup(table, k, fdb_fetch(table, k));

	if (!before || before != phase_now())
		return 0;
	(*n)++;
	return port != (before % 2 ? QUIET_PORT : PORT_NONE);
}

static void *look_up(void *arg)
{
	uint64_t x = 99 + (uintptr_t)arg;
	unsigned long wrong = 0, hits = 0, certain = 0;

	rcu_join();
	while (!stopped()) {
		for (unsigned int n = 0; n < 32; n++) {
			unsigned int i = next(&x) % STATIONS;
			fdb_key_t k = key_of(i);
			port_id_t port = fdb_lookup(table, k, fdb_fetch(table, k));

			wrong += port != PORT_NONE && port / 4 != i;
			hits += port != PORT_NONE;
			wrong += look_at_quiet(next(&x) % QUIET, &certain);
		}
		rcu_quiescent();
	}
	rcu_leave();
	__atomic_fetch_add(&misled, wrong, __ATOMIC_RELAXED);
	__atomic_fetch_add(&found, hits, __ATOMIC_RELAXED);
	__atomic_fetch_add(&sure, certain, __ATOMIC_RELAXED);
	return NULL;
}

static void count_each(void *arg, const struct fdb_entry *e)
{
	unsigned int *wrong = arg;
	struct eth_addr mac = fdb_key_mac(e->key);
	unsigned int i = (unsigned int)mac.b[4] << 8 | mac.b[5];
	uint16_t vid = fdb_key_vid(e->key);

	if (vid == QUIET_VID || vid == CROWD_VID)
		*wrong += e->port != (vid == QUIET_VID ? QUIET_PORT : CROWD_PORT);
	else
		*wrong += i >= STATIONS || key_of(i).w != e->key.w;
}

static void set_phase(unsigned int to)
{
	__atomic_store_n(&phase, to, __ATOMIC_RELEASE);
}

/* Some of them may find the table full: then nobody can say. */
static void learn_quiet(unsigned int now)
{
	bool all = true;

	for (unsigned int i = 0; i < QUIET; i++) {
		fdb_key_t k = key_in(QUIET_VID, i);

		all &= fdb_learn(table, k, fdb_fetch(table, k), QUIET_PORT, 100) == FDB_LEARNED;
	}
	if (all)
		set_phase(now);
}

static struct fdb_match any_match(uint64_t *x)
{
	struct fdb_match m = { .port = PORT_NONE };

	switch (next(x) % 4) {
	case 0:
		m.vid = (uint16_t)(1 + next(x) % 3);
		break;
	case 1:
		m.port = port_of(next(x) % STATIONS, next(x));
		break;
	case 2:
		m.port = CROWD_PORT;
		break;
	default:
		m.vid = (uint16_t)(next(x) % 4);
		m.seen_before = next(x) % 9;
	}
	return m;
}

/* Does any_match() mean the quiet ones, too? They are older than none of its times. */
static bool means_all(const struct fdb_match *m)
{
	return m->port == PORT_NONE && !m->vid && !m->seen_before;
}

/* The quiet ones go by port, by VLAN, or with all others. */
static void forget_quiet(uint64_t *x, unsigned int then)
{
	struct fdb_match m = { .port = PORT_NONE };
	unsigned int how = next(x) % 4;

	if (how == 0)
		m.vid = QUIET_VID;
	else if (how != 1)
		m.port = QUIET_PORT;
	set_phase(0);
	fdb_flush(table, &m);
	set_phase(then);
}

static void flush_and_reclaim(void)
{
	uint32_t end_s = clock_s() + LIMIT_S;
	uint64_t x = 5;

	for (unsigned int round = 1; round <= ROUNDS && clock_s() < end_s; round++) {
		struct fdb_match m = any_match(&x);
		unsigned int wrong = 0;

		set_phase(0);
		learn_quiet(2 * round + 1);
		usleep(50);
		if (means_all(&m))
			set_phase(0);
		fdb_flush(table, &m);
		fdb_each(table, count_each, &wrong);
		assert_int_equal(wrong, 0);
		assert_true(fdb_count(table) <= CAPACITY);
		assert_true(fdb_port_count(table, CROWD_PORT) <= CROWD_LIMIT);
		usleep(50);
		forget_quiet(&x, 2 * round + 2);
		usleep(50);
		if (next(&x) % 4)
			fdb_sweep(table, next(&x) % 2 ? UINT64_MAX : 1);
		rcu_wait();
		fdb_reclaim(table);
	}
}

/* When all is quiet, the count is what is there, and each station is there once. */
static void count_again(void *arg, const struct fdb_entry *e)
{
	unsigned int *n = arg;

	assert_int_equal(fdb_lookup(table, e->key, fdb_fetch(table, e->key)), e->port);
	(*n)++;
}

static void count_crowd(void *arg, const struct fdb_entry *e)
{
	*(unsigned int *)arg += e->port == CROWD_PORT;
}

static void no_reader_is_ever_misled(void **state)
{
	pthread_t t[LEARNERS + READERS];
	unsigned int n = 0, crowd = 0;

	(void)state;
	assert_int_equal(fdb_create(CAPACITY, &table), 0);
	fdb_limit_port(table, CROWD_PORT, CROWD_LIMIT);
	for (uintptr_t i = 0; i < LEARNERS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, learn, (void *)i), 0);
	for (uintptr_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&t[LEARNERS + i], NULL, look_up, (void *)i), 0);
	flush_and_reclaim();
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < LEARNERS + READERS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(misled, 0);
	assert_true(found > 1000);
	assert_true(sure > 1000);
	fdb_each(table, count_again, &n);
	assert_int_equal(n, fdb_count(table));
	fdb_sweep(table, UINT64_MAX);
	fdb_each(table, count_crowd, &crowd);
	assert_int_equal(crowd, fdb_port_count(table, CROWD_PORT));
	assert_true(crowd <= CROWD_LIMIT);
	fdb_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_reader_is_ever_misled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
