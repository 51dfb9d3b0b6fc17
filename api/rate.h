/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_RATE_H
#define API_RATE_H

#include "base/fault.h"

/*
 * A rate as text: "10Mbit", "1.5Gbit", "64kbit" a second, or "1000fps". Any thread; pure.
 */
struct rate {
	uint64_t per_s; /* bits, or frames */
	bool frames;
};

#define RATE_TEXT     32
#define RATE_BITS_MIN 1000u /* 1kbit */
#define RATE_BITS_MAX 1000000000000u /* 1000Gbit */
#define RATE_FPS_MAX  1000000000u

/* False: it is none, or out of range. */
bool rate_parse(const char *text, struct rate *out);
void rate_print(const struct rate *, char out[RATE_TEXT]);

/* Its one canonical form. Returns 0 or what fault() returns; FIELD is the place for it. */
int rate_canonical(const char *text, char out[RATE_TEXT], const char *field, struct faults *);

#endif /* API_RATE_H */
