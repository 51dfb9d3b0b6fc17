/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/ring_copy.h"

#include <stdlib.h>

#include "base/fence.h"
#include "packet/wire.h"

#define BURST 32u
#define HDR   12u
#define MACS  (2 * sizeof(struct eth_addr))

struct side {
	struct ring *ring;
	const struct vring_avail *avail;
	const struct vring_desc *desc;
	struct vring_used *used;
	uint8_t *guest; /* where address 0 would be */
	uint16_t head[BURST];
};

static struct side side_of(struct ring *r)
{
	const struct gmem_region *g = &r->cfg.mem->region[0];

	return (struct side){
		r, r->cfg.driver, r->cfg.desc, r->cfg.device, g->host - g->gpa, { 0 }
	};
}

static unsigned int there(const struct side *s)
{
	struct ring *r = s->ring;

	if ((uint16_t)(r->avail_seen - r->avail_next) < BURST)
		r->avail_seen = __atomic_load_n(&s->avail->idx, __ATOMIC_ACQUIRE);
	return (uint16_t)(r->avail_seen - r->avail_next);
}

static void fetch(struct side *s, unsigned int n)
{
	const struct ring *r = s->ring;

	for (unsigned int i = 0; i < n; i++) {
		s->head[i] = s->avail->ring[(r->avail_next + i) & r->mask];
		__builtin_prefetch(&s->desc[s->head[i]]);
	}
}

static uint8_t *at(const struct side *s, unsigned int i)
{
	return s->guest + s->desc[s->head[i]].addr;
}

static void use(const struct side *s, unsigned int i, uint32_t len)
{
	s->used->ring[(s->ring->used_next + i) & s->ring->mask] =
		(struct vring_used_elem){ s->head[i], len };
}

static void give_back(const struct side *s, unsigned int n)
{
	s->ring->avail_next = (uint16_t)(s->ring->avail_next + n);
	s->ring->used_next = (uint16_t)(s->ring->used_next + n);
	__atomic_store_n(&s->used->idx, s->ring->used_next, __ATOMIC_RELEASE);
}

/* Returns how long it is then. */
static uint32_t copy(const uint8_t *from, uint8_t *to, uint32_t len, uint16_t vid)
{
	static const uint8_t plain[HDR] = { [10] = 1 };
	const uint8_t tag[VLAN_TAG_LEN] = { 0x81, 0, (uint8_t)(vid >> 8), (uint8_t)vid };
	const uint8_t *end = from + len;
	uint8_t *begin = to;

	memcpy(to, plain, HDR);
	memcpy(to + HDR, from + HDR, MACS);
	from += HDR + MACS;
	to += HDR + MACS;
	if (vid) {
		memcpy(to, tag, VLAN_TAG_LEN);
		to += VLAN_TAG_LEN;
	} else {
		from += VLAN_TAG_LEN;
	}
	memcpy(to, from, (size_t)(end - from));
	return (uint32_t)(to + (end - from) - begin);
}

static bool wants_signal(const struct side *s)
{
	return !(__atomic_load_n(&s->avail->flags, __ATOMIC_RELAXED) & VRING_AVAIL_F_NO_INTERRUPT);
}

unsigned int ring_copy(struct ring *from, struct ring *to, uint16_t vid)
{
	struct side in = side_of(from), out = side_of(to);
	unsigned int n = MIN(there(&in), BURST);

	if (!n)
		return 0;
	if (there(&out) < n)
		abort();
	fetch(&in, n);
	fetch(&out, n);
	for (unsigned int i = 0; i < n; i++) {
		const uint8_t *src = at(&in, i), *dst = at(&out, i);

		__builtin_prefetch(src);
		__builtin_prefetch(src + CACHE_LINE);
		__asm__ volatile("prefetchw %0; prefetchw %1" : : "m"(*dst), "m"(dst[CACHE_LINE]));
	}
	for (unsigned int i = 0; i < n; i++) {
		use(&out, i, copy(at(&in, i), at(&out, i), in.desc[in.head[i]].len, vid));
		use(&in, i, 0);
	}
	give_back(&out, n);
	give_back(&in, n);
	fence_full();
	if (wants_signal(&in) || wants_signal(&out))
		abort();
	return n;
}
