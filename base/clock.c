/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <pthread.h>

#define MEASURE_NS 500000u
#define APART      20000u /* ticks; a pair that was read further apart was interrupted */

struct pair {
	uint64_t tsc, ns;
};

static uint32_t mhz;

static struct pair both(void)
{
	struct pair p;
	uint64_t after;

	for (unsigned int tries = 0; tries < 100; tries++) {
		p.tsc = clock_tsc();
		p.ns = clock_ns();
		after = clock_tsc();
		if (after - p.tsc < APART)
			break;
	}
	return p;
}

static void measure(void)
{
	struct pair begin = both(), end;

	do
		end = both();
	while (end.ns - begin.ns < MEASURE_NS);
	mhz = (uint32_t)((end.tsc - begin.tsc) * 1000 / (end.ns - begin.ns));
	mhz += !mhz; /* somebody divides by it */
}

uint32_t clock_tsc_mhz(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, measure);
	return mhz;
}
