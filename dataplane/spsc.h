/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_SPSC_H
#define DATAPLANE_SPSC_H

#include "base/compat.h"

/*
 * A ring of records of any length between two threads: one writes, one reads, neither waits.
 * Memory is taken at creation. See spsc.c for why it is right.
 */
struct spsc;

int spsc_create(unsigned int octets, struct spsc **out); /* a power of two */
void spsc_destroy(struct spsc *); /* NULL is fine */

/* The writer: room for LEN octets, or NULL: full. Filled, then committed. */
void *spsc_reserve(struct spsc *, unsigned int len);
void spsc_commit(struct spsc *);

/* The reader: the oldest record, or NULL: empty. It stays until it is popped. */
const void *spsc_peek(struct spsc *, unsigned int *len);
void spsc_pop(struct spsc *);

#endif /* DATAPLANE_SPSC_H */
