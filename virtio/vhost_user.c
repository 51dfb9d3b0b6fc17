/* SPDX-License-Identifier: Apache-2.0 */
#include "virtio/vhost_user.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/fd.h"

#define STATE  sizeof(struct vhost_user_state)
#define ADDR   sizeof(struct vhost_user_addr)
#define REGION sizeof(struct vhost_user_region)
#define CONFIG 12u /* in front of the configuration's octets */

/*
 * What each request may bring. Sizes are ranges, because frontends round: user-mode Linux always
 * sends a memory table of two regions, and the inflight message is 20 octets or, as C lays it out,
 * 24. A region to be removed comes with its descriptor from some versions of QEMU.
 */
static const struct {
	const char *name;
	uint16_t min, max;
	uint8_t min_fd, max_fd;
} table[VHOST_USER_REQUESTS] = {
	[VHOST_USER_GET_FEATURES] = { "GET_FEATURES", 0, 8, 0, 0 },
	[VHOST_USER_SET_FEATURES] = { "SET_FEATURES", 8, 8, 0, 0 },
	[VHOST_USER_SET_OWNER] = { "SET_OWNER", 0, 8, 0, 0 },
	[VHOST_USER_RESET_OWNER] = { "RESET_OWNER", 0, 8, 0, 0 },
	[VHOST_USER_SET_MEM_TABLE] = { "SET_MEM_TABLE", 8 + REGION, 8 + VHOST_USER_REGIONS *REGION,
				       1, VHOST_USER_REGIONS },
	[VHOST_USER_SET_LOG_BASE] = { "SET_LOG_BASE", 16, 16, 1, 1 },
	[VHOST_USER_SET_LOG_FD] = { "SET_LOG_FD", 0, 8, 1, 1 },
	[VHOST_USER_SET_VRING_NUM] = { "SET_VRING_NUM", STATE, STATE, 0, 0 },
	[VHOST_USER_SET_VRING_ADDR] = { "SET_VRING_ADDR", ADDR, ADDR, 0, 0 },
	[VHOST_USER_SET_VRING_BASE] = { "SET_VRING_BASE", STATE, STATE, 0, 0 },
	[VHOST_USER_GET_VRING_BASE] = { "GET_VRING_BASE", STATE, STATE, 0, 0 },
	[VHOST_USER_SET_VRING_KICK] = { "SET_VRING_KICK", 8, 8, 0, 1 },
	[VHOST_USER_SET_VRING_CALL] = { "SET_VRING_CALL", 8, 8, 0, 1 },
	[VHOST_USER_SET_VRING_ERR] = { "SET_VRING_ERR", 8, 8, 0, 1 },
	[VHOST_USER_GET_PROTOCOL_FEATURES] = { "GET_PROTOCOL_FEATURES", 0, 8, 0, 0 },
	[VHOST_USER_SET_PROTOCOL_FEATURES] = { "SET_PROTOCOL_FEATURES", 8, 8, 0, 0 },
	[VHOST_USER_GET_QUEUE_NUM] = { "GET_QUEUE_NUM", 0, 8, 0, 0 },
	[VHOST_USER_SET_VRING_ENABLE] = { "SET_VRING_ENABLE", STATE, STATE, 0, 0 },
	[VHOST_USER_SEND_RARP] = { "SEND_RARP", 8, 8, 0, 0 },
	[VHOST_USER_NET_SET_MTU] = { "NET_SET_MTU", 8, 8, 0, 0 },
	[VHOST_USER_SET_BACKEND_REQ_FD] = { "SET_BACKEND_REQ_FD", 0, 8, 1, 1 },
	[VHOST_USER_GET_CONFIG] = { "GET_CONFIG", CONFIG, CONFIG + VHOST_USER_CONFIG, 0, 0 },
	[VHOST_USER_SET_CONFIG] = { "SET_CONFIG", CONFIG, CONFIG + VHOST_USER_CONFIG, 0, 0 },
	[VHOST_USER_GET_INFLIGHT_FD] = { "GET_INFLIGHT_FD", 20, 24, 0, 0 },
	[VHOST_USER_SET_INFLIGHT_FD] = { "SET_INFLIGHT_FD", 20, 24, 1, 1 },
	[VHOST_USER_RESET_DEVICE] = { "RESET_DEVICE", 0, 8, 0, 0 },
	[VHOST_USER_GET_MAX_MEM_SLOTS] = { "GET_MAX_MEM_SLOTS", 0, 8, 0, 0 },
	[VHOST_USER_ADD_MEM_REG] = { "ADD_MEM_REG", 8 + REGION, 8 + REGION, 1, 1 },
	[VHOST_USER_REM_MEM_REG] = { "REM_MEM_REG", 8 + REGION, 8 + REGION, 0, 1 },
	[VHOST_USER_SET_STATUS] = { "SET_STATUS", 8, 8, 0, 0 },
	[VHOST_USER_GET_STATUS] = { "GET_STATUS", 0, 8, 0, 0 },
};

const char *vhost_user_name(uint32_t request)
{
	return request < VHOST_USER_REQUESTS ? table[request].name : NULL;
}

