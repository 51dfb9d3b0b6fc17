/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTIO_VHOST_USER_H
#define VIRTIO_VHOST_USER_H

#include "base/compat.h"

/*
 * Messages of the vhost-user protocol (QEMU, docs/interop/vhost-user.rst) as a backend receives
 * and answers them: numbers, layouts, and the checks that come before any of it is used.
 *
 * Threads: any; a reader belongs to one thread. Memory: a reader owns the descriptors that came
 * with its message until vhost_user_take_fd() or vhost_user_forget().
 */
enum vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_RESET_OWNER = 4,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_LOG_BASE = 6,
	VHOST_USER_SET_LOG_FD = 7,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_SET_VRING_ERR = 14,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_GET_QUEUE_NUM = 17,
	VHOST_USER_SET_VRING_ENABLE = 18,
	VHOST_USER_SEND_RARP = 19,
	VHOST_USER_NET_SET_MTU = 20,
	VHOST_USER_SET_BACKEND_REQ_FD = 21,
	VHOST_USER_GET_CONFIG = 24,
	VHOST_USER_SET_CONFIG = 25,
	VHOST_USER_GET_INFLIGHT_FD = 31,
	VHOST_USER_SET_INFLIGHT_FD = 32,
	VHOST_USER_RESET_DEVICE = 34,
	VHOST_USER_GET_MAX_MEM_SLOTS = 36,
	VHOST_USER_ADD_MEM_REG = 37,
	VHOST_USER_REM_MEM_REG = 38,
	VHOST_USER_SET_STATUS = 39,
	VHOST_USER_GET_STATUS = 40,
	VHOST_USER_REQUESTS
};

/* What a backend asks of a frontend, over the channel of SET_BACKEND_REQ_FD. */
enum { VHOST_USER_BACKEND_CONFIG_CHANGE_MSG = 2 };

/* Bits of the protocol's own features. */
enum {
	VHOST_USER_PROTOCOL_F_MQ = 0,
	VHOST_USER_PROTOCOL_F_LOG_SHMFD = 1,
	VHOST_USER_PROTOCOL_F_RARP = 2,
	VHOST_USER_PROTOCOL_F_REPLY_ACK = 3,
	VHOST_USER_PROTOCOL_F_MTU = 4,
	VHOST_USER_PROTOCOL_F_BACKEND_REQ = 5,
	VHOST_USER_PROTOCOL_F_CONFIG = 9,
	VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD = 12,
	VHOST_USER_PROTOCOL_F_RESET_DEVICE = 13,
	VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS = 15,
	VHOST_USER_PROTOCOL_F_STATUS = 16,
};
/* Bits of the virtio features that belong to the transport. */
enum { VHOST_USER_F_LOG_ALL = 26, VHOST_USER_F_PROTOCOL_FEATURES = 30 };

/* Header: flags. */
#define VHOST_USER_VERSION      1u
#define VHOST_USER_VERSION_MASK 3u
#define VHOST_USER_REPLY        4u
#define VHOST_USER_NEED_REPLY   8u
/* SET_VRING_KICK and its kind: the queue, and that no descriptor comes along. */
#define VHOST_USER_VRING_INDEX 0xffu
#define VHOST_USER_VRING_NOFD  0x100u
/* SET_VRING_ADDR: writes to this ring are logged. */
#define VHOST_USER_VRING_LOG 1u

#define VHOST_USER_HEADER  12u
#define VHOST_USER_REGIONS 8u /* that SET_MEM_TABLE may bring */
#define VHOST_USER_FDS     VHOST_USER_REGIONS
#define VHOST_USER_CONFIG  256u /* octets of configuration space in one message */
#define VHOST_USER_PAYLOAD (12u + VHOST_USER_CONFIG)

struct vhost_user_region {
	uint64_t gpa, size, uva, offset;
};

struct vhost_user_state {
	uint32_t index, num;
};

struct vhost_user_addr {
	uint32_t index, flags;
	uint64_t desc, used, avail, log;
};

struct vhost_user_inflight {
	uint64_t size, offset;
	uint16_t queues, queue_size;
};

/* In the machine's own order: both sides run on it. */
struct vhost_user_msg {
	uint32_t request, flags, size;
	union {
		uint64_t u64;
		struct vhost_user_state state;
		struct vhost_user_addr addr;
		struct {
			uint32_t n, unused;
			struct vhost_user_region region[VHOST_USER_REGIONS];
		} memory;
		struct {
			uint64_t unused;
			struct vhost_user_region region;
		} slot;
		struct {
			uint64_t size, offset;
		} log;
		struct vhost_user_inflight inflight;
		struct {
			uint32_t offset, size, flags;
			uint8_t data[VHOST_USER_CONFIG];
		} config;
		uint8_t payload[VHOST_USER_PAYLOAD];
	};
} __attribute__((packed));
static_assert(offsetof(struct vhost_user_msg, u64) == VHOST_USER_HEADER, "the payload follows");

/* A message that comes in, in as many pieces as its sender likes. {0} is not one: see init. */
struct vhost_user_reader {
	struct vhost_user_msg msg;
	size_t have; /* octets of it */
	unsigned int n_fd;
	int fd[VHOST_USER_FDS];
};

void vhost_user_reader_init(struct vhost_user_reader *);
/* Closes what is left of its descriptors; the next message begins. */
void vhost_user_forget(struct vhost_user_reader *);

/*
 * Goes on reading from a socket, without waiting. 1: the message is whole and passes
 * vhost_user_check(). 0: there is no more for now. -EPROTO: it is refused, *WHY says the cause in
 * plain words; -ECONNRESET: the other side is gone; other errors are the socket's. Nothing behind
 * the message is read.
 */
int vhost_user_read(struct vhost_user_reader *, int sock, const char **why);

/*
 * Version, size of the payload, number of descriptors, and the counts within the payload that say
 * how long it is. -EPROTO and *WHY. _check_header: when only that much is there.
 */
int vhost_user_check_header(const struct vhost_user_msg *, const char **why);
int vhost_user_check(const struct vhost_user_msg *, unsigned int n_fd, const char **why);

/* The next descriptor of the message, now the caller's; -1: there are no more. */
int vhost_user_take_fd(struct vhost_user_reader *);

/* "SET_VRING_NUM"; NULL: there is no such request. */
const char *vhost_user_name(uint32_t request);

/*
 * One whole message with at most one descriptor (-1: none). Without waiting: a peer that does not
 * read its answers loses its session. 0 or -errno.
 */
int vhost_user_send(int sock, const struct vhost_user_msg *, int fd);

#endif /* VIRTIO_VHOST_USER_H */
