/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What libFuzzer calls with each input. Returns 0; what must hold is asserted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A macro, so that it names its line; not assert(), so that no build can leave it out. */
#define FUZZ_ASSERT(x)                                                                        \
	do {                                                                                  \
		if (!(x)) {                                                                   \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #x); \
			abort();                                                              \
		}                                                                             \
	} while (0)

#endif /* TESTS_FUZZ_FUZZ_H */
