/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/compat.h"

/*
 * SipHash-2-4 (Aumasson, Bernstein): 64 bits over some octets that nobody can work out without the
 * key, whatever he has seen of others. For what we send and want to know again; base/hash.h, which
 * is quicker, is for tables only.
 *
 * Threads: any.
 */
struct siphash_key {
	uint64_t k[2];
};

uint64_t siphash(const struct siphash_key *, const void *data, size_t len);
void siphash_key_random(struct siphash_key *out);

#endif /* BASE_SIPHASH_H */
