/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

void *pages_take(size_t n, size_t size)
{
	void *p;
	size_t octets;

	if (__builtin_mul_overflow(n, size, &octets))
		return NULL;
	if (WEFT_ASAN) { /* bounds are watched, and what it refers to is not taken for a leak */
		p = aligned_alloc(CACHE_LINE, (octets + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
		return p ? memset(p, 0, octets) : NULL;
	}
	p = mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void pages_give(void *p, size_t n, size_t size)
{
	if (WEFT_ASAN)
		free(p);
	else if (p)
		munmap(p, n * size);
}
