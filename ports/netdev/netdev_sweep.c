/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that a daemon before us attached and no port of ours wants any more. */
#include "base/fd.h"
#include "base/log.h"
#include "ports/netdev/netdev_priv.h"
#include "ports/netns.h"

#define DEVICES 1024 /* with programs, in one namespace: the next start takes the rest */

struct found {
	int index[DEVICES];
	unsigned int n;
};

static void keep(void *arg, int index)
{
	struct found *f = arg;

	if (f->n < DEVICES)
		f->index[f->n++] = index;
}

static void give_back(struct netlink *n, const struct port_env *env, const char *place,
		      const struct place_id *id)
{
	struct found f = { .n = 0 };
	char where[PLACE_TEXT];
	struct netlink_link l;

	netlink_clsact_each(n, keep, &f);
	for (unsigned int i = 0; i < f.n; i++) {
		if (netdev_has(id, f.index[i]) || netlink_link_at(n, f.index[i], &l) ||
		    !netdev_restore(n, env, f.index[i]))
			continue;
		log_info("netdev", "device %s of %s has no port any more: given back", l.name,
			 place_text(place, where));
	}
}

static void sweep_place(void *arg, const char *place)
{
	const struct port_env *env = arg;
	struct netlink *n = NULL;
	struct place_id id;
	int netns = NETNS_SELF;

	if (!place_open(env, place, &netns) && !netlink_open(netns, &n)) {
		id = place_id(netns);
		give_back(n, env, place, &id);
	}
	netlink_close(n);
	fd_close(&netns);
}

void netdev_sweep(const struct port_env *env)
{
	place_each(env, sweep_place, (void *)env);
}
