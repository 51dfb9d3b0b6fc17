/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port whose far side is a device that others made: one end of a veth pair, a NIC taken whole,
 * the TAP behind a virtual machine, a macvtap. Its frames are led through a TAP of ours
 * (README.md).
 *
 * The device outlives the port as it was before; the TAP goes with the port or the daemon.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/rcu.h"
#include "ports/netdev/netdev_priv.h"
#include "ports/netns.h"

static struct netdev *netdevs; /* all that are open */

struct netdev *netdev_next(const struct netdev *d)
{
	return d ? d->next : netdevs;
}

bool netdev_has(const struct place_id *place, int index)
{
	for (const struct netdev *d = netdevs; d; d = d->next)
		if (!d->lost && place_id_equal(&d->place_id, place) &&
		    (d->index == index || d->tap_index == index))
			return true;
	return false;
}

static void netdev_check(const struct model *m, const struct object *now, struct faults *faults)
{
	const char *device = object_text(now, "device");
	const struct object *o = NULL;

	place_check(now, faults);
	if (!device) {
		fault(faults, FAULT_INVALID, "device", "add device: a network device that is there",
		      "a port of type netdev needs its 'device'");
		return;
	}
	while ((o = model_next(m, "port", o)) != NULL) {
		const char *its = object_text(o, "device"); /* NULL: its own fault */

		if (!strcmp(o->name, now->name) || !its || strcmp(its, device) != 0 ||
		    strcmp(object_text(o, "type"), "netdev") != 0 || !place_same(o, now))
			continue;
		fault(faults, FAULT_CONFLICT, "device", NULL, "device %s is port %s already",
		      device, o->name);
		return;
	}
}

bool netdev_place_is_there(const struct netdev *d)
{
	int netns = NETNS_SELF, err = place_open(d->port->env, d->place, &netns);

	fd_close(&netns);
	return !err;
}

static int open_one(struct netdev *d, struct faults *faults)
{
	int err = netdev_attach(d, faults);

	if (!err || !d->port->env->restoring)
		return err;
	/* What is not there now may come, as after a reboot. */
	log_warn("netdev", "port %s: %s", d->port->name, faults->v[faults->n - 1].message);
	faults_free(faults);
	d->lost = true;
	return 0;
}

static int netdev_open(struct port *p, const struct object *now, struct faults *faults)
{
	struct netdev *d = calloc(1, sizeof(*d) + tap_io_size(1));
	int err;

	if (!d)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "no memory");
	d->port = p;
	d->netns = NETNS_SELF;
	d->force = object_bool(now, "force");
	place_of(now, d->place);
	snprintf(d->wanted, sizeof(d->wanted), "%s", object_text(now, "device"));
	memcpy(d->device, d->wanted, sizeof(d->device));
	tap_io_init(&d->io, p->id, 1);
	err = open_one(d, faults);
	if (err) {
		link_watch_del(d->watch);
		free(d);
		return err;
	}
	d->next = netdevs;
	netdevs = d;
	p->own = d;
	return 0;
}

/* Who is behind it can see that it is down, and nobody on the machine wants it up. */
static bool may_go_down(const struct netdev *d)
{
	return !d->force && (!*d->kind || !strcmp(d->kind, "veth"));
}

static void show_cut(struct netdev *d)
{
	bool cut = !port_is_on(d->port);

	if (cut == d->cut || (cut && !may_go_down(d)))
		return;
	if (netdev_set_up(d, !cut)) {
		log_warn("netdev", "port %s: device %s cannot be taken %s", d->port->name,
			 d->device, cut ? "down" : "up");
		return;
	}
	d->cut = cut;
	d->up = !cut;
}

