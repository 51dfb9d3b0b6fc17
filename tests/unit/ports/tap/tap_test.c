/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/rcu.h"
#include "ports/netns.h"
#include "ports/tap/tap_priv.h"
#include "tests/rig/tap_rig.h"

static void a_device_is_as_its_port_says(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *p;

	tap_rig_need_root();
	p = port_rig_start(f->rig, "a.eth0",
			   "{\"switch\":\"s\",\"host\":\"a\",\"mac\":\"02:00:00:00:00:0a\","
			   "\"mtu\":9000,\"address\":[\"10.0.0.1/24\",\"fd00::1/64\"]}");
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
	assert_int_equal(l.mtu, 9000);
	assert_memory_equal(&l.mac, "\x02\0\0\0\0\x0a", 6);
	assert_true(l.up);
	assert_true(l.carrier);
	assert_true(p->carrier);
	assert_true(strncmp(l.alias, "weft:", 5) == 0);
	tap_rig_run(f->ns[0], "ip -4 addr show eth0 | grep -q 'inet 10.0.0.1/24 brd 10.0.0.255'");
	/* Usable at once: no duplicate address detection. */
	tap_rig_run(f->ns[0],
		    "ip -6 addr show eth0 | grep 'inet6 fd00::1/64' | grep -qv tentative");
	port_rig_close(f->rig, p, false);
	ports_settle(&f->rig->env);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), -ENODEV);
}

static void an_address_made_of_the_name_stays_the_same(void **state)
{
	struct eth_addr a, again, other, elsewhere;

	(void)state;
	port_mac("main", "a.eth0", &a);
	port_mac("main", "a.eth0", &again);
	port_mac("main", "b.eth0", &other);
	port_mac("maina", ".eth0", &elsewhere);
	assert_int_equal(a.b[0], 0x02);
	assert_memory_equal(&a, &again, sizeof(a));
	assert_memory_not_equal(&a, &other, sizeof(a));
	assert_memory_not_equal(&a, &elsewhere, sizeof(a));
}

static void a_thousand_names_have_a_thousand_addresses(void **state)
{
	static struct eth_addr seen[1000];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_LEN(seen); i++) {
		char name[32];

		snprintf(name, sizeof(name), "h%u.eth0", i);
		port_mac("main", name, &seen[i]);
		for (unsigned int k = 0; k < i; k++)
			assert_memory_not_equal(&seen[i], &seen[k], sizeof(seen[i]));
	}
}

static void the_machine_gets_the_first_free_name(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *p[3];

	tap_rig_need_root();
	tap_rig_run(NETNS_SELF, "ip tuntap add dev weft1 mode tap");
	p[0] = port_rig_start(f->rig, "x", "{\"switch\":\"s\"}");
	p[1] = port_rig_start(f->rig, "y", "{\"switch\":\"s\"}");
	p[2] = port_rig_start(f->rig, "z", "{\"switch\":\"s\",\"device\":\"lan\"}");
	assert_string_equal(((struct tap *)p[0]->own)->device, "weft0");
	assert_string_equal(((struct tap *)p[1]->own)->device, "weft2");
	assert_string_equal(((struct tap *)p[2]->own)->device, "lan");
	for (unsigned int i = 0; i < 3; i++)
		port_rig_close(f->rig, p[i], false);
	ports_settle(&f->rig->env);
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft0", &l), -ENODEV);
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft2", &l), -ENODEV);
	assert_int_equal(tap_rig_look(NETNS_SELF, "lan", &l), -ENODEV);
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft1", &l), 0);
	tap_rig_run(NETNS_SELF, "ip link del weft1");
}

/* ---- frames --------------------------------------------------------------------------------- */

static int tcp_server(void *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(7000) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*(int *)arg = fd;
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 1) ? -errno : 0;
}

static int tcp_client(void *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(7000),
				  .sin_addr.s_addr = inet_addr("10.0.0.2") };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*(int *)arg = fd;
	return connect(fd, (struct sockaddr *)&at, sizeof(at)) ? -errno : 0;
}

