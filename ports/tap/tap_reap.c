/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that have to go. The kernel takes 20 ms to unregister one and hardly more for a hundred
 * of a group together, so removal is put off to the end of the transaction. A device whose
 * namespace is gone by then has gone with it.
 *
 * At start the daemon looks what an earlier one left in the machine's namespace: its ports find
 * their devices again (tap_orphan), the rest is swept away.
 */
#include "ports/tap/tap_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/log.h"
#include "ports/netns.h"

#define REAP_GROUP 0x57656674 /* "Weft": a link is in it only while it dies */

struct doomed {
	struct doomed *next;
	char place[PLACE_LEN];
	char device[IFNAMSIZ];
};

struct orphan {
	struct orphan *next;
	char device[IFNAMSIZ];
	char port[2 * NAME_MAX_LEN + 2];
};

static struct doomed *doomed;
static struct loop_handle *timer;
static struct orphan *orphans;
static bool looked_for_orphans;

static void mark(struct netlink *n, const struct port_env *env, const char *device)
{
	const struct netlink_change dying = { .group = REAP_GROUP };
	struct netlink_link l;
	char ours[TAP_ALIAS];
	int err = netlink_link_find(n, device, &l);

	tap_alias(env, "", ours, sizeof(ours));
	if (err || strncmp(l.alias, ours, strlen(ours)) != 0)
		return;
	err = netlink_link_set(n, l.index, &dying);
	if (err)
		log_warn("tap", "device %s cannot be removed: %s", device, netlink_why(n));
}

/* All that are in the PLACE; they leave the list whatever happens. */
static void reap_place(const struct port_env *env, const char *place)
{
	struct netlink *n = NULL;
	int netns = NETNS_SELF, err = place_open(env, place, &netns);

	if (!err)
		err = netlink_open(netns, &n);
	for (struct doomed **at = &doomed; *at;) {
		struct doomed *d = *at;

		if (strcmp(d->place, place) != 0) {
			at = &d->next;
			continue;
		}
		if (!err)
			mark(n, env, d->device);
		*at = d->next;
		free(d);
	}
	if (!err && netlink_link_delete_group(n, REAP_GROUP))
		log_warn("tap", "devices cannot be removed: %s", netlink_why(n));
	netlink_close(n);
	fd_close(&netns);
}

void tap_reap(const struct port_env *env)
{
	char place[PLACE_LEN];

	loop_del(timer);
	timer = NULL;
	while (doomed) {
		memcpy(place, doomed->place, sizeof(place));
		reap_place(env, place);
	}
}

static void reap_by_itself(void *arg)
{
	tap_reap(arg);
}

void tap_reap_later(const struct port_env *env, const char *place, const char *device)
{
	struct doomed *d = calloc(1, sizeof(*d));

	if (!d)
		return;
	snprintf(d->place, sizeof(d->place), "%s", place);
	snprintf(d->device, sizeof(d->device), "%s", device);
	d->next = doomed;
	doomed = d;
	if (!timer && (!env->loop ||
		       loop_add_timer(env->loop, 0, 0, reap_by_itself, (void *)env, &timer) < 0))
		tap_reap(env);
}

static void keep_orphan(void *arg, const struct netlink_link *l)
{
	const char *ours = arg;
	struct orphan *o;

	if (strncmp(l->alias, ours, strlen(ours)) != 0 || tap_find("", l->name))
		return;
	o = calloc(1, sizeof(*o));
	if (!o)
		return;
	snprintf(o->device, sizeof(o->device), "%s", l->name);
	snprintf(o->port, sizeof(o->port), "%s", l->alias + strlen(ours));
	o->next = orphans;
	orphans = o;
}

/* What is ours in the machine's namespace before we make anything there. */
static void look_for_orphans(const struct port_env *env)
{
	struct netlink *n = NULL;
	char ours[TAP_ALIAS];

	looked_for_orphans = true;
	tap_alias(env, "", ours, sizeof(ours));
	if (netlink_open(NETNS_SELF, &n) || netlink_link_each(n, keep_orphan, ours))
		log_warn("tap", "cannot look for devices of an earlier run");
	netlink_close(n);
}

bool tap_orphan(const struct port_env *env, const char *port, char device[IFNAMSIZ])
{
	if (!looked_for_orphans)
		look_for_orphans(env);
	for (struct orphan **at = &orphans; *at; at = &(*at)->next) {
		struct orphan *o = *at;

		if (strcmp(o->port, port) != 0)
			continue;
		memcpy(device, o->device, IFNAMSIZ);
		*at = o->next;
		free(o);
		return true;
	}
	return false;
}

struct sweep {
	const struct port_env *env;
	const char *place, *ours;
	struct place_id id;
};

static void doom_unless_open(void *arg, const struct netlink_link *l)
{
	struct sweep *s = arg;
	char where[PLACE_TEXT];

	if (strncmp(l->alias, s->ours, strlen(s->ours)) != 0 || tap_has(&s->id, l->name))
		return;
	log_info("tap", "device %s of %s has no port any more: removed", l->name,
		 place_text(s->place, where));
	tap_reap_later(s->env, s->place, l->name);
}

static void sweep_place(void *arg, const char *place)
{
	const struct port_env *env = arg;
	struct netlink *n = NULL;
	char ours[TAP_ALIAS];
	struct sweep s = { env, place, ours, { 0 } };
	int netns = NETNS_SELF;

	tap_alias(env, "", ours, sizeof(ours));
	if (!place_open(env, place, &netns) && !netlink_open(netns, &n)) {
		s.id = place_id(netns);
		netlink_link_each(n, doom_unless_open, &s);
	}
	netlink_close(n);
	fd_close(&netns);
}

void tap_sweep(const struct port_env *env)
{
	while (orphans) {
		struct orphan *o = orphans;

		orphans = o->next;
		free(o);
	}
	looked_for_orphans = true;
	place_each(env, sweep_place, (void *)env);
	tap_reap(env);
}
