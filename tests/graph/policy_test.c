/* SPDX-License-Identifier: Apache-2.0 */
/* Who may speak at a port, and as whom: each rule on real frames, and each drop by its name. */
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>

#include "base/rcu.h"
#include "tests/rig/drops.h"
#include "tests/rig/rig.h"
#include "vswitch/parts.h"

#define VID 10

enum { A, B, PORTS };

static struct vsw_port says; /* of port A */
static struct vsw_live live;

static void edit(struct rig *r, unsigned int port, struct vsw_port *to)
{
	(void)r;
	if (port != A)
		return;
	to->guards = says.guards;
	to->watch_out = says.watch_out;
	to->own = says.own;
	to->policy = says.policy;
	to->live = says.live;
}

static uint64_t station(uint8_t last)
{
	return eth_src(&(struct eth_hdr){ .src = { { 2, 0, 0, 0, 0, last } } });
}

static struct rig *begin(const struct vsw_port *port)
{
	static const struct rig_port all[PORTS] = { { .access = VID }, { .access = VID } };
	struct rig_config c = { .port = all, .n_ports = PORTS };
	struct rig *r = rig_create(&c);

	says = *port;
	r->edit = edit;
	rig_publish(r);
	return r;
}

static const uint8_t everybody[6] = { 255, 255, 255, 255, 255, 255 };

static uint32_t frame(uint8_t *f, const uint8_t *dst, uint8_t src, uint16_t type)
{
	memset(f, 0, 64);
	memcpy(f, dst, 6);
	memcpy(f + 6, (const uint8_t[]){ 2, 0, 0, 0, 0, src }, 6);
	f[12] = (uint8_t)(type >> 8);
	f[13] = (uint8_t)type;
	return 64;
}

/* From A: does it come out of B? If not, it was dropped by CAUSE alone. */
static bool passes(struct rig *r, const uint8_t *f, uint32_t len)
{
	rig_send(r, A, f, len);
	return memory_frame(r->port[B], 0) != NULL;
}

static uint64_t drops(const struct rig *r, unsigned int port, const char *cause)
{
	return drops_at(r->engine, r->id[port], cause);
}

/* ---- sources -------------------------------------------------------------------------------- */

static void only_the_ports_own_addresses_may_send(void **state)
{
	static const struct {
		const char *why;
		bool sources, listed;
		uint8_t src;
		const char *cause; /* NULL: passes */
	} row[] = {
		{ "no rule", false, false, 9, NULL },
		{ "the first that is listed", true, true, 1, NULL },
		{ "the last that is listed", true, true, 16, NULL },
		{ "not listed", true, true, 17, "source is none of the port's macs" },
		{ "the device's own", true, false, 3, NULL },
		{ "forged", true, false, 99, "source is forged: not the device's address" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct vsw_port port = { .guards = VSW_POLICY };
		uint8_t f[64];
		struct rig *r;

		port.policy.sources = row[i].sources;
		port.policy.listed = row[i].listed;
		for (uint8_t k = 1; k <= VSW_MACS_MAX; k++)
			port.own.mac[port.own.n++] = station(k);
		r = begin(&port);
		if (passes(r, f, frame(f, everybody, row[i].src, 0x88b5)) == !!row[i].cause)
			fail_msg("%s", row[i].why);
		if (row[i].cause && drops(r, A, row[i].cause) != 1)
			fail_msg("%s: not counted", row[i].why);
		/* Nobody learns from what was dropped: the answer is flooded, not sent to A alone.
		 */
		frame(f, (const uint8_t[]){ 2, 0, 0, 0, 0, row[i].src }, 0x50, 0x88b5);
		rig_send(r, B, f, 64);
		assert_non_null(memory_frame(r->port[A], 0));
		rig_destroy(r);
	}
}

static void a_forged_source_is_not_learned(void **state)
{
	static const struct rig_port all[] = { { .access = VID },
					       { .access = VID },
					       { .access = VID } };
	struct rig_config c = { .port = all, .n_ports = 3 };
	struct rig *r = rig_create(&c);
	uint8_t f[64];

	(void)state;
	says = (struct vsw_port){ .guards = VSW_POLICY, .policy = { .sources = true } };
	r->edit = edit;
	rig_publish(r);
	rig_send(r, B, f, frame(f, everybody, 7, 0x88b5)); /* station 7 is behind B */
	rig_send(r, A, f, frame(f, everybody, 7, 0x88b5)); /* and A says it were behind A */
	rig_send(r, 2, f, frame(f, (const uint8_t[]){ 2, 0, 0, 0, 0, 7 }, 8, 0x88b5));
	assert_non_null(memory_frame(r->port[B], 0));
	assert_null(memory_frame(r->port[A], 0));
	rig_destroy(r);
}

static void a_port_that_receives_its_own_gets_no_other_unicast(void **state)
{
	static const struct {
		const char *why;
		uint8_t dst[6];
		bool comes;
	} row[] = {
		{ "its own", { 2, 0, 0, 0, 0, 1 }, true },
		{ "somebody else's, flooded", { 2, 0, 0, 0, 0, 2 }, false },
		{ "broadcast", { 255, 255, 255, 255, 255, 255 }, true },
		{ "multicast", { 1, 0, 0x5e, 0, 0, 1 }, true },
	};
	struct vsw_port port = { .watch_out = VSW_OWN_ONLY };
	struct rig *r;
	uint8_t f[64];

	(void)state;
	port.own.mac[port.own.n++] = station(1);
	r = begin(&port);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		rig_send(r, B, f, frame(f, row[i].dst, 9, 0x88b5));
		if (!!memory_frame(r->port[A], 0) != row[i].comes)
			fail_msg("%s", row[i].why);
	}
	assert_int_equal(drops(r, A, "not for an address of the egress port"), 1);
	rig_destroy(r);
}

