/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/limits/meter.h"

struct meter meter_of(uint64_t per_s, bool frames)
{
	uint64_t second = 1000000000ull * (frames ? 1 : 8); /* in ns, and octets have 8 bits */
	uint64_t burst = per_s * METER_BURST_MS / 1000 / (frames ? 1 : 8);
	struct meter m = { .frames = frames };
	unsigned __int128 mult;

	assert(per_s && per_s <= UINT64_MAX / METER_BURST_MS);
	do
		mult = ((unsigned __int128)per_s << ++m.shift) / second;
	while (!(mult >> 63));
	m.mult = (uint64_t)mult;
	m.burst = MAX(burst, (uint64_t)(frames ? METER_BURST_FRAMES : METER_BURST_OCTETS));
	return m;
}

bool meter_same(const struct meter *a, const struct meter *b)
{
	return a->mult == b->mult && a->shift == b->shift && a->frames == b->frames;
}

void meter_begin(struct meter *m, uint64_t *spent, const struct meter *was, uint64_t now_ns)
{
	uint64_t has = m->burst;

	assert(!was || was->spent != spent);
	if (was && was->spent && was->frames == m->frames) {
		int64_t had = (int64_t)(meter_earned(was, now_ns) -
					__atomic_load_n(was->spent, __ATOMIC_RELAXED));

		had = MIN(had, (int64_t)was->burst); /* a word that nobody took from lately */
		has = had > 0 ? MIN(has, (uint64_t)had) : 0; /* a debt is forgiven */
	}
	__atomic_store_n(spent, meter_earned(m, now_ns) - has, __ATOMIC_RELAXED);
	m->spent = spent;
}
