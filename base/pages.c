/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pages.h"

#include <sys/mman.h>

void *pages_take(size_t n, size_t size)
{
	void *p;
	size_t octets;

	if (__builtin_mul_overflow(n, size, &octets))
		return NULL;
	p = mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void pages_give(void *p, size_t n, size_t size)
{
	if (p)
		munmap(p, n * size);
}