void netdev_carrier(struct port *p)
{
	struct netdev *d = p->own;
	char where[PLACE_TEXT], why[PLACE_TEXT + 64];
	bool takes = d->started && p->wanted && !d->lost, on, flows;

	/* While we keep it down nobody knows who is behind it. */
	port_ready_is(p, takes && (d->cut || (d->up && d->linked)));
	on = takes && port_is_on(p);
	if (d->started && !d->lost)
		show_cut(d);
	flows = on && d->up && d->linked;
	engine_set_sink(p->env->engine, p->id, flows ? &d->io.sink : NULL);
	if (d->lost)
		snprintf(why, sizeof(why), "there is no device %s in %s", d->wanted,
			 place_text(d->place, where));
	else if (!on)
		snprintf(why, sizeof(why), "%s", d->started ? port_why_off(p) : "stopped");
	else
		snprintf(why, sizeof(why), "device %s %s", d->device,
			 !d->up       ? "is down"
			 : !d->linked ? "has no carrier"
				      : "is up");
	port_carrier_is(p, flows, why);
}

/*
 * To another place. If its device cannot be taken, the old one is looked for again, as if it had
 * vanished. What was left for another place may be gone when that is undone: then the port waits.
 */
static int move(struct netdev *d, const struct object *was, const struct object *now,
		struct faults *faults)
{
	bool back = !strcmp(place_of(now, d->place), d->before);
	int err;

	place_of(was, d->before);
	if (!d->lost) {
		memcpy(d->place, d->before, sizeof(d->place));
		netdev_lose(d);
		place_of(now, d->place);
	}
	link_watch_del(d->watch);
	d->watch = NULL;
	err = netdev_come_back(d, faults);
	if (!err)
		return 0;
	if (!back)
		memcpy(d->place, d->before, sizeof(d->place));
	link_watch_del(d->watch);
	d->watch = NULL;
	netdev_try_in(d, 0);
	return err;
}

static int netdev_set(struct port *p, const struct object *was, const struct object *now,
		      struct faults *faults)
{
	struct netdev *d = p->own;

	d->force = object_bool(now, "force");
	if (!place_same(was, now))
		return move(d, was, now, faults);
	if (d->lost)
		netdev_try_in(d, 0);
	return 0;
}

static void netdev_start(struct port *p)
{
	struct netdev *d = p->own;
	int err = d->lost ? 0 : tap_io_listen(p->env->engine, &d->io);

	if (err) {
		events_post(p->env->events, "port.failed", "port", p->name,
			    "port %s cannot start: %s", p->name, strerror(-err));
		return;
	}
	d->started = true;
	if (d->lost)
		netdev_try_in(d, 0);
}

static void netdev_stop(struct port *p)
{
	struct netdev *d = p->own;

	if (!d->started)
		return;
	d->started = false;
	netdev_carrier(p);
	tap_io_ignore(p->env->engine, &d->io);
}

/* No worker holds it any more. */
static void netdev_close(struct port *p)
{
	struct netdev *d = p->own, **at = &netdevs;

	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	loop_del(d->timer);
	link_watch_del(d->watch);
	if (!d->lost) {
		/* A device that we took down because the port was cut. */
		if (d->cut)
			netdev_set_up(d, true);
		netdev_detach(d);
	}
	p->own = NULL;
	free(d);
}

static void netdev_status(const struct port *p, json_t *into)
{
	const struct netdev *d = p->own;

	json_object_set_new(into, "device_up", json_boolean(!d->lost && d->up));
	if (d->lost) {
		json_object_set_new(into, "device_lost", json_true());
		return;
	}
	json_object_set_new(into, "device", json_string(d->device));
	json_object_set_new(into, "ifindex", json_integer(d->index));
	json_object_set_new(into, "through", json_string(d->tap));
}

const struct port_type netdev_type = {
	.name = "netdev",
	.check = netdev_check,
	.look = netdev_look,
	.open = netdev_open,
	.set = netdev_set,
	.start = netdev_start,
	.stop = netdev_stop,
	.close = netdev_close,
	.carrier = netdev_carrier,
	.status = netdev_status,
	.sweep = netdev_sweep,
};
