/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_NETLINK_USE_H
#define PORTS_NETLINK_USE_H

#include "ports/netlink.h"

/*
 * What the machine uses a device for: who takes it away should know. Control thread. 0 or -errno,
 * then *out is untouched.
 */
struct device_use {
	bool default_route; /* over it, in any table */
	bool address; /* that others may use: not one of the link alone */
	struct prefix which;
};
int netlink_device_use(struct netlink *, int index, struct device_use *out);

#endif /* PORTS_NETLINK_USE_H */
