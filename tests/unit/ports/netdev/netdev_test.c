/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/rcu.h"
#include "control/model_priv.h"
#include "ports/netdev/netdev_priv.h"
#include "ports/netlink_use.h"
#include "ports/netns.h"
#include "tests/rig/tap_rig.h"

/* Two veth pairs on the machine, v0-v1 and w0-w1; the far ends are up. */
static int set_up(void **state)
{
	struct tap_rig *f;
	int err = tap_rig_set_up(state);

	f = *state;
	if (err || !f->rig)
		return err;
	tap_rig_run(NETNS_SELF, "ip link add v0 type veth peer name v1 && ip link set v1 up &&"
				"ip link add w0 type veth peer name w1 && ip link set w1 up");
	return 0;
}

static int tear_down(void **state)
{
	struct tap_rig *f = *state;

	if (f->rig)
		tap_rig_run(NETNS_SELF,
			    "ip link del v0 2>/dev/null; ip link del w0 2>/dev/null; true");
	return tap_rig_tear_down(state);
}

static struct port *attach(struct tap_rig *f, const char *device)
{
	char spec[128];

	snprintf(spec, sizeof(spec), "{\"switch\":\"s\",\"type\":\"netdev\",\"device\":\"%s\"}",
		 device);
	return port_rig_start(f->rig, device, spec);
}

static void count_one(void *arg, const struct tc_filter *f)
{
	(void)f;
	++*(unsigned int *)arg;
}

static void count_qdisc(void *arg, int index)
{
	(void)index;
	++*(unsigned int *)arg;
}

/* Filters on the device, or with NULL all qdiscs clsact of the machine. */
static unsigned int programs(const char *device)
{
	struct netlink_link l;
	struct netlink *n;
	unsigned int found = 0;

	assert_int_equal(netlink_open(NETNS_SELF, &n), 0);
	if (!device) {
		assert_int_equal(netlink_clsact_each(n, count_qdisc, &found), 0);
	} else {
		assert_int_equal(netlink_link_find(n, device, &l), 0);
		netlink_filter_each(n, l.index, TC_IN, count_one, &found);
		netlink_filter_each(n, l.index, TC_OUT, count_one, &found);
	}
	netlink_close(n);
	return found;
}

static void a_device_is_taken_and_given_back(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *p;

	tap_rig_need_root();
	p = attach(f, "v0");
	assert_int_equal(tap_rig_look(NETNS_SELF, "v0", &l), 0);
	assert_true(l.up && l.promisc && l.carrier);
	assert_string_equal(l.kind, "veth");
	assert_int_equal(programs("v0"), 2);
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft0", &l), 0);
	assert_int_equal(programs("weft0"), 2);
	assert_true(p->carrier);
	port_rig_close(f->rig, p, true);
	assert_int_equal(tap_rig_look(NETNS_SELF, "v0", &l), 0);
	assert_true(!l.up && !l.promisc);
	assert_int_equal(programs(NULL), 0);
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft0", &l), -ENODEV);
}

static void what_it_had_before_it_keeps(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;

	tap_rig_need_root();
	tap_rig_run(NETNS_SELF, "ip link set v0 up promisc on && tc qdisc add dev v0 clsact");
	port_rig_close(f->rig, attach(f, "v0"), false);
	assert_int_equal(tap_rig_look(NETNS_SELF, "v0", &l), 0);
	assert_true(l.up && l.promisc);
	assert_int_equal(programs(NULL), 1);
	assert_int_equal(programs("v0"), 0);
}

/* ---- frames --------------------------------------------------------------------------------- */

