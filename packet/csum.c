/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/csum.h"

uint64_t csum_add(uint64_t sum, const void *octets, size_t len)
{
	const uint8_t *at = octets;
	uint64_t other = 0; /* two sums, so that one addition need not wait for the other */
	uint64_t w64;
	uint16_t w16;

	for (; len >= sizeof(w64); len -= sizeof(w64), at += sizeof(w64)) {
		memcpy(&w64, at, sizeof(w64));
		sum += w64 & 0xffffffff;
		other += w64 >> 32;
	}
	for (; len >= sizeof(w16); len -= sizeof(w16), at += sizeof(w16)) {
		memcpy(&w16, at, sizeof(w16));
		sum += w16;
	}
	if (len) {
		w16 = 0;
		memcpy(&w16, at, 1);
		sum += w16;
	}
	return sum + other;
}

uint64_t csum_pseudo_6(const uint8_t src[16], const uint8_t dst[16], uint8_t proto, uint32_t len)
{
	uint64_t sum = csum_add(csum_add(0, src, 16), dst, 16);

	return csum_add_32(csum_add_32(sum, be32_of(len)), be32_of(proto));
}
