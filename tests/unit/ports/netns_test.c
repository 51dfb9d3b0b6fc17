/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "ports/netlink.h"
#include "ports/netns.h"
#include "tests/rig/port_rig.h"

static bool alone;

struct fixture {
	char dir[64];
};

static int set_up(void **state)
{
	static struct fixture f;

	snprintf(f.dir, sizeof(f.dir), "/tmp/weft-netns.XXXXXX");
	assert_non_null(mkdtemp(f.dir));
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	return rmdir(f->dir); /* a test leaves nothing in it */
}

static void need_root(void)
{
	if (alone)
		return;
	printf("needs root for namespaces\n");
	skip();
}

static int inode(void *arg)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st))
		return -errno;
	*(ino_t *)arg = st.st_ino;
	return 0;
}

static void a_namespace_is_made_once_and_found_again(void **state)
{
	struct fixture *f = *state;
	ino_t here, there, again, after;
	bool made = false;
	int fd;

	need_root();
	assert_int_equal(netns_open(f->dir, "a", &fd), -ENOENT);
	assert_int_equal(inode(&here), 0);
	assert_int_equal(netns_make(f->dir, "a", &made), 0);
	assert_true(made);
	assert_int_equal(netns_open(f->dir, "a", &fd), 0);
	assert_int_equal(netns_run(fd, inode, &there), 0);
	assert_true(here != there);
	assert_int_equal(inode(&after), 0);
	assert_true(here == after);
	fd_close(&fd);

	assert_int_equal(netns_make(f->dir, "a", &made), 0);
	assert_false(made);
	assert_int_equal(netns_open(f->dir, "a", &fd), 0);
	assert_int_equal(netns_run(fd, inode, &again), 0);
	assert_true(there == again);
	fd_close(&fd);

	assert_int_equal(netns_remove(f->dir, "a"), 0);
	assert_int_equal(netns_open(f->dir, "a", &fd), -ENOENT);
	netns_tidy(f->dir);
}

