/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frontend's half of a guest for tests: it speaks the protocol as QEMU does (docs/interop/
 * vhost-user.rst), in that order.
 */
#include "tests/rig/guest_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- a session ------------------------------------------------------------------------------- */

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	unlink(path);
	guest_must(fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof(at)) && !listen(fd, 4),
		   "a socket to listen at");
	return fd;
}

int guest_connect(struct guest *g)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int err;

	guest_disconnect(g);
	g->lost = NULL;
	if (g->cfg.listen) {
		if (g->listener < 0)
			g->listener = listen_at(g->cfg.path);
		if (!guest_wait(g, g->listener, GUEST_WAIT_MS))
			return -ETIMEDOUT;
		g->sock = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
		return g->sock < 0 ? -errno : 0;
	}
	g->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", g->cfg.path);
	if (!connect(g->sock, (struct sockaddr *)&at, sizeof(at)))
		return fcntl(g->sock, F_SETFL, 0) < 0 ? -errno : 0;
	err = -errno;
	close(g->sock);
	g->sock = -1;
	return err; /* -EAGAIN: too many are waiting already */
}

void guest_disconnect(struct guest *g)
{
	if (g->sock >= 0)
		close(g->sock);
	if (g->backend >= 0)
		close(g->backend);
	g->sock = g->backend = -1;
	for (unsigned int q = 0; q < GUEST_QUEUES; q++)
		g->queue[q].on = false;
}

static int open_backend_channel(struct guest *g)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_SET_BACKEND_REQ_FD);
	int pair[2], err;

	guest_must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "a socket pair");
	g->backend = pair[0];
	err = guest_tell(g, &m, &pair[1], 1);
	close(pair[1]);
	return err;
}