/* The engine's threads run: what is sent comes back octet by octet, and in few large frames. */
static void tcp_passes_in_frames_larger_than_the_mtu(struct tap_rig *f, const char *more)
{
	enum { MIB = 8 << 20 };
	struct port *a = tap_rig_plug(f, 0, more), *b = tap_rig_plug(f, 1, more);
	uint8_t *out = malloc(MIB), *in = malloc(MIB);
	int server, client, peer;
	size_t sent = 0, got = 0;
	struct port_count c;

	tap_rig_patch(f, a, b);
	assert_int_equal(engine_start(f->rig->env.engine), 0);
	assert_int_equal(netns_run(f->ns[1], tcp_server, &server), 0);
	assert_int_equal(netns_run(f->ns[0], tcp_client, &client), 0);
	peer = accept(server, NULL, NULL);
	assert_true(peer >= 0);
	assert_int_equal(fd_nonblock(client), 0);
	for (size_t i = 0; i < MIB; i++)
		out[i] = (uint8_t)(i * 2654435761u >> 13);
	while (got < MIB) {
		struct pollfd p[] = { { peer, POLLIN, 0 },
				      { client, sent < MIB ? POLLOUT : 0, 0 } };
		ssize_t n;

		assert_true(poll(p, 2, 60000) > 0);
		if (p[1].revents & POLLOUT) {
			n = write(client, out + sent, MIB - sent);
			sent += n > 0 ? (size_t)n : 0;
		}
		if (p[0].revents & POLLIN) {
			n = read(peer, in + got, MIB - got);
			assert_true(n > 0);
			got += (size_t)n;
		}
	}
	assert_memory_equal(in, out, MIB);
	engine_stop(f->rig->env.engine);
	port_counters(f->rig->env.engine, a->id, &c);
	assert_true(c.in_bytes > MIB);
	assert_true(c.in_bytes / c.in_frames > 3000);
	close(client);
	close(peer);
	close(server);
	free(out);
	free(in);
	port_rig_close(f->rig, a, false);
	port_rig_close(f->rig, b, false);
}

static void a_stream_keeps_its_large_frames(void **state)
{
	tap_rig_need_root();
	tcp_passes_in_frames_larger_than_the_mtu(*state, "");
}

static void a_stream_passes_through_many_queues(void **state)
{
	tap_rig_need_root();
	tcp_passes_in_frames_larger_than_the_mtu(*state, ",\"queues\":4");
}

static int listen_raw(void *arg)
{
	int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	*(int *)arg = fd;
	return fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ? -errno : 0;
}

/* The next frame from the sender of these tests; the kernel takes its tag off and tells it. */
static ssize_t next_raw(int fd, uint8_t *frame, size_t room, uint16_t *tci)
{
	for (;;) {
		uint8_t control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct iovec iov = { frame, room };
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		struct tpacket_auxdata aux = { 0 };

		if (n < 0)
			return -errno;
		if (c)
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		*tci = aux.tp_vlan_tci;
		if (frame[11] == 0x55)
			return n;
	}
}

static void a_frame_in_many_pieces_goes_out_whole(void **state)
{
	static const uint8_t tag[VLAN_TAG_LEN] = { 0x81, 0x00, 0x00, 0x07 };
	struct tap_rig *f = *state;
	uint8_t octets[1400], got[2000];
	struct tx_frame frame = { .tagged = false };
	uint8_t verdict = TX_SENT;
	struct iovec piece[200];
	struct port *a;
	struct tap *t;
	uint16_t tci;
	struct pkt p;
	int raw;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, "");
	t = a->own;
	assert_int_equal(netns_run(f->ns[0], listen_raw, &raw), 0);
	for (unsigned int i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 31);
	memcpy(octets, "\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\x55\x88\xb5", 14);
	pkt_reset(&p);
	memcpy(p.data, octets, PKT_HEAD);
	p.head_len = PKT_HEAD;
	p.len = sizeof(octets);
	p.seg = piece;
	for (uint32_t at = PKT_HEAD; at < sizeof(octets); at += 10)
		piece[p.n_seg++] =
			(struct iovec){ octets + at, MIN((uint32_t)sizeof(octets) - at, 10u) };
	frame.pkt = &p;
	t->io.sink.tx(&t->io.sink, engine_worker(f->rig->env.engine, 0), &frame, 1, &verdict);
	assert_int_equal(verdict, TX_SENT);
	assert_int_equal(next_raw(raw, got, sizeof(got), &tci), sizeof(octets));
	assert_memory_equal(got, octets, sizeof(octets));
	assert_int_equal(tci, 0);

	frame.tagged = true;
	memcpy(frame.tag, tag, sizeof(tag));
	t->io.sink.tx(&t->io.sink, engine_worker(f->rig->env.engine, 0), &frame, 1, &verdict);
	assert_int_equal(verdict, TX_SENT);
	assert_int_equal(next_raw(raw, got, sizeof(got), &tci), sizeof(octets));
	assert_memory_equal(got, octets, sizeof(octets));
	assert_int_equal(tci, 7);
	close(raw);
	port_rig_close(f->rig, a, false);
}

