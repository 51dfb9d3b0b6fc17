/* SPDX-License-Identifier: Apache-2.0 */
#include "base/siphash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct state {
	uint64_t a, b, c, d;
};

static uint64_t turned(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

static void mix(struct state *s, unsigned int rounds)
{
	while (rounds--) {
		s->a += s->b;
		s->c += s->d;
		s->b = turned(s->b, 13) ^ s->a;
		s->d = turned(s->d, 16) ^ s->c;
		s->a = turned(s->a, 32) + s->d;
		s->c += s->b;
		s->d = turned(s->d, 21) ^ s->a;
		s->b = turned(s->b, 17) ^ s->c;
		s->c = turned(s->c, 32);
	}
}

static void take(struct state *s, uint64_t word)
{
	s->d ^= word;
	mix(s, 2);
	s->a ^= word;
}

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len)
{
	struct state s = { key->k[0] ^ 0x736f6d6570736575u, key->k[1] ^ 0x646f72616e646f6du,
			   key->k[0] ^ 0x6c7967656e657261u, key->k[1] ^ 0x7465646279746573u };
	const uint8_t *p = data;
	uint64_t last = (uint64_t)len << 56, word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		take(&s, word);
	}
	for (size_t i = 0; i < len; i++)
		last |= (uint64_t)p[i] << 8 * i;
	take(&s, last);
	s.c ^= 0xff;
	mix(&s, 4);
	return s.a ^ s.b ^ s.c ^ s.d;
}

void siphash_key_random(struct siphash_key *out)
{
	if (getrandom(out, sizeof(*out), 0) != sizeof(*out)) /* never short: see hash.c */
		abort();
}
