/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_GUEST_H
#define TESTS_RIG_GUEST_H

#include <linux/virtio_net.h>

#include "tests/rig/vring_driver.h"
#include "virtio/vhost_user.h"

/*
 * A virtual machine for tests: a vhost-user frontend (guest_msg.c) and a virtio-net driver
 * (guest.c) with memory of its own, against a port of this process or of a daemon. It is patient
 * and does what the standards say, unless the test spoils it: each message may be changed on its
 * way, and all of its memory lies open.
 *
 * Threads: one, which also runs the port's loop while it waits (guest_config.pump). What the port
 * does against the standards ends the test program with a sentence; what it refuses is returned.
 */
#define GUEST_PAIRS   16u
#define GUEST_QUEUES  (2 * GUEST_PAIRS + 1)
#define GUEST_REGIONS 4u
#define GUEST_WAIT_MS 10000 /* as long as nobody is thought to need */

/* Bits that Debian 12's headers lack. */
enum {
	GUEST_F_ANY_LAYOUT = 27,
	GUEST_F_INDIRECT_DESC = 28,
	GUEST_F_EVENT_IDX = 29,
	GUEST_F_VERSION_1 = 32,
	GUEST_F_RING_PACKED = 34,
	GUEST_F_IN_ORDER = 35,
	GUEST_F_GUEST_USO4 = 54,
	GUEST_F_GUEST_USO6 = 55,
	GUEST_F_HOST_USO = 56,
};

struct guest;

struct guest_config {
	const char *path; /* the port's socket */
	bool listen; /* the port connects to us */
	uint64_t features; /* the most that the driver takes; 0: GUEST_FEATURES */
	uint64_t protocol; /* the same of the protocol's own; 0: GUEST_PROTOCOL */
	unsigned int pairs; /* 0: 1 */
	uint16_t size; /* of each ring; 0: 256 */
	uint32_t rx_len; /* octets of one receive buffer, header and all; 0: any frame fits */
	unsigned int rx_pieces; /* descriptors of one: 0 or 1: one; more: the header has its own */
	unsigned int tx_pieces; /* the same of a frame that is sent */
	bool indirect; /* chains are indirect where that was negotiated */
	bool slots; /* memory comes a region at a time */
	bool no_acks; /* asks for no answer that it need not have */
	void (*pump)(
		void *arg); /* what the other side needs to go on, a moment of it; NULL: nothing */
	void *arg;
	/*
	 * Before MSG goes out: may change it and its descriptors (room for 16). False: it does not.
	 */
	bool (*spoil)(struct guest *, struct vhost_user_msg *msg, int *fd, unsigned int *n_fd);
	void *spoil_arg;
};

#define GUEST_FEATURES (~UINT64_C(0) & ~(UINT64_C(1) << VHOST_USER_F_LOG_ALL))
#define GUEST_PROTOCOL (~UINT64_C(0))

/* Guest memory: one file, mapped here. */
struct guest_region {
	uint64_t gpa, size, offset;
	uint8_t *at;
	int fd;
};

struct guest_queue {
	struct vring_driver ring;
	uint8_t *desc, *driver, *device, *table, *buf; /* table, buf: one a slot */
	uint32_t slot; /* octets of a buffer */
	int kick, call, err;
	uint16_t free[VRING_DRIVER_MAX], n_free; /* buffers */
	uint32_t base; /* where the port goes on: SET_VRING_BASE, of GET_VRING_BASE */
	bool on; /* the port was told of it */
	uint16_t order[VRING_DRIVER_MAX]; /* buffers as they went: so they come back, if IN_ORDER */
	unsigned int went, came;
	uint64_t kicks; /* that the port asked for */
};

struct guest {
	struct guest_config cfg;
	char *path; /* cfg's */
	int listener, sock;
	int backend; /* our end of the port's channel; -1: none */
	uint64_t offered, features, protocol_offered, protocol;
	unsigned int max_pairs; /* GET_QUEUE_NUM / what the port has */
	uint32_t hdr_len;
	unsigned int control; /* number of the control queue; 0: there is none */
	unsigned int n_region;
	struct guest_region region[GUEST_REGIONS];
	struct guest_queue queue[GUEST_QUEUES]; /* see guest_queue() */
	struct guest_region log; /* where the port marks what it wrote; fd -1: none */
	struct guest_region inflight;
	struct vhost_user_inflight inflight_told;
	const char *lost; /* the session has ended, and how; NULL: it stands */
	bool soiled; /* a port died with buffers in its hands: what lies behind frames is nobody's
		      */
	bool impatient; /* no answer in time, or a strange one, is an end like any other */
};

/* Memory and rings, nothing else. */
struct guest *guest_create(const struct guest_config *);
void guest_destroy(struct guest *);

/* ---- frontend: 0, -errno (-ECONNRESET: the port hung up), or what the port answered (> 0) ------
 */

