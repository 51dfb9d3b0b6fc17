/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be a probe for loops: probe_read(), of the input as a frame, and of a good one with the
 * input written over it somewhere. The fuzzer sees with what a seal is compared, so it can make
 * them: what was read must then be what stands there, sealed as we would have done it.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "vswitch/loops/probe.h"

enum { BODY = ETH_HDR_LEN, BODY_LEN = 24 };

static const struct siphash_key key = { { 0x0123456789abcdefu, 0xfedcba9876543210u } };

static void look_at(const uint8_t *frame, unsigned int len)
{
	uint8_t again[PROBE_ROOM];
	struct probe p;

	if (!probe_read(&key, frame, len, &p))
		return;
	FUZZ_ASSERT(probe_write(&key, &p, 0, 0, again) == PROBE_LEN);
	FUZZ_ASSERT(memmem(frame, len, again + BODY, BODY_LEN));
}

static void overwrite(const uint8_t *data, size_t size)
{
	const struct probe sent = { 7, 10, 1000 };
	uint8_t frame[PROBE_ROOM];
	unsigned int len = probe_write(&key, &sent, 0, 0, frame), at = data[0] % len;

	size = MIN(size - 1, len - at);
	memcpy(frame + at, data + 1, size);
	look_at(frame, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame = malloc(size ? size : 1); /* its end has a fence */

	memcpy(frame, data, size);
	if (size >= ETH_HDR_LEN) {
		look_at(frame, (unsigned int)size);
		probe_came_in(frame, 4095);
		FUZZ_ASSERT(probe_take_vid(frame) == 4095);
		look_at(frame, (unsigned int)size); /* whatever its destination was */
		overwrite(data, size);
	}
	free(frame);
	return 0;
}
