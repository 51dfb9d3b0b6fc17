/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "host/host.h"
#include "ports/netns.h"
#include "tests/rig/port_rig.h"

static bool alone;

struct fixture {
	struct port_rig *rig;
	struct kind kind;
	struct faults faults;
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .rig = port_rig_create() };
	host_kind(&f.rig->env, &f.kind);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	faults_free(&f->faults);
	port_rig_destroy(f->rig);
	return 0;
}

static void need_root(void)
{
	if (alone)
		return;
	printf("needs root for namespaces\n");
	skip();
}

static int shell(void *arg)
{
	return system(arg) ? -EIO : 0;
}

static bool in_host(struct fixture *f, const char *host, const char *command)
{
	int fd, err = netns_open(f->rig->dir, host, &fd);

	if (err)
		return false;
	err = netns_run(fd, shell, (void *)command);
	fd_close(&fd);
	return !err;
}

static struct object *add(struct fixture *f, const char *name, const char *spec)
{
	struct object *o = port_rig_object(f->rig, "host", name, spec);

	assert_int_equal(f->kind.prepare(f->kind.ctx, f->rig->model, NULL, o, &f->faults), 0);
	return o;
}

static void commit(struct fixture *f, const struct object *was, struct object *now)
{
	f->kind.commit(f->kind.ctx, was, now);
}

static void release(struct fixture *f, struct object *o)
{
	f->kind.release(f->kind.ctx, o);
}

static void a_host_is_a_namespace_until_it_is_released(void **state)
{
	struct fixture *f = *state;
	struct object *o;
	char path[128];

	need_root();
	o = add(f, "a", "{}");
	commit(f, NULL, o);
	assert_true(in_host(f, "a", "ip link show lo up | grep -q lo"));
	assert_true(in_host(f, "a", "test $(cat /proc/sys/net/ipv4/ip_forward) = 0"));
	assert_true(in_host(f, "a", "test $(cat /proc/sys/net/ipv6/conf/default/accept_dad) = 0"));
	release(f, o);
	assert_false(in_host(f, "a", "true"));
	snprintf(path, sizeof(path), "%s/netns", f->rig->dir);
	assert_int_equal(access(path, F_OK), -1); /* the last one takes the folder along */
}

static void a_transaction_that_fails_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct object *o;

	need_root();
	o = add(f, "a", "{}");
	f->kind.abort(f->kind.ctx, NULL, o);
	assert_false(in_host(f, "a", "true"));
}

static void the_next_daemon_finds_its_hosts(void **state)
{
	struct fixture *f = *state;
	struct object *o;

	need_root();
	o = add(f, "a", "{}");
	commit(f, NULL, o);
	assert_true(in_host(f, "a", "ip tuntap add dev mark mode tap"));
	f->kind.leave(f->kind.ctx, o);
	assert_true(in_host(f, "a", "true"));
	assert_int_equal(f->kind.prepare(f->kind.ctx, f->rig->model, NULL, o, &f->faults), 0);
	assert_true(in_host(f, "a", "ip link show mark >/dev/null"));
	/* What was found is not taken away because a start fails. */
	f->kind.abort(f->kind.ctx, NULL, o);
	assert_true(in_host(f, "a", "ip link show mark >/dev/null"));
	assert_int_equal(f->kind.prepare(f->kind.ctx, f->rig->model, NULL, o, &f->faults), 0);
	release(f, o);
}

static void forwarding_changes_live_and_is_undone(void **state)
{
	static char forwards[] = "test $(cat /proc/sys/net/ipv4/ip_forward) = 1 && "
				 "test $(cat /proc/sys/net/ipv6/conf/all/forwarding) = 1";
	struct fixture *f = *state;
	struct object *o, was;

	need_root();
	o = add(f, "a", "{}");
	commit(f, NULL, o);
	port_rig_respec(f->rig, o, "{\"forwarding\":true}", &was);
	assert_int_equal(f->kind.prepare(f->kind.ctx, f->rig->model, &was, o, &f->faults), 0);
	assert_true(in_host(f, "a", forwards));
	f->kind.abort(f->kind.ctx, &was, o);
	assert_false(in_host(f, "a", forwards));
	json_decref(was.spec);
	release(f, o);
}

static const char nic[] = "{\"switch\":\"s\",\"host\":\"a\","
			  "\"address\":[\"10.0.0.1/24\",\"fd00::1/64\"]}";

