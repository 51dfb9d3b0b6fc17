/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a frame, as long as the input: frame_layout(). */
#include <string.h>

#include "packet/parse.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_layout l, again;

	if (frame_layout(data, size, &l) < 0)
		return 0;
	FUZZ_ASSERT(l.l3 >= ETH_HDR_LEN && l.l3 <= size && l.l4 <= size);
	FUZZ_ASSERT(!l.l4 || l.l4 >= l.l3 + IPV4_HDR_LEN);
	/* Nothing behind l4 counts: without it the answer is the same. */
	if (l.l4) {
		FUZZ_ASSERT(!frame_layout(data, l.l4, &again));
		FUZZ_ASSERT(l.l3 == again.l3 && l.l4 == again.l4 && l.proto == again.proto &&
			    l.fragment == again.fragment && l.type == again.type);
	}
	return 0;
}
