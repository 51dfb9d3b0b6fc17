/* SPDX-License-Identifier: Apache-2.0 */
/* What a frontend may ask, one function a request; its size and descriptors are checked already. */
#include "ports/vhost_user/session_priv.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#include "base/fd.h"
#include "dataplane/punt.h"

#define BIT(n)   (1ull << (n))
#define HDR_V1   12u
#define HDR_OLD  10u /* no num_buffers: legacy, without MRG_RXBUF (virtio 1.2, 5.1.6) */
#define RARP_LEN 60u

/* What becomes of a request, or -EPROTO. */
enum { SILENT, REPLY, REPLIED };

static struct vu_vring *ring_of(struct vu_session *s, uint64_t index)
{
	/* The control queue is the last. */
	return index <= 2 * s->peer.set.queues ? &s->peer.vring[index] : NULL;
}

static int no_ring(struct vu_session *s, uint64_t index)
{
	return vu_because(s, "ring %llu is past the last of %u queues", (unsigned long long)index,
			  s->peer.set.queues);
}

static int answer_u64(struct vhost_user_msg *m, uint64_t value)
{
	m->u64 = value;
	m->size = sizeof(m->u64);
	return REPLY;
}

/* ---- features ------------------------------------------------------------------------------- */

static int get_features(struct vu_session *s, struct vhost_user_msg *m)
{
	return answer_u64(m, vu_features(&s->peer.set));
}

static void apply_features(struct vu_session *s, uint64_t f)
{
	struct vhost_user *vu = s->vu;
	bool v1 = f & BIT(VIRTIO_F_VERSION_1);

	s->peer.features = f;
	s->peer.filter.vlans = f & BIT(VIRTIO_NET_F_CTRL_VLAN);
	vu->mergeable = f & BIT(VIRTIO_NET_F_MRG_RXBUF);
	vu->hdr_len = v1 || vu->mergeable ? HDR_V1 : HDR_OLD;
	vu->offload = vu_offload(f);
}

static int set_features(struct vu_session *s, struct vhost_user_msg *m)
{
	uint64_t strange = m->u64 & ~vu_features(&s->peer.set);
	char name[16];

	if (strange)
		return vu_because(s, "feature %s was not offered",
				  vu_feature_name(strange, name, sizeof(name)));
	if (m->u64 == s->peer.features) /* QEMU says it once for each pair */
		return SILENT;
	vu_rings_halt(s, VU_ALL_QUEUES);
	apply_features(s, m->u64);
	return vu_rings_go(s, true);
}

static int get_protocol_features(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)s;
	return answer_u64(m, vu_protocol_features());
}

static int set_protocol_features(struct vu_session *s, struct vhost_user_msg *m)
{
	if (m->u64 & ~vu_protocol_features())
		return vu_because(s, "a protocol feature was not offered");
	s->peer.protocol = m->u64;
	return SILENT;
}

static int get_queue_num(struct vu_session *s, struct vhost_user_msg *m)
{
	return answer_u64(m, s->peer.set.queues);
}

/* ---- the device ----------------------------------------------------------------------------- */

static int nothing(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)s;
	(void)m;
	return SILENT;
}

/* What a driver has set up is gone; the memory stays. */
static void forget_driver(struct vu_session *s)
{
	vu_rings_halt(s, VU_ALL_QUEUES);
	for (unsigned int i = 0; i < VU_QUEUES; i++)
		s->peer.vring[i].kicked = false;
	vu_filter_drop(s);
	s->peer.mq_pairs = 1;
	s->peer.announce = false;
}

static int reset(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)m;
	forget_driver(s);
	vu_rings_reset(s);
	apply_features(s, 0);
	s->peer.status = 0;
	return SILENT;
}

static int set_status(struct vu_session *s, struct vhost_user_msg *m)
{
	s->peer.status = (uint8_t)m->u64;
	if (!s->peer.status)
		forget_driver(s);
	return SILENT;
}