/* Without what it depends on, a driver leaves a feature alone (virtio 1.2, 5.1.3.1). */
static uint64_t consistent(uint64_t f)
{
	static const struct {
		unsigned int feature, needs;
	} row[] = {
		{ VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_CSUM },
		{ VIRTIO_NET_F_HOST_TSO6, VIRTIO_NET_F_CSUM },
		{ VIRTIO_NET_F_HOST_UFO, VIRTIO_NET_F_CSUM },
		{ GUEST_F_HOST_USO, VIRTIO_NET_F_CSUM },
		{ VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_CSUM },
		{ VIRTIO_NET_F_GUEST_TSO6, VIRTIO_NET_F_GUEST_CSUM },
		{ VIRTIO_NET_F_GUEST_UFO, VIRTIO_NET_F_GUEST_CSUM },
		{ GUEST_F_GUEST_USO4, VIRTIO_NET_F_GUEST_CSUM },
		{ GUEST_F_GUEST_USO6, VIRTIO_NET_F_GUEST_CSUM },
		{ VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_CTRL_VQ },
		{ VIRTIO_NET_F_CTRL_VLAN, VIRTIO_NET_F_CTRL_VQ },
		{ VIRTIO_NET_F_CTRL_RX_EXTRA, VIRTIO_NET_F_CTRL_VQ },
		{ VIRTIO_NET_F_GUEST_ANNOUNCE, VIRTIO_NET_F_CTRL_VQ },
		{ VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_VQ },
		{ VIRTIO_NET_F_CTRL_MAC_ADDR, VIRTIO_NET_F_CTRL_VQ },
		{ VIRTIO_NET_F_CTRL_GUEST_OFFLOADS, VIRTIO_NET_F_CTRL_VQ },
		{ GUEST_F_RING_PACKED, GUEST_F_VERSION_1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		if (!(f >> row[i].needs & 1))
			f &= ~(UINT64_C(1) << row[i].feature);
	return f;
}

static int negotiate_protocol(struct guest *g)
{
	uint64_t n;
	int err;

	g->protocol = 0;
	if (!(g->offered >> VHOST_USER_F_PROTOCOL_FEATURES & 1) ||
	    !(g->cfg.features >> VHOST_USER_F_PROTOCOL_FEATURES & 1))
		return 0;
	err = guest_ask_u64(g, VHOST_USER_GET_PROTOCOL_FEATURES, &g->protocol_offered);
	if (err)
		return err;
	n = g->protocol_offered & g->cfg.protocol;
	/* Not yet with an answer: whether there are any is only being settled. */
	err = guest_tell_u64(g, VHOST_USER_SET_PROTOCOL_FEATURES, n, -1);
	if (err)
		return err;
	g->protocol = n;
	if (guest_speaks(g, VHOST_USER_PROTOCOL_F_MQ)) {
		err = guest_ask_u64(g, VHOST_USER_GET_QUEUE_NUM, &n);
		if (err)
			return err;
		guest_must(n >= 1, "no queue pair");
		g->max_pairs = (unsigned int)MIN(n, (uint64_t)GUEST_PAIRS);
	}
	if (guest_speaks(g, VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS)) {
		err = guest_ask_u64(g, VHOST_USER_GET_MAX_MEM_SLOTS, &n);
		guest_must(err || n >= 1, "no memory slot");
	}
	if (!err && guest_speaks(g, VHOST_USER_PROTOCOL_F_BACKEND_REQ))
		err = open_backend_channel(g);
	return err;
}

int guest_negotiate(struct guest *g)
{
	struct vhost_user_msg owner = guest_msg(VHOST_USER_SET_OWNER);
	int err = guest_ask_u64(g, VHOST_USER_GET_FEATURES, &g->offered);

	if (!err)
		err = negotiate_protocol(g);
	if (!err)
		err = guest_tell(g, &owner, NULL, 0);
	if (err)
		return err;
	return guest_set_features(g, consistent(g->offered & g->cfg.features));
}

int guest_set_features(struct guest *g, uint64_t features)
{
	bool v1 = features >> GUEST_F_VERSION_1 & 1, mrg = features >> VIRTIO_NET_F_MRG_RXBUF & 1;
	int err = guest_tell_u64(g, VHOST_USER_SET_FEATURES, features, -1);

	if (err)
		return err;
	g->features = features;
	g->hdr_len = v1 || mrg ? 12 : 10;
	g->control = 0;
	if (guest_has(g, VIRTIO_NET_F_CTRL_VQ))
		g->control = guest_has(g, VIRTIO_NET_F_MQ) ? 2 * g->max_pairs : 2;
	return 0;
}

static struct vhost_user_region region_of(const struct guest_region *r)
{
	return (struct vhost_user_region){ r->gpa, r->size, (uintptr_t)r->at, r->offset };
}

static int tell_slot(struct guest *g, uint32_t request, const struct guest_region *r)
{
	struct vhost_user_msg m = guest_msg(request);

	m.size = sizeof(m.slot);
	m.slot.region = region_of(r);
	return guest_tell(g, &m, &r->fd, 1);
}

int guest_share_memory(struct guest *g)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_SET_MEM_TABLE);
	int fd[GUEST_REGIONS];

	if (g->cfg.slots && guest_speaks(g, VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS)) {
		int err = 0;

		for (unsigned int i = 0; i < g->n_region && !err; i++)
			err = tell_slot(g, VHOST_USER_ADD_MEM_REG, &g->region[i]);
		return err;
	}
	m.size = 8 + g->n_region * (uint32_t)sizeof(m.memory.region[0]);
	m.memory.n = g->n_region;
	for (unsigned int i = 0; i < g->n_region; i++) {
		m.memory.region[i] = region_of(&g->region[i]);
		fd[i] = g->region[i].fd;
	}
	return guest_tell(g, &m, fd, g->n_region);
}

int guest_region_add(struct guest *g, uint64_t gpa, uint64_t size)
{
	int err;

	guest_must(g->n_region < GUEST_REGIONS, "that many regions");
	guest_map(&g->region[g->n_region], gpa, size, 4 * 4096);
	err = tell_slot(g, VHOST_USER_ADD_MEM_REG, &g->region[g->n_region]);
	if (err)
		guest_unmap(&g->region[g->n_region]);
	else
		g->n_region++;
	return err;
}

int guest_region_remove(struct guest *g, unsigned int i)
{
	int err = tell_slot(g, VHOST_USER_REM_MEM_REG, &g->region[i]);

	if (err)
		return err;
	guest_unmap(&g->region[i]);
	g->region[i] = g->region[--g->n_region];
	return 0;
}

/* ---- queues ---------------------------------------------------------------------------------- */

static bool is_used(const struct guest *g, unsigned int q)
{
	return q < 2 * g->cfg.pairs || (g->control && q == g->control);
}

