/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_LINK_WATCH_H
#define PORTS_LINK_WATCH_H

#include "ports/netlink.h"
#include "ports/place.h"

/*
 * Somebody changes or removes a device by hand: one look-out a place tells the ports in it.
 *
 * A look-out keeps its namespace alive. A foreign one may be taken away all the same, its file or
 * its process; nothing tells that, so once a second somebody looks.
 *
 * Threads: control thread. The listener may delete look-outs.
 */
struct link_watch;

struct link_listener {
	void (*seen)(const char *place, const struct netlink_link *); /* a change of any link */
	/* Now look at those that were seen; ALL: at every one, for some changes were missed. */
	void (*look)(const char *place, bool all);
};

/* Shared by all who listen alike in the same place. NETNS is where that is now. 0 or -errno. */
int link_watch_add(const struct port_env *, const char *place, int netns,
		   const struct link_listener *, struct link_watch **out);
void link_watch_del(struct link_watch *); /* NULL is fine */

#endif /* PORTS_LINK_WATCH_H */
