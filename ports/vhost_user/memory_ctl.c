/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that the frontend shares: the guest's memory, the log of written pages, the inflight area.
 * All are mapped through gmem, whose guard stands between us and a file that is truncated. The
 * rings are halted while one of them is replaced.
 */
#include "ports/vhost_user/session_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define BIT(n) (1ull << (n))

static int cannot_map(struct vu_session *s, int err)
{
	switch (err) {
	case -EINVAL:
		return vu_because(s, "a memory region overlaps another, is empty, is not within "
				     "its file, or its file is none that can be mapped");
	case -EPERM:
		return vu_because(s, "a memory region's file is served by another program");
	case -ENOSPC:
		return vu_because(s, "the memory regions are too many or too large");
	default:
		return vu_because(s, "a memory region cannot be mapped: %s", strerror(-err));
	}
}

/* One region more in *MEM, which is replaced; FD is closed. */
static int add_region(struct vu_session *s, struct gmem **mem, const struct vhost_user_region *r,
		      int fd)
{
	const struct gmem_plan plan = {
		.gpa = r->gpa, .uva = r->uva, .size = r->size, .offset = r->offset
	};
	struct gmem *more;
	int err = gmem_add(*mem, &plan, fd, &more);

	fd_close(&fd);
	if (err)
		return cannot_map(s, err);
	gmem_free(*mem);
	*mem = more;
	return 0;
}

int vu_memory_table(struct vu_session *s)
{
	struct vhost_user_reader *r = &s->peer.reader;
	struct gmem *mem = NULL;
	int err = 0;

	for (uint32_t i = 0; i < r->msg.memory.n && !err; i++) {
		const struct vhost_user_region region = r->msg.memory.region[i];

		err = add_region(s, &mem, &region, vhost_user_take_fd(r));
	}
	if (err) {
		gmem_free(mem);
		return err;
	}
	vu_rings_halt(s, VU_ALL_QUEUES);
	gmem_free(s->peer.mem);
	s->peer.mem = mem;
	return 0;
}

/* QEMU before 8.0 tells of a slot that is filled or emptied once for each pair of queues. */
static int add_slot(struct vu_session *s, const struct vhost_user_region *r, int fd)
{
	const struct gmem_plan plan = {
		.gpa = r->gpa, .uva = r->uva, .size = r->size, .offset = r->offset
	};

	if (s->peer.mem && gmem_again(s->peer.mem, &plan, fd)) {
		fd_close(&fd);
		return 0;
	}
	vu_rings_halt(s, VU_ALL_QUEUES);
	return add_region(s, &s->peer.mem, r, fd);
}

int vu_memory_slot(struct vu_session *s, bool add)
{
	struct vhost_user_reader *r = &s->peer.reader;
	const struct vhost_user_region region = r->msg.slot.region;
	const struct gmem_plan plan = { .gpa = region.gpa, .uva = region.uva, .size = region.size };
	struct gmem *less;
	int err;

	if (add)
		return add_slot(s, &region, vhost_user_take_fd(r));
	vu_rings_halt(s, VU_ALL_QUEUES);
	err = s->peer.mem ? gmem_remove(s->peer.mem, &plan, &less) : -ENOENT;
	if (err)
		return vu_because(s, "a memory region to be removed is not there");
	gmem_free(s->peer.mem);
	s->peer.mem = less;
	return 0;
}

int vu_log_base(struct vu_session *s)
{
	const struct vhost_user_region region = { .size = s->peer.reader.msg.log.size,
						  .offset = s->peer.reader.msg.log.offset };
	struct gmem *map = NULL;
	int err = add_region(s, &map, &region, vhost_user_take_fd(&s->peer.reader));

	if (err)
		return err;
	assert(map);
	vu_rings_halt(s, VU_ALL_QUEUES);
	gmem_free(s->peer.log_map);
	s->peer.log_map = map;
	s->peer.log = (struct dirty_log){ .map = map->region[0].host, .size = region.size };
	return 0;
}

/* ---- inflight ------------------------------------------------------------------------------- */

static uint64_t stride(uint16_t size, bool packed)
{
	const struct ring_config c = { .size = size, .packed = packed };

	return (ring_inflight_len(&c) + 63) & ~63ull;
}

/* A file that nobody can make shorter, for the frontend to keep. */
static int make_file(uint64_t size, int *out)
{
	int fd = memfd_create("weft-inflight", MFD_CLOEXEC | MFD_ALLOW_SEALING), err;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

static int check_inflight(struct vu_session *s, const struct vhost_user_inflight *f)
{
	if (!f->queues || f->queues > VU_QUEUES || !f->queue_size || f->queue_size > RING_SIZE_MAX)
		return vu_because(s, "an inflight area of %u queues of %u makes no sense",
				  f->queues, f->queue_size);
	return 0;
}

static int map_inflight(struct vu_session *s, const struct vhost_user_inflight *f, int fd)
{
	const struct vhost_user_region region = { .size = f->size, .offset = f->offset };
	struct gmem *map = NULL;
	int err = add_region(s, &map, &region, fd);

	if (err)
		return err;
	vu_rings_halt(s, VU_ALL_QUEUES);
	gmem_free(s->peer.inflight_map);
	s->peer.inflight_map = map;
	s->peer.inflight_queues = f->queues;
	s->peer.inflight_size = f->queue_size;
	return 0;
}

int vu_inflight_make(struct vu_session *s, struct vhost_user_inflight *f, int *fd)
{
	int err = check_inflight(s, f);

	if (err)
		return err;
	f->size = f->queues * MAX(stride(f->queue_size, false), stride(f->queue_size, true));
	f->offset = 0;
	err = make_file(f->size, fd);
	return err ? vu_because(s, "there is no memory for an inflight area") : 0;
}

int vu_inflight_set(struct vu_session *s)
{
	const struct vhost_user_inflight f = s->peer.reader.msg.inflight;
	int err = check_inflight(s, &f);

	if (!err &&
	    f.size < f.queues * stride(f.queue_size, s->peer.features & BIT(VIRTIO_F_RING_PACKED)))
		err = vu_because(s, "the inflight area is too small for its queues");
	return err ?: map_inflight(s, &f, vhost_user_take_fd(&s->peer.reader));
}

void *vu_inflight_of(const struct vu_session *s, unsigned int queue)
{
	const struct vu_peer *p = &s->peer;
	uint64_t step = stride(p->inflight_size, p->features & BIT(VIRTIO_F_RING_PACKED));

	if (!p->inflight_map || queue >= p->inflight_queues ||
	    p->vring[queue].size > p->inflight_size ||
	    (queue + 1) * step > p->inflight_map->region[0].size)
		return NULL;
	return p->inflight_map->region[0].host + queue * step;
}

/* ---- all of it ------------------------------------------------------------------------------ */

void vu_memory_drop(struct vu_session *s)
{
	struct vu_peer *p = &s->peer;

	gmem_free(p->mem);
	gmem_free(p->log_map);
	gmem_free(p->inflight_map);
	p->mem = p->log_map = p->inflight_map = NULL;
	p->log = (struct dirty_log){ 0 };
}

bool vu_memory_lost(const struct vu_session *s)
{
	const struct vu_peer *p = &s->peer;

	return (p->mem && gmem_lost(p->mem)) || (p->log_map && gmem_lost(p->log_map)) ||
	       (p->inflight_map && gmem_lost(p->inflight_map));
}

uint64_t vu_memory_size(const struct vu_session *s)
{
	uint64_t size = 0;

	for (unsigned int i = 0; s->peer.mem && i < s->peer.mem->n; i++)
		size += s->peer.mem->region[i].size;
	return size;
}