/* ---- servers and routers -------------------------------------------------------------------- */

static uint32_t offer(uint8_t *f)
{
	frame(f, everybody, 1, ETH_TYPE_IPV4);
	memcpy(f + 14, (const uint8_t[]){ 0x45, 0, 0, 50, 0, 0, 0, 0, 64, 17 }, 10);
	memcpy(f + 34, (const uint8_t[]){ 0, 67, 0, 68, 0, 30, 0, 0, 2, 1, 6 }, 11);
	return 64;
}

static uint32_t advertisement(uint8_t *f)
{
	frame(f, (const uint8_t[]){ 0x33, 0x33, 0, 0, 0, 1 }, 1, ETH_TYPE_IPV6);
	memcpy(f + 14, (const uint8_t[]){ 0x60, 0, 0, 0, 0, 10, 58, 255 }, 8);
	f[54] = 134;
	return 64;
}

static void a_guarded_port_has_no_server_and_no_router(void **state)
{
	static const struct vsw_port guarded = { .guards = VSW_POLICY,
						 .policy = { .dhcp_guard = true } };
	static const struct vsw_port open = { .guards = VSW_POLICY };
	struct rig *r = begin(&guarded);
	uint8_t f[64];

	(void)state;
	assert_false(passes(r, f, offer(f)));
	assert_int_equal(drops(r, A, "DHCP server's message from a guarded port"), 1);
	assert_false(passes(r, f, advertisement(f)));
	assert_int_equal(drops(r, A, "router advertisement from a guarded port"), 1);
	offer(f);
	f[14] = 0x4f; /* options up to the end and no UDP */
	assert_false(passes(r, f, 64));
	assert_int_equal(drops(r, A, "headers cannot be read far enough for the guard"), 1);
	offer(f);
	f[37] = 67;
	f[42] = 1; /* a client's */
	assert_true(passes(r, f, 64));
	rig_send(r, B, f, offer(f)); /* the other way: from a port that is trusted */
	assert_non_null(memory_frame(r->port[A], 0));
	rig_destroy(r);

	r = begin(&open);
	assert_true(passes(r, f, offer(f)));
	assert_true(passes(r, f, advertisement(f)));
	rig_destroy(r);
}

/* ---- ARP ------------------------------------------------------------------------------------ */

static uint32_t arp(uint8_t *f, uint8_t src, uint8_t sender, uint32_t ip)
{
	be32_t n = be32_of(ip);

	frame(f, everybody, src, ETH_TYPE_ARP);
	memcpy(f + 14, (const uint8_t[]){ 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, sender }, 14);
	memcpy(f + 28, &n, 4);
	return 64;
}

#define IP(d) (0x0a000100u | (d))

