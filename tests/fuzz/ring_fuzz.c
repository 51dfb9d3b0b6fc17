/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtqueue whose driver does what it likes: good chains, and any octet of the guest's memory
 * (the ring's own, tables, the inflight region) changed between any two steps. Whatever is taken
 * lies in what the guest shared, whatever is returned stays there, and every step ends.
 *
 * Input: one octet of kinds, one of the size, then steps: an octet that says which and two more of
 * arguments; a step that writes takes as many octets more.
 */
#include <string.h>
#include <sys/mman.h>

#include "tests/fuzz/fuzz.h"
#include "tests/rig/ring_rig.h"

#define MEMORY (256u << 10) /* two regions, long enough for the quick way */
#define POOL   96u
#define CHAINS 80u
#define STEPS  400u

enum { ADD, WRITE, WRITE_NEAR, TAKE, UNTAKE, USE, ARM, AGAIN, LOG, KINDS };

struct input {
	const uint8_t *at;
	size_t left;
};

static struct ring_memory *m;
static struct ring_pair pair;
static struct ring ring;
static struct iovec pool[POOL];
static struct ring_chain chain[CHAINS];
static unsigned int taken;
static uint8_t log_map[64], inflight[32 * 1100];
static struct dirty_log dirty = { log_map, sizeof(log_map) };

static unsigned int next(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* All of it in one region, and no octet outside of the memory. */
static void is_inside(const struct iovec *v)
{
	bool inside = false;

	for (unsigned int i = 0; i < m->mem->n; i++) {
		const struct gmem_region *r = &m->mem->region[i];
		uint64_t off = (uint64_t)((uint8_t *)v->iov_base - r->host);

		inside |= off < r->size && v->iov_len <= r->size - off;
	}
	FUZZ_ASSERT(inside && v->iov_len);
}

static void check(const struct ring_chain *c, enum ring_dir dir)
{
	const struct iovec *iov = ring_chain_iov(c);
	uint64_t len = 0;

	FUZZ_ASSERT(c->n_iov <= POOL && c->n_read <= c->n_iov);
	FUZZ_ASSERT(dir != RING_READ || c->n_read == c->n_iov);
	FUZZ_ASSERT(dir != RING_WRITE || !c->n_read);
	FUZZ_ASSERT(c->n_iov < 2 || (iov >= pool && iov + c->n_iov <= pool + POOL));
	for (unsigned int i = 0; i < c->n_iov; i++) {
		is_inside(&iov[i]);
		len += iov[i].iov_len;
		if (i >= c->n_read) /* it may be the ring itself */
			*(uint8_t *)iov[i].iov_base ^= 1;
	}
	FUZZ_ASSERT(len == c->len);
}

static void add(struct input *in, enum ring_dir dir)
{
	unsigned int how = next(in), n = 1 + how % 5;
	uint64_t table = RING_RIG_GPA + MEMORY / 2 + 80 * (how >> 5);
	struct vring_piece p[5];

	for (unsigned int i = 0; i < n; i++) {
		unsigned int at = next(in);

		p[i] = (struct vring_piece){ RING_RIG_GPA + MEMORY / 256 * at, 1 + at * how % 999,
					     dir == RING_WRITE || (dir == RING_BOTH && i > 1) };
	}
	vring_driver_add(&pair.driver, p, n, how & 16 ? ring_memory_at(m, table) : NULL, table,
			 NULL);
}

static void write_at(struct input *in, uint32_t at)
{
	unsigned int n = next(in) % 17;

	for (unsigned int i = 0; i < n; i++)
		m->guest[(at + i) % MEMORY] = (uint8_t)next(in);
}

static void take(unsigned int max, enum ring_dir dir)
{
	if (taken)
		return;
	taken = ring_take(&ring, dir, chain, MIN(max, CHAINS), pool, POOL);
	FUZZ_ASSERT(taken <= MIN(max, CHAINS));
	for (unsigned int i = 0; i < taken; i++)
		check(&chain[i], dir);
}

static void use(unsigned int n, uint32_t written)
{
	n = MIN(n, taken);
	for (unsigned int i = 0; i < n; i++)
		ring_use(&ring, &chain[i], MIN(written, chain[i].len));
	ring_return(&ring);
	taken -= n;
	memmove(chain, chain + n, taken * sizeof(*chain));
}

/* As after a crash, or a restart of the frontend. */
static void again(unsigned int how)
{
	uint32_t base = ring_base(&ring);

	pair.config.base = (uint16_t)(how & 1 ? base : how * 263);
	pair.config.used_base = (uint16_t)(how & 1 ? base >> 16 : how * 517);
	pair.config.inflight = how & 2 ? inflight : NULL;
	if (how & 4)
		for (unsigned int i = 0; i < sizeof(inflight); i += 1 + how % 7)
			inflight[i] ^= (uint8_t)(how + i);
	ring_teardown(&ring);
	taken = 0;
	if (ring_setup(&ring, &pair.config) < 0)
		ring_teardown(&ring);
}

static void one_step(struct input *in, enum ring_dir dir)
{
	unsigned int what = next(in), a = next(in), b = next(in);

	switch (what % KINDS) {
	case ADD:
		add(in, dir);
		break;
	case WRITE:
		write_at(in, (a << 8 | b) * 2);
		break;
	case WRITE_NEAR: /* around the ring's own */
		write_at(in, a << 3 | (b & 7));
		break;
	case TAKE:
		take(a, dir);
		break;
	case UNTAKE:
		if (dir == RING_WRITE && taken) {
			unsigned int n = MIN(a, taken);

			ring_untake(&ring, chain + taken - n, n);
			taken -= n;
		}
		break;
	case USE:
		use(a, b * 257);
		break;
	case ARM:
		ring_arm(&ring, a & 1);
		break;
	case AGAIN:
		again(a);
		break;
	case LOG:
		ring.cfg.log = a & 1 ? &dirty : NULL;
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned int kind = next(&in), n = next(&in);
	enum ring_dir dir = kind >> 2 & 3;
	bool packed = kind & 1;

	if (!m)
		m = ring_memory_create(MEMORY);
	memset(m->guest, 0, MEMORY);
	memset(inflight, 0, sizeof(inflight));
	m->taken = 0;
	n = packed ? 1 + n : 1u << n % 9;
	ring_pair_init(&pair, m, (uint16_t)n, packed, kind & 2);
	pair.config.budget = kind & 16 ? 700 : 0;
	pair.config.indirect = !(kind & 32);
	pair.config.inflight = kind & 64 ? inflight : NULL;
	FUZZ_ASSERT(ring_inflight_len(&pair.config) <= sizeof(inflight));
	FUZZ_ASSERT(!ring_setup(&ring, &pair.config));
	taken = 0;
	dir = dir > RING_BOTH ? RING_READ : dir;
	for (unsigned int i = 0; i < STEPS && in.left; i++)
		one_step(&in, dir);
	ring_teardown(&ring);
	return 0;
}
