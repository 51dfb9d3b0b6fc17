/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a guest for tests, and the answers to them. */
#include "tests/rig/guest_priv.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define FDS 16u

bool guest_wait(struct guest *g, int fd, int timeout_ms)
{
	uint64_t end = clock_ns() + (uint64_t)timeout_ms * 1000000;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (!g->cfg.pump)
		return poll(&p, 1, timeout_ms) > 0;
	do {
		g->cfg.pump(g->cfg.arg);
		if (poll(&p, 1, 1) > 0)
			return true;
	} while (clock_ns() < end);
	return false;
}

bool guest_wait_hung_up(struct guest *g)
{
	uint8_t octet;

	while (g->sock >= 0 && guest_wait(g, g->sock, GUEST_WAIT_MS))
		if (recv(g->sock, &octet, 1, MSG_DONTWAIT) <= 0)
			return true;
	return g->sock < 0;
}

static int lost(struct guest *g, const char *why)
{
	g->lost = why;
	return -ECONNRESET;
}

bool guest_send_raw(struct guest *g, const void *octets, size_t len, const int *fd,
		    unsigned int n_fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(FDS * sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { (void *)octets, len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	guest_must(n_fd <= FDS, "that many descriptors");
	if (n_fd) {
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(n_fd * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(n_fd * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fd, n_fd * sizeof(int));
	}
	n = sendmsg(g->sock, &h, MSG_NOSIGNAL);
	return n == (ssize_t)len;
}

/* LEN octets of an answer. */
static bool read_all(struct guest *g, void *to, size_t len, int *fd)
{
	uint8_t *at = to;

	while (len) {
		union {
			struct cmsghdr align;
			char room[CMSG_SPACE(sizeof(int))];
		} control;
		struct iovec iov = { at, len };
		struct msghdr h = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = &control,
				    .msg_controllen = sizeof(control) };
		ssize_t n;

		if (!guest_wait(g, g->sock, g->impatient ? 20 : GUEST_WAIT_MS)) {
			guest_must(g->impatient, "no answer came");
			return false;
		}
		n = recvmsg(g->sock, &h, MSG_CMSG_CLOEXEC);
		if (n <= 0)
			return false;
		if (h.msg_controllen) {
			guest_must(fd && *fd < 0 && control.align.cmsg_type == SCM_RIGHTS &&
					   control.align.cmsg_len == CMSG_LEN(sizeof(int)),
				   "a descriptor that nobody asked for");
			memcpy(fd, CMSG_DATA(&control.align), sizeof(int));
		}
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static int read_answer(struct guest *g, struct vhost_user_msg *m, int *fd)
{
	uint32_t request = m->request;

	if (!read_all(g, m, VHOST_USER_HEADER, fd))
		return lost(g, "hung up instead of an answer");
	if (g->impatient && m->request != request)
		return lost(g, "an answer to something else");
	guest_must(m->request == request, "an answer to something else");
	guest_must(m->flags == (VHOST_USER_VERSION | VHOST_USER_REPLY), "flags of an answer");
	guest_must(m->size <= sizeof(m->payload), "a long answer");
	return read_all(g, m->payload, m->size, fd) ? 0 : lost(g, "hung up in an answer");
}

/* False: it is not to go out. */
static int go_out(struct guest *g, struct vhost_user_msg *m, const int *fd, unsigned int n_fd)
{
	int all[FDS];

	if (g->lost || g->sock < 0)
		return -ECONNRESET;
	guest_must(n_fd <= FDS, "that many descriptors");
	if (n_fd)
		memcpy(all, fd, n_fd * sizeof(int));
	if (g->cfg.spoil && !g->cfg.spoil(g, m, all, &n_fd))
		return -ECANCELED;
	if (!guest_send_raw(g, m, VHOST_USER_HEADER + MIN(m->size, sizeof(m->payload)), all, n_fd))
		return lost(g, "hung up");
	return 0;
}

int guest_ask(struct guest *g, struct vhost_user_msg *m, const int *fd, unsigned int n_fd,
	      int *reply_fd)
{
	int got = -1, err = go_out(g, m, fd, n_fd);

	if (err)
		return err;
	err = read_answer(g, m, reply_fd ? &got : NULL);
	if (reply_fd)
		*reply_fd = got;
	return err;
}

int guest_tell(struct guest *g, struct vhost_user_msg *m, const int *fd, unsigned int n_fd)
{
	bool ack = guest_speaks(g, VHOST_USER_PROTOCOL_F_REPLY_ACK) && !g->cfg.no_acks;
	int err;

	if (ack)
		m->flags |= VHOST_USER_NEED_REPLY;
	err = go_out(g, m, fd, n_fd);
	if (err || !ack || !(m->flags & VHOST_USER_NEED_REPLY))
		return err;
	err = read_answer(g, m, NULL);
	if (err)
		return err;
	guest_must(m->size == sizeof(m->u64), "the length of an acknowledgement");
	return m->u64 > INT32_MAX ? INT32_MAX : (int)m->u64;
}

int guest_tell_u64(struct guest *g, uint32_t request, uint64_t v, int fd)
{
	struct vhost_user_msg m = guest_msg_u64(request, v);

	return guest_tell(g, &m, &fd, fd >= 0);
}

int guest_ask_u64(struct guest *g, uint32_t request, uint64_t *out)
{
	struct vhost_user_msg m = guest_msg(request);
	int err = guest_ask(g, &m, NULL, 0, NULL);

	if (err)
		return err;
	guest_must(m.size == sizeof(m.u64), "the length of an answer");
	*out = m.u64;
	return 0;
}
