/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_NETLINK_H
#define PORTS_NETLINK_H

#include <net/if.h>

#include "packet/wire.h"
#include "ports/prefix.h"

/*
 * What we ask of the kernel's network configuration (rtnetlink): links, addresses, routes, in the
 * namespace that the handle was opened in. Addresses and routes that we add carry our mark
 * (protocol NETLINK_OURS), so that the next daemon can tell them from what a person added by hand.
 *
 * Threads: control thread. 0 or -errno, the kernel's own; netlink_why() has its words.
 */
struct netlink;

#define NETLINK_OURS 0x57 /* 'W': rtm_protocol, ifa_proto */

int netlink_open(int netns, struct netlink **out); /* NETNS_SELF: here */
void netlink_close(struct netlink *); /* NULL is fine */
/* Why the last call failed: the kernel's sentence if it gave one, else what errno says. */
const char *netlink_why(const struct netlink *);

struct netlink_link {
	int index;
	char name[IFNAMSIZ];
	char alias[256];
	struct eth_addr mac;
	char kind[16]; /* "veth", "tun", "macvtap"; "": hardware */
	unsigned int mtu;
	int master; /* the bridge, bond ... that it belongs to; 0: none */
	bool ethernet, loopback;
	bool up, promisc; /* as a person set it */
	bool carrier;
	bool gone; /* a watch only: it was removed, or is in another namespace now */
};
typedef void netlink_link_fn(void *arg, const struct netlink_link *);

int netlink_link_find(struct netlink *, const char *name, struct netlink_link *out); /* -ENODEV */
int netlink_link_at(struct netlink *, int index, struct netlink_link *out); /* -ENODEV */
int netlink_link_each(struct netlink *, netlink_link_fn *, void *arg);

/* What is to be different; what is NULL or 0 stays. */
struct netlink_change {
	const struct eth_addr *mac;
	const char *alias;
	unsigned int mtu;
	uint32_t group;
	bool up, down;
	bool promisc, no_promisc;
	bool silent; /* it gets no IPv6 address by itself */
};
int netlink_link_set(struct netlink *, int index, const struct netlink_change *);
/* All links of the group at once: a hundred times faster than one by one. */
int netlink_link_delete_group(struct netlink *, uint32_t group);

/* Adding what is there already and removing what is not are no errors. */
int netlink_address_add(struct netlink *, int index, const struct prefix *);
int netlink_address_del(struct netlink *, int index, const struct prefix *);
int netlink_route_add(struct netlink *, const struct ip_route *);
int netlink_route_del(struct netlink *, const struct ip_route *);

/* Those with our mark. */
typedef void netlink_address_fn(void *arg, const struct prefix *);
typedef void netlink_route_fn(void *arg, const struct ip_route *);
int netlink_address_each(struct netlink *, int index, netlink_address_fn *, void *arg);
int netlink_route_each(struct netlink *, netlink_route_fn *, void *arg);

/*
 * What links do from now on: FN for each change, when netlink_watch_fd() is readable and
 * netlink_watch_take() is called. -ENOBUFS: some were missed, look at all.
 */
int netlink_watch(int netns, struct netlink **out);
int netlink_watch_fd(const struct netlink *);
int netlink_watch_take(struct netlink *, netlink_link_fn *, void *arg);

#endif /* PORTS_NETLINK_H */