static int get_status(struct vu_session *s, struct vhost_user_msg *m)
{
	return answer_u64(m, s->peer.status);
}

static int get_config(struct vu_session *s, struct vhost_user_msg *m)
{
	if (vu_config_get(s, m))
		m->size = 0;
	return REPLY;
}

static int set_config(struct vu_session *s, struct vhost_user_msg *m)
{
	return vu_config_set(s, m);
}

static int set_mtu(struct vu_session *s, struct vhost_user_msg *m)
{
	if (m->u64 < 68 || m->u64 > UINT16_MAX) /* virtio 1.2, 5.1.4.1 */
		return vu_because(s, "an MTU of %llu does not exist", (unsigned long long)m->u64);
	s->peer.mtu = (uint16_t)m->u64;
	return SILENT;
}

/* RFC 903: the guest that has moved here asks for its own address, so that switches learn it. */
static int send_rarp(struct vu_session *s, struct vhost_user_msg *m)
{
	struct port *port = s->vu->port;
	static const uint8_t body[] = { 0x80, 0x35, 0, 1, 8, 0, 6, 4, 0, 3 };
	uint8_t frame[RARP_LEN] = { 0 }, mac[6];

	memcpy(mac, &m->u64, sizeof(mac));
	if (mac[0] & 1)
		return vu_because(s, "a RARP cannot come from a group address");
	memset(frame, 0xff, 6);
	memcpy(frame + 6, mac, 6);
	memcpy(frame + 12, body, sizeof(body));
	memcpy(frame + 22, mac, 6); /* sender and target */
	memcpy(frame + 32, mac, 6);
	/* One that finds no room is lost, as any frame may be. */
	if (port->wanted && inject(port->env->engine, port->id, frame, sizeof(frame), NULL))
		return SILENT;
	return SILENT;
}

static int set_backend_fd(struct vu_session *s, struct vhost_user_msg *m)
{
	int fd = vhost_user_take_fd(&s->peer.reader);
	enum wake_kind kind;

	(void)m;
	if (wake_kind(fd, &kind) || kind != WAKE_SOCKET) {
		fd_close(&fd);
		return vu_because(s, "the channel for our requests is no socket");
	}
	fd_close(&s->peer.backend);
	s->peer.backend = fd;
	return SILENT;
}

/* ---- memory --------------------------------------------------------------------------------- */

static int set_mem_table(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)m;
	return vu_memory_table(s) ?: vu_rings_go(s, false);
}

static int get_max_mem_slots(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)s;
	return answer_u64(m, GMEM_REGIONS);
}

static int add_mem_reg(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)m;
	return vu_memory_slot(s, true) ?: vu_rings_go(s, false);
}

static int rem_mem_reg(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)m;
	return vu_memory_slot(s, false) ?: vu_rings_go(s, false);
}

static int set_log_base(struct vu_session *s, struct vhost_user_msg *m)
{
	int err = vu_log_base(s) ?: vu_rings_go(s, true);

	if (err || !(s->peer.protocol & BIT(VHOST_USER_PROTOCOL_F_LOG_SHMFD)))
		return err;
	return answer_u64(m, 0);
}

static int get_inflight(struct vu_session *s, struct vhost_user_msg *m)
{
	struct vhost_user_inflight f = m->inflight;
	int fd = -1, err = vu_inflight_make(s, &f, &fd);

	if (err)
		return err;
	memcpy(m->payload, &f, MIN(m->size, sizeof(f)));
	m->flags = VHOST_USER_VERSION | VHOST_USER_REPLY;
	err = vhost_user_send(s->peer.sock, m, fd);
	fd_close(&fd);
	return err ? vu_because(s, "it does not read our answers") : REPLIED;
}

static int set_inflight(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)m;
	return vu_inflight_set(s) ?: vu_rings_go(s, true);
}

/* ---- rings ---------------------------------------------------------------------------------- */

