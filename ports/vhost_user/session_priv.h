/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_VHOST_USER_SESSION_PRIV_H
#define PORTS_VHOST_USER_SESSION_PRIV_H

#include <sys/un.h>

#include "ports/vhost_user/features.h"
#include "ports/vhost_user/vhost_user_priv.h"
#include "virtio/vhost_user.h"

/*
 * The control thread's half of a port: its socket, the frontend that is connected, and what that
 * one has told. Workers see none of it.
 */

/* So many at once, and then one each period: of what a frontend can make us do or say. */
struct vu_budget {
	uint64_t at_ns; /* 0: full */
	unsigned int held_back; /* since the last that was let through */
};

/* What we signal. */
struct vu_signal {
	int fd; /* -1: none */
	enum wake_kind kind;
};
#define VU_NO_SIGNAL       \
	(struct vu_signal) \
	{                  \
		.fd = -1   \
	}

/* One ring as the frontend has described it. */
struct vu_vring {
	uint16_t size; /* 0: not told */
	bool placed; /* addr was told */
	struct vhost_user_addr addr;
	uint32_t base;
	bool exact; /* base is where we stopped, and not what a frontend thinks */
	bool kicked; /* started, by SET_VRING_KICK */
	bool enabled;
	bool told; /* that it is broken */
	int kick; /* an eventfd, or -1: none */
	struct vu_signal call, err;
};

#define VU_NEW_RING                                                   \
	(struct vu_vring)                                             \
	{                                                             \
		.kick = -1, .call = VU_NO_SIGNAL, .err = VU_NO_SIGNAL \
	}

/* What a frontend has told, from its connection to its end. */
struct vu_peer {
	int sock; /* -1: there is none */
	struct loop_handle *watch;
	struct vhost_user_reader reader;
	struct vu_settings set; /* of the port, as they were when it came */
	int pid;
	uint64_t since_ns;
	uint64_t features, protocol;
	uint8_t status; /* SET_STATUS */
	bool announce; /* the driver shall announce itself */
	bool link_told; /* what the driver may know of the link */
	uint16_t mtu; /* NET_SET_MTU; 0: not told */
	int backend; /* channel for our requests, or -1 */
	struct gmem *mem;
	/* The log and the inflight area are files of the frontend as well: mapped as its memory. */
	struct gmem *log_map, *inflight_map;
	struct dirty_log log;
	struct vu_signal log_signal; /* while the log is in use */
	uint16_t inflight_queues, inflight_size;
	unsigned int mq_pairs; /* that the driver asked for over the control queue */
	struct vu_filter filter; /* as the control queue left it */
	bool too_many_uni, too_many_multi; /* addresses for the filter: all of them, then */
	bool filtered; /* there was a command that the filter comes of */
	struct loop_handle *control; /* kick of the control queue, or a timer if there is none */
	struct vu_vring vring[VU_QUEUES];
	char why[192]; /* why it is refused */
};

struct vu_session {
	struct vu_session *next; /* of all, in session_ctl.c */
	struct vhost_user *vu;
	struct vu_settings set;
	bool started;
	/* socket_ctl.c */
	struct sockaddr_un path;
	dev_t path_dev; /* of the socket that we made, so that nobody else's is removed */
	ino_t path_ino;
	int listening; /* -1 */
	struct loop_handle *accept, *retry;
	unsigned int tries; /* to connect, in a row */
	int trouble; /* errno of why no frontend can come; 0: none */
	struct vu_budget connections, refusals, carriers;
	bool hung_up; /* the frontend was sent away until the port is up again */
	struct vu_peer peer;
};

/* socket_ctl.c: finds frontends. */
int vu_socket_open(struct vu_session *, struct faults *); /* a server's path; client: nothing */
void vu_socket_close(struct vu_session *);
/* Brings it in line: a frontend is wanted, or none. */
void vu_socket_want(struct vu_session *, bool wanted);
void vu_socket_lost(struct vu_session *); /* the frontend is gone: look for the next */

/* session_ctl.c: one frontend's life. */
void vu_session_init(struct vu_session *); /* there is no frontend */
void vu_session_begin(struct vu_session *, int sock); /* SOCK is taken over */
void vu_session_end(struct vu_session *); /* fine if there is none */
/* WHY in plain words: it is not served any more, and people are told. */
void vu_session_refuse(struct vu_session *, const char *why);
void vu_session_taken(struct vu_session *); /* another frontend came, and people are told */
void vu_session_carrier(struct vu_session *); /* port->carrier, by what is */
bool vu_budget_take(struct vu_budget *, unsigned int burst, unsigned int period_ms);
void vu_signal(const struct vu_signal *);
int vu_because(struct vu_session *, const char *fmt, ...) PRINTF_LIKE(2, 3); /* -EPROTO */

/* requests_ctl.c: one whole message. Its answer is sent. -EPROTO: refused, peer.why says so. */
int vu_request(struct vu_session *);

/*
 * rings_ctl.c. A bit of WHICH a queue. After vu_rings_halt() no worker uses them; vu_rings_go()
 * starts all that can run. STRICT: what cannot run though all is told is an error (-EPROTO).
 */
#define VU_ALL_QUEUES ((1ull << VU_QUEUES) - 1)
void vu_rings_halt(struct vu_session *, uint64_t which);
int vu_rings_go(struct vu_session *, bool strict);
void vu_rings_reset(struct vu_session *); /* as if none had been told */
bool vu_rings_link(const struct vu_session *); /* the first pair runs */
unsigned int vu_control_index(const struct vu_session *); /* VU_QUEUES: the driver has none */
void vu_pairs_update(struct vu_session *);

/* memory_ctl.c. The rings are halted, but for adopt and make. */
int vu_memory_table(struct vu_session *);
int vu_memory_slot(struct vu_session *, bool add);
int vu_log_base(struct vu_session *);
int vu_inflight_make(struct vu_session *, struct vhost_user_inflight *, int *fd);
int vu_inflight_set(struct vu_session *);
void *vu_inflight_of(const struct vu_session *, unsigned int queue); /* NULL: not tracked */
void vu_memory_drop(struct vu_session *);
bool vu_memory_lost(const struct vu_session *);
uint64_t vu_memory_size(const struct vu_session *);

/* control_queue_ctl.c */
int vu_control_go(struct vu_session *);
void vu_control_halt(struct vu_session *);
void vu_filter_drop(struct vu_session *); /* the guest gets everything; waits */

/* config_ctl.c */
int vu_config_get(struct vu_session *, struct vhost_user_msg *);
int vu_config_set(struct vu_session *, const struct vhost_user_msg *);
void vu_config_changed(struct vu_session *); /* tells the frontend, if it can be told */
bool vu_config_can_tell(const struct vu_session *);

/* status_ctl.c */
void vhost_user_status(const struct port *, json_t *into);

#endif /* PORTS_VHOST_USER_SESSION_PRIV_H */
