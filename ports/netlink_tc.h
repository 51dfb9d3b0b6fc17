/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_NETLINK_TC_H
#define PORTS_NETLINK_TC_H

#include "ports/netlink.h"

/*
 * The kernel's traffic control, as far as it runs eBPF programs on a device: the qdisc clsact,
 * which has no effect by itself, and filters in it, one list for what comes in and one for what
 * goes out.
 *
 * Threads: control thread. 0 or -errno; netlink_why() has the kernel's words.
 */
enum tc_hook { TC_IN, TC_OUT };

int netlink_clsact_add(struct netlink *, int index); /* -EEXIST: there is one already */
int netlink_clsact_del(struct netlink *, int index); /* with all filters */
typedef void netlink_clsact_fn(void *arg, int index);
int netlink_clsact_each(struct netlink *, netlink_clsact_fn *, void *arg); /* of all devices */

struct tc_filter {
	int index; /* of the device */
	enum tc_hook hook;
	uint32_t handle;
	uint16_t priority; /* lower ones run first */
};
/* Runs the program on every frame; what it returns is what happens. NAME is for people. */
int netlink_filter_add(struct netlink *, const struct tc_filter *, int program, const char *name);
int netlink_filter_del(struct netlink *, const struct tc_filter *); /* -ENOENT */
typedef void netlink_filter_fn(void *arg, const struct tc_filter *);
int netlink_filter_each(struct netlink *, int index, enum tc_hook, netlink_filter_fn *, void *arg);

#endif /* PORTS_NETLINK_TC_H */
