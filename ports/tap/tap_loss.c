/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person does to a device by hand. Up and down show in the carrier, a new name in the
 * status.
 *
 * A device that was removed, or moved to another namespace, is lost: epoll reports its descriptors
 * as failed without end, so workers let go of them at once. Then it is made anew as open() would,
 * in the loop's next round, but once a second at most. Whoever takes it away again and again wins:
 * the port stays down until it is changed. If the whole namespace is gone, as that of a container
 * that ended, the port waits for it without end.
 */
#include "ports/tap/tap_priv.h"

#include <errno.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/rcu.h"
#include "ports/netns.h"

#define PAUSE_MS  1000u /* between two devices of a port, two looks for its namespace */
#define QUICK_MS  10000u /* a device that was made this recently is lost quickly */
#define QUICK_MAX 3 /* losses in a row */

static void seen(const char *place, const struct netlink_link *l)
{
	for (struct tap *t = tap_next(NULL); t; t = tap_next(t))
		if (t->index == l->index && !strcmp(t->place, place))
			t->look |= l->gone || l->up != t->up || strcmp(l->name, t->device) != 0;
}

bool tap_place_is_there(const struct tap *t)
{
	int netns = NETNS_SELF, err = place_open(t->port->env, t->place, &netns);

	fd_close(&netns);
	return !err;
}

/* -ENODEV: it is gone, or the place is another namespace by now. */
static int link_now(const struct tap *t, struct netlink_link *l)
{
	struct netlink *n = NULL;
	int netns = NETNS_SELF, err;

	if (place_is_foreign(t->place) && !place_is(t->port->env, t->place, &t->place_id))
		return -ENODEV;
	err = place_open(t->port->env, t->place, &netns);
	if (!err)
		err = netlink_open(netns, &n);
	if (!err)
		err = netlink_link_at(n, t->index, l);
	netlink_close(n);
	fd_close(&netns);
	return err;
}

static void make_anew(void *arg);

static void try_in(struct tap *t, unsigned int wait_ms)
{
	struct port *p = t->port;

	if (!t->loss.timer &&
	    loop_add_timer(p->env->loop, wait_ms, 0, make_anew, t, &t->loss.timer))
		log_err("tap", "port %s: no timer to make device %s anew", p->name, t->made);
}

static void plan(struct tap *t, const char *why)
{
	struct port *p = t->port;
	uint64_t since_ms = (clock_ns() - t->loss.tried_ns) / 1000000;

	t->loss.quick = since_ms < QUICK_MS ? t->loss.quick + 1 : 0;
	if (t->loss.quick == QUICK_MAX) {
		events_post(p->env->events, "port.failed", "port", p->name,
			    "port %s stays down until it is changed: %s", p->name, why);
		return;
	}
	try_in(t, since_ms < PAUSE_MS ? PAUSE_MS - (unsigned int)since_ms : 0);
}

void tap_wait(struct tap *t)
{
	t->loss.quick = 0;
	try_in(t, PAUSE_MS);
}

int tap_come_back(struct tap *t, const struct object *now, struct faults *faults)
{
	struct engine *e = t->port->env->engine;
	int err;

	t->loss.tried_ns = clock_ns();
	memcpy(t->device, t->made, sizeof(t->device));
	err = tap_make(t, now, faults);
	if (err)
		return err;
	if (t->started) {
		err = tap_io_listen(e, &t->io);
		if (err) {
			tap_io_close(&t->io);
			return fault(faults, FAULT_SYSTEM, NULL, NULL, "no worker reads it: %s",
				     strerror(-err));
		}
	}
	loop_del(t->loss.timer);
	t->loss.timer = NULL;
	t->loss.lost = false;
	log_info("tap", "port %s: device %s made anew", t->port->name, t->device);
	if (t->started)
		tap_carrier(t->port);
	if (*t->place)
		port_host_changed(t->place);
	return 0;
}

static void make_anew(void *arg)
{
	struct tap *t = arg;
	const struct object now = { .spec = t->spec };
	struct faults faults = { 0 };
	int err;

	loop_del(t->loss.timer);
	t->loss.timer = NULL;
	if (!tap_place_is_there(t)) {
		tap_wait(t);
		return;
	}
	err = tap_come_back(t, &now, &faults);
	if (err)
		plan(t, faults.n ? faults.v[0].message : strerror(-err));
	faults_free(&faults);
}

/*
 * 1. No worker begins to read it, or to send to it; those that do end (grace period).
 * 2. The descriptors go; the device too, if it is elsewhere now.
 * 3. Nothing of ours keeps its namespace alive.
 */
void tap_leave_place(struct tap *t)
{
	if (t->loss.lost)
		return;
	t->loss.lost = true;
	t->up = false;
	log_info("tap", "port %s: device %s was taken away", t->port->name, t->device);
	tap_io_ignore(t->port->env->engine, &t->io);
	tap_carrier(t->port);
	rcu_wait();
	tap_io_let_go(&t->io);
	tap_io_close(&t->io);
	if (!place_is_foreign(t->place))
		return;
	link_watch_del(t->watch);
	t->watch = NULL;
}

static void lose(struct tap *t)
{
	tap_leave_place(t);
	if (tap_place_is_there(t))
		plan(t, "its device is taken away again and again");
	else
		tap_wait(t);
}

/* What was seen may be older than what we did since: making it, for one. */
static void look_at(struct tap *t)
{
	struct netlink_link l = { 0 };
	int err = link_now(t, &l);

	if (err == -ENODEV)
		lose(t);
	if (err)
		return;
	memcpy(t->device, l.name, sizeof(t->device));
	if (t->up == l.up)
		return;
	t->up = l.up;
	tap_carrier(t->port);
}

static void look_again(const char *place, bool all)
{
	for (struct tap *t = tap_next(NULL); t; t = tap_next(t)) {
		bool look = (all || t->look) && !t->loss.lost;

		if (strcmp(t->place, place) != 0)
			continue;
		t->look = false;
		if (look)
			look_at(t);
	}
}

const struct link_listener tap_listener = { seen, look_again };

void tap_revive(struct tap *t)
{
	t->loss.quick = 0;
	try_in(t, 0);
}