static int socket_on(const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(0x88b5) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	at.sll_ifindex = (int)if_nametoindex(device);
	assert_true(fd >= 0 && at.sll_ifindex);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void frame_of(uint8_t out[64], uint8_t what)
{
	memset(out, what, 64);
	memcpy(out, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x88\xb5", 14);
}

/*
 * What is sent on A is heard on B, and nothing else is. A far end's queue is there some time after
 * its carrier, and what is sent before is lost: so it is sent until it is heard.
 */
static bool heard(int a, int b, uint8_t what)
{
	struct pollfd p = { b, POLLIN, 0 };
	uint8_t out[64], in[128];

	frame_of(out, what);
	for (unsigned int i = 0; i < 300; i++) {
		(void)!write(a, out, sizeof(out));
		if (poll(&p, 1, 200) < 1)
			continue;
		while (read(b, in, sizeof(in)) == sizeof(out))
			assert_memory_equal(in, out, sizeof(out));
		return true;
	}
	return false;
}

static void frames_pass_and_the_machines_own_do_not(void **state)
{
	struct tap_rig *f = *state;
	struct port *v, *w;
	uint8_t out[64];
	int v0, v1, w1;

	tap_rig_need_root();
	v = attach(f, "v0");
	w = attach(f, "w0");
	tap_rig_patch(f, v, w);
	assert_int_equal(engine_start(f->rig->env.engine), 0);
	v0 = socket_on("v0");
	v1 = socket_on("v1");
	w1 = socket_on("w1");
	assert_true(heard(v1, w1, 1));
	assert_true(heard(w1, v1, 2));
	/* Sent through the device by the machine itself: what is next on the wire is another's. */
	frame_of(out, 3);
	assert_int_equal(write(v0, out, sizeof(out)), -1);
	assert_true(heard(w1, v1, 4));
	engine_stop(f->rig->env.engine);
	fd_close(&v0);
	fd_close(&v1);
	fd_close(&w1);
	port_rig_close(f->rig, v, false);
	port_rig_close(f->rig, w, false);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void what_must_not_be_taken_is_refused(void **state)
{
	static const struct {
		const char *why, *before, *more, *message, *after;
	} row[] = {
		{ "not there", "true", "\"device\":\"nix\"",
		  "there is no device nix in the machine", "true" },
		{ "loopback", "true", "\"device\":\"lo\"",
		  "lo is the loopback device: nobody is behind it", "true" },
		{ "no name", "true", "\"up\":true", "a port of type netdev needs its 'device'",
		  "true" },
		{ "no Ethernet", "ip tuntap add l3 mode tun", "\"device\":\"l3\"",
		  "device l3 carries no Ethernet frames", "ip link del l3" },
		{ "ours", "ip link set w0 alias weft:x:y", "\"device\":\"w0\"",
		  "device w0 is Weft's own", "ip link set w0 alias ''" },
		{ "has an address", "ip address add 10.9.0.1/24 dev w0", "\"device\":\"w0\"",
		  "device w0 is in use, it has the address 10.9.0.1/24",
		  "ip address flush dev w0" },
		{ "the default route",
		  "ip link set w0 up && ip address add 10.9.0.1/24 dev w0 &&"
		  "ip route add default via 10.9.0.2 table 7",
		  "\"device\":\"w0\"", "device w0 is in use, the default route is over it",
		  "ip address flush dev w0; ip link set w0 down" },
		{ "one of its routes",
		  "ip link set w0 up && ip link set lo up && ip address add 10.9.0.1/24 dev w0 &&"
		  "ip route add default nexthop dev lo nexthop via 10.9.0.2",
		  "\"device\":\"w0\"", "device w0 is in use, the default route is over it",
		  "ip address flush dev w0; ip link set w0 down" },
	};
	struct tap_rig *f = *state;

	tap_rig_need_root();
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		char spec[200];
		struct entry *e;

		tap_rig_run(NETNS_SELF, row[i].before);
		snprintf(spec, sizeof(spec), "{\"switch\":\"s\",\"type\":\"netdev\",%s}",
			 row[i].more);
		assert_null(
			port_rig_open(f->rig, port_rig_object(f->rig, "port", "x", spec), &faults));
		assert_int_equal(faults.n, 1);
		if (strcmp(faults.v[0].message, row[i].message) != 0)
			fail_msg("%s: %s", row[i].why, faults.v[0].message);
		faults_free(&faults);
		e = model_entry(f->rig->model, schema_find("port"), "x");
		model_take(f->rig->model, e);
		entry_free(e);
		tap_rig_run(NETNS_SELF, row[i].after);
	}
	assert_int_equal(programs(NULL), 0);
}

/* ---- what comes and goes -------------------------------------------------------------------- */

static void a_device_that_vanishes_is_waited_for(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *p;

	tap_rig_need_root();
	p = attach(f, "v0");
	tap_rig_run(NETNS_SELF, "ip link del v0");
	assert_true(EVENTUALLY(f->rig, !p->carrier));
	assert_true(port_rig_said(f->rig, "port v0 is down: there is no device v0 in the machine"));
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft0", &l), -ENODEV);
	tap_rig_run(NETNS_SELF, "ip link add v0 type veth peer name v1 && ip link set v1 up");
	assert_true(EVENTUALLY(f->rig, p->carrier));
	assert_int_equal(programs("v0"), 2);
	port_rig_close(f->rig, p, false);
	assert_int_equal(programs(NULL), 0);
}

static void what_happens_to_a_device_is_seen(void **state)
{
	struct tap_rig *f = *state;
	struct port *p;

	tap_rig_need_root();
	p = attach(f, "v0");
	tap_rig_run(NETNS_SELF, "ip link set v1 down");
	assert_true(EVENTUALLY(f->rig, !p->carrier));
	assert_true(port_rig_said(f->rig, "port v0 is down: device v0 has no carrier"));
	tap_rig_run(NETNS_SELF, "ip link set v1 up");
	assert_true(EVENTUALLY(f->rig, p->carrier));
	tap_rig_run(NETNS_SELF, "ip link set v0 down");
	assert_true(EVENTUALLY(f->rig, !p->carrier));
	assert_true(port_rig_said(f->rig, "port v0 is down: device v0 is down"));
	tap_rig_run(NETNS_SELF, "ip link set v0 up");
	assert_true(EVENTUALLY(f->rig, p->carrier));
	tap_rig_run(NETNS_SELF, "ip link del weft0");
	assert_true(EVENTUALLY(f->rig, !p->carrier));
	assert_true(EVENTUALLY(f->rig, p->carrier));
	port_rig_close(f->rig, p, false);
	assert_int_equal(programs(NULL), 0);
}

static void a_daemon_before_us_left_it_attached(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct netdev *d;
	struct port *p;

	tap_rig_need_root();
	p = attach(f, "v0");
	d = p->own;
	/* As a kill does: the TAP goes, the programs on the device stay. */
	tap_io_ignore(f->rig->env.engine, &d->io);
	rcu_wait();
	tap_io_close(&d->io);
	d->lost = true;
	port_rig_close(f->rig, p, false);
	assert_int_equal(programs("v0"), 2);
	p = attach(f, "v0");
	assert_int_equal(programs("v0"), 2);
	d = p->own;
	tap_io_ignore(f->rig->env.engine, &d->io);
	rcu_wait();
	tap_io_close(&d->io);
	d->lost = true;
	port_rig_close(f->rig, p, false);
	netdev_sweep(&f->rig->env);
	assert_int_equal(programs(NULL), 0);
	assert_int_equal(tap_rig_look(NETNS_SELF, "v0", &l), 0);
	assert_true(!l.up && !l.promisc);
}

static void a_port_moves_to_another_namespace(void **state)
{
	static const char here[] = "{\"switch\":\"s\",\"type\":\"netdev\",\"device\":\"v0\"}";
	struct tap_rig *f = *state;
	struct faults faults = { 0 };
	struct object *o, was;
	char path[128], spec[256];
	struct netlink_link l;
	struct port *p;

	tap_rig_need_root();
	p = attach(f, "v0");
	o = &model_entry(f->rig->model, schema_find("port"), "v0")->o;
	snprintf(path, sizeof(path), "%s/netns/a", f->rig->dir);
	snprintf(spec, sizeof(spec),
		 "{\"switch\":\"s\",\"type\":\"netdev\",\"device\":\"v0\",\"netns\":\"%s\"}", path);
	port_rig_respec(f->rig, o, spec, &was);
	/* It has no device of that name yet: the port goes back to its old one. */
	assert_int_not_equal(p->type->set(p, &was, o, &faults), 0);
	assert_int_equal(faults.n, 1);
	faults_free(&faults);
	p->type->carrier(p);
	assert_true(EVENTUALLY(f->rig, p->carrier));
	assert_int_equal(programs("v0"), 2);

	tap_rig_run(f->ns[0], "ip link add v0 type veth peer name v1 && ip link set v1 up");
	assert_int_equal(p->type->set(p, &was, o, &faults), 0);
	p->type->carrier(p);
	assert_true(p->carrier);
	assert_int_equal(programs(NULL), 0);
	assert_int_equal(tap_rig_look(f->ns[0], "weft0", &l), 0);
	json_decref(was.spec);
	port_rig_respec(f->rig, o, here, &was);
	assert_int_equal(p->type->set(p, &was, o, &faults), 0);
	p->type->carrier(p);
	assert_true(p->carrier);
	assert_int_equal(programs("v0"), 2);
	assert_int_equal(tap_rig_look(f->ns[0], "weft0", &l), -ENODEV);
	json_decref(was.spec);
	port_rig_close(f->rig, p, false);
}

#define AT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT(a_device_is_taken_and_given_back),        AT(what_it_had_before_it_keeps),
		AT(frames_pass_and_the_machines_own_do_not), AT(what_must_not_be_taken_is_refused),
		AT(a_device_that_vanishes_is_waited_for),    AT(what_happens_to_a_device_is_seen),
		AT(a_daemon_before_us_left_it_attached),     AT(a_port_moves_to_another_namespace),
	};

	tap_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
