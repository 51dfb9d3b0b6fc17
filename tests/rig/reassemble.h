/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_REASSEMBLE_H
#define TESTS_RIG_REASSEMBLE_H

#include "packet/pkt.h"

/*
 * Puts the fragments of one IP packet together again (RFC 791 3.2, RFC 8200 4.5), in whatever order
 * they come, and looks at each field of each. It shares no code with packet/. Start from zeros.
 */
struct reassembly {
	uint8_t first[256]; /* headers of the first that came, but for what differs */
	uint8_t head[256]; /* of the fragment at offset 0: all in front of its data */
	uint32_t first_len, head_len;
	uint8_t data[65536];
	uint8_t have[65536 / 8 + 1]; /* eights that have come */
	uint32_t end; /* of the data, once the last has come */
	unsigned int n;
};

/* One more; what is wrong with it, or NULL. FRAME has its Ethernet header and any tags. */
const char *reassembly_add(struct reassembly *, const uint8_t *frame, uint32_t len);

/*
 * The frame as it was, its header sum right, without DF. Returns its length; 0: some are missing.
 */
uint32_t reassembly_whole(const struct reassembly *, uint8_t *out);

#endif /* TESTS_RIG_REASSEMBLE_H */
