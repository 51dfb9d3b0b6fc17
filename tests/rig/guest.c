/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual machine's half of a guest for tests: memory and a virtio-net driver
 * (virtio 1.2, 5.1).
 *
 * Memory is two files: rings and tables low, buffers from 4 GiB on, so that addresses have to be
 * looked up. Each ring's parts have pages of their own, so that a dirty log tells them apart.
 */
#include "tests/rig/guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "packet/pkt.h"
#include "tests/rig/guest_priv.h"

#define PAGE       4096u
#define RINGS_GPA  0x100000u
#define BUFS_GPA   0x100000000u
#define TX_SLOT    ((PKT_LEN_MAX + 4 + 12 + PAGE - 1) & ~(PAGE - 1))
#define CTRL_SLOT  (2 * PAGE)
#define TABLE      64u /* descriptors */
#define POISON     0xa5
#define POISON_LEN 256u /* that is looked at behind what was written */

void guest_must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "guest: %s\n", what);
	abort();
}

/* ---- memory ---------------------------------------------------------------------------------- */

void guest_map_fd(struct guest_region *r, int fd, uint64_t size, uint64_t offset)
{
	r->fd = fd;
	r->size = size;
	r->offset = offset;
	r->at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	guest_must(r->at != MAP_FAILED, "memory");
}

void guest_map(struct guest_region *r, uint64_t gpa, uint64_t size, uint64_t offset)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	guest_must(fd >= 0 && !ftruncate(fd, (off_t)(offset + size)), "a file for memory");
	guest_map_fd(r, fd, size, offset);
	r->gpa = gpa;
}

void guest_unmap(struct guest_region *r)
{
	if (r->fd < 0)
		return;
	munmap(r->at, r->size);
	close(r->fd);
	*r = (struct guest_region){ .fd = -1 };
}

uint64_t guest_gpa(const struct guest *g, const void *at)
{
	for (unsigned int i = 0; i < g->n_region; i++) {
		const struct guest_region *r = &g->region[i];

		if ((const uint8_t *)at >= r->at && (const uint8_t *)at < r->at + r->size)
			return r->gpa + (uint64_t)((const uint8_t *)at - r->at);
	}
	guest_must(false, "an address that is not the guest's");
	return 0;
}

