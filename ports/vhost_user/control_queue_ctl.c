/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control queue (virtio 1.2, 5.1.6.5), for a frontend that leaves it to us: what the driver
 * wants to be given, how many pairs it uses. Commands are rare, so the control thread takes them.
 *
 * What workers read of it is a copy that is published before the driver sees its command
 * acknowledged; the copy before is freed after a grace period.
 */
#include "ports/vhost_user/session_priv.h"

#include <endian.h>
#include <errno.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/rcu.h"

enum {
	COMMANDS = 32, /* at once: then others have their turn */
	COMMAND_LEN = 8192, /* of one that is looked at: a table of 1,365 addresses */
	PIECES = 64, /* of one */
	POLL_MS = 20, /* where the driver cannot kick */
};

/* What is left of a command. */
struct left {
	const uint8_t *at;
	size_t n;
};

static bool take(struct left *l, void *to, size_t n)
{
	if (l->n < n)
		return false;
	memcpy(to, l->at, n);
	l->at += n;
	l->n -= n;
	return true;
}

/* ---- commands: whether each is obeyed ------------------------------------------------------- */

static bool rx_mode(struct vu_session *s, uint8_t command, struct left *l)
{
	struct vu_filter *f = &s->peer.filter;
	bool *const mode[] = {
		[VIRTIO_NET_CTRL_RX_PROMISC] = &f->promisc,
		[VIRTIO_NET_CTRL_RX_ALLMULTI] = &f->allmulti,
		[VIRTIO_NET_CTRL_RX_ALLUNI] = &f->alluni,
		[VIRTIO_NET_CTRL_RX_NOMULTI] = &f->nomulti,
		[VIRTIO_NET_CTRL_RX_NOUNI] = &f->nouni,
		[VIRTIO_NET_CTRL_RX_NOBCAST] = &f->nobcast,
	};
	uint8_t on;

	if (command >= ARRAY_LEN(mode) || !take(l, &on, sizeof(on)))
		return false;
	*mode[command] = on;
	return true;
}

/* One list of the table. What does not fit: all such addresses then, in *ALL. */
static bool take_list(struct left *l, struct eth_addr *to, unsigned int room, unsigned int *n,
		      bool *all)
{
	uint32_t count;

	if (!take(l, &count, sizeof(count)))
		return false;
	count = le32toh(count);
	if (count > l->n / sizeof(*to))
		return false;
	*all = count > room;
	*n = *all ? 0 : count;
	memcpy(to, l->at, *n * sizeof(*to));
	l->at += count * sizeof(*to);
	l->n -= count * sizeof(*to);
	return true;
}

static bool mac_table(struct vu_session *s, struct left *l)
{
	struct vu_filter new = s->peer.filter;
	bool all_uni, all_multi;
	unsigned int n_uni;

	/* uni[0] is the NIC's own address, and stays. */
	if (!take_list(l, new.uni + 1, ARRAY_LEN(new.uni) - 1, &n_uni, &all_uni) ||
	    !take_list(l, new.multi, ARRAY_LEN(new.multi), &new.n_multi, &all_multi))
		return false;
	new.n_uni = 1 + n_uni;
	s->peer.filter = new;
	s->peer.too_many_uni = all_uni;
	s->peer.too_many_multi = all_multi;
	return true;
}

static bool mac(struct vu_session *s, uint8_t command, struct left *l)
{
	struct vu_filter *f = &s->peer.filter;
	struct eth_addr own;

	if (command == VIRTIO_NET_CTRL_MAC_TABLE_SET)
		return mac_table(s, l);
	if (command != VIRTIO_NET_CTRL_MAC_ADDR_SET || !take(l, &own, sizeof(own)) || own.b[0] & 1)
		return false;
	f->uni[0] = own;
	return true;
}

static bool vlan(struct vu_session *s, uint8_t command, struct left *l)
{
	struct vu_filter *f = &s->peer.filter;
	uint16_t vid;

	if (command > VIRTIO_NET_CTRL_VLAN_DEL || !take(l, &vid, sizeof(vid)))
		return false;
	vid = le16toh(vid);
	if (vid >= 4096)
		return false;
	if (command == VIRTIO_NET_CTRL_VLAN_ADD)
		f->vlan[vid / 64] |= 1ull << vid % 64;
	else
		f->vlan[vid / 64] &= ~(1ull << vid % 64);
	return true;
}

static bool announce(struct vu_session *s, uint8_t command)
{
	if (command != VIRTIO_NET_CTRL_ANNOUNCE_ACK)
		return false;
	s->peer.announce = false;
	return true;
}

static bool pairs(struct vu_session *s, uint8_t command, struct left *l)
{
	uint16_t n;

	if (command != VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET || !take(l, &n, sizeof(n)))
		return false;
	n = le16toh(n);
	if (!n || n > s->peer.set.queues)
		return false;
	s->peer.mq_pairs = n;
	return true;
}