static int tell_ring_place(struct guest *g, unsigned int q)
{
	const struct guest_queue *v = guest_queue(g, q);
	struct vhost_user_msg m = guest_msg(VHOST_USER_SET_VRING_ADDR);

	m.size = sizeof(m.addr);
	m.addr = (struct vhost_user_addr){
		.index = q,
		.flags = guest_has(g, VHOST_USER_F_LOG_ALL) ? VHOST_USER_VRING_LOG : 0,
		.desc = (uintptr_t)v->desc,
		.used = (uintptr_t)v->device,
		.avail = (uintptr_t)v->driver,
		.log = guest_gpa(g, v->device),
	};
	return guest_tell(g, &m, NULL, 0);
}

int guest_queue_enable(struct guest *g, unsigned int q, bool on)
{
	struct vhost_user_msg m = guest_msg_state(VHOST_USER_SET_VRING_ENABLE, q, on);

	return guest_tell(g, &m, NULL, 0);
}

int guest_queue_start(struct guest *g, unsigned int q)
{
	struct guest_queue *v = guest_queue(g, q);
	struct vhost_user_msg num = guest_msg_state(VHOST_USER_SET_VRING_NUM, q, g->cfg.size);
	struct vhost_user_msg base = guest_msg_state(VHOST_USER_SET_VRING_BASE, q, v->base);
	int err = guest_tell(g, &num, NULL, 0);

	if (!err)
		err = guest_tell(g, &base, NULL, 0);
	if (!err)
		err = tell_ring_place(g, q);
	if (!err)
		err = guest_tell_u64(g, VHOST_USER_SET_VRING_KICK, q, v->kick);
	if (!err)
		err = guest_tell_u64(g, VHOST_USER_SET_VRING_CALL, q, v->call);
	if (!err)
		err = guest_tell_u64(g, VHOST_USER_SET_VRING_ERR, q, v->err);
	if (!err && guest_has(g, VHOST_USER_F_PROTOCOL_FEATURES))
		err = guest_queue_enable(g, q, true);
	v->on = !err;
	return err;
}

int guest_queue_stop(struct guest *g, unsigned int q)
{
	struct vhost_user_msg m = guest_msg_state(VHOST_USER_GET_VRING_BASE, q, 0);
	int err = guest_ask(g, &m, NULL, 0, NULL);

	if (err)
		return err;
	guest_must(m.size == sizeof(m.state) && m.state.index == q, "the answer to GET_VRING_BASE");
	guest_queue(g, q)->base = m.state.num;
	guest_queue(g, q)->on = false;
	return 0;
}

int guest_start(struct guest *g)
{
	int err = guest_connect(g);

	if (!err)
		err = guest_negotiate(g);
	if (!err && !g->queue[0].ring.size)
		guest_rings_reset(g);
	if (!err)
		err = guest_share_memory(g);
	for (unsigned int q = 0; q < GUEST_QUEUES && !err; q++)
		if (is_used(g, q))
			err = guest_queue_start(g, q);
	if (!err && guest_speaks(g, VHOST_USER_PROTOCOL_F_STATUS))
		err = guest_tell_u64(g, VHOST_USER_SET_STATUS, 0xf, -1); /* DRIVER_OK and before */
	/* Whatever was not acknowledged has been heard when this is answered. */
	if (!err)
		err = guest_ask_u64(g, VHOST_USER_GET_FEATURES, &g->offered);
	for (unsigned int i = 0; i < g->cfg.pairs && !err; i++)
		guest_refill(g, i);
	return err;
}

int guest_stop(struct guest *g)
{
	int err = 0;

	for (unsigned int q = 0; q < GUEST_QUEUES && !err; q++)
		if (is_used(g, q) && guest_queue(g, q)->on)
			err = guest_queue_stop(g, q);
	guest_disconnect(g);
	return err;
}

void guest_rings_reset(struct guest *g)
{
	for (unsigned int q = 0; q < GUEST_QUEUES; q++)
		if (is_used(g, q))
			guest_ring_init(g, q);
}

void guest_rings_recover(struct guest *g)
{
	for (unsigned int q = 0; q < GUEST_QUEUES; q++) {
		struct guest_queue *v = guest_queue(g, q);
		const struct vring_used *used = (void *)v->device;

		if (!is_used(g, q))
			continue;
		if (q % 2 && q != g->control)
			guest_reclaim(g, q / 2);
		/* QEMU: virtio_queue_restore_last_avail_idx(). */
		if (v->ring.packed)
			v->base = (v->ring.used | v->ring.used_wrap << 15) * 0x10001u;
		else
			v->base = used->idx;
	}
}

