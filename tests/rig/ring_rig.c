/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/ring_rig.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define GAP 0x10000000ull /* between the regions in the frontend's process */

static void must(bool good)
{
	if (!good)
		abort();
}

static void add_region(struct ring_memory *m, uint64_t off, uint64_t size, uint64_t gap)
{
	struct gmem_plan plan = { .gpa = RING_RIG_GPA + off,
				  .uva = RING_RIG_UVA + off + gap,
				  .size = size,
				  .offset = off };
	struct gmem *more;

	must(!gmem_add(m->mem, &plan, m->fd, &more));
	gmem_free(m->mem);
	m->mem = more;
}

struct ring_memory *ring_memory_of(int fd, uint64_t size)
{
	struct ring_memory *m = calloc(1, sizeof(*m));

	must(m);
	m->fd = fd;
	m->size = size;
	m->guest = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(m->guest != MAP_FAILED);
	add_region(m, 0, size / 2, 0);
	add_region(m, size / 2, size / 2, GAP);
	return m;
}

struct ring_memory *ring_memory_create(uint64_t size)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	must(fd >= 0 && !ftruncate(fd, (off_t)size));
	return ring_memory_of(fd, size);
}

void ring_memory_destroy(struct ring_memory *m)
{
	gmem_free(m->mem);
	munmap(m->guest, m->size);
	close(m->fd);
	free(m);
}

uint64_t ring_memory_take(struct ring_memory *m, uint64_t len, uint64_t align)
{
	uint64_t at = (m->taken + align - 1) & ~(align - 1);

	must(at + len <= m->size);
	m->taken = at + len;
	return RING_RIG_GPA + at;
}

/* All of it in one region. */
static void *device_at(const struct ring_memory *m, uint64_t gpa, uint64_t len)
{
	unsigned int hint = 0;
	uint32_t n = (uint32_t)len;
	void *at = gmem_at(m->mem, gpa, &n, &hint);

	must(at && n == len);
	return at;
}

void ring_pair_init(struct ring_pair *p, struct ring_memory *m, uint16_t size, bool packed,
		    bool event_idx)
{
	size_t desc = vring_desc_len(size), driver = vring_driver_len(size, packed);
	size_t device = vring_device_len(size, packed);

	p->desc = ring_memory_take(m, desc, CACHE_LINE);
	p->avail = ring_memory_take(m, driver, CACHE_LINE);
	p->used = ring_memory_take(m, device, CACHE_LINE);
	vring_driver_init(&p->driver, size, packed, event_idx, ring_memory_at(m, p->desc),
			  ring_memory_at(m, p->avail), ring_memory_at(m, p->used));
	p->config = (struct ring_config){
		.size = size,
		.packed = packed,
		.event_idx = event_idx,
		.indirect = true,
		.desc = device_at(m, p->desc, desc),
		.driver = device_at(m, p->avail, driver),
		.device = device_at(m, p->used, device),
		.base = packed ? 0x8000 : 0,
		.used_base = packed ? 0x8000 : 0,
		.mem = m->mem,
		.call_fd = -1,
		.log_gpa = p->used,
	};
}
