/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of event streams: where the pieces are cut makes no difference to what comes out. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "ctl/sse.h"

struct sum {
	uint64_t hash;
	unsigned int events;
};

static void add(void *arg, const char *data)
{
	struct sum *s = arg;

	for (; *data; data++)
		s->hash = (s->hash ^ (unsigned char)*data) * 0x100000001b3ull;
	s->hash = s->hash * 31 + 1;
	s->events++;
}

static struct sum read_in_steps(const char *text, size_t len, size_t step)
{
	struct sse s = { 0 };
	struct sum sum = { 0 };

	for (size_t at = 0; at < len; at += step) {
		if (sse_feed(&s, text + at, MIN(step, len - at), add, &sum))
			break;
	}
	sse_free(&s);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum whole = read_in_steps((const char *)data, size, size + 1);

	for (size_t step = 1; step < 8; step++) {
		struct sum cut = read_in_steps((const char *)data, size, step);

		FUZZ_ASSERT(cut.hash == whole.hash && cut.events == whole.events);
	}
	return 0;
}
