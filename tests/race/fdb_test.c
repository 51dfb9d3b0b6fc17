/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers against learners against a control thread that flushes and reclaims. Each station is
 * learned at ports of its own only, so a reader that is ever given another one has been misled.
 * With the grace period left out some are, most surely under the thread sanitizer.
 */
#include "tests/test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "vswitch/fdb.h"

enum { STATIONS = 400, CAPACITY = 300, LEARNERS = 2, READERS = 2, ROUNDS = 3000, LIMIT_S = 6 };

static struct fdb *table;
static bool stop;
static unsigned long misled, found;

static fdb_key_t key_of(unsigned int i)
{
	struct eth_addr mac = { { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };

	return fdb_key(1 + i % 3, &mac);
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
		}
		rcu_quiescent();
	}
	rcu_leave();
	return NULL;
}

static void *look_up(void *arg)
{
	uint64_t x = 99 + (uintptr_t)arg;
	unsigned long wrong = 0, hits = 0;

	rcu_join();
	while (!stopped()) {
		for (unsigned int n = 0; n < 32; n++) {
			unsigned int i = next(&x) % STATIONS;
			fdb_key_t k = key_of(i);
			port_id_t port = fdb_lookup(table, k, fdb_fetch(table, k));

			wrong += port != PORT_NONE && port / 4 != i;
			hits += port != PORT_NONE;
		}
		rcu_quiescent();
	}
	rcu_leave();
	__atomic_fetch_add(&misled, wrong, __ATOMIC_RELAXED);
	__atomic_fetch_add(&found, hits, __ATOMIC_RELAXED);
	return NULL;
}

static void count_each(void *arg, const struct fdb_entry *e)
{
	unsigned int *wrong = arg;
	struct eth_addr mac = fdb_key_mac(e->key);
	unsigned int i = (unsigned int)mac.b[4] << 8 | mac.b[5];

	*wrong += i >= STATIONS || key_of(i).w != e->key.w;
}

static void flush_and_reclaim(void)
{
	uint32_t end_s = clock_s() + LIMIT_S;
	uint64_t x = 5;

	for (unsigned int round = 0; round < ROUNDS && clock_s() < end_s; round++) {
		struct fdb_match m = { .port = PORT_NONE };
		unsigned int wrong = 0;

		m.vid = (uint16_t)(next(&x) % 4);
		m.seen_before = next(&x) % 9;
		fdb_flush(table, &m);
		fdb_each(table, count_each, &wrong);
		assert_int_equal(wrong, 0);
		assert_true(fdb_count(table) <= CAPACITY);
		usleep(100);
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

static void no_reader_is_ever_misled(void **state)
{
	pthread_t t[LEARNERS + READERS];
	unsigned int n = 0;

	(void)state;
	assert_int_equal(fdb_create(CAPACITY, &table), 0);
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
	fdb_each(table, count_again, &n);
	assert_int_equal(n, fdb_count(table));
	fdb_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_reader_is_ever_misled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
