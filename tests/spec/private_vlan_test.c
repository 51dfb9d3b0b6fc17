/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who hears whom: private VLANs (RFC 5517), isolated ports, and what else is special of a VLAN.
 * Each kind of port to each kind, on one switch and over a trunk.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "tests/rig/rig.h"

#define PRIMARY  10
#define ISOLATED 11
#define RED      12 /* communities */
#define BLUE     13
#define PLAIN    20 /* no private VLAN at all */

enum role { ROUTER, LONELY, OF_RED, OF_BLUE, STRANGER };
static const uint16_t vid_of_role[] = { PRIMARY, ISOLATED, RED, BLUE, PLAIN };
static const char *const role_name[] = { "promiscuous", "isolated", "red", "blue", "plain" };

/* RFC 5517, section 2. */
static bool may_hear(enum role from, enum role to)
{
	if (from == STRANGER || to == STRANGER)
		return from == to;
	if (from == ROUTER || to == ROUTER)
		return true;
	return from == to && from != LONELY;
}

/* Two of each role on each of two switches; then the trunk between, and one that sees all of it. */
enum { ROLES = 5, HOSTS = 4 * ROLES, TRUNK = HOSTS, SEES = HOSTS + 2, PORTS = HOSTS + 3 };

static enum role role_of(unsigned int port)
{
	return port % ROLES;
}

static struct rig *campus(void)
{
	struct rig_port port[PORTS] = { 0 };
	struct rig_vlan vlan[6] = { 0 };
	struct rig_config c = {
		.port = port, .n_ports = PORTS, .vlan = vlan, .n_vlans = 6, .trace = true
	};

	for (unsigned int i = 0; i < HOSTS; i++)
		port[i] = (struct rig_port){ .sw = i / (2 * ROLES),
					     .access = vid_of_role[role_of(i)] };
	port[TRUNK] = (struct rig_port){ .sw = 0, .trunk = "10-13,20", .cable = 1 };
	port[TRUNK + 1] = (struct rig_port){ .sw = 1, .trunk = "10-13,20", .cable = 1 };
	port[SEES] = (struct rig_port){ .sw = 0, .trunk = "10-13,20" };
	for (unsigned int i = 0; i < 6; i++)
		vlan[i] = (struct rig_vlan){ .sw = i / 3,
					     .vid = (uint16_t)(ISOLATED + i % 3),
					     .primary = PRIMARY,
					     .isolated = i % 3 == 0 };
	return rig_create(&c);
}

static uint32_t frame(uint8_t f[64], const uint8_t *dst, unsigned int from, uint16_t tag)
{
	uint32_t n = 12;

	memset(f, 0x55, 64);
	memcpy(f, dst, 6);
	memcpy(f + 6, (uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)from }, 6);
	if (tag) {
		memcpy(f + n, (uint8_t[]){ 0x81, 0, (uint8_t)(tag >> 8), (uint8_t)tag }, 4);
		n += 4;
	}
	f[n] = 0x08;
	f[n + 1] = 0;
	return 64;
}

static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t nobody[6] = { 2, 0, 0, 0, 0xff, 0xff };

static bool heard(const struct rig *r, unsigned int port)
{
	const struct memory_frame *got = memory_frame(r->port[port], 0);

	if (got && memory_frame(r->port[port], 1))
		fail_msg("port %u heard it twice", port);
	return got;
}

/* All that may hear FROM have heard it, and nobody else; out of the trunk with VLAN vid. */
static void check_heard_by_all(struct rig *r, const char *what, enum role role, unsigned int from,
			       uint16_t vid)
{
	for (unsigned int to = 0; to < HOSTS; to++) {
		bool may = to != from && may_hear(role, role_of(to));

		if (heard(r, to) != may)
			fail_msg("%s from %s %u: %s %u %s", what, role_name[role], from,
				 role_name[role_of(to)], to, may ? "missed it" : "heard it");
		if (may && memory_frame(r->port[to], 0)->data[12] != 0x08)
			fail_msg("%s: port %u got a tag", what, to);
	}
	if (from == SEES)
		return;
	assert_true(heard(r, SEES));
	assert_int_equal(memory_frame(r->port[SEES], 0)->data[15], vid);
}

static void broadcasts_and_unknown_stations_reach_whom_they_may(void **state)
{
	uint8_t f[64];

	(void)state;
	for (unsigned int from = 0; from < HOSTS; from++) {
		struct rig *r = campus();
		enum role role = role_of(from);

		rig_send(r, from, f, frame(f, nobody, from, 0));
		check_heard_by_all(r, "unknown unicast", role, from, vid_of_role[role]);
		rig_send(r, from, f, frame(f, everybody, from, 0));
		check_heard_by_all(r, "broadcast", role, from, vid_of_role[role]);
		rig_destroy(r);
	}
}