static int set_vring_num(struct vu_session *s, struct vhost_user_msg *m)
{
	struct vu_vring *v = ring_of(s, m->state.index);
	uint32_t num = m->state.num;

	if (!v)
		return no_ring(s, m->state.index);
	if (!num || num > RING_SIZE_MAX)
		return vu_because(s, "a ring of %u slots does not exist", num);
	vu_rings_halt(s, BIT(m->state.index));
	v->size = (uint16_t)num;
	return vu_rings_go(s, false); /* places that do not fit any more may be told next */
}

static int set_vring_addr(struct vu_session *s, struct vhost_user_msg *m)
{
	struct vu_vring *v = ring_of(s, m->addr.index);

	if (!v)
		return no_ring(s, m->addr.index);
	vu_rings_halt(s, BIT(m->addr.index));
	v->addr = m->addr;
	v->placed = true;
	return vu_rings_go(s, true);
}

static int set_vring_base(struct vu_session *s, struct vhost_user_msg *m)
{
	struct vu_vring *v = ring_of(s, m->state.index);

	if (!v)
		return no_ring(s, m->state.index);
	vu_rings_halt(s, BIT(m->state.index));
	v->base = m->state.num;
	v->exact = false;
	return vu_rings_go(s, true);
}

/* It stops the ring; only another kick starts it again. */
static int get_vring_base(struct vu_session *s, struct vhost_user_msg *m)
{
	struct vu_vring *v = ring_of(s, m->state.index);

	if (!v)
		return no_ring(s, m->state.index);
	vu_rings_halt(s, BIT(m->state.index));
	v->kicked = false;
	fd_close(&v->kick);
	m->state.num = v->base;
	m->size = sizeof(m->state);
	return REPLY;
}

/*
 * The descriptor of a kick, call or err message replaces *TO. Others than these kinds could make
 * us wait; sockets are what user-mode Linux takes its interrupts from.
 */
static int take_signal(struct vu_session *s, struct vu_signal *to, const char *what,
		       bool socket_too)
{
	struct vu_signal new = { .fd = vhost_user_take_fd(&s->peer.reader) };

	if (new.fd >= 0 && (wake_kind(new.fd, &new.kind) ||
			    (new.kind == WAKE_SOCKET && !socket_too) || fd_nonblock(new.fd))) {
		fd_close(&new.fd);
		return vu_because(s, "what came as the %s of a ring is no eventfd%s", what,
				  socket_too ? " and no socket" : "");
	}
	fd_close(&to->fd);
	*to = new;
	return 0;
}

static int set_vring_kick(struct vu_session *s, struct vhost_user_msg *m)
{
	uint64_t index = m->u64 & VHOST_USER_VRING_INDEX;
	struct vu_vring *v = ring_of(s, index);
	struct vu_signal kick;
	int err;

	if (!v)
		return no_ring(s, index);
	vu_rings_halt(s, BIT(index));
	kick.fd = v->kick;
	err = take_signal(s, &kick, "kick", false);
	if (err)
		return err;
	v->kick = kick.fd;
	v->kicked = true;
	return vu_rings_go(s, true);
}

static int set_vring_call(struct vu_session *s, struct vhost_user_msg *m)
{
	uint64_t index = m->u64 & VHOST_USER_VRING_INDEX;
	struct vu_vring *v = ring_of(s, index);

	if (!v)
		return no_ring(s, index);
	vu_rings_halt(s, BIT(index));
	return take_signal(s, &v->call, "call", true) ?: vu_rings_go(s, true);
}

static int set_vring_err(struct vu_session *s, struct vhost_user_msg *m)
{
	uint64_t index = m->u64 & VHOST_USER_VRING_INDEX;
	struct vu_vring *v = ring_of(s, index);

	return v ? take_signal(s, &v->err, "err", true) : no_ring(s, index);
}

static int set_log_fd(struct vu_session *s, struct vhost_user_msg *m)
{
	(void)m;
	return take_signal(s, &s->peer.log_signal, "log", true);
}

