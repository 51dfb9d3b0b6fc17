/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rings run. A ring runs when all of it was told: size, addresses, a kick, that it is
 * enabled, and the memory that it is in. Whatever changes one of these halts the ring first:
 *
 *	1. no worker finds it any more: its source is taken away, the sink is unset
 *	2. grace period: no worker uses it, and nothing of it is lent
 *	3. where it stopped is kept, and it goes on there
 *
 * Where a frontend says to begin is a hint. A backend that died, or one that another frontend had
 * before, may have gone further; a network device may do again what it did not return. So, if no
 * inflight area tells more exactly, a ring goes on behind the last element that was returned.
 */
#include "ports/vhost_user/session_priv.h"

#include <endian.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/rcu.h"

#define BIT(n)     (1ull << (n))
#define NOT_LOGGED (1ull << 62) /* behind the end of any log */

static struct vu_queue *queue_of(const struct vu_session *s, unsigned int i)
{
	return &s->vu->queue[i];
}

static bool is_transmit(const struct vu_session *s, unsigned int i)
{
	return i % 2 && i != vu_control_index(s);
}

unsigned int vu_control_index(const struct vu_session *s)
{
	const struct vu_peer *p = &s->peer;

	if (!(p->features & BIT(VIRTIO_NET_F_CTRL_VQ)))
		return VU_QUEUES;
	return p->features & BIT(VIRTIO_NET_F_MQ) ? 2 * p->set.queues : 2; /* 5.1.2 */
}

/* ---- halt ----------------------------------------------------------------------------------- */

static void unlink_queue(struct vu_session *s, unsigned int i)
{
	struct engine *e = s->vu->port->env->engine;

	if (i == vu_control_index(s))
		vu_control_halt(s);
	else if (is_transmit(s, i))
		engine_del_source(e, &queue_of(s, i)->source);
	else
		engine_set_sink(e, s->vu->port->id, NULL);
}

void vu_rings_halt(struct vu_session *s, uint64_t which)
{
	bool any = false;

	for (unsigned int i = 0; i < VU_QUEUES; i++) {
		if (which & BIT(i) && queue_of(s, i)->running) {
			unlink_queue(s, i);
			any = true;
		}
	}
	if (!any)
		return;
	rcu_wait();
	for (unsigned int i = 0; i < VU_QUEUES; i++) {
		struct vu_queue *q = queue_of(s, i);

		if (!(which & BIT(i)) || !q->running)
			continue;
		s->peer.vring[i].base = ring_base(&q->ring);
		s->peer.vring[i].exact = true;
		q->running = false;
		ring_teardown(&q->ring);
	}
	vu_pairs_update(s);
}

/* ---- go ------------------------------------------------------------------------------------- */

/* Rings start enabled where nobody can enable them (vhost-user, "Ring states"). */
static bool can_run(const struct vu_session *s, unsigned int i)
{
	const struct vu_vring *v = &s->peer.vring[i];
	bool enabled = v->enabled || i == vu_control_index(s) ||
		       !(s->peer.features & BIT(VHOST_USER_F_PROTOCOL_FEATURES));

	return v->size && v->placed && v->kicked && enabled && s->peer.mem;
}

/*
 * A packed ring's base of 0, without the wrap bit, is what user-mode Linux says of a new ring,
 * whose bit is set. The first slot's flags tell which it is: whatever was used there in the last
 * lap has both bits as that lap's, and what is available now has the used bit turned.
 */
static uint16_t packed_start(const struct vring_packed_desc *first)
{
	uint16_t flags = __atomic_load_n(&first->flags, __ATOMIC_RELAXED);

	return flags & BIT(VRING_PACKED_DESC_F_USED) ? 0 : 1u << 15;
}

/*
 * Where a packed ring stands, by itself: a used bit is that of the lap in which its slot was used
 * last, so it turns where this lap has come to. That is so while each chain has one slot, as those
 * of drivers with indirect tables have; the bits of what else they may put there turn more often.
 * False: it cannot be told.
 */
static bool packed_place(const struct ring_config *c, uint16_t *out)
{
	const struct vring_packed_desc *slot = c->desc;
	bool first = 0, bit, was = 0;
	unsigned int turns = 0, at = 0;

	for (unsigned int i = 0; i < c->size; i++, was = bit) {
		bit = le16toh(__atomic_load_n(&slot[i].flags, __ATOMIC_RELAXED)) &
		      BIT(VRING_PACKED_DESC_F_USED);
		if (!i)
			first = bit;
		else if (bit != was && ++turns)
			at = i;
	}
	*out = (uint16_t)(at | (uint32_t)(turns ? first : !first) << 15);
	return c->indirect && turns <= 1;
}

static void choose_base(const struct vu_vring *v, struct ring_config *c)
{
	const struct vring_used *used = c->device;
	uint32_t base = v->base;

	if (!c->packed) {
		c->base = v->exact ? (uint16_t)base : __atomic_load_n(&used->idx, __ATOMIC_RELAXED);
		return;
	}
	if (v->exact) {
		c->base = (uint16_t)base;
		c->used_base = (uint16_t)(base >> 16);
		return;
	}
	if (!packed_place(c, &c->base)) {
		if (base >> 16) /* the older of the two is the one that was returned last */
			base >>= 16;
		c->base = base ? (uint16_t)base : packed_start(c->desc);
	}
	c->used_base = c->base;
}

