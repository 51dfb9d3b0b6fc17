/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/compat.h"

/*
 * A keyed hash of one word, for tables whose keys a guest chooses: two multiply-folds with secrets
 * drawn at start. No CRC, which is linear, so that collisions can be made at will whatever its
 * seed; no single fold, under which words at equal distances mostly lie at equal distances, so that
 * some secrets put them all next to one another.
 *
 * Threads: any.
 */
struct hash_key {
	uint64_t a, b, c; /* b and c are odd */
};

static inline uint64_t hash_fold(uint64_t x, uint64_t y)
{
#ifdef __x86_64__
	uint64_t high;

	/* GCC 12 puts the halves of a 128-bit product into memory on the way. */
	__asm__("mulq %2" : "+a"(x), "=d"(high) : "rm"(y) : "cc");
	return x ^ high;
#else
	unsigned __int128 m = (unsigned __int128)x * y;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
#endif
}

static inline uint64_t hash_word(const struct hash_key *k, uint64_t w)
{
	return hash_fold(hash_fold(w ^ k->a, k->b), k->c);
}

void hash_key_random(struct hash_key *out);

#endif /* BASE_HASH_H */
