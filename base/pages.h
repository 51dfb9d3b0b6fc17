/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include "base/compat.h"

/*
 * Zeroed memory straight from the kernel, for tables: what is never touched costs nothing, and what
 * is given back leaves no hole in the heap. Any thread but a worker.
 */
void *pages_take(size_t n, size_t size); /* N things of SIZE octets; NULL: there is no memory */
void pages_give(void *, size_t n, size_t size); /* NULL is fine */

#endif /* BASE_PAGES_H */