static void what_the_kernel_refuses_is_named(void **state)
{
	struct tap_rig *f = *state;
	struct worker *w;
	struct pkt p;
	struct tx_frame frame = { .pkt = &p };
	uint8_t verdict = TX_SENT;
	struct port *a;
	struct tap *t;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, "");
	t = a->own;
	w = engine_worker(f->rig->env.engine, 0);
	pkt_reset(&p);
	memset(p.data, 0, 60);
	p.len = p.head_len = 13;
	t->io.sink.tx(&t->io.sink, w, &frame, 1, &verdict);
	assert_int_equal(verdict, TX_DROP_REFUSED);

	verdict = TX_SENT;
	p.len = p.head_len = 60;
	t->io.sink.tx(&t->io.sink, w, &frame, 1, &verdict);
	assert_int_equal(verdict, TX_SENT);

	tap_rig_run(f->ns[0], "ip link set eth0 down");
	t->io.sink.tx(&t->io.sink, w, &frame, 1, &verdict);
	assert_int_equal(verdict, TX_DROP_DOWN);
	port_rig_close(f->rig, a, false);
}

/* ---- changes -------------------------------------------------------------------------------- */

static void the_carrier_follows_port_and_device(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *p;

	tap_rig_need_root();
	p = tap_rig_plug(f, 0, "");
	assert_true(p->carrier);
	p->wanted = false;
	p->type->carrier(p);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
	assert_true(l.up);
	assert_false(l.carrier);
	assert_false(p->carrier);
	assert_true(port_rig_said(f->rig, "port a.eth0 is down: cut"));
	p->wanted = true;
	p->type->carrier(p);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
	assert_true(l.carrier);
	assert_true(p->carrier);

	tap_rig_run(f->ns[0], "ip link set eth0 down");
	assert_true(EVENTUALLY(f->rig, !p->carrier));
	assert_true(port_rig_said(f->rig, "port a.eth0 is down: its device is down"));
	tap_rig_run(f->ns[0], "ip link set eth0 up");
	assert_true(EVENTUALLY(f->rig, p->carrier));
	port_rig_close(f->rig, p, false);
}

static void making_a_device_is_not_seen_as_somebodys_change(void **state)
{
	struct tap_rig *f = *state;
	struct port *first, *second;

	tap_rig_need_root();
	first = port_rig_start(f->rig, "x", "{\"switch\":\"s\"}");
	second = port_rig_start(f->rig, "y", "{\"switch\":\"s\"}"); /* with x's look-out on */
	for (unsigned int i = 0; i < 10; i++)
		loop_once(f->rig->env.loop, 5);
	assert_false(port_rig_said(f->rig, "port y is down: its device is down"));
	port_rig_close(f->rig, first, false);
	port_rig_close(f->rig, second, false);
}

static void a_change_is_made_live_and_undone(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link before, after;
	struct faults faults = { 0 };
	struct object *o, was;
	struct port *p;

	tap_rig_need_root();
	o = port_rig_object(f->rig, "port", "a.eth0",
			    "{\"switch\":\"s\",\"host\":\"a\",\"address\":[\"10.0.0.1/24\"]}");
	p = port_rig_open(f->rig, o, &faults);
	assert_non_null(p);
	p->type->start(p);
	p->type->carrier(p);
	tap_rig_run(f->ns[0], "ip addr add 10.7.0.1/24 dev eth0"); /* a person's */
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &before), 0);
	port_rig_respec(f->rig, o,
			"{\"switch\":\"s\",\"host\":\"a\",\"mac\":\"02:00:00:00:00:99\","
			"\"mtu\":4000,\"address\":[\"10.0.0.1/24\",\"10.0.1.1/24\"]}",
			&was);
	assert_int_equal(p->type->set(p, &was, o, &faults), 0);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &after), 0);
	assert_int_equal(after.mtu, 4000);
	assert_int_equal(after.mac.b[5], 0x99);
	assert_true(after.carrier);
	tap_rig_run(f->ns[0], "ip addr show eth0 | grep -q 10.0.1.1/24");

	assert_int_equal(p->type->set(p, o, &was, &faults), 0);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &after), 0);
	assert_int_equal(after.mtu, before.mtu);
	assert_memory_equal(&after.mac, &before.mac, sizeof(after.mac));
	tap_rig_run(f->ns[0], "! ip addr show eth0 | grep -q 10.0.1.1/24");
	tap_rig_run(f->ns[0], "ip addr show eth0 | grep -q 10.0.0.1/24");
	tap_rig_run(f->ns[0], "ip addr show eth0 | grep -q 10.7.0.1/24");
	json_decref(was.spec);
	port_rig_close(f->rig, p, false);
}