static void a_trunk_speaks_for_each_role(void **state)
{
	struct rig *r = campus();
	uint8_t f[64];

	(void)state;
	for (unsigned int role = 0; role < ROLES; role++) {
		rig_send(r, SEES, f, frame(f, everybody, 99, vid_of_role[role]));
		check_heard_by_all(r, "from the trunk", role, SEES, 0);
	}
	rig_destroy(r);
}

/* Once the table knows both, they reach one another just as before, and nobody else hears it. */
static void known_stations_reach_whom_they_may(void **state)
{
	struct rig *r = campus();
	uint8_t f[64], dst[6] = { 2, 0, 0, 0, 0, 0 };

	(void)state;
	for (unsigned int i = 0; i < HOSTS; i++)
		rig_send(r, i, f, frame(f, everybody, i, 0));
	for (unsigned int from = 0; from < HOSTS; from++) {
		for (unsigned int to = 0; to < HOSTS; to++) {
			enum role a = role_of(from), b = role_of(to);
			bool same_domain = (a == STRANGER) == (b == STRANGER);

			/* In another VLAN it is unknown, and floods there. */
			if (from == to || !same_domain)
				continue;
			dst[5] = (uint8_t)to;
			rig_send(r, from, f, frame(f, dst, from, 0));
			for (unsigned int i = 0; i < HOSTS; i++) {
				bool may = i == to && may_hear(a, b);

				if (heard(r, i) != may)
					fail_msg("%s %u to %s %u: port %u %s", role_name[a], from,
						 role_name[b], to, i,
						 may ? "missed it" : "heard it");
			}
			if (may_hear(a, b))
				continue;
			assert_non_null(rig_dropped(r));
			assert_string_equal(rig_dropped(r),
					    "private VLAN keeps the two ports apart");
		}
	}
	rig_destroy(r);
}

/* They share one FID (802.1Q-2018 8.8.8), so a station is known once, whoever asks. */
static void a_station_is_learned_once_for_the_primary_and_all_its_private_vlans(void **state)
{
	struct rig *r = campus();
	uint8_t f[64];

	(void)state;
	for (unsigned int role = 0; role < STRANGER; role++)
		rig_send(r, SEES, f, frame(f, everybody, 99, vid_of_role[role]));
	assert_int_equal(fdb_count(r->fdb[0]), 1);
	rig_send(r, SEES, f, frame(f, everybody, 99, PLAIN));
	assert_int_equal(fdb_count(r->fdb[0]), 2);
	rig_destroy(r);
}

/* A customer's port is one of a host like any other: in an isolated S-VLAN sites do not meet. */
static void a_tunnel_may_be_private_too(void **state)
{
	static const struct rig_port port[] = { { .tunnel = PRIMARY },
						{ .tunnel = ISOLATED },
						{ .tunnel = ISOLATED } };
	static const struct rig_vlan vlan[] = {
		{ .vid = ISOLATED, .primary = PRIMARY, .isolated = true }
	};
	struct rig_config c = { .port = port, .n_ports = 3, .vlan = vlan, .n_vlans = 1 };
	struct rig *r = rig_create(&c);
	uint8_t f[64];

	(void)state;
	rig_send(r, 1, f, frame(f, everybody, 1, 7));
	assert_true(heard(r, 0));
	assert_false(heard(r, 2));
	assert_memory_equal(memory_frame(r->port[0], 0)->data, f, 64);
	rig_send(r, 0, f, frame(f, everybody, 0, 7));
	assert_true(heard(r, 1) && heard(r, 2));
	rig_destroy(r);
}

/* ---- isolated ports ----------------------------------------------------------------------------
 */

static void isolated_ports_do_not_hear_each_other(void **state)
{
	static const struct rig_port port[] = {
		{ .access = PLAIN, .isolated = true },
		{ .access = PLAIN, .isolated = true },
		{ .trunk = "20", .isolated = true },
		{ .access = PLAIN },
		{ .trunk = "20" },
	};
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port), .trace = true };
	uint8_t f[64], dst[6] = { 2, 0, 0, 0, 0, 0 };
	struct rig *r = rig_create(&c);

	(void)state;
	for (unsigned int known = 0; known < 2; known++) {
		for (unsigned int from = 0; from < ARRAY_LEN(port); from++) {
			uint16_t tag = port[from].access ? 0 : PLAIN;

			for (unsigned int to = 0; to <= ARRAY_LEN(port); to++) {
				if (from == to)
					continue;
				dst[5] = (uint8_t)to;
				rig_send(r, from, f,
					 frame(f,
					       known    ? dst
					       : to % 2 ? nobody
							: everybody,
					       from, tag));
				for (unsigned int i = 0; i < ARRAY_LEN(port); i++) {
					bool may = i != from &&
						   !(port[i].isolated && port[from].isolated) &&
						   (!known || i == to || to == ARRAY_LEN(port));

					if (heard(r, i) != may)
						fail_msg("%s %u to %u: port %u %s",
							 known ? "known" : "all", from, to, i,
							 may ? "missed it" : "heard it");
				}
				if (known && to < ARRAY_LEN(port) && port[to].isolated &&
				    port[from].isolated)
					assert_string_equal(rig_dropped(r),
							    "both ports are isolated");
			}
		}
	}
	rig_destroy(r);
}

