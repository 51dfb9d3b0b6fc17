/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port whose far side is a network device: in a host's namespace, in one that others made, or on
 * the machine itself.
 *
 * The device is persistent and bears an alias "weft:INSTANCE:PORT". So it outlives a daemon that
 * dies, with its addresses, routes and whatever a person changed by hand, and the next daemon's
 * open() finds it. Addresses that we added bear our mark (netlink.h), so open() can remove those
 * that are no longer wanted and leaves a person's alone.
 */
#include "ports/tap/tap_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "ports/netns.h"

static struct tap *taps; /* all that are open */

struct tap *tap_next(const struct tap *t)
{
	return t ? t->next : taps;
}

struct tap *tap_find(const char *place, const char *device)
{
	struct tap *t = taps;

	while (t && (strcmp(t->place, place) != 0 || strcmp(t->device, device) != 0))
		t = t->next;
	return t;
}

bool tap_has(const struct place_id *id, const char *device)
{
	for (const struct tap *t = taps; t; t = t->next)
		if (!t->loss.lost && place_id_equal(&t->place_id, id) && !strcmp(t->device, device))
			return true;
	return false;
}

static bool listed(const struct prefix *p, const struct prefix *list, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (prefix_equal(p, &list[i]))
			return true;
	return false;
}

static void wanted_mac(const struct tap *t, const struct object *now, struct eth_addr *out)
{
	const char *mac = object_text(now, "mac");

	if (!mac || eth_addr_parse(mac, out))
		port_mac(t->port->env->instance, t->port->name, out);
}

static int refused(struct tap *t, struct netlink *n, const char *field, const char *what,
		   struct faults *faults)
{
	char where[PLACE_TEXT];

	return fault(faults, FAULT_SYSTEM, field, NULL,
		     "the kernel refused %s for device %s of %s: %s", what, t->device,
		     place_text(t->place, where), netlink_why(n));
}

static int add_addresses(struct tap *t, struct netlink *n, const struct object *now,
			 struct faults *faults)
{
	struct prefix a[TAP_ADDRESSES];
	unsigned int n_a = tap_addresses(now, a);

	for (unsigned int i = 0; i < n_a; i++) {
		char text[PREFIX_TEXT];

		if (netlink_address_add(n, t->index, &a[i]))
			return refused(t, n, "address", prefix_print(&a[i], text, sizeof(text)),
				       faults);
	}
	return 0;
}

struct strays {
	const struct object *now;
	struct prefix v[TAP_ADDRESSES];
	unsigned int n;
};

static void keep_stray(void *arg, const struct prefix *p)
{
	struct strays *s = arg;
	struct prefix a[TAP_ADDRESSES];

	if (!listed(p, a, tap_addresses(s->now, a)) && s->n < ARRAY_LEN(s->v))
		s->v[s->n++] = *p;
}

/* Ours by their mark, but no longer wanted. */
static void remove_addresses(struct tap *t, struct netlink *n, const struct object *now)
{
	struct strays s = { .now = now };

	netlink_address_each(n, t->index, keep_stray, &s);
	for (unsigned int i = 0; i < s.n; i++)
		netlink_address_del(n, t->index, &s.v[i]);
}

/*
 * Brings the device in line with NOW. Only a new one is taken up: if it was adopted, somebody took
 * it down by hand.
 */
static int configure(struct tap *t, struct netlink *n, const struct object *now, bool fresh,
		     struct faults *faults)
{
	char alias[TAP_ALIAS];
	struct netlink_change c = { .mac = &t->mac, .alias = alias, .up = fresh };

	wanted_mac(t, now, &t->mac);
	tap_alias(t->port->env, t->port->name, alias, sizeof(alias));
	c.mtu = (unsigned int)object_int(now, "mtu");
	if (netlink_link_set(n, t->index, &c))
		return refused(t, n, NULL, "mac and mtu", faults);
	/* First: with a primary address the kernel may remove all others of its network. */
	remove_addresses(t, n, now);
	return add_addresses(t, n, now, faults);
}