/* ---- the daemon dies ------------------------------------------------------------------------ */

static void the_next_daemon_finds_the_device_as_it_was(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link before, after;
	struct port *p;

	tap_rig_need_root();
	p = tap_rig_plug(f, 0, "");
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &before), 0);
	tap_rig_run(f->ns[0],
		    "ip addr add 10.7.0.1/24 dev eth0 && ip route add 10.6.0.0/16 via 10.7.0.2");
	port_rig_close(f->rig, p, true);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &after), 0);
	assert_false(after.carrier);

	/* Meanwhile its address has become another. */
	p = port_rig_start(f->rig, "a.eth0",
			   "{\"switch\":\"s\",\"host\":\"a\",\"address\":[\"10.0.0.9/24\"]}");
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &after), 0);
	assert_int_equal(after.index, before.index);
	assert_true(after.carrier);
	tap_rig_run(f->ns[0], "! ip addr show eth0 | grep -q 10.0.0.1/24");
	tap_rig_run(f->ns[0], "ip addr show eth0 | grep -q 10.0.0.9/24");
	tap_rig_run(f->ns[0], "ip addr show eth0 | grep -q 10.7.0.1/24");
	tap_rig_run(f->ns[0], "ip route | grep -q 10.6.0.0/16");
	port_rig_close(f->rig, p, true);

	tap_rig_run(f->ns[0], "ip link set eth0 down");
	p = tap_rig_plug(f, 0, "");
	assert_false(p->carrier); /* somebody took it down by hand */
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &after), 0);
	assert_false(after.up);
	port_rig_close(f->rig, p, false);
}

static void what_nobody_wants_any_more_is_swept_away(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *a, *m, *n;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, "");
	m = port_rig_start(f->rig, "m", "{\"switch\":\"s\"}");
	n = port_rig_start(f->rig, "n", "{\"switch\":\"s\"}");
	tap_rig_run(NETNS_SELF,
		    "ip tuntap add dev theirs mode tap && ip link set theirs alias weft:other:m");
	port_rig_close(f->rig, a, true);
	port_rig_close(f->rig, m, true);
	ports_sweep(&f->rig->env);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), -ENODEV);
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft0", &l), -ENODEV);
	assert_int_equal(tap_rig_look(NETNS_SELF, "weft1", &l), 0);
	assert_int_equal(tap_rig_look(NETNS_SELF, "theirs", &l), 0);
	port_rig_close(f->rig, n, false);
	tap_rig_run(NETNS_SELF, "ip link del theirs");
}

static void what_goes_makes_room_for_what_comes(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link before, after;
	struct port *p;

	tap_rig_need_root();
	p = tap_rig_plug(f, 0, "");
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &before), 0);
	port_rig_close(f->rig, p, false);
	p = tap_rig_plug(f, 0, ",\"queues\":2");
	ports_settle(&f->rig->env);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &after), 0);
	assert_true(after.index != before.index);
	port_rig_close(f->rig, p, false);
}

static void a_stranger_that_takes_the_name_is_left_alone(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;

	tap_rig_need_root();
	port_rig_close(f->rig, tap_rig_plug(f, 0, ""), false);
	tap_rig_run(f->ns[0], "ip link del eth0 && ip tuntap add dev eth0 mode tap");
	ports_settle(&f->rig->env);
	assert_int_equal(tap_rig_look(f->ns[0], "eth0", &l), 0);
}

