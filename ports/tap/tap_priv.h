/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_TAP_TAP_PRIV_H
#define PORTS_TAP_TAP_PRIV_H

#include "ports/netlink.h"
#include "ports/types.h"

#define TAP_QUEUES 16

/* One descriptor of the device. A worker reads it; any worker may write. */
struct tap_queue {
	struct source source; /* .fd is the device */
	struct worker *worker; /* who reads it, once it has: tx prefers its own (atomic) */
	struct iovec rest[BURST_MAX]; /* what did not fit into the heads of this run's frames */
};

struct tap {
	struct tap *next; /* of all that are open, in tap_ctl.c */
	struct port *port;
	char host[NAME_MAX_LEN + 1]; /* "": the machine itself */
	char device[IFNAMSIZ]; /* as it is named now */
	char made[IFNAMSIZ]; /* as we named it */
	int index;
	struct eth_addr mac;
	unsigned int offload; /* OFFLOAD_* that the kernel takes from us */
	bool started;
	bool up; /* IFF_UP, as the last change told */
	struct tap_watch *watch;
	json_t *spec; /* what the device is made of */
	bool look; /* somebody changed it: tap_look_again() */
	struct tap_loss {
		bool lost;
		unsigned int quick; /* losses in a row, each soon after the device was made anew */
		uint64_t tried_ns; /* when it was last made anew */
		struct loop_handle *timer; /* until it is made anew; NULL: given up */
	} loss;
	struct sink sink;
	unsigned int n_queue;
	struct tap_queue queue[];
};

/* tap_node.c, worker threads */
unsigned int tap_rx(struct source *, struct worker *, struct pkt **out, unsigned int max);
void tap_tx(struct sink *, struct worker *, const struct tx_frame *, unsigned int n,
	    uint8_t *verdict);

/* tap_device.c: the kernel's half. Control thread; 0 or -errno. */
void tap_mac(const char *instance, const char *port, struct eth_addr *out);
void tap_alias(const struct port_env *, const char *port, char *out, size_t room);
#define TAP_ALIAS 256
/* The namespace of HOST ("": NETNS_SELF), to be closed with fd_close(). */
int tap_netns(const struct port_env *, const char *host, int *fd);
/*
 * Opens all queues of t->device ("weft%d": the first free name) in the namespace; makes the device
 * if it is not there. It has no carrier then, and goes with its last descriptor until it is kept.
 */
int tap_attach(struct tap *, int netns);
int tap_keep(struct tap *); /* from now on it outlives us */
void tap_let_go(struct tap *); /* it goes with its last descriptor */
void tap_detach(struct tap *);
int tap_set_carrier(struct tap *, bool up);

/* tap_reap.c: devices that have to go, all at once. Control thread. */
void tap_reap_later(const struct port_env *, const char *host, const char *device);
void tap_reap(const struct port_env *);
/* The device in the machine's namespace that the daemon before us made for PORT. */
bool tap_orphan(const struct port_env *, const char *port, char device[IFNAMSIZ]);
void tap_sweep(const struct port_env *);

/* tap_watch.c: one look-out a namespace, shared by its taps. Control thread. */
int tap_watch_add(const struct port_env *, const char *host, int netns, struct tap_watch **out);
void tap_watch_del(struct tap_watch *); /* NULL is fine */

/* tap_spec.c: pure. */
const char *tap_host(const struct object *); /* "": the machine */
const char *tap_device(const struct object *); /* "": the first free name */
#define TAP_ADDRESSES 64
unsigned int tap_addresses(const struct object *, struct prefix out[TAP_ADDRESSES]);
#define TAP_PLACE (NAME_MAX_LEN + 16)
const char *tap_place(const char *host, char *out, size_t room); /* "host a" */
void tap_check(const struct model *, const struct object *now, struct faults *);

/* tap_ctl.c */
struct tap *tap_find(const char *host, const char *device); /* NULL: no port has it open */
/* All descriptors and the device behind them, as NOW says; needs t->device, sets the rest. */
int tap_make(struct tap *, const struct object *now, struct faults *);
int tap_listen(struct tap *); /* workers read it from now on */
void tap_carrier(struct port *);
struct tap *tap_next(const struct tap *); /* of all that are open; NULL: the first */

/* tap_loss.c: devices that are changed or taken away by hand. Control thread. */
void tap_seen(const char *host, const struct netlink_link *); /* a change of any link there */
void tap_look_again(const char *host, bool all); /* at those that were seen to change, or at all */
void tap_revive(struct tap *); /* of a lost one: soon, however often it was lost */

#endif /* PORTS_TAP_TAP_PRIV_H */