static int cannot_attach(struct tap *t, int error, struct faults *faults)
{
	char where[PLACE_TEXT];

	place_text(t->place, where);
	switch (error) {
	case -EBUSY:
		return fault(faults, FAULT_CONFLICT, "device", NULL,
			     "device %s of %s is in use by another process", t->device, where);
	case -ENOENT:
	case -ENODEV:
		return fault(faults, FAULT_SYSTEM, NULL, "load the kernel module tun",
			     "this machine has no /dev/net/tun");
	default:
		return fault(faults, FAULT_SYSTEM, "device", NULL,
			     "device %s of %s cannot be made: %s", t->device, where,
			     strerror(-error));
	}
}

/*
 * Is a device of that name there, and is it the one that a daemon before us made for this port? One
 * of ours that lost its port when a daemon died makes room.
 */
static int look(struct tap *t, struct netlink *n, bool *fresh, struct faults *faults)
{
	const struct port_env *env = t->port->env;
	char ours[TAP_ALIAS], where[PLACE_TEXT];
	struct netlink_link l;

	*fresh = strchr(t->device, '%') || netlink_link_find(n, t->device, &l);
	if (*fresh)
		return 0;
	tap_alias(env, t->port->name, ours, sizeof(ours));
	if (!strcmp(l.alias, ours))
		return 0;
	tap_alias(env, "", ours, sizeof(ours));
	if (strncmp(l.alias, ours, strlen(ours)) != 0 || tap_find(t->place, t->device))
		return fault(faults, FAULT_CONFLICT, "device", "give it another \"device\"",
			     "device %s exists already in %s and is not Weft's", t->device,
			     place_text(t->place, where));
	tap_reap_later(env, t->place, t->device);
	tap_reap(env);
	*fresh = true;
	return 0;
}

static int make(struct tap *t, int netns, struct netlink *n, const struct object *now,
		struct faults *faults)
{
	struct netlink_link l;
	bool fresh;
	int err = look(t, n, &fresh, faults);

	if (err)
		return err;
	err = tap_io_open(&t->io, netns, t->device);
	if (err)
		return cannot_attach(t, err, faults);
	err = netlink_link_find(n, t->device, &l);
	if (err) {
		err = refused(t, n, NULL, "a look", faults);
		goto undo;
	}
	t->index = l.index;
	t->up = fresh || l.up;
	err = configure(t, n, now, fresh, faults);
	if (err)
		goto undo;
	err = tap_io_keep(&t->io);
	if (err) {
		err = cannot_attach(t, err, faults);
		goto undo;
	}
	return 0;

undo:
	/* A new one goes with its descriptors, one that was adopted stays. */
	tap_io_close(&t->io);
	return err;
}

static int create(struct port *p, const struct object *now, struct tap **out)
{
	unsigned int n = (unsigned int)object_int(now, "queues");
	struct tap *t;

	t = calloc(1, sizeof(*t) + tap_io_size(n));
	if (!t)
		return -ENOMEM;
	t->port = p;
	t->spec = json_incref(now->spec);
	tap_io_init(&t->io, p->id, n);
	place_of(now, t->place);
	snprintf(t->device, sizeof(t->device), "%s", tap_device(now));
	if (!*t->device && !tap_orphan(p->env, p->name, t->device))
		snprintf(t->device, sizeof(t->device), "weft%%d");
	*out = t;
	return 0;
}

/* NETNS is that of its place. */
static void watch(struct tap *t, int netns)
{
	const struct port_env *env = t->port->env;

	if (!env->loop || t->watch)
		return;
	if (link_watch_add(env, t->place, netns, &tap_listener, &t->watch))
		log_warn("tap", "port %s: changes of device %s will not be seen", t->port->name,
			 t->device);
}