static int refuse(const char **why, const char *cause)
{
	*why = cause;
	return -EPROTO;
}

int vhost_user_check_header(const struct vhost_user_msg *m, const char **why)
{
	if ((m->flags & VHOST_USER_VERSION_MASK) != VHOST_USER_VERSION)
		return refuse(why, "not version 1 of the protocol");
	if (m->flags & VHOST_USER_REPLY)
		return refuse(why, "an answer to nothing that was asked");
	if (!vhost_user_name(m->request))
		return refuse(why, "an unknown request");
	if (m->size < table[m->request].min)
		return refuse(why, "too short for its request");
	if (m->size > table[m->request].max)
		return refuse(why, "too long for its request");
	return 0;
}

/* Counts within the payload. */
static int check_payload(const struct vhost_user_msg *m, unsigned int n_fd, const char **why)
{
	switch (m->request) {
	case VHOST_USER_SET_MEM_TABLE:
		if (m->memory.n < 1 || m->memory.n > VHOST_USER_REGIONS ||
		    m->size < 8 + m->memory.n * REGION)
			return refuse(why, "more regions than its size allows, or none");
		if (n_fd != m->memory.n)
			return refuse(why, "not one file descriptor a region");
		return 0;
	case VHOST_USER_SET_VRING_KICK:
	case VHOST_USER_SET_VRING_CALL:
	case VHOST_USER_SET_VRING_ERR:
		if (n_fd != (m->u64 & VHOST_USER_VRING_NOFD ? 0u : 1u))
			return refuse(why, "a file descriptor too many or too few");
		return 0;
	case VHOST_USER_GET_CONFIG:
	case VHOST_USER_SET_CONFIG:
		if (m->config.size > VHOST_USER_CONFIG || m->size != CONFIG + m->config.size)
			return refuse(why, "its configuration is not as long as it says");
		return 0;
	default:
		return 0;
	}
}

int vhost_user_check(const struct vhost_user_msg *m, unsigned int n_fd, const char **why)
{
	int err = vhost_user_check_header(m, why);

	if (err)
		return err;
	if (n_fd < table[m->request].min_fd)
		return refuse(why, "a file descriptor is missing");
	if (n_fd > table[m->request].max_fd)
		return refuse(why, "too many file descriptors");
	return check_payload(m, n_fd, why);
}

void vhost_user_reader_init(struct vhost_user_reader *r)
{
	r->have = 0;
	r->n_fd = 0;
}

void vhost_user_forget(struct vhost_user_reader *r)
{
	while (r->n_fd)
		fd_close(&r->fd[--r->n_fd]);
	r->have = 0;
}

int vhost_user_take_fd(struct vhost_user_reader *r)
{
	int fd;

	if (!r->n_fd)
		return -1;
	fd = r->fd[0];
	r->n_fd--;
	memmove(r->fd, r->fd + 1, r->n_fd * sizeof(r->fd[0]));
	return fd;
}

/* False: more came than any message may bring; those are closed. */
static bool keep_fds(struct vhost_user_reader *r, struct msghdr *h)
{
	bool all = !(h->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		unsigned int n = (unsigned int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (unsigned int i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (r->n_fd < VHOST_USER_FDS) {
				r->fd[r->n_fd++] = fd;
			} else {
				fd_close(&fd);
				all = false;
			}
		}
	}
	return all;
}

/* Octets that the message still lacks, as far as is known. */
static size_t missing(const struct vhost_user_reader *r)
{
	if (r->have < VHOST_USER_HEADER)
		return VHOST_USER_HEADER - r->have;
	return VHOST_USER_HEADER + r->msg.size - r->have;
}

static int read_piece(struct vhost_user_reader *r, int sock, const char **why)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(VHOST_USER_FDS * sizeof(int))];
	} control;
	struct iovec iov = { (uint8_t *)&r->msg + r->have, missing(r) };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(sock, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!keep_fds(r, &h))
		return refuse(why, "too many file descriptors");
	if (n == 0)
		return r->have ? refuse(why, "the frontend left in the middle of a message")
			       : -ECONNRESET;
	r->have += (size_t)n;
	return 1;
}

int vhost_user_read(struct vhost_user_reader *r, int sock, const char **why)
{
	while (r->have < VHOST_USER_HEADER || missing(r)) {
		int got = read_piece(r, sock, why);

		if (got <= 0)
			return got;
		if (r->have == VHOST_USER_HEADER) {
			int err = vhost_user_check_header(&r->msg, why);

			if (err)
				return err;
		}
	}
	return vhost_user_check(&r->msg, r->n_fd, why) ?: 1;
}

int vhost_user_send(int sock, const struct vhost_user_msg *m, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { (void *)m, VHOST_USER_HEADER + m->size };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	assert(m->size <= sizeof(m->payload));
	if (fd >= 0) {
		h.msg_control = &control;
		h.msg_controllen = sizeof(control);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	n = sendmsg(sock, &h, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return -errno;
	/* A socket whose buffer takes half a message is one that nobody reads. */
	return (size_t)n == iov.iov_len ? 0 : -EAGAIN;
}