static void routes_come_with_the_nic(void **state)
{
	struct fixture *f = *state;
	struct object *o;
	struct port *p;

	need_root();
	o = add(f, "a", "{\"routes\":[\"default via 10.0.0.254\",\"fd01::/64 via fd00::9\"]}");
	commit(f, NULL, o);
	assert_false(in_host(f, "a", "ip route | grep -q default"));
	p = port_rig_start(f->rig, "a.eth0", nic);
	assert_true(in_host(f, "a", "ip route | grep -q 'default via 10.0.0.254'"));
	assert_true(in_host(f, "a", "ip -6 route | grep -q 'fd01::/64 via fd00::9'"));

	/* It goes and comes back: the kernel has forgotten them, we have not. */
	port_rig_close(f->rig, p, false);
	ports_settle(&f->rig->env);
	p = port_rig_start(f->rig, "a.eth0", nic);
	assert_true(in_host(f, "a", "ip route | grep -q 'default via 10.0.0.254'"));
	port_rig_close(f->rig, p, false);
	release(f, o);
}

static void routes_outlive_a_change_of_addresses(void **state)
{
	struct fixture *f = *state;
	struct object *o, *port, was;
	struct port *p;

	need_root();
	o = add(f, "a", "{\"routes\":[\"default via 10.0.0.254\"]}");
	commit(f, NULL, o);
	port = port_rig_object(f->rig, "port", "a.eth0", nic);
	p = port_rig_open(f->rig, port, &f->faults);
	assert_non_null(p);
	p->type->start(p);
	port_rig_respec(f->rig, port,
			"{\"switch\":\"s\",\"host\":\"a\",\"address\":[\"10.0.0.7/24\"]}", &was);
	assert_int_equal(p->type->set(p, &was, port, &f->faults), 0);
	assert_true(in_host(f, "a", "ip route | grep -q 'default via 10.0.0.254'"));
	assert_true(in_host(f, "a", "ip addr | grep -q 10.0.0.7/24"));
	json_decref(was.spec);
	port_rig_close(f->rig, p, false);
	release(f, o);
}

static void routes_change_live_and_a_persons_stay(void **state)
{
	struct fixture *f = *state;
	struct object *o, was;
	struct port *p;

	need_root();
	o = add(f, "a", "{\"routes\":[\"10.1.0.0/16 via 10.0.0.2\",\"10.2.0.0/16 via 10.0.0.2\"]}");
	commit(f, NULL, o);
	p = port_rig_start(f->rig, "a.eth0", nic);
	assert_true(in_host(f, "a", "ip route add 10.9.0.0/16 via 10.0.0.2"));
	port_rig_respec(f->rig, o,
			"{\"routes\":[\"10.1.0.0/16 via 10.0.0.3\",\"10.3.0.0/16 via 10.0.0.2\"]}",
			&was);
	assert_int_equal(f->kind.prepare(f->kind.ctx, f->rig->model, &was, o, &f->faults), 0);
	commit(f, &was, o);
	assert_true(in_host(f, "a", "ip route | grep -q '10.1.0.0/16 via 10.0.0.3'"));
	assert_false(in_host(f, "a", "ip route | grep -q '10.1.0.0/16 via 10.0.0.2'"));
	assert_false(in_host(f, "a", "ip route | grep -q 10.2.0.0/16"));
	assert_true(in_host(f, "a", "ip route | grep -q 10.3.0.0/16"));
	assert_true(in_host(f, "a", "ip route | grep -q 10.9.0.0/16"));
	json_decref(was.spec);
	port_rig_close(f->rig, p, false);
	release(f, o);
}

