/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One frontend, from its connection to its end. Whatever it does that makes no sense ends its
 * session and nothing else; people are told why, but not more often than they can read.
 *
 * What a guest does behind our backs (a file that is truncated, a ring that is broken) is looked
 * for four times a second: a worker only marks it.
 */
#include "ports/vhost_user/session_priv.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

#define BIT(n) (1ull << (n))

enum {
	MESSAGES = 32, /* at once: then others have their turn */
	LOOK_MS = 250,
	TELL_BURST = 5,
	TELL_MS = 10000,
	CARRIER_BURST = 20,
	CARRIER_MS = 1000,
};

static struct vu_session *sessions;
static struct loop_handle *looking;

bool vu_budget_take(struct vu_budget *b, unsigned int burst, unsigned int period_ms)
{
	uint64_t now = clock_ns(), period = (uint64_t)period_ms * 1000000;

	if (b->at_ns < now)
		b->at_ns = now;
	if (b->at_ns - now > (burst - 1) * period) {
		b->held_back++;
		return false;
	}
	b->at_ns += period;
	return true;
}

void vu_signal(const struct vu_signal *to)
{
	if (to->fd >= 0)
		wake(to->fd, to->kind);
}

int vu_because(struct vu_session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->peer.why, sizeof(s->peer.why), fmt, ap);
	va_end(ap);
	return -EPROTO;
}

/* ---- what people see ------------------------------------------------------------------------ */

static void tell(struct vu_session *s, const char *type, const char *what, const char *why)
{
	const struct port *p = s->vu->port;
	char more[48] = "";

	if (!vu_budget_take(&s->refusals, TELL_BURST, TELL_MS))
		return;
	if (s->refusals.held_back)
		snprintf(more, sizeof(more), " (after %u more that were not told)",
			 s->refusals.held_back);
	s->refusals.held_back = 0;
	events_post(p->env->events, type, "port", p->name, "port %s: %s: %s%s", p->name, what, why,
		    more);
}

/* Does the frontend come back when its connection ends? Who tracks what is in flight means to. */
static bool comes_back(const struct vu_session *s)
{
	return s->set.client || s->peer.protocol & BIT(VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD);
}

/*
 * A cut has to reach the guest. A frontend that leaves the configuration space to us is told; one
 * that takes its end of the connection for the cable is hung up; not because its wire's other end
 * is down, though: two of them would wait for one another.
 */
static void show_link(struct vu_session *s)
{
	bool up = s->vu->port->wanted, on = port_is_on(s->vu->port);

	if (s->peer.sock >= 0 && on != s->peer.link_told) {
		s->peer.link_told = on;
		s->peer.announce = on && s->peer.features & BIT(VIRTIO_NET_F_GUEST_ANNOUNCE);
		vu_config_changed(s);
	}
	if (!up && vu_rings_link(s) && !vu_config_can_tell(s) && comes_back(s)) {
		s->hung_up = true;
		vu_session_end(s);
		vu_socket_want(s, false);
	} else if (up && s->hung_up) {
		s->hung_up = false;
		vu_socket_want(s, true);
	}
}

void vu_session_carrier(struct vu_session *s)
{
	struct port *p = s->vu->port;
	bool link;

	vu_pairs_update(s);
	link = vu_rings_link(s);
	port_ready_is(p, s->started && p->wanted && link);
	if (s->started)
		show_link(s);
	if (!s->started || !port_is_on(p))
		port_carrier_is(p, false, s->started ? port_why_off(p) : "stopped");
	else if (!link)
		port_carrier_is(p, false,
				s->peer.sock < 0 ? "no frontend is connected"
						 : "its guest's driver is not ready");
	else if (!p->carrier && vu_budget_take(&s->carriers, CARRIER_BURST, CARRIER_MS))
		port_carrier_is(p, true, "its guest's driver is ready");
}

/* ---- looked after --------------------------------------------------------------------------- */

static void look_at_ring(struct vu_session *s, unsigned int i)
{
	struct vu_vring *v = &s->peer.vring[i];
	const char *broken = __atomic_load_n(&s->vu->queue[i].ring.broken, __ATOMIC_ACQUIRE);
	char what[64];

	if (!s->vu->queue[i].running || !broken || v->told)
		return;
	v->told = true;
	snprintf(what, sizeof(what), "its guest broke ring %u", i);
	tell(s, "vhost_user.broken", what, broken);
	s->peer.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	vu_config_changed(s);
	vu_signal(&v->err);
}

static void look_at(struct vu_session *s)
{
	if (s->peer.sock < 0)
		return;
	if (vu_memory_lost(s)) {
		vu_session_refuse(s, "the file of its guest's memory was truncated");
		return;
	}
	for (unsigned int i = 0; i < VU_QUEUES; i++)
		look_at_ring(s, i);
	if (s->peer.log.map)
		vu_signal(&s->peer.log_signal);
	vu_session_carrier(s);
}

