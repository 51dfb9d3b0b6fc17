/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_GUEST_PRIV_H
#define TESTS_RIG_GUEST_PRIV_H

#include "tests/rig/guest.h"

/* Ends the test program with WHAT. */
void guest_must(bool good, const char *what);

int guest_tell_u64(struct guest *, uint32_t request, uint64_t v, int fd); /* FD -1: none */
int guest_ask_u64(struct guest *, uint32_t request, uint64_t *out);

void guest_map(struct guest_region *, uint64_t gpa, uint64_t size, uint64_t offset);
void guest_map_fd(struct guest_region *, int fd, uint64_t size,
		  uint64_t offset); /* FD is its own */
void guest_unmap(struct guest_region *); /* fd -1: nothing */
void guest_ring_init(struct guest *, unsigned int q);

#endif /* TESTS_RIG_GUEST_PRIV_H */
