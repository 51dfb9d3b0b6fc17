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
	struct hash_key k = { 0x0123456789abcdef, 0xfedcba9876543210 };
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
			k.b = (uint64_t)random() << 33 ^ (uint64_t)random();
			flips += __builtin_popcountll(hash_word(&k, w) ^
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

static void a_key_of_zero_still_hashes(void **state)
{
	struct hash_key zero = { 0 };

	(void)state;
	assert_int_not_equal(hash_word(&zero, 1), hash_word(&zero, 2));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_networks_have_spread_evenly),
		cmocka_unit_test(one_bit_of_the_word_moves_half_of_the_hash),
		cmocka_unit_test(collisions_do_not_survive_a_new_key),
		cmocka_unit_test(a_key_of_zero_still_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
