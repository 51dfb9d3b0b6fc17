/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_NEAREST_H
#define API_NEAREST_H

#include "base/compat.h"

/*
 * "did you mean 'access'?": offer it each known word, read .word in the end. NULL: none is near
 * enough to be meant. Any thread; words are borrowed.
 */
struct nearest {
	const char *wanted;
	const char *word;
	unsigned int distance;
};

/* Start with { .wanted = text }. */
void nearest_offer(struct nearest *, const char *word);

#endif /* API_NEAREST_H */