static int set_vring_enable(struct vu_session *s, struct vhost_user_msg *m)
{
	struct vu_vring *v = ring_of(s, m->state.index);

	if (!v)
		return no_ring(s, m->state.index);
	if (m->state.num > 1)
		return vu_because(s, "a ring is enabled or not, but not %u", m->state.num);
	if (v->enabled == m->state.num)
		return SILENT;
	v->enabled = m->state.num;
	if (!v->enabled)
		vu_rings_halt(s, BIT(m->state.index));
	return vu_rings_go(s, true);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static int (*const serve[VHOST_USER_REQUESTS])(struct vu_session *, struct vhost_user_msg *) = {
	[VHOST_USER_GET_FEATURES] = get_features,
	[VHOST_USER_SET_FEATURES] = set_features,
	[VHOST_USER_SET_OWNER] = nothing,
	[VHOST_USER_RESET_OWNER] = reset,
	[VHOST_USER_SET_MEM_TABLE] = set_mem_table,
	[VHOST_USER_SET_LOG_BASE] = set_log_base,
	[VHOST_USER_SET_LOG_FD] = set_log_fd,
	[VHOST_USER_SET_VRING_NUM] = set_vring_num,
	[VHOST_USER_SET_VRING_ADDR] = set_vring_addr,
	[VHOST_USER_SET_VRING_BASE] = set_vring_base,
	[VHOST_USER_GET_VRING_BASE] = get_vring_base,
	[VHOST_USER_SET_VRING_KICK] = set_vring_kick,
	[VHOST_USER_SET_VRING_CALL] = set_vring_call,
	[VHOST_USER_SET_VRING_ERR] = set_vring_err,
	[VHOST_USER_GET_PROTOCOL_FEATURES] = get_protocol_features,
	[VHOST_USER_SET_PROTOCOL_FEATURES] = set_protocol_features,
	[VHOST_USER_GET_QUEUE_NUM] = get_queue_num,
	[VHOST_USER_SET_VRING_ENABLE] = set_vring_enable,
	[VHOST_USER_SEND_RARP] = send_rarp,
	[VHOST_USER_NET_SET_MTU] = set_mtu,
	[VHOST_USER_SET_BACKEND_REQ_FD] = set_backend_fd,
	[VHOST_USER_GET_CONFIG] = get_config,
	[VHOST_USER_SET_CONFIG] = set_config,
	[VHOST_USER_GET_INFLIGHT_FD] = get_inflight,
	[VHOST_USER_SET_INFLIGHT_FD] = set_inflight,
	[VHOST_USER_RESET_DEVICE] = reset,
	[VHOST_USER_GET_MAX_MEM_SLOTS] = get_max_mem_slots,
	[VHOST_USER_ADD_MEM_REG] = add_mem_reg,
	[VHOST_USER_REM_MEM_REG] = rem_mem_reg,
	[VHOST_USER_SET_STATUS] = set_status,
	[VHOST_USER_GET_STATUS] = get_status,
};

static int send_answer(struct vu_session *s, struct vhost_user_msg *m)
{
	m->flags = VHOST_USER_VERSION | VHOST_USER_REPLY;
	return vhost_user_send(s->peer.sock, m, -1) ? vu_because(s, "it does not read our answers")
						    : 0;
}

int vu_request(struct vu_session *s)
{
	struct vhost_user_msg *m = &s->peer.reader.msg;
	bool asks = m->flags & VHOST_USER_NEED_REPLY;
	int what = serve[m->request](s, m), err;

	if (what == REPLIED)
		return 0;
	if (what == REPLY)
		return send_answer(s, m);
	/* User-mode Linux wants the request that sets this feature acknowledged, too. */
	if (!asks || !(s->peer.protocol & BIT(VHOST_USER_PROTOCOL_F_REPLY_ACK)))
		return what;
	answer_u64(m, what < 0);
	err = send_answer(s, m);
	return what < 0 ? what : err;
}