static void a_gateway_is_a_neighbour(void **state)
{
	static const struct {
		const char *why, *spec, *pointer, *message;
	} row[] = {
		{ "on the link", "{\"routes\":[\"default via 10.0.0.254\"]}", NULL, NULL },
		{ "on the link, IPv6", "{\"routes\":[\"default via fd00::9\"]}", NULL, NULL },
		{ "elsewhere", "{\"routes\":[\"default via 10.0.9.1\"]}", "/routes/0",
		  "the gateway 10.0.9.1 is in no network of the NICs of host a" },
		{ "on another host's link", "{\"routes\":[\"default via 10.5.0.2\"]}", "/routes/0",
		  "the gateway 10.5.0.2 is in no network of the NICs of host a" },
		{ "twice",
		  "{\"routes\":[\"default via 10.0.0.2\",\"10.1.0.0/16 via 10.0.0.2\","
		  "\"10.1.0.0/16 via 10.0.0.3\"]}",
		  "/routes/2", "there are two routes to one network" },
	};
	struct fixture *f = *state;

	port_rig_object(f->rig, "port", "a.eth0", nic);
	port_rig_object(f->rig, "port", "b.eth0",
			"{\"switch\":\"s\",\"host\":\"b\",\"address\":[\"10.5.0.1/24\"]}");
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		struct object *o, was;

		if (i == 0)
			o = port_rig_object(f->rig, "host", "a", row[i].spec);
		else
			port_rig_respec(f->rig, o, row[i].spec, &was);
		if (i > 0)
			json_decref(was.spec);
		f->kind.check(f->kind.ctx, f->rig->model, o, &faults);
		if (faults.n != !!row[i].message)
			fail_msg("%s: %u faults", row[i].why, faults.n);
		if (faults.n) {
			assert_string_equal(faults.v[0].message, row[i].message);
			assert_string_equal(faults.v[0].pointer, row[i].pointer);
		}
		faults_free(&faults);
	}
}

static void status_names_namespace_and_nics(void **state)
{
	struct fixture *f = *state;
	struct object *o;
	json_t *s;

	need_root();
	port_rig_object(f->rig, "port", "a.eth0", nic);
	port_rig_object(f->rig, "port", "b.eth0", "{\"switch\":\"s\",\"host\":\"b\"}");
	o = add(f, "a", "{}");
	f->kind.check(f->kind.ctx, f->rig->model, o, &f->faults);
	commit(f, NULL, o);
	s = f->kind.status(f->kind.ctx, o);
	assert_non_null(strstr(json_string_value(json_object_get(s, "netns")), "/netns/a"));
	assert_int_equal(json_array_size(json_object_get(s, "nics")), 1);
	json_decref(s);
	release(f, o);
}

static void namespaces_without_a_host_are_swept_away(void **state)
{
	struct fixture *f = *state;
	struct object *o;
	bool made;

	need_root();
	o = add(f, "a", "{}");
	assert_int_equal(netns_make(f->rig->dir, "old", &made), 0);
	hosts_sweep(&f->rig->env, f->rig->model);
	assert_true(in_host(f, "a", "true"));
	assert_false(in_host(f, "old", "true"));
	release(f, o);
}

static void two_hundred_hosts_come_and_go(void **state)
{
	enum { HOSTS = 200 };
	struct fixture *f = *state;
	struct object *o[HOSTS];
	struct port *p[HOSTS];
	uint64_t begin;
	double up, down;

	need_root();
	begin = clock_ns();
	for (unsigned int i = 0; i < HOSTS; i++) {
		char name[32], spec[200];

		snprintf(name, sizeof(name), "h%u", i);
		o[i] = add(f, name, "{\"routes\":[\"default via 10.0.0.254\"]}");
		commit(f, NULL, o[i]);
		snprintf(name, sizeof(name), "h%u.eth0", i);
		snprintf(spec, sizeof(spec),
			 "{\"switch\":\"s\",\"host\":\"h%u\",\"address\":[\"10.0.0.%u/24\"]}", i,
			 i + 1);
		p[i] = port_rig_start(f->rig, name, spec);
	}
	up = (double)(clock_ns() - begin) / 1e9;
	begin = clock_ns();
	for (unsigned int i = 0; i < HOSTS; i++)
		port_rig_close(f->rig, p[i], false);
	for (unsigned int i = 0; i < HOSTS; i++)
		release(f, o[i]);
	ports_settle(&f->rig->env);
	down = (double)(clock_ns() - begin) / 1e9;
	printf("# %u hosts with a NIC: up in %.2f s, down in %.2f s\n", HOSTS, up, down);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_host_is_a_namespace_until_it_is_released),
		TEST(a_transaction_that_fails_leaves_nothing),
		TEST(the_next_daemon_finds_its_hosts),
		TEST(forwarding_changes_live_and_is_undone),
		TEST(routes_come_with_the_nic),
		TEST(routes_outlive_a_change_of_addresses),
		TEST(routes_change_live_and_a_persons_stay),
		TEST(a_gateway_is_a_neighbour),
		TEST(status_names_namespace_and_nics),
		TEST(namespaces_without_a_host_are_swept_away),
		TEST(two_hundred_hosts_come_and_go),
	};

	alone = port_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
