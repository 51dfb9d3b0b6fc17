/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_NETDEV_NETDEV_PRIV_H
#define PORTS_NETDEV_NETDEV_PRIV_H

#include "ports/link_watch.h"
#include "ports/netlink_tc.h"
#include "ports/tap_io.h"
#include "ports/types.h"

/* A device that others made, and the TAP of ours that its frames are led through. */
struct netdev {
	struct netdev *next; /* of all that are open, in netdev_ctl.c */
	struct port *port;
	char place[PLACE_LEN];
	int netns; /* which namespace that is; NETNS_SELF, or held open while the device is ours */
	struct place_id place_id;
	char before[PLACE_LEN]; /* where it was before it moved */
	char wanted[IFNAMSIZ]; /* the name that it is looked for by */
	char device[IFNAMSIZ]; /* as it is named now */
	char kind[16];
	int index;
	char tap[IFNAMSIZ];
	int tap_index;
	bool force;
	bool started;
	bool lost; /* no device, no TAP */
	bool up, linked; /* of the device: IFF_UP, IFF_LOWER_UP */
	bool cut; /* we took it down because the port is */
	bool look; /* somebody changed it */
	struct link_watch *watch; /* NULL: its place is not there */
	struct loop_handle *timer; /* until it is looked for again */
	struct tap_io io;
};

/* netdev_ctl.c */
struct netdev *netdev_next(const struct netdev *); /* of all that are open; NULL: the first */
bool netdev_has(const struct place_id *, int index); /* a device or a TAP */
void netdev_carrier(struct port *);

/* netdev_load.c: the programs. Descriptors are the caller's. */
enum netdev_program { FROM_DEV, FROM_TAP, GATE, PROGRAMS };
extern const char *const netdev_program_name[PROGRAMS];
struct netdev_bpf;
/* 0 or -errno; *WHY is then what the kernel or libbpf said, until the next call. */
int netdev_load(const struct netdev_bpf *, int fd[PROGRAMS], const char **why);

/* netdev_attach.c: the kernel's half. Control thread. */
/* Would the device be taken? No effects. */
void netdev_look(const struct port_env *, const struct object *now, struct faults *);
/* Takes what d->place and d->wanted say; sets the rest. 0 or a fault. */
int netdev_attach(struct netdev *, struct faults *);
void netdev_detach(struct netdev *); /* all is as it was before; the TAP is gone */
int netdev_set_up(struct netdev *, bool up); /* the device */
/* Of a device that no port has open. True: it was attached by a daemon before us. */
bool netdev_restore(struct netlink *, const struct port_env *, int index);
void netdev_sweep(const struct port_env *);

/* netdev_loss.c: devices that come and go. Control thread. */
extern const struct link_listener netdev_listener;
bool netdev_place_is_there(const struct netdev *);
void netdev_lose(struct netdev *); /* detaches while traffic flows */
int netdev_come_back(struct netdev *, struct faults *); /* attaches: 0 or a fault */
void netdev_try_in(struct netdev *, unsigned int wait_ms); /* attaches if it is there by then */

#endif /* PORTS_NETDEV_NETDEV_PRIV_H */