static void look(void *arg)
{
	struct vu_session *next;

	(void)arg;
	for (struct vu_session *s = sessions; s; s = next) {
		next = s->next;
		look_at(s);
	}
}

/* The clock ticks while there is something to look at. */
static int list(struct vu_session *s, bool in)
{
	struct vu_session **at = &sessions;
	int err = 0;

	if (in && !looking)
		err = loop_add_timer(s->vu->port->env->loop, LOOK_MS, LOOK_MS, look, NULL,
				     &looking);
	while (*at && *at != s)
		at = &(*at)->next;
	if (in && !err && !*at) {
		s->next = sessions;
		sessions = s;
	} else if (!in && *at) {
		*at = s->next;
	}
	if (!sessions) {
		loop_del(looking);
		looking = NULL;
	}
	return err;
}

/* ---- its life ------------------------------------------------------------------------------- */

/* A message that was refused as it came in, by its name if it is known. */
static void explain(struct vu_session *s, const char *why)
{
	const struct vhost_user_reader *r = &s->peer.reader;
	const char *name = r->have < VHOST_USER_HEADER ? NULL : vhost_user_name(r->msg.request);

	if (name)
		vu_because(s, "%s: %s", name, why);
	else
		vu_because(s, "%s", why);
}

static void readable(void *arg, uint32_t events)
{
	struct vu_session *s = arg;
	struct vu_peer *p = &s->peer;

	(void)events;
	for (unsigned int i = 0; i < MESSAGES && p->sock >= 0; i++) {
		const char *why = NULL;
		int got = vhost_user_read(&p->reader, p->sock, &why);

		if (got == 0)
			break;
		if (got == 1)
			got = vu_request(s);
		else if (got == -EPROTO)
			explain(s, why);
		if (got == -EPROTO)
			vu_session_refuse(s, p->why);
		else if (got < 0)
			vu_session_end(s);
		else
			vhost_user_forget(&p->reader);
	}
	vu_session_carrier(s);
}

static int pid_of(int sock)
{
	struct ucred cred = { 0 };
	socklen_t len = sizeof(cred);

	return getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) ? 0 : cred.pid;
}

void vu_session_init(struct vu_session *s)
{
	s->peer = (struct vu_peer){
		.sock = -1,
		.backend = -1,
		.log_signal = VU_NO_SIGNAL,
		.mq_pairs = 1,
		.link_told = true,
		.set = s->set,
		.since_ns = clock_ns(),
	};
	vhost_user_reader_init(&s->peer.reader);
	/* Until the driver says otherwise it is given everything (5.1.6.5.1). */
	s->peer.filter = (struct vu_filter){ .promisc = true, .n_uni = 1, .uni = { s->set.mac } };
	for (unsigned int i = 0; i < VU_QUEUES; i++)
		s->peer.vring[i] = VU_NEW_RING;
}

void vu_session_begin(struct vu_session *s, int sock)
{
	const struct port_env *env = s->vu->port->env;

	vu_session_init(s);
	s->peer.sock = sock;
	s->peer.pid = pid_of(sock);
	if (fd_nonblock(sock) || list(s, true) ||
	    loop_add_fd(env->loop, sock, EPOLLIN, readable, s, &s->peer.watch))
		vu_session_refuse(s, "there is no memory for a session");
	else
		vu_session_carrier(s);
}

/*
 * 1. Nothing more is read from it.
 * 2. The rings are halted: no worker uses its memory, its signals or its filter.
 * 3. All of it goes.
 */
void vu_session_end(struct vu_session *s)
{
	struct vu_peer *p = &s->peer;

	if (p->sock < 0)
		return;
	loop_del(p->watch);
	list(s, false);
	vu_rings_halt(s, VU_ALL_QUEUES);
	vu_filter_drop(s);
	vu_memory_drop(s);
	vu_rings_reset(s);
	vhost_user_forget(&p->reader);
	fd_close(&p->backend);
	fd_close(&p->log_signal.fd);
	fd_close(&p->sock);
	vu_session_init(s);
	vu_pairs_update(s);
	vu_socket_lost(s);
}

void vu_session_refuse(struct vu_session *s, const char *why)
{
	char text[sizeof(s->peer.why)];

	snprintf(text, sizeof(text), "%s", why);
	tell(s, "vhost_user.refused", "its frontend was sent away", text);
	vu_session_end(s);
}

void vu_session_taken(struct vu_session *s)
{
	tell(s, "vhost_user.refused", "another frontend was sent away",
	     "one is connected, and a port has one at a time");
}