static void isolated_ports_among_themselves_have_nobody(void **state)
{
	static const struct rig_port port[] = { { .access = PLAIN, .isolated = true },
						{ .access = PLAIN, .isolated = true } };
	struct rig_config c = { .port = port, .n_ports = 2, .trace = true };
	struct rig *r = rig_create(&c);
	uint8_t f[64];

	(void)state;
	rig_send(r, 0, f, frame(f, everybody, 0, 0));
	assert_string_equal(rig_dropped(r), "all other ports are isolated as well");
	rig_destroy(r);
}

/* ---- VLANs that do not learn, that do not flood -------------------------------------------------
 */

static void a_vlan_that_does_not_learn_sends_all_to_all(void **state)
{
	static const struct rig_port port[] = { { .access = 10 }, { .access = 10 },
						{ .access = 10 }, { .access = 20 },
						{ .access = 20 }, { .access = 20 } };
	static const struct rig_vlan vlan[] = { { .vid = 10, .no_learn = true } };
	struct rig_config c = { .port = port, .n_ports = 6, .vlan = vlan, .n_vlans = 1 };
	uint8_t f[64], dst[6] = { 2, 0, 0, 0, 0, 0 };
	struct rig *r = rig_create(&c);

	(void)state;
	rig_send(r, 0, f, frame(f, everybody, 0, 0));
	rig_send(r, 3, f, frame(f, everybody, 3, 0));
	assert_int_equal(fdb_count(r->fdb[0]), 1);
	rig_send(r, 1, f, frame(f, dst, 1, 0));
	assert_true(heard(r, 0) && heard(r, 2));
	dst[5] = 3;
	rig_send(r, 4, f, frame(f, dst, 4, 0));
	assert_true(heard(r, 3) && !heard(r, 5));
	rig_destroy(r);
}

static void a_vlan_that_does_not_flood_drops_what_is_for_nobody(void **state)
{
	static const struct rig_port port[] = {
		{ .access = 10 }, { .access = 10 }, { .access = 20 }, { .access = 20 }
	};
	static const struct rig_vlan vlan[] = { { .vid = 10, .no_flood = true } };
	static const uint8_t group[6] = { 1, 0, 0x5e, 0, 0, 1 };
	struct rig_config c = {
		.port = port, .n_ports = 4, .vlan = vlan, .n_vlans = 1, .trace = true
	};
	uint8_t f[64], dst[6] = { 2, 0, 0, 0, 0, 0 };
	struct rig *r = rig_create(&c);

	(void)state;
	rig_send(r, 0, f, frame(f, nobody, 0, 0));
	assert_false(heard(r, 1));
	assert_string_equal(rig_dropped(r), "station is unknown and the VLAN does not flood");
	rig_send(r, 0, f, frame(f, everybody, 0, 0));
	assert_true(heard(r, 1));
	rig_send(r, 0, f, frame(f, group, 0, 0));
	assert_true(heard(r, 1));
	rig_send(r, 1, f, frame(f, dst, 1, 0));
	assert_true(heard(r, 0));
	rig_send(r, 2, f, frame(f, nobody, 2, 0));
	assert_true(heard(r, 3));
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broadcasts_and_unknown_stations_reach_whom_they_may),
		cmocka_unit_test(a_trunk_speaks_for_each_role),
		cmocka_unit_test(known_stations_reach_whom_they_may),
		cmocka_unit_test(
			a_station_is_learned_once_for_the_primary_and_all_its_private_vlans),
		cmocka_unit_test(a_tunnel_may_be_private_too),
		cmocka_unit_test(isolated_ports_do_not_hear_each_other),
		cmocka_unit_test(isolated_ports_among_themselves_have_nobody),
		cmocka_unit_test(a_vlan_that_does_not_learn_sends_all_to_all),
		cmocka_unit_test(a_vlan_that_does_not_flood_drops_what_is_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