/* ---- migration, inflight, configuration ------------------------------------------------------ */

int guest_log_start(struct guest *g)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_SET_LOG_BASE);
	uint64_t end = 0;
	int err;

	for (unsigned int i = 0; i < g->n_region; i++)
		end = MAX(end, g->region[i].gpa + g->region[i].size);
	guest_unmap(&g->log);
	guest_map(&g->log, 0, (end / 4096 / 8 + 4096) & ~UINT64_C(4095), 4096);
	m.size = sizeof(m.log);
	m.log.size = g->log.size;
	m.log.offset = g->log.offset;
	err = guest_ask(g, &m, &g->log.fd, 1, NULL);
	if (!err)
		err = guest_set_features(g, g->features | UINT64_C(1) << VHOST_USER_F_LOG_ALL);
	for (unsigned int q = 0; q < GUEST_QUEUES && !err; q++)
		if (is_used(g, q) && guest_queue(g, q)->on)
			err = tell_ring_place(g, q);
	return err;
}

bool guest_log_has(struct guest *g, uint64_t gpa)
{
	uint64_t page = gpa / 4096;
	uint8_t bit = (uint8_t)(1u << page % 8);

	guest_must(page / 8 < g->log.size, "a log that is too short");
	return __atomic_fetch_and(&g->log.at[page / 8], (uint8_t)~bit, __ATOMIC_ACQ_REL) & bit;
}

unsigned int guest_log_count(struct guest *g)
{
	unsigned int n = 0;

	for (uint64_t i = 0; i < g->log.size; i++)
		n += (unsigned int)__builtin_popcount(g->log.at[i]);
	return n;
}

int guest_inflight_ask(struct guest *g)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_GET_INFLIGHT_FD);
	int fd = -1, err;

	m.size = sizeof(m.inflight);
	m.inflight.queues = (uint16_t)(2 * g->cfg.pairs);
	m.inflight.queue_size = g->cfg.size;
	err = guest_ask(g, &m, NULL, 0, &fd);
	if (err)
		return err;
	guest_must(fd >= 0 && m.size >= sizeof(m.inflight), "the answer to GET_INFLIGHT_FD");
	guest_unmap(&g->inflight);
	g->inflight_told = m.inflight;
	g->inflight_told.queues = (uint16_t)(2 * g->cfg.pairs);
	g->inflight_told.queue_size = g->cfg.size;
	guest_map_fd(&g->inflight, fd, m.inflight.size, m.inflight.offset);
	return guest_inflight_tell(g);
}

int guest_inflight_tell(struct guest *g)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_SET_INFLIGHT_FD);

	m.size = sizeof(m.inflight);
	m.inflight = g->inflight_told;
	return guest_tell(g, &m, &g->inflight.fd, 1);
}

int guest_config_get(struct guest *g, struct virtio_net_config *out)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_GET_CONFIG);
	int err;

	m.config.offset = 0;
	m.config.size = 12; /* as far as MTU, for any device that has it */
	m.config.flags = 0;
	m.size = 12 + m.config.size;
	err = guest_ask(g, &m, NULL, 0, NULL);
	if (err)
		return err;
	guest_must(m.size == 24 && m.config.size == 12, "the answer to GET_CONFIG");
	memset(out, 0, sizeof(*out));
	memcpy(out, m.config.data, 12);
	return 0;
}

unsigned int guest_config_changes(struct guest *g)
{
	struct vhost_user_msg m;
	unsigned int n = 0;

	if (g->backend < 0)
		return 0;
	for (; recv(g->backend, &m, VHOST_USER_HEADER, MSG_DONTWAIT) == VHOST_USER_HEADER; n++) {
		guest_must(m.request == VHOST_USER_BACKEND_CONFIG_CHANGE_MSG && !m.size,
			   "a message of the port's own");
		if (m.flags & VHOST_USER_NEED_REPLY) {
			m.flags = VHOST_USER_VERSION | VHOST_USER_REPLY;
			m.size = sizeof(m.u64);
			m.u64 = 0;
			send(g->backend, &m, VHOST_USER_HEADER + m.size, MSG_NOSIGNAL);
		}
	}
	return n;
}