static void arp_is_held_against_what_is_bound(void **state)
{
	static const char mac_drop[] = "ARP sender is not the frame's source",
			  ip_drop[] = "ARP sender's address is not bound to the port";
	static const struct {
		const char *why;
		uint8_t src, sender;
		uint32_t ip;
		const char *cause;
	} row[] = {
		{ "an address of the port", 1, 1, IP(1), NULL },
		{ "another one of them", 5, 5, IP(2), NULL },
		{ "somebody else's", 1, 1, IP(3), ip_drop },
		{ "a probe", 1, 1, 0, NULL },
		{ "in another's name", 1, 2, IP(1), mac_drop },
		{ "a probe in another's name", 1, 2, 0, mac_drop },
		{ "bound at run time", 7, 7, IP(7), NULL },
		{ "bound to another station", 8, 8, IP(7), ip_drop },
		{ "another address of that station", 7, 7, IP(8), ip_drop },
	};
	struct vsw_port port = { .guards = VSW_POLICY, .live = &live };
	struct vswitch *v = calloc(1, sizeof(*v));
	const struct eth_addr seven = { { 2, 0, 0, 0, 0, 7 } };

	(void)state;
	assert_non_null(v);
	port.policy = (struct vsw_policy){ .arp_inspect = true,
					   .n_addresses = 2,
					   .address = { IP(1), IP(2) } };
	v->port_live[3] = &live;
	assert_int_equal(vswitch_bind(v, 3, &seven, be32_of(IP(7))), 0);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct rig *r = begin(&port);
		uint8_t f[64];

		if (passes(r, f, arp(f, row[i].src, row[i].sender, row[i].ip)) == !!row[i].cause)
			fail_msg("%s", row[i].why);
		if (row[i].cause && drops(r, A, row[i].cause) != 1)
			fail_msg("%s: not counted", row[i].why);
		frame(f, everybody, 77, 0x88b5); /* what is no ARP is no business of it */
		assert_true(passes(r, f, 64));
		f[12] = 8, f[13] = 6;
		assert_false(passes(r, f, 30));
		assert_int_equal(drops(r, A, "ARP makes no sense"), 1);
		rig_destroy(r);
	}
	assert_int_equal(vswitch_unbind(v, 3, &seven, be32_of(IP(7))), 0);
	free(v);
}

static void a_binding_can_be_added_and_removed_while_frames_flow(void **state)
{
	struct vsw_port port = { .guards = VSW_POLICY,
				 .live = &live,
				 .policy = { .arp_inspect = true } };
	const struct eth_addr one = { { 2, 0, 0, 0, 0, 1 } };
	struct vswitch *v = calloc(1, sizeof(*v));
	struct rig *r = begin(&port);
	uint8_t f[64];

	(void)state;
	assert_non_null(v);
	v->port_live[3] = &live;
	assert_false(passes(r, f, arp(f, 1, 1, IP(1))));
	assert_int_equal(vswitch_bind(v, 3, &one, be32_of(IP(1))), 0);
	assert_int_equal(vswitch_bind(v, 3, &one, be32_of(IP(1))), 0);
	assert_true(passes(r, f, arp(f, 1, 1, IP(1))));
	assert_int_equal(vswitch_unbind(v, 3, &one, be32_of(IP(1))), 0);
	assert_false(passes(r, f, arp(f, 1, 1, IP(1))));
	assert_int_equal(vswitch_unbind(v, 3, &one, be32_of(IP(1))), -ENOENT);
	assert_int_equal(vswitch_bind(v, 4, &one, be32_of(IP(1))), -ENOENT); /* no such port */
	assert_int_equal(vswitch_bind(v, PORT_NONE, &one, be32_of(IP(1))), -ENOENT);
	assert_null(live.bindings);
	rig_destroy(r);
	free(v);
}

static void a_port_tells_what_is_bound_to_it(void **state)
{
	const struct eth_addr one = { { 2, 0, 0, 0, 0, 1 } }, two = { { 2, 0, 0, 0, 0, 0x2f } };
	const struct port port = { .id = 3 };
	struct vswitch *v = calloc(1, sizeof(*v));
	json_t *told = json_object(), *want;

	(void)state;
	assert_non_null(v);
	v->port_live[3] = &live;
	port_policy_part.status(v, &port, told);
	assert_int_equal(json_object_size(told), 0);
	assert_int_equal(vswitch_bind(v, 3, &two, be32_of(IP(9))), 0);
	assert_int_equal(vswitch_bind(v, 3, &one, be32_of(IP(1))), 0);
	port_policy_part.status(v, &port, told);
	want = json_pack("{s:[{s:s, s:s}, {s:s, s:s}]}", "bindings", "address", "10.0.1.1", "mac",
			 "02:00:00:00:00:01", "address", "10.0.1.9", "mac", "02:00:00:00:00:2f");
	assert_true(json_equal(told, want));
	assert_int_equal(vswitch_unbind(v, 3, &one, be32_of(IP(1))), 0);
	assert_int_equal(vswitch_unbind(v, 3, &two, be32_of(IP(9))), 0);
	json_decref(told);
	json_decref(want);
	free(v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_ports_own_addresses_may_send),
		cmocka_unit_test(a_forged_source_is_not_learned),
		cmocka_unit_test(a_port_that_receives_its_own_gets_no_other_unicast),
		cmocka_unit_test(a_guarded_port_has_no_server_and_no_router),
		cmocka_unit_test(arp_is_held_against_what_is_bound),
		cmocka_unit_test(a_binding_can_be_added_and_removed_while_frames_flow),
		cmocka_unit_test(a_port_tells_what_is_bound_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
