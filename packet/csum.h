/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_CSUM_H
#define PACKET_CSUM_H

#include "packet/wire.h"

/*
 * The Internet checksum (RFC 1071). A sum is 64 bits wide, folded once at the end, and counts
 * octets as they lie in memory: 1071's section 2(B) says why no byte order is needed, so a be16_t
 * is added raw and comes out raw. Room for 4 GiB of octets in one sum. Any thread; pure.
 */

/*
 * Adds LEN octets. An odd octet counts as if a zero followed, so only the last piece of what is
 * summed may be odd.
 */
uint64_t csum_add(uint64_t sum, const void *octets, size_t len);

static inline uint64_t csum_add_16(uint64_t sum, be16_t v)
{
	return sum + v.raw;
}

static inline uint64_t csum_add_32(uint64_t sum, be32_t v)
{
	return sum + v.raw;
}

/* Not complemented: what a sender leaves in the field of a checksum that is still partial. */
static inline be16_t csum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (be16_t){ (uint16_t)sum };
}

/* As it stands in a header. Over a header that has its checksum in it: 0, if it is right. */
static inline be16_t csum_finish(uint64_t sum)
{
	return (be16_t){ (uint16_t)~csum_fold(sum).raw };
}

/* The same for UDP, where 0 says that there is none (RFC 768). No other protocol minds. */
static inline be16_t csum_finish_nonzero(uint64_t sum)
{
	be16_t c = csum_finish(sum);

	return c.raw ? c : (be16_t){ 0xffff };
}

/*
 * A header field that a checksum covers goes from FROM to TO (RFC 1624, eqn. 3, which unlike that
 * of RFC 1141 never turns a good 0xffff into a bad 0). For UDP the caller leaves a 0 alone and
 * turns a new 0 into 0xffff. A field at an odd offset is not for these.
 */
static inline be16_t csum_update_16(be16_t csum, be16_t from, be16_t to)
{
	return csum_finish((uint64_t)(uint16_t)~csum.raw + (uint16_t)~from.raw + to.raw);
}

static inline be16_t csum_update_32(be16_t csum, be32_t from, be32_t to)
{
	return csum_finish((uint64_t)(uint16_t)~csum.raw + (uint32_t)~from.raw + to.raw);
}

/* The pseudo-headers of RFC 793 and RFC 8200 8.1. LEN is the transport header with its payload. */
static inline uint64_t csum_pseudo_4(be32_t src, be32_t dst, uint8_t proto, uint16_t len)
{
	return csum_add_16(csum_add_16((uint64_t)src.raw + dst.raw, be16_of(proto)), be16_of(len));
}

uint64_t csum_pseudo_6(const uint8_t src[16], const uint8_t dst[16], uint8_t proto, uint32_t len);

#endif /* PACKET_CSUM_H */
