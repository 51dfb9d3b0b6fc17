/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the station table costs: learning and looking up at 1,000, 100,000 and a million stations,
 * known and not, while a flush is under way and while none is; and the flush itself.
 *
 *	fdb_bench [ROUNDS]
 *
 * Stations are asked for in random order and in bursts of 32, as workers do it: first all of a
 * burst are fetched, then all are asked for. A line for each thing: what, its unit, a number for
 * each round, with tabs between them. tests/bench/fdb_bench.py judges them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "vswitch/fdb.h"

enum { BURST = 32, ROUNDS_MAX = 64, PORTS = 100, LEAST_OPS = 1000000, VID = 10 };

struct table {
	struct fdb *fdb;
	unsigned int n;
	fdb_key_t *key; /* 2 * n: known ones, then others, both in random order */
	uint32_t now_s;
};

typedef unsigned int ask_fn(struct table *, fdb_key_t, const struct fdb_slot *);

static uint64_t sink; /* so that nothing is left out */

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static port_id_t port_of(fdb_key_t k)
{
	return (port_id_t)((k.w >> 48) % PORTS);
}

static void make(struct table *t, unsigned int n)
{
	uint64_t x = 88172645463325252ull;

	*t = (struct table){ .n = n, .now_s = 1000, .key = calloc(2 * n, sizeof(*t->key)) };
	if (!t->key || fdb_create(n, &t->fdb) < 0)
		abort();
	for (unsigned int i = 0; i < 2 * n; i++) {
		struct eth_addr mac = { { 2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16),
					  (uint8_t)(i >> 8), (uint8_t)i } };

		t->key[i] = fdb_key(VID, &mac);
	}
	for (unsigned int half = 0; half < 2; half++) {
		fdb_key_t *k = t->key + half * n;

		for (unsigned int i = n - 1; i > 0; i--) {
			unsigned int j = (unsigned int)(next(&x) % (i + 1));
			fdb_key_t was = k[i];

			k[i] = k[j];
			k[j] = was;
		}
	}
}

static void drop(struct table *t)
{
	fdb_destroy(t->fdb);
	free(t->key);
}

/* ---- what is asked -------------------------------------------------------------------------- */

static unsigned int learn(struct table *t, fdb_key_t k, const struct fdb_slot *at)
{
	return fdb_learn(t->fdb, k, at, port_of(k), t->now_s);
}

/* As vsw-learn does: mostly there is nothing to do. */
static unsigned int hear(struct table *t, fdb_key_t k, const struct fdb_slot *at)
{
	if (likely(fdb_knows(at, k, port_of(k), t->now_s)))
		return 0;
	return fdb_learn(t->fdb, k, at, port_of(k), t->now_s);
}

static unsigned int look_up(struct table *t, fdb_key_t k, const struct fdb_slot *at)
{
	return fdb_lookup(t->fdb, k, at);
}

/* ns an operation, over each of the N keys once and as often as it takes to see the clock move. */
static inline __attribute__((always_inline)) double cost(struct table *t, const fdb_key_t *key,
							 unsigned int times, ask_fn *ask)
{
	const struct fdb_slot *at[BURST];
	uint64_t began = clock_ns(), done = 0, sum = 0;

	for (unsigned int r = 0; r < times; r++) {
		for (unsigned int i = 0; i + BURST <= t->n; i += BURST) {
			for (unsigned int b = 0; b < BURST; b++)
				at[b] = fdb_fetch(t->fdb, key[i + b]);
			for (unsigned int b = 0; b < BURST; b++)
				sum += ask(t, key[i + b], at[b]);
			done += BURST;
		}
	}
	__atomic_store_n(&sink, sum, __ATOMIC_RELAXED);
	return (double)(clock_ns() - began) / (double)done;
}

static void tidy(struct table *t)
{
	fdb_sweep(t->fdb, UINT64_MAX);
	fdb_reclaim(t->fdb);
}

static void empty(struct table *t)
{
	struct fdb_match all = { .port = PORT_NONE };

	fdb_flush(t->fdb, &all);
	tidy(t);
}

/* ---- rows ----------------------------------------------------------------------------------- */

enum row { LEARN, KNOWN, AGAIN, FOUND, MISSED, FLUSHING, FLUSH, SWEEP, ROWS };

static const struct {
	const char *what, *unit;
} row[ROWS] = {
	[LEARN] = { "a new station is learned", "ns" },
	[KNOWN] = { "a known station is heard", "ns" },
	[AGAIN] = { "a known station is heard in another second", "ns" },
	[FOUND] = { "a station is looked up", "ns" },
	[MISSED] = { "a station that is not known is looked up", "ns" },
	[FLUSHING] = { "a station is looked up while a flush is under way", "ns" },
	[FLUSH] = { "a port of 100 is flushed", "ns" },
	[SWEEP] = { "the work behind it", "ns/station" },
};

/* One station behind the port whose flush is then under way for all. */
static double flush_port(struct table *t, port_id_t port)
{
	struct fdb_match m = { .port = port };
	uint64_t began = clock_ns();

	sink = fdb_flush(t->fdb, &m);
	return (double)(clock_ns() - began);
}

static double sweep(struct table *t)
{
	uint64_t began = clock_ns();

	tidy(t);
	return (double)(clock_ns() - began) / t->n;
}

/* Each port once, so that a round does not rest on one look at the clock. */
static double flush_ports(struct table *t)
{
	double ns = 0;

	for (port_id_t p = 0; p < PORTS; p++)
		ns += flush_port(t, p);
	return ns / PORTS;
}

static void measure(struct table *t, double to[ROWS])
{
	unsigned int times = t->n < LEAST_OPS ? LEAST_OPS / t->n : 1;
	const fdb_key_t *known = t->key, *others = t->key + t->n;
	double learned = 0;

	for (unsigned int i = 0; i < times; i++) {
		empty(t);
		learned += cost(t, known, 1, learn);
	}
	to[LEARN] = learned / times;
	to[KNOWN] = cost(t, known, times, hear);
	t->now_s++;
	to[AGAIN] = cost(t, known, 1, hear);
	to[FOUND] = cost(t, known, times, look_up);
	to[MISSED] = cost(t, others, times, look_up);
	flush_port(t, 0);
	to[FLUSHING] = cost(t, known, times, look_up);
	tidy(t);
	cost(t, known, 1, learn);
	to[FLUSH] = flush_ports(t);
	to[SWEEP] = sweep(t);
}

int main(int argc, char **argv)
{
	static const unsigned int size[] = { 1000, 100000, 1000000 };
	static double got[ROUNDS_MAX][ROWS];
	int rounds = argc > 1 ? atoi(argv[1]) : 5;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	for (size_t s = 0; s < ARRAY_LEN(size); s++) {
		struct table t;

		make(&t, size[s]);
		cost(&t, t.key, 1, learn); /* its pages are there from now on */
		for (int r = 0; r < rounds; r++)
			measure(&t, got[r]);
		drop(&t);
		for (unsigned int k = 0; k < ROWS; k++) {
			printf("%u\t%s\t%s", size[s], row[k].what, row[k].unit);
			for (int r = 0; r < rounds; r++)
				printf("\t%.2f", got[r][k]);
			putchar('\n');
		}
	}
	return 0;
}