static void removal_happens_by_itself_if_nobody_settles(void **state)
{
	struct tap_rig *f = *state;
	struct netlink_link l;

	tap_rig_need_root();
	port_rig_close(f->rig, tap_rig_plug(f, 0, ""), false);
	assert_true(EVENTUALLY(f->rig, tap_rig_look(f->ns[0], "eth0", &l) == -ENODEV));
}

/* ---- what cannot be ------------------------------------------------------------------------- */

static void what_cannot_be_is_said_in_words(void **state)
{
	static const struct {
		const char *why, *name, *spec, *message;
	} row[] = {
		{ "a stranger's device", "p",
		  "{\"switch\":\"s\",\"host\":\"a\",\"device\":\"theirs\"}",
		  "device theirs exists already in host a and is not Weft's" },
		{ "another port's device", "p", "{\"switch\":\"s\",\"host\":\"a\"}",
		  "device eth0 of host a is port a.eth0 already" },
		{ "RFC 8200 5", "p",
		  "{\"switch\":\"s\",\"host\":\"b\",\"mtu\":1279,\"address\":[\"fd00::1/64\"]}",
		  "mtu 1279 is too small for an IPv6 address" },
		{ "a host without a namespace", "p", "{\"switch\":\"s\",\"host\":\"gone\"}",
		  "the namespace of host gone cannot be opened: No such file or directory" },
	};
	struct tap_rig *f = *state;
	struct netlink_link l;
	struct port *a;

	tap_rig_need_root();
	a = tap_rig_plug(f, 0, "");
	tap_rig_run(f->ns[0], "ip tuntap add dev theirs mode tap");
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char name[16];
		struct faults faults = { 0 };
		struct object *o;

		snprintf(name, sizeof(name), "%s%zu", row[i].name, i);
		o = port_rig_object(f->rig, "port", name, row[i].spec);
		if (port_rig_open(f->rig, o, &faults))
			fail_msg("%s: opened", row[i].why);
		if (!faults.n ||
		    (row[i].message && strcmp(faults.v[0].message, row[i].message) != 0))
			fail_msg("%s: %s", row[i].why, faults.n ? faults.v[0].message : "no fault");
		faults_free(&faults);
	}
	/* What failed half way left nothing. */
	assert_int_equal(tap_rig_look(f->ns[1], "eth0", &l), -ENODEV);
	port_rig_close(f->rig, a, false);
}

static void a_hundred_ports_come_and_go(void **state)
{
	enum { PORTS = 100 };
	struct tap_rig *f = *state;
	struct port *p[PORTS];
	uint64_t begin;

	tap_rig_need_root();
	begin = clock_ns();
	for (unsigned int i = 0; i < PORTS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%u", i);
		p[i] = port_rig_start(f->rig, name, "{\"switch\":\"s\"}");
	}
	printf("# %u ports made: %.1f ms each\n", PORTS,
	       (double)(clock_ns() - begin) / 1e6 / PORTS);
	begin = clock_ns();
	for (unsigned int i = 0; i < PORTS; i++)
		port_rig_close(f->rig, p[i], false);
	ports_settle(&f->rig->env);
	printf("# %u ports gone: %.1f ms each\n", PORTS,
	       (double)(clock_ns() - begin) / 1e6 / PORTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tap_rig_set_up, tap_rig_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_device_is_as_its_port_says),
		TEST(an_address_made_of_the_name_stays_the_same),
		TEST(a_thousand_names_have_a_thousand_addresses),
		TEST(the_machine_gets_the_first_free_name),
		TEST(a_stream_keeps_its_large_frames),
		TEST(a_stream_passes_through_many_queues),
		TEST(a_frame_in_many_pieces_goes_out_whole),
		TEST(what_the_kernel_refuses_is_named),
		TEST(the_carrier_follows_port_and_device),
		TEST(making_a_device_is_not_seen_as_somebodys_change),
		TEST(a_change_is_made_live_and_undone),
		TEST(the_next_daemon_finds_the_device_as_it_was),
		TEST(what_nobody_wants_any_more_is_swept_away),
		TEST(what_goes_makes_room_for_what_comes),
		TEST(a_stranger_that_takes_the_name_is_left_alone),
		TEST(removal_happens_by_itself_if_nobody_settles),
		TEST(what_cannot_be_is_said_in_words),
		TEST(a_hundred_ports_come_and_go),
	};

	tap_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