#define NO_SENSE "size or place of ring %u makes no sense"

static int configure(struct vu_session *s, unsigned int i, struct ring_config *c)
{
	const struct vu_vring *v = &s->peer.vring[i];
	uint64_t f = s->peer.features;

	*c = (struct ring_config){
		.size = v->size,
		.packed = f & BIT(VIRTIO_F_RING_PACKED),
		.event_idx = f & BIT(VIRTIO_RING_F_EVENT_IDX),
		.indirect = f & BIT(VIRTIO_RING_F_INDIRECT_DESC),
		.mem = s->peer.mem,
		.call_fd = v->call.fd,
		.call_kind = v->call.kind,
		.budget = is_transmit(s, i) ? VU_BUDGET : 0,
	};
	c->desc = gmem_at_uva(c->mem, v->addr.desc, ring_desc_len(c));
	c->driver = gmem_at_uva(c->mem, v->addr.avail, ring_driver_len(c));
	c->device = gmem_at_uva(c->mem, v->addr.used, ring_device_len(c));
	if (!c->desc || !c->driver || !c->device)
		return vu_because(s, "ring %u is not in the memory that was shared", i);
	if (s->peer.log.map && f & BIT(VHOST_USER_F_LOG_ALL)) {
		c->log = &s->peer.log;
		c->log_gpa = v->addr.flags & VHOST_USER_VRING_LOG ? v->addr.log : NOT_LOGGED;
	}
	if (!ring_makes_sense(c))
		return vu_because(s, NO_SENSE, i);
	choose_base(v, c);
	c->inflight = vu_inflight_of(s, i);
	return 0;
}

static int add_transmit(struct vu_session *s, unsigned int i)
{
	struct vu_queue *q = queue_of(s, i);
	int err;

	if (!q->lent)
		q->lent = calloc(1, sizeof(*q->lent));
	if (!q->lent)
		return vu_because(s, "there is no memory for ring %u", i);
	q->source = (struct source){
		.port = s->vu->port->id,
		.queue = (uint16_t)(i / 2),
		.fd = s->peer.vring[i].kick,
		.rx = vhost_user_rx,
		.done = vhost_user_done,
		.arm = vhost_user_arm,
		.arg = q,
	};
	err = engine_add_source(s->vu->port->env->engine, &q->source);
	return err ? vu_because(s, "the kick of ring %u cannot be waited for: %s", i,
				strerror(-err))
		   : 0;
}

static int go(struct vu_session *s, unsigned int i)
{
	struct vu_queue *q = queue_of(s, i);
	struct ring_config c;
	int err = configure(s, i, &c);

	if (err)
		return err;
	q->port = s->vu;
	err = ring_setup(&q->ring, &c);
	if (err)
		return vu_because(s, err == -ENOMEM ? "there is no memory for ring %u" : NO_SENSE,
				  i);
	q->running = true;
	if (i == vu_control_index(s))
		err = vu_control_go(s);
	else if (is_transmit(s, i))
		err = add_transmit(s, i);
	else
		ring_arm(&q->ring, false); /* new buffers are seen when a frame wants one */
	if (err) {
		q->running = false;
		ring_teardown(&q->ring);
		return err;
	}
	s->peer.vring[i].told = false;
	vu_signal(&s->peer.vring[i].call); /* one may have been missed */
	return 0;
}

int vu_rings_go(struct vu_session *s, bool strict)
{
	int err = 0;

	for (unsigned int i = 0; i < VU_QUEUES && !err; i++) {
		if (queue_of(s, i)->running || !can_run(s, i))
			continue;
		err = go(s, i);
		if (!strict)
			err = 0;
	}
	vu_pairs_update(s);
	return err;
}

/* ---- what they are together ----------------------------------------------------------------- */

/* With a control queue of ours the driver says how many pairs it uses (5.1.6.5.5). */
void vu_pairs_update(struct vu_session *s)
{
	struct vhost_user *vu = s->vu;
	bool asks = vu_control_index(s) < VU_QUEUES && queue_of(s, vu_control_index(s))->running;
	unsigned int most = asks ? s->peer.mq_pairs : VU_PAIRS, n = 0;

	while (n < most && 2 * n != vu_control_index(s) && vu->queue[2 * n].running)
		n++;
	__atomic_store_n(&vu->n_pairs, n, __ATOMIC_RELEASE);
	engine_set_sink(vu->port->env->engine, vu->port->id,
			n && s->started && vu->port->wanted ? &vu->sink : NULL);
}

bool vu_rings_link(const struct vu_session *s)
{
	return s->vu->queue[0].running && s->vu->queue[1].running;
}

void vu_rings_reset(struct vu_session *s)
{
	for (unsigned int i = 0; i < VU_QUEUES; i++) {
		struct vu_vring *v = &s->peer.vring[i];

		fd_close(&v->kick);
		fd_close(&v->call.fd);
		fd_close(&v->err.fd);
		*v = VU_NEW_RING;
	}
}
