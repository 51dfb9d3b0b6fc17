/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices come and go, and so do their namespaces. While a port's device is away, the look-out of
 * its place tells when one of that name appears; while its place is away, somebody looks once a
 * second.
 */
#include <errno.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/rcu.h"
#include "ports/netdev/netdev_priv.h"
#include "ports/netns.h"

#define PAUSE_MS 1000u

static bool is_news(const struct netdev *d, const struct netlink_link *l)
{
	if (d->lost)
		return !l->gone && !strcmp(l->name, d->wanted);
	if (l->index == d->tap_index)
		return l->gone;
	return l->index == d->index && (l->gone || l->up != d->up || l->carrier != d->linked ||
					strcmp(l->name, d->device) != 0);
}

static void seen(const char *place, const struct netlink_link *l)
{
	for (struct netdev *d = netdev_next(NULL); d; d = netdev_next(d))
		if (!strcmp(d->place, place))
			d->look |= is_news(d, l);
}

/*
 * 1. No worker begins to read the TAP, or to send to it; those that do end (grace period).
 * 2. If the device is still there, it is as it was before. The TAP goes.
 * 3. Nothing of ours keeps a namespace alive whose owner is gone.
 */
void netdev_lose(struct netdev *d)
{
	d->lost = true;
	tap_io_ignore(d->port->env->engine, &d->io);
	netdev_carrier(d->port);
	rcu_wait();
	netdev_detach(d);
	if (netdev_place_is_there(d))
		return;
	link_watch_del(d->watch);
	d->watch = NULL;
}

static bool is_there(const struct netdev *d)
{
	struct netlink *n = NULL;
	struct netlink_link l;
	int netns = NETNS_SELF;
	bool yes = !place_open(d->port->env, d->place, &netns) && !netlink_open(netns, &n) &&
		   !netlink_link_find(n, d->wanted, &l);

	netlink_close(n);
	fd_close(&netns);
	return yes;
}

int netdev_come_back(struct netdev *d, struct faults *faults)
{
	int err = netdev_attach(d, faults);

	if (err)
		return err;
	if (d->started)
		err = tap_io_listen(d->port->env->engine, &d->io);
	if (err) {
		netdev_detach(d);
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "no worker reads it: %s",
			     strerror(-err));
	}
	d->lost = false;
	return 0;
}

static void try_now(void *arg)
{
	struct netdev *d = arg;
	struct port *p = d->port;
	struct faults faults = { 0 };

	loop_del(d->timer);
	d->timer = NULL;
	if (!d->lost)
		return;
	/* Also when the device is not there: from now on somebody looks out for it. */
	if (!netdev_come_back(d, &faults)) {
		log_info("netdev", "port %s: device %s is there", p->name, d->device);
		netdev_carrier(p);
	} else if (!netdev_place_is_there(d)) {
		link_watch_del(d->watch);
		d->watch = NULL;
		netdev_try_in(d, PAUSE_MS);
	} else if (is_there(d)) {
		events_post(p->env->events, "port.failed", "port", p->name,
			    "port %s stays down until its device changes: %s", p->name,
			    faults.v[0].message);
	}
	faults_free(&faults);
}

void netdev_try_in(struct netdev *d, unsigned int wait_ms)
{
	struct port *p = d->port;

	if (!d->timer && loop_add_timer(p->env->loop, wait_ms, 0, try_now, d, &d->timer))
		log_err("netdev", "port %s: no timer to look for device %s", p->name, d->wanted);
}

/* What was seen may be older than what we did since. */
static void look_at(struct netdev *d)
{
	const struct port_env *env = d->port->env;
	struct netlink *n = NULL;
	struct netlink_link l = { 0 }, tap = { 0 };
	int err;

	if (place_is_foreign(d->place) && !place_is(env, d->place, &d->place_id)) {
		netdev_lose(d);
		netdev_try_in(d, PAUSE_MS);
		return;
	}
	err = netlink_open(d->netns, &n);
	if (!err)
		err = netlink_link_at(n, d->index, &l) ?: netlink_link_at(n, d->tap_index, &tap);
	netlink_close(n);
	if (err == -ENODEV) {
		log_info("netdev", "port %s: device %s is gone", d->port->name,
			 l.index ? d->tap : d->device);
		netdev_lose(d);
		netdev_try_in(d, l.index ? PAUSE_MS : 0);
	}
	if (err)
		return;
	memcpy(d->device, l.name, sizeof(d->device));
	if (l.up == d->up && l.carrier == d->linked)
		return;
	d->up = l.up;
	d->linked = l.carrier;
	netdev_carrier(d->port);
}

static void look_again(const char *place, bool all)
{
	for (struct netdev *d = netdev_next(NULL); d; d = netdev_next(d)) {
		bool look = all || d->look;

		if (strcmp(d->place, place) != 0)
			continue;
		d->look = false;
		if (look && d->lost)
			netdev_try_in(d, 0);
		else if (look)
			look_at(d);
	}
}

const struct link_listener netdev_listener = { seen, look_again };