static bool obey(struct vu_session *s, struct left *l, bool *filters)
{
	struct virtio_net_ctrl_hdr h;

	if (!take(l, &h, sizeof(h)))
		return false;
	switch (h.class) {
	case VIRTIO_NET_CTRL_RX:
		*filters = true;
		return rx_mode(s, h.cmd, l);
	case VIRTIO_NET_CTRL_MAC:
		*filters = true;
		return mac(s, h.cmd, l);
	case VIRTIO_NET_CTRL_VLAN:
		*filters = true;
		return vlan(s, h.cmd, l);
	case VIRTIO_NET_CTRL_ANNOUNCE:
		return announce(s, h.cmd);
	case VIRTIO_NET_CTRL_MQ:
		return pairs(s, h.cmd, l);
	default:
		return false;
	}
}

/* ---- the filter that workers see ------------------------------------------------------------ */

static void publish(struct vu_session *s, const struct vu_filter *new)
{
	const struct vu_filter *old = s->vu->filter;

	__atomic_store_n(&s->vu->filter, new, __ATOMIC_RELEASE);
	if (!old)
		return;
	rcu_wait();
	free((void *)old);
}

/* Without memory the guest is given more than it asked for, which it must bear with. */
static void publish_copy(struct vu_session *s)
{
	struct vu_filter *copy = malloc(sizeof(*copy));

	if (copy) {
		*copy = s->peer.filter;
		copy->alluni |= s->peer.too_many_uni;
		copy->allmulti |= s->peer.too_many_multi;
	}
	s->peer.filtered = true;
	publish(s, copy);
}

void vu_filter_drop(struct vu_session *s)
{
	s->peer.filtered = false;
	publish(s, NULL);
}

/* ---- the queue ------------------------------------------------------------------------------ */

static size_t gather(const struct ring_chain *c, uint8_t *out)
{
	const struct iovec *iov = ring_chain_iov(c);
	size_t n = 0;

	for (unsigned int i = 0; i < c->n_read && n < COMMAND_LEN; i++) {
		size_t part = MIN(iov[i].iov_len, COMMAND_LEN - n);

		memcpy(out + n, iov[i].iov_base, part);
		n += part;
	}
	return n;
}

/* The answer is one octet, in the first piece that may be written. */
static uint32_t answer(const struct ring_chain *c, bool obeyed)
{
	const struct iovec *iov = ring_chain_iov(c);

	for (unsigned int i = c->n_read; i < c->n_iov; i++) {
		if (iov[i].iov_len) {
			*(uint8_t *)iov[i].iov_base = obeyed ? VIRTIO_NET_OK : VIRTIO_NET_ERR;
			return 1;
		}
	}
	return 0;
}

static void serve(struct vu_session *s, struct ring *r)
{
	static uint8_t command[COMMAND_LEN]; /* copied out of the guest's reach first */
	bool filters = false;
	struct ring_chain c;
	struct iovec piece[PIECES];

	for (unsigned int n = 0; n < COMMANDS; n++) {
		struct left l = { .at = command };

		if (!ring_take(r, RING_BOTH, &c, 1, piece, ARRAY_LEN(piece)))
			break;
		l.n = gather(&c, command);
		ring_use(r, &c, answer(&c, obey(s, &l, &filters)));
	}
	if (filters)
		publish_copy(s);
	vu_pairs_update(s);
	ring_return(r);
}

static void kicked(void *arg, uint32_t events)
{
	struct vu_session *s = arg;
	unsigned int i = vu_control_index(s);
	struct ring *r = &s->vu->queue[i].ring;
	int kick = s->peer.vring[i].kick;
	const struct vu_signal self = { kick, WAKE_EVENTFD };

	(void)events;
	serve(s, r);
	/* What is left waits for the loop's next round, in which others have their turn as well. */
	if (kick >= 0 && ring_arm(r, true))
		vu_signal(&self);
}

static void polled(void *arg)
{
	kicked(arg, 0);
}

int vu_control_go(struct vu_session *s)
{
	const struct vu_vring *v = &s->peer.vring[vu_control_index(s)];
	struct loop *loop = s->vu->port->env->loop;
	int err;

	/* Nobody reads the kick: each write to it is an edge. */
	if (v->kick >= 0)
		err = loop_add_fd(loop, v->kick, EPOLLIN | EPOLLET, kicked, s, &s->peer.control);
	else
		err = loop_add_timer(loop, POLL_MS, POLL_MS, polled, s, &s->peer.control);
	if (err)
		return vu_because(s, "the kick of the control queue cannot be waited for: %s",
				  strerror(-err));
	kicked(s, 0); /* some may be waiting whose kick is gone */
	return 0;
}

void vu_control_halt(struct vu_session *s)
{
	loop_del(s->peer.control);
	s->peer.control = NULL;
}