static uint64_t pages(uint64_t octets)
{
	return (octets + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static uint64_t rings_len(const struct guest_config *c)
{
	return pages(vring_desc_len(c->size)) + pages(vring_driver_len(c->size, false)) +
	       pages(vring_device_len(c->size, false)) + pages(c->size * TABLE * 16u);
}

static void lay_out(struct guest *g, unsigned int q, uint8_t **ring, uint8_t **buf)
{
	struct guest_queue *v = &g->queue[q];
	uint16_t n = g->cfg.size;

	v->desc = *ring;
	v->driver = v->desc + pages(vring_desc_len(n));
	v->device = v->driver + pages(vring_driver_len(n, false));
	v->table = v->device + pages(vring_device_len(n, false));
	*ring += rings_len(&g->cfg);
	v->slot = q >= 2 * g->cfg.pairs ? CTRL_SLOT : q % 2 ? TX_SLOT : g->cfg.rx_len;
	v->buf = *buf;
	*buf += pages((uint64_t)v->slot * n);
	v->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->err = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	guest_must(v->kick >= 0 && v->call >= 0 && v->err >= 0, "eventfds");
}

struct guest *guest_create(const struct guest_config *cfg)
{
	struct guest *g = calloc(1, sizeof(*g));
	uint8_t *ring, *buf;
	uint64_t bufs;

	guest_must(g, "memory");
	g->cfg = *cfg;
	g->cfg.path = g->path = strdup(cfg->path);
	g->sock = g->listener = g->backend = g->log.fd = g->inflight.fd = -1;
	g->cfg.features = g->cfg.features ?: GUEST_FEATURES;
	g->cfg.protocol = g->cfg.protocol ?: GUEST_PROTOCOL;
	g->cfg.pairs = g->cfg.pairs ?: 1;
	g->cfg.size = g->cfg.size ?: 256;
	g->cfg.rx_len = g->cfg.rx_len ?: TX_SLOT;
	g->max_pairs = 1;
	bufs = 2 * PAGE + pages((uint64_t)g->cfg.size * CTRL_SLOT);
	bufs += g->cfg.pairs * (pages((uint64_t)g->cfg.size * TX_SLOT) +
				pages((uint64_t)g->cfg.size * g->cfg.rx_len));
	guest_map(&g->region[0], RINGS_GPA, (2 * g->cfg.pairs + 1) * rings_len(&g->cfg), 0);
	guest_map(&g->region[1], BUFS_GPA, bufs, 16 * PAGE);
	g->n_region = 2;
	ring = g->region[0].at;
	buf = g->region[1].at;
	for (unsigned int q = 0; q < 2 * g->cfg.pairs; q++)
		lay_out(g, q, &ring, &buf);
	lay_out(g, GUEST_QUEUES - 1, &ring, &buf);
	return g;
}

void guest_destroy(struct guest *g)
{
	if (!g)
		return;
	guest_disconnect(g);
	if (g->listener >= 0)
		close(g->listener);
	for (unsigned int q = 0; q < GUEST_QUEUES; q++) {
		if (!g->queue[q].desc)
			continue;
		close(g->queue[q].kick);
		close(g->queue[q].call);
		close(g->queue[q].err);
	}
	for (unsigned int i = 0; i < g->n_region; i++)
		guest_unmap(&g->region[i]);
	guest_unmap(&g->log);
	guest_unmap(&g->inflight);
	free(g->path);
	free(g);
}

/* ---- rings ----------------------------------------------------------------------------------- */

void guest_ring_init(struct guest *g, unsigned int q)
{
	struct guest_queue *v = guest_queue(g, q);
	bool packed = guest_has(g, GUEST_F_RING_PACKED);

	vring_driver_init(&v->ring, g->cfg.size, packed, guest_has(g, GUEST_F_EVENT_IDX), v->desc,
			  v->driver, v->device);
	v->n_free = 0;
	for (unsigned int i = g->cfg.size; i-- > 0;)
		v->free[v->n_free++] = (uint16_t)i;
	v->went = v->came = 0;
	v->base = packed ? 0x80008000 : 0; /* both wrap bits begin as 1 */
	vring_driver_listen(&v->ring, true);
}

void guest_kick(struct guest *g, unsigned int q)
{
	struct guest_queue *v = guest_queue(g, q);
	const uint64_t one = 1;

	if (!vring_driver_kick(&v->ring))
		return;
	v->kicks++;
	(void)!write(v->kick, &one, sizeof(one));
}

/* One chain over OCTETS of buffer SLOT in N pieces, HEAD octets in the first if there are more. */
static bool add(struct guest *g, struct guest_queue *v, uint16_t slot, uint32_t octets,
		unsigned int n, uint32_t head, bool write)
{
	struct vring_piece piece[TABLE];
	uint64_t gpa = guest_gpa(g, v->buf) + (uint64_t)slot * v->slot;
	uint8_t *table = v->table + (size_t)slot * TABLE * 16;
	bool indirect = g->cfg.indirect && guest_has(g, GUEST_F_INDIRECT_DESC);
	unsigned int i = 0;
	uint32_t at = 0;

	n = n < 1 ? 1 : MIN(n, TABLE);
	for (; i < n && at < octets; i++) {
		uint32_t len = i + 1 == n ? octets - at
			       : i        ? MAX((octets - head) / (n - 1), 1u)
					  : MIN(head, octets);

		len = MIN(len, octets - at);
		piece[i] = (struct vring_piece){ gpa + at, len, write };
		at += len;
	}
	if (at < octets)
		piece[i - 1].len += octets - at;
	if (vring_driver_add(&v->ring, piece, i, indirect ? table : NULL,
			     indirect ? guest_gpa(g, table) : 0, (void *)(uintptr_t)(slot + 1)) < 0)
		return false;
	v->order[v->went++ % VRING_DRIVER_MAX] = slot;
	return true;
}

/* The next buffer that came back. */
static bool get(struct guest *g, struct guest_queue *v, uint16_t *slot, uint32_t *written)
{
	void *cookie;

	if (!vring_driver_get(&v->ring, &cookie, written))
		return false;
	*slot = (uint16_t)((uintptr_t)cookie - 1);
	guest_must(!guest_has(g, GUEST_F_IN_ORDER) || v->order[v->came % VRING_DRIVER_MAX] == *slot,
		   "buffers out of order");
	v->came++;
	return true;
}

static bool any_used(struct guest_queue *v)
{
	return vring_driver_listen(&v->ring, true);
}

/* Until there is one. */
static bool await_used(struct guest *g, struct guest_queue *v)
{
	uint64_t n;

	while (!any_used(v)) {
		if (!guest_wait(g, v->call, GUEST_WAIT_MS))
			return any_used(v);
		(void)!read(v->call, &n, sizeof(n));
	}
	return true;
}

/* ---- frames ---------------------------------------------------------------------------------- */

unsigned int guest_reclaim(struct guest *g, unsigned int pair)
{
	struct guest_queue *v = &g->queue[2 * pair + 1];
	unsigned int n = 0;
	uint32_t written;
	uint16_t slot;

	for (; get(g, v, &slot, &written); n++) {
		guest_must(!written, "octets written into a buffer that is to be read");
		v->free[v->n_free++] = slot;
	}
	return n;
}

bool guest_await_sent(struct guest *g, unsigned int pair)
{
	return await_used(g, &g->queue[2 * pair + 1]);
}

bool guest_await_all_sent(struct guest *g, unsigned int pair)
{
	const struct guest_queue *v = &g->queue[2 * pair + 1];

	for (guest_reclaim(g, pair); v->came != v->went; guest_reclaim(g, pair)) {
		if (!guest_await_sent(g, pair))
			return false;
	}
	return true;
}

int guest_send(struct guest *g, unsigned int pair, const void *frame, uint32_t len,
	       const struct virtio_net_hdr_v1 *vnet)
{
	static const struct virtio_net_hdr_v1 plain;
	struct guest_queue *v = &g->queue[2 * pair + 1];
	uint16_t slot;
	uint8_t *at;

	guest_reclaim(g, pair);
	if (!v->n_free)
		return -EAGAIN;
	slot = v->free[v->n_free - 1];
	at = v->buf + (size_t)slot * v->slot;
	guest_must(g->hdr_len + len <= v->slot, "a frame that long");
	memcpy(at, vnet ? vnet : &plain, g->hdr_len);
	memcpy(at + g->hdr_len, frame, len);
	if (!add(g, v, slot, g->hdr_len + len, g->cfg.tx_pieces, g->hdr_len, false))
		return -EAGAIN;
	v->n_free--;
	guest_kick(g, 2 * pair + 1);
	return 0;
}

unsigned int guest_rx_buffers(const struct guest *g)
{
	bool indirect = g->cfg.indirect && guest_has(g, GUEST_F_INDIRECT_DESC);

	return indirect ? g->cfg.size : g->cfg.size / MAX(g->cfg.rx_pieces, 1u);
}

uint32_t guest_frame_max(const struct guest *g)
{
	bool merges = guest_has(g, VIRTIO_NET_F_MRG_RXBUF);

	return MIN((merges ? guest_rx_buffers(g) : 1) * g->cfg.rx_len - g->hdr_len, PKT_LEN_MAX);
}

void guest_refill(struct guest *g, unsigned int pair)
{
	struct guest_queue *v = &g->queue[2 * pair];

	while (v->n_free) {
		uint16_t slot = v->free[v->n_free - 1];

		memset(v->buf + (size_t)slot * v->slot, POISON, MIN(v->slot, 2 * POISON_LEN));
		if (!add(g, v, slot, g->cfg.rx_len, g->cfg.rx_pieces, g->hdr_len, true))
			break;
		v->n_free--;
	}
	guest_kick(g, 2 * pair);
}

/* What the port said that it wrote is all that it wrote, as far as one looks. */
static void check_poison(const struct guest_queue *v, uint16_t slot, uint32_t written)
{
	const uint8_t *at = v->buf + (size_t)slot * v->slot;

	for (uint32_t i = written; i < MIN(v->slot, 2 * POISON_LEN); i++)
		guest_must(at[i] == POISON, "octets written behind what was said");
}

/* One buffer of a frame: appends its octets from SKIP on. */
static uint32_t take(struct guest *g, struct guest_queue *v, uint32_t skip, uint8_t *frame,
		     uint32_t room, struct virtio_net_hdr_v1 *vnet)
{
	uint16_t slot;
	uint32_t written;
	uint8_t *at;

	guest_must(get(g, v, &slot, &written), "fewer buffers than the header says");
	at = v->buf + (size_t)slot * v->slot;
	guest_must(written > skip && written <= g->cfg.rx_len, "how much was written");
	if (!g->soiled)
		check_poison(v, slot, written);
	if (skip)
		memcpy(vnet, at, skip);
	guest_must(written - skip <= room, "room for the frame");
	memcpy(frame, at + skip, written - skip);
	v->free[v->n_free++] = slot;
	return written - skip;
}

uint32_t guest_receive(struct guest *g, unsigned int pair, void *frame, uint32_t room,
		       struct virtio_net_hdr_v1 *vnet)
{
	struct guest_queue *v = &g->queue[2 * pair];
	struct virtio_net_hdr_v1 h = { .num_buffers = 1 };
	uint8_t *at = frame;
	uint32_t len;

	if (!any_used(v))
		return 0;
	len = take(g, v, g->hdr_len, at, room, &h);
	guest_must(h.num_buffers >= 1, "no buffer, by the header"); /* 5.1.6.4 */
	if (!guest_has(g, VIRTIO_NET_F_MRG_RXBUF))
		guest_must(h.num_buffers == 1, "merged buffers that were not negotiated");
	for (unsigned int i = 1; i < h.num_buffers; i++)
		len += take(g, v, 0, at + len, room - len, NULL);
	if (vnet)
		*vnet = h;
	guest_refill(g, pair);
	return len;
}

uint32_t guest_await(struct guest *g, unsigned int pair, void *frame, uint32_t room,
		     struct virtio_net_hdr_v1 *vnet)
{
	if (!await_used(g, &g->queue[2 * pair]))
		return 0;
	return guest_receive(g, pair, frame, room, vnet);
}

/* ---- control queue: 5.1.6.5 ------------------------------------------------------------------ */

int guest_control(struct guest *g, uint8_t class, uint8_t command, const void *data, uint32_t len)
{
	struct guest_queue *v = guest_queue(g, g->control);
	uint64_t gpa;
	struct vring_piece piece[3];
	uint32_t written;
	uint16_t slot;
	uint8_t *at;

	guest_must(g->control && v->n_free && len <= CTRL_SLOT - PAGE, "a control queue");
	slot = v->free[v->n_free - 1];
	at = v->buf + (size_t)slot * v->slot;
	gpa = guest_gpa(g, at);
	at[0] = class;
	at[1] = command;
	if (len)
		memcpy(at + PAGE, data, len);
	at[2] = 0xff;
	piece[0] = (struct vring_piece){ gpa, 2, false };
	piece[1] = (struct vring_piece){ gpa + PAGE, len, false };
	piece[len ? 2 : 1] = (struct vring_piece){ gpa + 2, 1, true };
	guest_must(vring_driver_add(&v->ring, piece, len ? 3 : 2, NULL, 0,
				    (void *)(uintptr_t)(slot + 1)) >= 0,
		   "room in the control queue");
	v->order[v->went++ % VRING_DRIVER_MAX] = slot;
	v->n_free--;
	guest_kick(g, g->control);
	if (!await_used(g, v))
		return -1;
	guest_must(get(g, v, &slot, &written) && written == 1, "the control queue's answer");
	v->free[v->n_free++] = slot;
	return at[2];
}