/* Every step of a start, in the order of QEMU. */
int guest_start(struct guest *);
int guest_connect(struct guest *); /* or accepts */
void guest_disconnect(struct guest *);
int guest_negotiate(struct guest *); /* OWNER, features, protocol features, the port's channel */
int guest_share_memory(struct guest *);
int guest_set_features(struct guest *, uint64_t);
int guest_queue_start(struct guest *, unsigned int q); /* NUM, BASE, ADDR, KICK, CALL, ENABLE */
int guest_queue_stop(struct guest *, unsigned int q); /* GET_VRING_BASE */
int guest_queue_enable(struct guest *, unsigned int q, bool on);
/* All queues, then the session ends; rings and buffers stay. */
int guest_stop(struct guest *);
/* As after a fresh start of the driver: rings are empty. */
void guest_rings_reset(struct guest *);
/*
 * Base of each ring as a frontend takes it when the port left without a word: its used index. Of
 * packed rings that is where the driver is, so it must have received all that came.
 */
void guest_rings_recover(struct guest *);

int guest_region_add(struct guest *, uint64_t gpa, uint64_t size); /* and tells the port */
int guest_region_remove(struct guest *, unsigned int i);
int guest_log_start(struct guest *);
bool guest_log_has(struct guest *, uint64_t gpa); /* and clears the mark */
unsigned int guest_log_count(struct guest *); /* pages that are marked */
int guest_inflight_ask(struct guest *); /* a new region of the port's */
int guest_inflight_tell(struct guest *); /* the same, or the one that is there */
int guest_config_get(struct guest *, struct virtio_net_config *out);
/* Messages of the port's own since the last call. */
unsigned int guest_config_changes(struct guest *);

/*
 * Any message. ASK: an answer belongs to it, which comes back in *msg and *reply_fd (may be NULL).
 * TELL: without, but for the one to NEED_REPLY, if that was negotiated.
 */
int guest_ask(struct guest *, struct vhost_user_msg *, const int *fd, unsigned int n_fd,
	      int *reply_fd);
int guest_tell(struct guest *, struct vhost_user_msg *, const int *fd, unsigned int n_fd);
/* Octets as they are. False: the port hung up. */
bool guest_send_raw(struct guest *, const void *octets, size_t len, const int *fd,
		    unsigned int n_fd);
/* Until FD is readable, or in vain for so long; the port hung up if FD is the session's. */
bool guest_wait(struct guest *, int fd, int timeout_ms);
/* Until the port hangs up. */
bool guest_wait_hung_up(struct guest *);

/* ---- driver ---------------------------------------------------------------------------------- */

/* 0, or -EAGAIN: no free descriptors although what was used is taken back. */
int guest_send(struct guest *, unsigned int pair, const void *frame, uint32_t len,
	       const struct virtio_net_hdr_v1 *);
void guest_kick(struct guest *, unsigned int q); /* if the port asked for it */
unsigned int guest_reclaim(struct guest *, unsigned int pair); /* sent frames; returns how many */
bool guest_await_sent(struct guest *,
		      unsigned int pair); /* there is one to reclaim; false: in vain */
bool guest_await_all_sent(struct guest *, unsigned int pair); /* and reclaims them */
/* The next frame: its length, or 0. VNET may be NULL. */
uint32_t guest_receive(struct guest *, unsigned int pair, void *frame, uint32_t room,
		       struct virtio_net_hdr_v1 *vnet);
/* The same, but waits for one (GUEST_WAIT_MS); 0: none came. */
uint32_t guest_await(struct guest *, unsigned int pair, void *frame, uint32_t room,
		     struct virtio_net_hdr_v1 *vnet);
/* The longest frame that a receiver can have, as its buffers are. */
uint32_t guest_frame_max(const struct guest *);
unsigned int guest_rx_buffers(const struct guest *); /* that fit into the ring */
/* Receive buffers, as many as fit. */
void guest_refill(struct guest *, unsigned int pair);
/* A command of the control queue; its ack (VIRTIO_NET_OK, _ERR), or -1: none came. */
int guest_control(struct guest *, uint8_t class, uint8_t command, const void *data, uint32_t len);

static inline bool guest_has(const struct guest *g, unsigned int feature)
{
	return g->features >> feature & 1;
}

static inline bool guest_speaks(const struct guest *g, unsigned int protocol_feature)
{
	return g->protocol >> protocol_feature & 1;
}

/* The control queue is the last here, whatever its number. */
static inline struct guest_queue *guest_queue(struct guest *g, unsigned int q)
{
	return &g->queue[q && q == g->control ? GUEST_QUEUES - 1 : q];
}

uint64_t guest_gpa(const struct guest *, const void *);

/* Message templates. */
static inline struct vhost_user_msg guest_msg(uint32_t request)
{
	return (struct vhost_user_msg){ .request = request, .flags = VHOST_USER_VERSION };
}

static inline struct vhost_user_msg guest_msg_u64(uint32_t request, uint64_t v)
{
	struct vhost_user_msg m = guest_msg(request);

	m.size = sizeof(m.u64);
	m.u64 = v;
	return m;
}

static inline struct vhost_user_msg guest_msg_state(uint32_t request, uint32_t index, uint32_t num)
{
	struct vhost_user_msg m = guest_msg(request);

	m.size = sizeof(m.state);
	m.state.index = index;
	m.state.num = num;
	return m;
}

#endif /* TESTS_RIG_GUEST_H */
