/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdlib.h>

#include "tests/test.h"

enum { BUCKETS = 4096, KEYS = BUCKETS * 8 };

/*
 * Chi-squared over the buckets has mean 4095 and deviation 90; ten deviations never happen by
 * chance, and a hash that keeps a pattern of its keys is off by thousands.
 */
static void spread(const char *why, uint64_t (*key)(uint64_t i), bool top)
{
	struct hash_key k = { 0x0123456789abcdef, 0xfedcba9876543211, 0x0f1e2d3c4b5a6979 };
	static unsigned int count[BUCKETS];
	double chi = 0;

	memset(count, 0, sizeof(count));
	for (uint64_t i = 0; i < KEYS; i++) {
		uint64_t h = hash_word(&k, key(i));

		count[(top ? h >> 52 : h) % BUCKETS]++;
	}
	for (unsigned int i = 0; i < BUCKETS; i++) {
		double d = (double)count[i] - 8;

		chi += d * d / 8;
	}
	if (chi < 4095 - 900 || chi > 4095 + 900)
		fail_msg("%s, %s bits: %.0f", why, top ? "top" : "low", chi);
}

static uint64_t counting(uint64_t i)
{
	return i;
}

static uint64_t one_vendor(uint64_t i)
{
	return 10ull << 48 | 0x525400000000ull | i;
}

static uint64_t same_mac_in_many_vlans(uint64_t i)
{
	return i << 48 | 0x525400123456ull;
}

static uint64_t strides(uint64_t i)
{
	return i << 12;
}

static uint64_t mirrored(uint64_t i)
{
	return (i << 32 | i) * 0x100000001ull;
}

static void keys_that_networks_have_spread_evenly(void **state)
{
	static const struct {
		const char *why;
		uint64_t (*key)(uint64_t i);
	} row[] = {
		{ "counting up", counting },
		{ "MAC addresses of one vendor", one_vendor },
		{ "one MAC address in many VLANs", same_mac_in_many_vlans },
		{ "strides of a page", strides },
		{ "both halves the same", mirrored },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		spread(row[i].why, row[i].key, false);
		spread(row[i].why, row[i].key, true);
	}
}

static void one_bit_of_the_word_moves_half_of_the_hash(void **state)
{
	struct hash_key k;

	(void)state;
	srandom(0x64);
	for (unsigned int bit = 0; bit < 64; bit++) {
		unsigned int flips = 0;

		for (unsigned int i = 0; i < 2000; i++) {
			uint64_t w = (uint64_t)random() << 33 ^ (uint64_t)random();

			k.a = (uint64_t)random() << 33 ^ (uint64_t)random();
			k.b = ((uint64_t)random() << 33 ^ (uint64_t)random()) | 1;
			k.c = ((uint64_t)random() << 33 ^ (uint64_t)random()) | 1;
			flips += (unsigned int)__builtin_popcountll(hash_word(&k, w) ^
								    hash_word(&k, w ^ 1ull << bit));
		}
		if (flips < 2000 * 28 || flips > 2000 * 36)
			fail_msg("bit %u: %.1f of 64", bit, flips / 2000.0);
	}
}

/* What collides under one key does not under another: collisions cannot be prepared. */
static void collisions_do_not_survive_a_new_key(void **state)
{
	struct hash_key one, two;
	unsigned int pairs = 0, again = 0;
	static uint64_t last[BUCKETS];

	(void)state;
	hash_key_random(&one);
	hash_key_random(&two);
	assert_memory_not_equal(&one, &two, sizeof(one));
	memset(last, 0, sizeof(last));
	for (uint64_t i = 1; i <= 400000; i++) {
		uint64_t *slot = &last[hash_word(&one, i) % BUCKETS];

		if (*slot) {
			pairs++;
			again += hash_word(&two, i) % BUCKETS == hash_word(&two, *slot) % BUCKETS;
		}
		*slot = i;
	}
	/* One in 4096 by chance: about 97, deviation 10. */
	if (again > 197)
		fail_msg("%u of %u pairs collide again", again, pairs);
}

/* Steps from the start of a probe to its end, over 1,024 words at equal distances. */
static unsigned int probes(const struct hash_key *k, uint64_t first, uint64_t step)
{
	bool taken[BUCKETS] = { false };
	unsigned int n = 0;

	for (uint64_t i = 0; i < BUCKETS / 4; i++) {
		uint64_t at = hash_word(k, first + i * step) % BUCKETS;

		for (; taken[at]; at = (at + 1) % BUCKETS)
			n++;
		taken[at] = true;
	}
	return n;
}

/* Whatever the distance, and under each of many keys: 1/6 of a step a word, as by chance. */
static void words_at_equal_distances_do_not_cluster(void **state)
{
	(void)state;
	srandom(0xa9);
	for (unsigned int shift = 0; shift < 54; shift++) {
		for (unsigned int i = 0; i < 100; i++) {
			uint64_t first = (uint64_t)random() << 33 ^ (uint64_t)random();
			uint64_t step = ((uint64_t)random() % 256 | 1) << shift;
			struct hash_key k;
			unsigned int n;

			hash_key_random(&k);
			n = probes(&k, first, step);
			if (n > BUCKETS / 4)
				fail_msg("1 << %u: %u steps, by chance 170", shift, n);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_networks_have_spread_evenly),
		cmocka_unit_test(one_bit_of_the_word_moves_half_of_the_hash),
		cmocka_unit_test(collisions_do_not_survive_a_new_key),
		cmocka_unit_test(words_at_equal_distances_do_not_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