static void rename_place(struct tap *t, const char *place)
{
	int netns = NETNS_SELF;

	link_watch_del(t->watch);
	t->watch = NULL;
	snprintf(t->place, sizeof(t->place), "%s", place);
	if (!place_open(t->port->env, t->place, &netns))
		watch(t, netns);
	fd_close(&netns);
}

int tap_make(struct tap *t, const struct object *now, struct faults *faults)
{
	struct netlink *n = NULL;
	int netns = NETNS_SELF, err;

	err = place_open(t->port->env, t->place, &netns);
	if (err)
		return place_fault(t->place, err, faults);
	t->place_id = place_id(netns);
	err = netlink_open(netns, &n);
	if (err)
		err = fault(faults, FAULT_SYSTEM, NULL, NULL, "no netlink socket: %s",
			    strerror(-err));
	else
		err = make(t, netns, n, now, faults);
	if (!err)
		watch(t, netns);
	netlink_close(n);
	fd_close(&netns);
	return err;
}

static int tap_open(struct port *p, const struct object *now, struct faults *faults)
{
	struct tap *t;
	int err;

	tap_reap(p->env); /* one of the same name may be about to go */
	err = create(p, now, &t);
	if (err)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "no memory");
	if (p->env->restoring && place_is_foreign(t->place) && !tap_place_is_there(t))
		t->loss.lost = true; /* it comes when its container does */
	else
		err = tap_make(t, now, faults);
	if (err) {
		json_decref(t->spec);
		free(t);
		return err;
	}
	memcpy(t->made, t->device, sizeof(t->made));
	t->next = taps;
	taps = t;
	p->own = t;
	return 0;
}

static bool same(const struct object *a, const struct object *b, const char *field)
{
	json_t *x = json_object_get(a->spec, field), *y = json_object_get(b->spec, field);

	return x == y || (x && y && json_equal(x, y));
}

static int change(struct tap *t, const struct object *was, const struct object *now,
		  struct faults *faults)
{
	struct netlink *n = NULL;
	int netns = NETNS_SELF, err;

	err = place_open(t->port->env, t->place, &netns);
	if (!err)
		err = netlink_open(netns, &n);
	if (err) {
		err = fault(faults, FAULT_SYSTEM, NULL, NULL, "device %s cannot be reached: %s",
			    t->device, strerror(-err));
	} else {
		struct faults none = { 0 };

		err = configure(t, n, now, false, faults);
		if (err)
			configure(t, n, was, false, &none);
		faults_free(&none);
	}
	netlink_close(n);
	fd_close(&netns);
	if (*t->place)
		port_host_changed(t->place);
	return err;
}

/*
 * To another place: the old device goes first, as the new one may want its name. If the new one
 * cannot be made, the old is made anew as if somebody had taken it away. What is left for another
 * place may be gone when that is undone: then the port waits for it.
 */
static int move(struct tap *t, const struct object *was, const struct object *now,
		struct faults *faults)
{
	char place[PLACE_LEN];
	bool back = !strcmp(place_of(now, place), t->before);
	int netns = NETNS_SELF, err = place_open(t->port->env, place, &netns);
	struct place_id id = place_id(netns);

	fd_close(&netns);
	if (err && !back)
		return place_fault(place, err, faults);
	place_of(was, t->before);
	if (!err && !t->loss.lost && place_id_equal(&id, &t->place_id)) {
		rename_place(t, place);
		return 0;
	}
	tap_leave_place(t);
	memcpy(t->place, place, sizeof(t->place));
	if (err) {
		tap_wait(t);
		return 0;
	}
	err = tap_come_back(t, now, faults);
	if (err) {
		memcpy(t->place, t->before, sizeof(t->place));
		tap_revive(t);
	}
	return err;
}

static int tap_set(struct port *p, const struct object *was, const struct object *now,
		   struct faults *faults)
{
	struct tap *t = p->own;
	int err = 0;

