/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be a probe for loops: probe_read(). The input is a frame as it comes in; then the same
 * octets are written into a good one, from its type on, and what is read of that must be as it was
 * sealed, or nothing.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vswitch/probe.h"

enum { SEALED_AT = 18, SEALED_END = 30 }; /* port, VID, number of an untagged one */

static const struct siphash_key key = { { 0x0123456789abcdefu, 0xfedcba9876543210u } };

static void overwrite(const uint8_t *data, size_t size)
{
	const struct probe sent = { 7, 10, 1000 };
	uint8_t frame[PROBE_ROOM], good[PROBE_ROOM];
	unsigned int len = probe_write(&key, &sent, 0, 0, good), at;
	struct probe p;

	memcpy(frame, good, sizeof(frame));
	if (size < 2)
		return;
	at = 12 + data[0] % (len - 12);
	size = MIN(size - 1, len - at);
	memcpy(frame + at, data + 1, size);
	if (!probe_read(&key, frame, len, &p))
		return;
	FUZZ_ASSERT(p.port == sent.port && p.vid == sent.vid && p.number == sent.number);
	FUZZ_ASSERT(!memcmp(frame + SEALED_AT, good + SEALED_AT, SEALED_END - SEALED_AT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct probe p;
	uint8_t *frame = malloc(size + 1);

	memcpy(frame, data, size);
	if (size >= ETH_HDR_LEN) {
		bool ours = probe_read(&key, frame, (unsigned int)size, &p);
		uint8_t again[PROBE_ROOM];

		if (ours) /* a seed, or one that its tags moved */
			FUZZ_ASSERT(probe_write(&key, &p, 0, 0, again) == PROBE_LEN);
		probe_came_in(frame, 4095);
		FUZZ_ASSERT(probe_take_vid(frame) == 4095);
		FUZZ_ASSERT(!ours || probe_read(&key, frame, (unsigned int)size, &p));
	}
	free(frame);
	overwrite(data, size);
	return 0;
}
