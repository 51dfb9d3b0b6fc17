/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "ports/netns.h"
#include "tests/rig/tap_rig.h"

#define PING                                                               \
	"for i in 1 2 3 4 5 6 7 8 9; do ping -c 1 -W 2 10.0.0.2 && exit; " \
	"done >/dev/null; exit 1"

static bool is_lost(const struct port *p)
{
	json_t *status = json_object();
	bool lost;

	p->type->status(p, status);
	lost = json_is_true(json_object_get(status, "device_lost"));
	json_decref(status);
	return lost;
}

static void a_lost_device_is_told_and_made_anew(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link was, is;
	struct port *a, *b;
	struct tap *t;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, ",\"mac\":\"02:00:00:00:00:0a\",\"mtu\":1400,\"queues\":2");
	b = tap_rig_plug(f, 1, "");
	t = a->own;
	tap_rig_patch(f, a, b);
	assert_int_equal(engine_start(f->rig->env.engine), 0);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &was), 0);
	tap_rig_run(f->ns[0], PING);
	assert_false(is_lost(a));

	tap_rig_run(f->ns[0], "ip link del eth0");
	assert_true(EVENTUALLY(f->rig, !a->carrier));
	assert_true(
		port_rig_said(f->rig, "port a.eth0 is down: its device eth0 is gone from host a"));
	assert_true(is_lost(a));
	assert_int_equal(t->io.queue[0].source.fd, -1);
	assert_int_equal(t->io.queue[1].source.fd, -1);

	assert_true(EVENTUALLY(f->rig, a->carrier));
	assert_false(is_lost(a));
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &is), 0);
	assert_memory_equal(&is.mac, &was.mac, sizeof(is.mac));
	assert_string_equal(is.alias, was.alias);
	assert_int_equal(is.mtu, 1400);
	tap_rig_run(f->ns[0], PING);
	assert_true(b->carrier);
	engine_stop(f->rig->env.engine);
	port_rig_close(f->rig, a, false);
	port_rig_close(f->rig, b, false);
	ports_settle(&f->rig->env);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &is), -ENODEV);
}

static void a_device_that_was_moved_away_is_lost_and_goes(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	char command[256];
	struct port *a;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, "");
	snprintf(command, sizeof(command), "ip link set eth0 netns %s/netns/b", f->rig->dir);
	tap_rig_run(f->ns[0], command);
	assert_int_equal(tap_rig_look(f->ns[1], "eth0", &l), 0);
	assert_true(EVENTUALLY(f->rig, !a->carrier));
	assert_true(EVENTUALLY(f->rig, a->carrier));
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
	assert_int_equal(tap_rig_look(f->ns[1], "eth0", &l), -ENODEV);
	port_rig_close(f->rig, a, false);
}

static void a_renamed_device_goes_on_under_its_new_name(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *a;
	struct tap *t;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, "");
	t = a->own;
	tap_rig_run(f->ns[0], "ip link set eth0 name lan");
	assert_true(EVENTUALLY(f->rig, !strcmp(t->device, "lan")));
	assert_true(EVENTUALLY(f->rig, a->carrier));
	assert_false(is_lost(a));
	tap_rig_run(f->ns[0], "ip link del lan");
	assert_true(EVENTUALLY(f->rig, is_lost(a)));
	assert_true(EVENTUALLY(f->rig, a->carrier));
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
	tap_rig_run(f->ns[0], "ip link set eth0 name lan");
	assert_true(EVENTUALLY(f->rig, !strcmp(t->device, "lan")));
	port_rig_close(f->rig, a, false);
	ports_settle(&f->rig->env);
	assert_int_equal(tap_rig_look(f->ns[0], "lan", &l), -ENODEV);
}

static void devices_that_go_together_come_back_together(void **state)
{
	struct tap_rig *f = *state;
	struct port *p[8];

	tap_rig_need_root();
	for (unsigned int i = 0; i < ARRAY_LEN(p); i++) {
		char name[8];

		snprintf(name, sizeof(name), "p%u", i);
		p[i] = port_rig_start(f->rig, name, "{\"switch\":\"s\"}");
		snprintf(name, sizeof(name), "weft%u", i);
		assert_string_equal(((struct tap *)p[i]->own)->device, name);
	}
	tap_rig_run(NETNS_SELF, "for i in 0 1 2 3 4 5 6 7; do ip link set weft$i group 9; done;"
				"ip link del group 9");
	for (unsigned int i = 0; i < ARRAY_LEN(p); i++) {
		char name[8], said[80];

		snprintf(said, sizeof(said),
			 "port p%u is down: its device weft%u is gone from the machine", i, i);
		assert_true(EVENTUALLY(f->rig, port_rig_said(f->rig, said)));
		assert_true(EVENTUALLY(f->rig, p[i]->carrier));
		snprintf(name, sizeof(name), "weft%u", i);
		assert_string_equal(((struct tap *)p[i]->own)->device, name);
	}
	for (unsigned int i = 0; i < ARRAY_LEN(p); i++)
		port_rig_close(f->rig, p[i], false);
}

static void who_takes_a_device_away_again_and_again_wins(void **state)
{
	struct tap_rig *f = *state;
	struct faults faults = { 0 };
	struct object *o, was;
	struct netlink_link l;
	uint64_t begin;
	struct port *p;

	tap_rig_need_root();
	o = port_rig_object(f->rig, "port", "a.eth0", "{\"switch\":\"s\",\"host\":\"a\"}");
	p = port_rig_open(f->rig, o, &faults);
	assert_non_null(p);
	p->type->start(p);
	p->type->carrier(p);
	begin = clock_ns();
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(EVENTUALLY(f->rig, p->carrier));
		tap_rig_run(f->ns[0], "ip link del eth0");
		assert_true(EVENTUALLY(f->rig, !p->carrier));
	}
	assert_true(clock_ns() - begin > 2000000000u); /* three were made, a second apart */
	assert_true(port_rig_said(f->rig, "port a.eth0 stays down until it is changed: "
					  "its device is taken away again and again"));
	assert_false(WITHIN(f->rig, 2000, p->carrier));
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), -ENODEV);

	port_rig_respec(f->rig, o, "{\"switch\":\"s\",\"host\":\"a\",\"mtu\":1400}", &was);
	assert_int_equal(p->type->set(p, &was, o, &faults), 0);
	assert_true(EVENTUALLY(f->rig, p->carrier));
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
	assert_int_equal(l.mtu, 1400);
	json_decref(was.spec);
	port_rig_close(f->rig, p, false);
}

static void a_stranger_in_its_place_is_left_alone(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *a;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, "");
	tap_rig_run(f->ns[0], "ip link del eth0; ip tuntap add dev eth0 mode tap");
	assert_true(EVENTUALLY(f->rig, !a->carrier));
	assert_true(EVENTUALLY(
		f->rig,
		port_rig_said(f->rig, "port a.eth0 stays down until it is changed: device eth0 "
				      "exists already in host a and is not Weft's")));
	assert_false(WITHIN(f->rig, 2000, a->carrier));
	port_rig_close(f->rig, a, false);
	ports_settle(&f->rig->env);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tap_rig_set_up, tap_rig_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_lost_device_is_told_and_made_anew),
		TEST(a_device_that_was_moved_away_is_lost_and_goes),
		TEST(a_renamed_device_goes_on_under_its_new_name),
		TEST(devices_that_go_together_come_back_together),
		TEST(who_takes_a_device_away_again_and_again_wins),
		TEST(a_stranger_in_its_place_is_left_alone),
	};

	tap_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