static void a_file_that_a_reboot_left_serves_again(void **state)
{
	struct fixture *f = *state;
	char path[128];
	bool made = false;
	FILE *left;

	need_root();
	snprintf(path, sizeof(path), "%s/netns", f->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/netns/a", f->dir);
	left = fopen(path, "w");
	assert_non_null(left);
	fclose(left);
	assert_int_equal(netns_make(f->dir, "a", &made), 0);
	assert_true(made);
	assert_int_equal(netns_remove(f->dir, "a"), 0);
	netns_tidy(f->dir);
}

static void note_name(void *arg, const char *name)
{
	unsigned int *seen = arg;

	*seen |= 1u << (*name - 'a');
}

static void all_are_listed_and_the_folder_goes_with_the_last(void **state)
{
	struct fixture *f = *state;
	unsigned int seen = 0;
	char path[128];
	bool made;

	need_root();
	assert_int_equal(netns_each(f->dir, note_name, &seen), 0);
	assert_int_equal(seen, 0);
	assert_int_equal(netns_make(f->dir, "a", &made), 0);
	assert_int_equal(netns_make(f->dir, "c", &made), 0);
	assert_int_equal(netns_each(f->dir, note_name, &seen), 0);
	assert_int_equal(seen, 1 << 0 | 1 << 2);
	netns_tidy(f->dir);
	assert_int_equal(netns_make(f->dir, "c", &made), 0);
	assert_false(made);
	assert_int_equal(netns_remove(f->dir, "a"), 0);
	assert_int_equal(netns_remove(f->dir, "c"), 0);
	netns_tidy(f->dir);
	snprintf(path, sizeof(path), "%s/netns", f->dir);
	assert_int_equal(access(path, F_OK), -1);
}

static void what_is_not_there_is_gone(void **state)
{
	struct fixture *f = *state;

	need_root();
	assert_int_equal(netns_remove(f->dir, "nobody"), 0);
}

/* netlink.h, on the loopback device of a namespace. */
struct list {
	unsigned int n;
	struct prefix prefix[8];
	struct ip_route route[8];
};

static void note_address(void *arg, const struct prefix *p)
{
	struct list *l = arg;

	l->prefix[l->n++] = *p;
}

static void note_route(void *arg, const struct ip_route *r)
{
	struct list *l = arg;

	l->route[l->n++] = *r;
}

static int shell(void *arg)
{
	return system(arg) ? -EIO : 0;
}

static struct prefix prefix_of(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	return p;
}

static struct ip_route route_of(const char *text)
{
	struct ip_route r;

	assert_int_equal(route_parse(text, &r), 0);
	return r;
}

static void addresses_and_routes_bear_our_mark(void **state)
{
	struct fixture *f = *state;
	const struct prefix own = prefix_of("10.9.0.1/24"), own6 = prefix_of("fd09::1/64");
	const struct ip_route way = route_of("10.8.0.0/16 via 10.9.0.2");
	const struct netlink_change up = { .up = true, .mtu = 1400, .alias = "weft:x:y" };
	struct list l = { 0 };
	struct netlink_link lo;
	struct netlink *n;
	bool made;
	int fd;

	need_root();
	assert_int_equal(netns_make(f->dir, "a", &made), 0);
	assert_int_equal(netns_open(f->dir, "a", &fd), 0);
	assert_int_equal(netlink_open(fd, &n), 0);
	assert_int_equal(netlink_link_find(n, "nobody", &lo), -ENODEV);
	assert_int_equal(netlink_link_find(n, "lo", &lo), 0);
	assert_false(lo.up);
	assert_int_equal(netlink_link_set(n, lo.index, &up), 0);
	assert_int_equal(netlink_link_find(n, "lo", &lo), 0);
	assert_true(lo.up);
	assert_int_equal(lo.mtu, 1400);
	assert_string_equal(lo.alias, "weft:x:y");

	for (unsigned int twice = 0; twice < 2; twice++) {
		assert_int_equal(netlink_address_add(n, lo.index, &own), 0);
		assert_int_equal(netlink_address_add(n, lo.index, &own6), 0);
	}
	assert_int_equal(netlink_address_each(n, lo.index + 1, note_address, &l), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(netlink_address_each(n, lo.index, note_address, &l), 0);
	assert_int_equal(l.n, 2);
	assert_true(prefix_equal(&l.prefix[0], &own));
	assert_true(prefix_equal(&l.prefix[1], &own6));

	assert_int_equal(netlink_route_add(n, &way), 0);
	assert_int_equal(netlink_route_add(n, &way), 0);
	assert_int_equal(netns_run(fd, shell,
				   "ip address add 10.9.1.1/24 dev lo && "
				   "ip route add 10.7.0.0/16 via 10.9.0.3"),
			 0); /* a person's */
	l.n = 0;
	assert_int_equal(netlink_address_each(n, lo.index, note_address, &l), 0);
	assert_int_equal(l.n, 2);
	l.n = 0;
	assert_int_equal(netlink_route_each(n, note_route, &l), 0);
	assert_int_equal(l.n, 1);
	assert_true(prefix_equal(&l.route[0].to, &way.to));
	assert_true(prefix_equal(&l.route[0].via, &way.via));
	for (unsigned int twice = 0; twice < 2; twice++) {
		assert_int_equal(netlink_route_del(n, &way), 0);
		assert_int_equal(netlink_address_del(n, lo.index, &own), 0);
		assert_int_equal(netlink_address_del(n, lo.index, &own6), 0);
	}
	l.n = 0;
	assert_int_equal(netlink_address_each(n, lo.index, note_address, &l), 0);
	assert_int_equal(netlink_route_each(n, note_route, &l), 0);
	assert_int_equal(l.n, 0);
	netlink_close(n);
	fd_close(&fd);
	assert_int_equal(netns_remove(f->dir, "a"), 0);
	netns_tidy(f->dir);
}

static void the_kernel_says_why_it_refuses(void **state)
{
	struct fixture *f = *state;
	const struct ip_route nowhere = route_of("10.8.0.0/16 via 10.9.0.2");
	struct netlink *n;
	bool made;
	int fd;

	need_root();
	assert_int_equal(netns_make(f->dir, "a", &made), 0);
	assert_int_equal(netns_open(f->dir, "a", &fd), 0);
	assert_int_equal(netlink_open(fd, &n), 0);
	assert_true(netlink_route_add(n, &nowhere) < 0);
	assert_string_equal(netlink_why(n), "Nexthop has invalid gateway");
	assert_int_equal(netlink_link_set(n, 4711, &(struct netlink_change){ .up = true }),
			 -ENODEV);
	assert_string_equal(netlink_why(n), "No such device");
	netlink_close(n);
	fd_close(&fd);
	assert_int_equal(netns_remove(f->dir, "a"), 0);
	netns_tidy(f->dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_namespace_is_made_once_and_found_again),
		TEST(a_file_that_a_reboot_left_serves_again),
		TEST(all_are_listed_and_the_folder_goes_with_the_last),
		TEST(what_is_not_there_is_gone),
		TEST(addresses_and_routes_bear_our_mark),
		TEST(the_kernel_says_why_it_refuses),
	};

	alone = port_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