	if (!place_same(was, now))
		err = move(t, was, now, faults);
	else if (t->loss.lost)
		tap_revive(t);
	else if (!same(was, now, "mac") || !same(was, now, "mtu") || !same(was, now, "address"))
		err = change(t, was, now, faults);
	if (!err) {
		json_decref(t->spec);
		t->spec = json_incref(now->spec);
	}
	return err;
}

void tap_carrier(struct port *p)
{
	struct tap *t = p->own;
	bool takes = t->started && p->wanted && !t->loss.lost, on;
	char where[PLACE_TEXT], why[PLACE_TEXT + 64];

	/* Before the carrier of the far end of its wire comes: who speaks at once is heard. */
	engine_set_sink(p->env->engine, p->id, takes ? &t->io.sink : NULL);
	port_ready_is(p, takes && t->up);
	on = takes && port_is_on(p);
	if (!t->loss.lost && tap_io_carrier(&t->io, on))
		log_warn("tap", "port %s: no carrier can be set on device %s", p->name, t->device);
	if (t->loss.lost) {
		snprintf(why, sizeof(why), "its device %s is gone%s%s", t->device,
			 tap_place_is_there(t) ? " from " : " with ", place_text(t->place, where));
		port_carrier_is(p, false, why);
	} else if (!on) {
		port_carrier_is(p, false, t->started ? port_why_off(p) : "stopped");
	} else {
		port_carrier_is(p, t->up, t->up ? "device is up" : "its device is down");
	}
}

static void tap_start(struct port *p)
{
	struct tap *t = p->own;
	int err = t->loss.lost ? 0 : tap_io_listen(p->env->engine, &t->io);

	if (err) {
		events_post(p->env->events, "port.failed", "port", p->name,
			    "port %s cannot start: %s", p->name, strerror(-err));
		return;
	}
	t->started = true;
	if (t->loss.lost) {
		tap_wait(t);
		return;
	}
	engine_set_sink(p->env->engine, p->id, p->wanted ? &t->io.sink : NULL);
	if (*t->place)
		port_host_changed(t->place);
}

static void tap_stop(struct port *p)
{
	struct tap *t = p->own;

	if (!t->started)
		return;
	t->started = false;
	tap_carrier(p);
	tap_io_ignore(p->env->engine, &t->io);
}

/* No worker holds it any more. */
static void forget(struct tap *t)
{
	struct tap **at = &taps;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	loop_del(t->loss.timer);
	link_watch_del(t->watch);
	tap_io_close(&t->io);
	json_decref(t->spec);
	t->port->own = NULL;
	free(t);
}

static void tap_close(struct port *p)
{
	struct tap *t = p->own;
	char place[sizeof(t->place)], device[sizeof(t->device)];

	memcpy(place, t->place, sizeof(place));
	memcpy(device, t->device, sizeof(device));
	forget(t);
	tap_reap_later(p->env, place, device);
}

/* A device without a descriptor has no carrier until the next daemon opens it. */
static void tap_leave(struct port *p)
{
	forget(p->own);
}

static void tap_status(const struct port *p, json_t *into)
{
	const struct tap *t = p->own;
	char mac[18];

	snprintf(mac, sizeof(mac), ETH_ADDR_FMT, ETH_ADDR_ARG(t->mac));
	json_object_set_new(into, "device", json_string(t->device));
	json_object_set_new(into, "ifindex", json_integer(t->index));
	json_object_set_new(into, "mac", json_string(mac));
	json_object_set_new(into, "device_up", json_boolean(t->up));
	if (t->loss.lost)
		json_object_set_new(into, "device_lost", json_true());
}

const struct port_type tap_type = {
	.name = "tap",
	.check = tap_check,
	.open = tap_open,
	.set = tap_set,
	.start = tap_start,
	.stop = tap_stop,
	.close = tap_close,
	.leave = tap_leave,
	.carrier = tap_carrier,
	.status = tap_status,
	.sweep = tap_sweep,
	.settle = tap_reap,
};
