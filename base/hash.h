/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/compat.h"

/*
 * A keyed hash of one word, for tables whose keys a guest chooses. Two multiply-folds with a
 * secret of 128 bits drawn at start: no CRC, which is linear, so that collisions can be made at
 * will whatever its seed.
 *
 * Threads: any.
 */
struct hash_key {
	uint64_t a, b;
};

static inline uint64_t hash_fold(uint64_t x, uint64_t y)
{
	unsigned __int128 m = (unsigned __int128)x * y;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t hash_word(const struct hash_key *k, uint64_t w)
{
	/* Odd factor: a zero would fold everything to zero. */
	return hash_fold(hash_fold(w ^ k->a, k->b | 1) ^ k->b, 0x9e3779b97f4a7c15ull ^ k->a);
}

void hash_key_random(struct hash_key *out);

#endif /* BASE_HASH_H */
