/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IEEE 802.1Q-2018, clause by clause: what we claim of a VLAN-aware bridge. Each row has its
 * clause.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "tests/rig/rig.h"

#define OWN    10 /* access VLAN and native VLAN of the port under test */
#define OTHER  20 /* allowed on the trunk */
#define ALIEN  30 /* not allowed there */
#define NO_TAG (-1)

enum { UNDER_TEST, ALL }; /* a trunk of everything sees what became of the frame */

static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 };
static const uint8_t host_a[6] = { 2, 0, 0, 0, 0, 0xa }, host_b[6] = { 2, 0, 0, 0, 0, 0xb };

static const struct rig_port access_port = { .access = OWN };
static const struct rig_port trunk = { .trunk = "10,20" };
static const struct rig_port native_untagged = { .trunk = "10,20", .native = OWN };
static const struct rig_port native_tagged = { .trunk = "10,20",
					       .native = OWN,
					       .native_tagged = true };
static const struct rig_port all_vlans = { .trunk = "all" };

/* TPID and TCI as one number; 0: none. */
#define C_TAG(pcp, dei, vid) (0x81000000u | (pcp) << 13 | (dei) << 12 | (vid))
#define S_TAG(pcp, dei, vid) (0x88a80000u | (pcp) << 13 | (dei) << 12 | (vid))

static uint32_t frame(uint8_t *f, const uint8_t *dst, const uint8_t *src, uint32_t outer,
		      uint32_t inner, uint32_t payload)
{
	uint32_t n = 12, tag[2] = { outer, inner };

	memcpy(f, dst, 6);
	memcpy(f + 6, src, 6);
	for (unsigned int i = 0; i < 2; i++) {
		be32_t t = be32_of(tag[i]);

		if (!tag[i])
			continue;
		memcpy(f + n, &t, 4);
		n += 4;
	}
	f[n++] = 0x08;
	f[n++] = 0x00;
	for (uint32_t i = 0; i < payload; i++)
		f[n++] = (uint8_t)i;
	return n;
}

static struct rig *two(const struct rig_port *a, const struct rig_port *b)
{
	const struct rig_port port[] = { *a, *b };
	struct rig_config c = { .port = port, .n_ports = 2, .trace = true };

	return rig_create(&c);
}

static void is(const char *why, const struct memory_frame *got, const uint8_t *want, uint32_t len)
{
	if (!got)
		fail_msg("%s: nothing came out", why);
	if (got->len != len || memcmp(got->data, want, len) != 0)
		fail_msg("%s: %u octets came out that differ", why, got->len);
}

/* ---- ingress -------------------------------------------------------------------------------- */

static void a_frame_is_classified_by_its_tag_and_its_port(void **state)
{
	static const char tagged_drop[] = "tagged frame on an access port";
	static const char untagged_drop[] = "untagged frame on a trunk without native VLAN";
	static const char alien_drop[] = "ingress port is not in the VLAN";
	static const char reserved_drop[] = "VID 4095 is reserved";
	static const struct {
		const char *why;
		const struct rig_port *port;
		uint32_t outer, inner;
		const char *drop; /* or NULL and */
		uint32_t out; /* the tag on the trunk of everything */
		uint32_t then; /* and what follows it */
	} row[] = {
		/* access: 6.9 "admit only untagged and priority-tagged", PVID of table 12-1 */
		{ "access, untagged: PVID", &access_port, 0, 0, NULL, C_TAG(0, 0, OWN), 0 },
		{ "access, priority-tagged: PVID, PCP kept", &access_port, C_TAG(5, 0, 0), 0, NULL,
		  C_TAG(5, 0, OWN), 0 },
		{ "access, priority-tagged: DEI kept", &access_port, C_TAG(0, 1, 0), 0, NULL,
		  C_TAG(0, 1, OWN), 0 },
		{ "access, own VID", &access_port, C_TAG(0, 0, OWN), 0, tagged_drop, 0, 0 },
		{ "access, other VID", &access_port, C_TAG(0, 0, OTHER), 0, tagged_drop, 0, 0 },
		{ "access, 4095", &access_port, C_TAG(0, 0, 4095), 0, reserved_drop, 0, 0 },
		{ "access, S-tag is payload here", &access_port, S_TAG(3, 0, OTHER), 0, NULL,
		  C_TAG(0, 0, OWN), S_TAG(3, 0, OTHER) },
		{ "access, priority tag then a C-tag", &access_port, C_TAG(2, 0, 0),
		  C_TAG(0, 0, ALIEN), NULL, C_TAG(2, 0, OWN), C_TAG(0, 0, ALIEN) },
		{ "access, two C-tags", &access_port, C_TAG(0, 0, OWN), C_TAG(0, 0, OWN),
		  tagged_drop, 0, 0 },

		/* trunk: 6.9 "admit only VLAN-tagged" */
		{ "trunk, untagged", &trunk, 0, 0, untagged_drop, 0, 0 },
		{ "trunk, priority-tagged", &trunk, C_TAG(7, 0, 0), 0, untagged_drop, 0, 0 },
		{ "trunk, allowed", &trunk, C_TAG(7, 1, OTHER), 0, NULL, C_TAG(7, 1, OTHER), 0 },
		{ "trunk, allowed, the other", &trunk, C_TAG(0, 0, OWN), 0, NULL, C_TAG(0, 0, OWN),
		  0 },
		{ "trunk, not allowed: 8.6.2", &trunk, C_TAG(0, 0, ALIEN), 0, alien_drop, 0, 0 },
		{ "trunk, 4095: table 9-2", &trunk, C_TAG(0, 0, 4095), 0, reserved_drop, 0, 0 },
		{ "trunk, S-tag is no VLAN of ours", &trunk, S_TAG(0, 0, OWN), 0, untagged_drop, 0,
		  0 },
		{ "trunk, two C-tags: the outer counts", &trunk, C_TAG(1, 0, OTHER),
		  C_TAG(2, 0, ALIEN), NULL, C_TAG(1, 0, OTHER), C_TAG(2, 0, ALIEN) },
		{ "trunk, two C-tags, outer not allowed", &trunk, C_TAG(1, 0, ALIEN),
		  C_TAG(2, 0, OTHER), alien_drop, 0, 0 },
		{ "trunk, C-tag then S-tag", &trunk, C_TAG(1, 0, OTHER), S_TAG(2, 0, ALIEN), NULL,
		  C_TAG(1, 0, OTHER), S_TAG(2, 0, ALIEN) },

		/* trunk with a native VLAN: 6.9 "admit all frames", 6.9.1 */
		{ "native, untagged: PVID", &native_untagged, 0, 0, NULL, C_TAG(0, 0, OWN), 0 },
		{ "native, priority-tagged", &native_untagged, C_TAG(6, 1, 0), 0, NULL,
		  C_TAG(6, 1, OWN), 0 },
		{ "native, tagged with it", &native_untagged, C_TAG(4, 0, OWN), 0, NULL,
		  C_TAG(4, 0, OWN), 0 },
		{ "native, other allowed", &native_untagged, C_TAG(0, 0, OTHER), 0, NULL,
		  C_TAG(0, 0, OTHER), 0 },
		{ "native, not allowed", &native_untagged, C_TAG(0, 0, ALIEN), 0, alien_drop, 0,
		  0 },
		{ "native, 4095", &native_untagged, C_TAG(0, 0, 4095), 0, reserved_drop, 0, 0 },
		{ "native, S-tag", &native_untagged, S_TAG(0, 0, ALIEN), 0, NULL, C_TAG(0, 0, OWN),
		  S_TAG(0, 0, ALIEN) },
		{ "native tagged, untagged comes in all the same", &native_tagged, 0, 0, NULL,
		  C_TAG(0, 0, OWN), 0 },
		{ "native tagged, tagged with it", &native_tagged, C_TAG(3, 0, OWN), 0, NULL,
		  C_TAG(3, 0, OWN), 0 },
		{ "native tagged, priority-tagged", &native_tagged, C_TAG(3, 1, 0), 0, NULL,
		  C_TAG(3, 1, OWN), 0 },
		{ "native tagged, not allowed", &native_tagged, C_TAG(3, 0, ALIEN), 0, alien_drop,
		  0, 0 },
		{ "native tagged, 4095", &native_tagged, C_TAG(7, 1, 4095), 0, reserved_drop, 0,
		  0 },
	};
	uint8_t in[128], out[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct rig *r = two(row[i].port, &all_vlans);
		uint32_t n = frame(in, group, host_a, row[i].outer, row[i].inner, 46);
		const char *drop;

		rig_send(r, UNDER_TEST, in, n);
		drop = rig_cause(r, UNDER_TEST);
		if (row[i].drop) {
			if (!drop || strcmp(drop, row[i].drop) != 0)
				fail_msg("%s: dropped as '%s'", row[i].why,
					 drop ? drop : "nothing");
			if (memory_frame(r->port[ALL], 0))
				fail_msg("%s: came out", row[i].why);
			assert_string_equal(rig_dropped(r), row[i].drop);
		} else {
			if (drop)
				fail_msg("%s: dropped as '%s'", row[i].why, drop);
			n = frame(out, group, host_a, row[i].out, row[i].then, 46);
			is(row[i].why, memory_frame(r->port[ALL], 0), out, n);
		}
		rig_destroy(r);
	}
}

/* ---- egress --------------------------------------------------------------------------------- */

static void a_frame_leaves_as_its_port_says(void **state)
{
	static const struct {
		const char *why;
		const struct rig_port *port;
		uint32_t in, out; /* tags; out 0: none */
		bool out_at_all;
	} row[] = {
		{ "access: untagged", &access_port, C_TAG(5, 1, OWN), 0, true },
		{ "access: 8.6.4 egress filter", &access_port, C_TAG(0, 0, OTHER), 0, false },
		{ "trunk: tagged", &trunk, C_TAG(5, 1, OWN), C_TAG(5, 1, OWN), true },
		{ "trunk: other VLAN", &trunk, C_TAG(0, 0, OTHER), C_TAG(0, 0, OTHER), true },
		{ "trunk: egress filter", &trunk, C_TAG(0, 0, ALIEN), 0, false },
		{ "native: untagged", &native_untagged, C_TAG(5, 1, OWN), 0, true },
		{ "native: others tagged", &native_untagged, C_TAG(0, 1, OTHER), C_TAG(0, 1, OTHER),
		  true },
		{ "native: egress filter", &native_untagged, C_TAG(0, 0, ALIEN), 0, false },
		{ "native tagged: tagged", &native_tagged, C_TAG(7, 0, OWN), C_TAG(7, 0, OWN),
		  true },
		{ "native tagged: others tagged", &native_tagged, C_TAG(7, 0, OTHER),
		  C_TAG(7, 0, OTHER), true },
		{ "8.8: first VID", &all_vlans, C_TAG(0, 0, 1), C_TAG(0, 0, 1), true },
		{ "8.8: last VID", &all_vlans, C_TAG(0, 0, 4094), C_TAG(0, 0, 4094), true },
	};
	uint8_t in[128], out[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct rig *r = two(row[i].port, &all_vlans);
		const struct memory_frame *got;
		uint32_t n = frame(in, group, host_a, row[i].in, 0, 60);

		rig_send(r, ALL, in, n);
		got = memory_frame(r->port[UNDER_TEST], 0);
		n = frame(out, group, host_a, row[i].out, 0, 60);
		if (row[i].out_at_all)
			is(row[i].why, got, out, n);
		else if (got)
			fail_msg("%s: came out", row[i].why);
		assert_null(memory_frame(r->port[ALL], 0)); /* 8.6.1: never back */
		rig_destroy(r);
	}
}

/* 8.6.4 for a station that is known: the same answer as for a flood. */
static void the_egress_filter_holds_for_known_stations_too(void **state)
{
	struct rig *r = two(&trunk, &all_vlans);
	uint8_t f[128];

	(void)state;
	rig_send(r, UNDER_TEST, f, frame(f, group, host_a, C_TAG(0, 0, OTHER), 0, 46));
	r->plan[UNDER_TEST].trunk = "10";
	rig_publish(r);
	rig_send(r, ALL, f, frame(f, host_a, host_b, C_TAG(0, 0, OTHER), 0, 46));
	assert_string_equal(rig_cause(r, ALL), "egress port is not in the VLAN");
	rig_destroy(r);
}

/* ---- addresses ------------------------------------------------------------------------------ */

static void reserved_addresses_stay_on_their_link(void **state)
{
	struct rig *r = two(&native_untagged, &all_vlans);
	uint8_t f[128], dst[6] = { 0x01, 0x80, 0xc2, 0, 0, 0 };

	(void)state;
	for (unsigned int last = 0; last <= 0xff; last++) { /* table 8-1 */
		struct port_count before, after;
		bool stays = last <= 0x0f;

		dst[5] = (uint8_t)last;
		port_counters(r->engine, r->id[UNDER_TEST], &before);
		rig_send(r, UNDER_TEST, f, frame(f, dst, host_a, 0, 0, 46));
		port_counters(r->engine, r->id[UNDER_TEST], &after);
		if (!memory_frame(r->port[ALL], 0) != stays)
			fail_msg("01-80-C2-00-00-%02X %s", last, stays ? "came out" : "is lost");
		if (stays && strcmp(rig_dropped(r), "reserved address stays on its link") != 0)
			fail_msg("01-80-C2-00-00-%02X: %s", last, rig_dropped(r));
	}
	rig_destroy(r);
}

static void a_tag_does_not_carry_a_reserved_address_across(void **state)
{
	struct rig *r = two(&trunk, &all_vlans);
	static const uint8_t lldp[6] = { 0x01, 0x80, 0xc2, 0, 0, 0x0e };
	uint8_t f[128];

	(void)state;
	rig_send(r, UNDER_TEST, f, frame(f, lldp, host_a, C_TAG(0, 0, OWN), 0, 46));
	assert_string_equal(rig_cause(r, UNDER_TEST), "reserved address stays on its link");
	rig_destroy(r);
}

static void a_tag_that_is_cut_off_is_a_runt(void **state)
{
	uint8_t f[128];

	(void)state;
	for (uint32_t len = 14; len <= 18; len++) {
		struct rig *r = two(&native_untagged, &all_vlans);

		frame(f, group, host_a, C_TAG(0, 0, OWN), 0, 46);
		rig_send(r, UNDER_TEST, f, len);
		if (len < 18)
			assert_string_equal(rig_cause(r, UNDER_TEST), "runt: tag is cut off");
		else
			assert_null(rig_cause(r, UNDER_TEST));
		rig_destroy(r);
	}
}

/* 8.7: source addresses are individual. */
static void a_group_source_is_dropped_and_not_learned(void **state)
{
	struct rig *r = two(&access_port, &access_port);
	uint8_t f[128];

	(void)state;
	rig_send(r, UNDER_TEST, f, frame(f, host_b, group, 0, 0, 46));
	assert_string_equal(rig_cause(r, UNDER_TEST), "source is a group address");
	assert_int_equal(fdb_count(r->fdb[0]), 0);
	rig_destroy(r);
}

/* ---- learning, 8.7 and 8.8 ------------------------------------------------------------------ */

static const struct rig_port three[] = { { .access = OWN }, { .access = OWN }, { .access = OWN } };
enum { A, B, C };

static unsigned int reached(const struct rig *r)
{
	unsigned int set = 0;

	for (unsigned int i = 0; i < r->n_ports; i++)
		set |= (r->port[i] && memory_frame(r->port[i], 0)) << i;
	return set;
}

static unsigned int say(struct rig *r, unsigned int port, const uint8_t *dst, const uint8_t *src)
{
	uint8_t f[128];

	rig_send(r, port, f, frame(f, dst, src, 0, 0, 46));
	return reached(r);
}

static void an_unknown_station_is_flooded_and_a_known_one_is_not(void **state)
{
	struct rig_config c = { .port = three, .n_ports = 3, .trace = true };
	struct rig *r = rig_create(&c);

	(void)state;
	assert_int_equal(say(r, A, host_b, host_a), 1 << B | 1 << C);
	assert_int_equal(say(r, B, host_a, host_b), 1 << A);
	assert_int_equal(say(r, A, host_b, host_a), 1 << B);
	assert_int_equal(say(r, A, group, host_a), 1 << B | 1 << C);
	assert_int_equal(say(r, A, host_a, host_b), 0);
	assert_string_equal(rig_dropped(r), "destination is behind the ingress port");
	rig_destroy(r);
}

static void a_station_that_moved_is_found_where_it_spoke_last(void **state)
{
	struct rig_config c = { .port = three, .n_ports = 3 };
	struct rig *r = rig_create(&c);

	(void)state;
	say(r, A, group, host_a);
	assert_int_equal(say(r, C, host_a, host_b), 1 << A);
	say(r, B, group, host_a);
	assert_int_equal(say(r, C, host_a, host_b), 1 << B);
	assert_int_equal(fdb_count(r->fdb[0]), 2);
	rig_destroy(r);
}

/* 8.8.3: an entry that was not confirmed for the ageing time goes; each frame confirms it. */
static void a_silent_station_is_forgotten(void **state)
{
	struct rig_config c = { .port = three, .n_ports = 3 };
	struct rig *r = rig_create(&c);
	struct fdb_match old = { .port = PORT_NONE };

	(void)state;
	say(r, A, group, host_a);
	say(r, B, group, host_b);
	r->now_s += 200;
	say(r, B, group, host_b);
	r->now_s += 101;
	old.seen_before = r->now_s - 300;
	assert_int_equal(rig_flush(r, 0, &old), 1);
	assert_int_equal(say(r, C, host_b, host_a), 1 << B);
	rig_destroy(r);

	r = rig_create(&c);
	say(r, A, group, host_a);
	r->now_s += 300;
	old.seen_before = r->now_s - 300;
	assert_int_equal(rig_flush(r, 0, &old), 0); /* not older than 300 s */
	rig_destroy(r);
}

/* 8.8.8: a VID, a FID. The same address may be in each VLAN behind another port. */
static void vlans_learn_each_for_itself(void **state)
{
	static const struct rig_port port[] = { { .access = OWN },
						{ .access = OTHER },
						{ .trunk = "all" } };
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port) };
	struct rig *r = rig_create(&c);
	uint8_t f[128];

	(void)state;
	say(r, 0, group, host_a);
	say(r, 1, group, host_a);
	assert_int_equal(fdb_count(r->fdb[0]), 2);
	rig_send(r, 2, f, frame(f, host_a, host_b, C_TAG(0, 0, OWN), 0, 46));
	assert_int_equal(reached(r), 1 << 0);
	rig_send(r, 2, f, frame(f, host_a, host_b, C_TAG(0, 0, OTHER), 0, 46));
	assert_int_equal(reached(r), 1 << 1);
	rig_send(r, 2, f, frame(f, host_b, host_a, C_TAG(0, 0, 99), 0, 46));
	assert_int_equal(reached(r), 0); /* known in the other VLANs only, and alone in this one */
	rig_destroy(r);
}

/* 8.7: what the ingress filter refused teaches nothing. */
static void a_dropped_frame_teaches_nothing(void **state)
{
	struct rig *r = two(&trunk, &all_vlans);
	uint8_t f[128];

	(void)state;
	rig_send(r, UNDER_TEST, f, frame(f, group, host_a, C_TAG(0, 0, ALIEN), 0, 46));
	assert_int_equal(fdb_count(r->fdb[0]), 0);
	rig_destroy(r);
}

static void a_full_table_costs_no_frame(void **state)
{
	struct rig_config c = { .port = three, .n_ports = 3, .stations = 4 };
	struct rig *r = rig_create(&c);
	uint8_t src[6] = { 2, 1, 0, 0, 0, 0 };

	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		src[5] = (uint8_t)i;
		assert_int_equal(say(r, A, group, src), 1 << B | 1 << C);
	}
	assert_int_equal(fdb_count(r->fdb[0]), 4);
	assert_int_equal(fdb_full(r->fdb[0]), 96);
	rig_destroy(r);
}

/* ---- length --------------------------------------------------------------------------------- */

static void the_mtu_counts_what_follows_the_header_and_our_tag(void **state)
{
	static const struct {
		const char *why;
		uint32_t mtu, payload, outer, inner;
		bool passes;
	} row[] = {
		{ "jumbo", 9216, 9216, C_TAG(0, 0, OWN), 0, true },
		{ "jumbo, one more", 9216, 9217, C_TAG(0, 0, OWN), 0, false },
		{ "jumbo, an inner tag is payload", 9216, 9212, C_TAG(0, 0, OWN), S_TAG(0, 0, 1),
		  true },
		{ "jumbo, an inner tag is too much", 9216, 9213, C_TAG(0, 0, OWN), S_TAG(0, 0, 1),
		  false },
		{ "1500", 1500, 1500, C_TAG(0, 0, OWN), 0, true },
		{ "1501", 1500, 1501, C_TAG(0, 0, OWN), 0, false },
		{ "nothing", 1500, 0, C_TAG(0, 0, OWN), 0, true },
	};
	static uint8_t in[9400], out[9400];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const struct rig_port port[] = { all_vlans, native_untagged };
		struct rig_config c = { .port = port, .n_ports = 2, .mtu = row[i].mtu };
		struct rig *r = rig_create(&c);
		uint32_t n;

		n = frame(in, group, host_a, row[i].outer, row[i].inner, row[i].payload);
		rig_send(r, 0, in, n);
		if (row[i].passes) {
			n = frame(out, group, host_a, 0, row[i].inner, row[i].payload);
			is(row[i].why, memory_frame(r->port[1], 0), out, n);
		} else if (!rig_cause(r, 0) ||
			   strcmp(rig_cause(r, 0), "longer than the switch's MTU") != 0) {
			fail_msg("%s: %s", row[i].why, rig_cause(r, 0));
		}
		rig_destroy(r);
	}
}

/* A frame that is cut on its way is as long as its pieces, headers and all. */
static void the_mtu_holds_for_each_piece_of_a_large_frame(void **state)
{
	enum { HDR = 14 + 20 + 20, PAYLOAD = 4000 };
	static const uint8_t ip[] = { 0x45, 0, 0,  0, 0, 1, 0,  0, 64, 6,
				      0,    0, 10, 0, 0, 1, 10, 0, 0,  2 };
	static uint8_t f[HDR + PAYLOAD];
	struct rig_config c = { .port = three, .n_ports = 3, .mtu = 1500 };
	struct virtio_net_hdr_v1 h = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				       .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				       .hdr_len = HDR,
				       .csum_start = 34,
				       .csum_offset = 16 };

	(void)state;
	frame(f, group, host_a, 0, 0, 0);
	memcpy(f + 14, ip, sizeof(ip));
	f[16] = (40 + PAYLOAD) >> 8;
	f[17] = (40 + PAYLOAD) & 0xff;
	f[34 + 12] = 5 << 4;
	for (uint16_t size = 1460; size <= 1461; size++) {
		struct rig *r = rig_create(&c);

		h.gso_size = size;
		memory_feed(r->port[A], f, sizeof(f), &h, 0);
		rig_run(r);
		if (!rig_cause(r, A) != (size == 1460))
			fail_msg("pieces of %u: %s", size, rig_cause(r, A));
		for (unsigned int i = 0; memory_frame(r->port[B], i); i++)
			assert_true(memory_frame(r->port[B], i)->len <= 1514);
		rig_destroy(r);
	}
}

/* ---- several switches ----------------------------------------------------------------------- */

static void three_switches_in_a_row_are_one_vlan(void **state)
{
	static const struct rig_port port[] = {
		{ .sw = 0, .access = OWN },
		{ .sw = 0, .trunk = "10,20", .cable = 1 },
		{ .sw = 1, .trunk = "10,20", .cable = 1 },
		{ .sw = 1, .trunk = "10", .native = OWN, .cable = 2 },
		{ .sw = 2, .trunk = "10", .native = OWN, .cable = 2 },
		{ .sw = 2, .access = OWN },
		{ .sw = 2, .access = OTHER },
		{ .sw = 1, .trunk = "10,20" },
	};
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port) };
	struct rig *r = rig_create(&c);
	struct port_count n;
	uint8_t f[128], want[128];
	uint32_t len = frame(f, host_b, host_a, C_TAG(6, 1, 0), 0, 46);

	(void)state;
	rig_send(r, 0, f, len);
	assert_int_equal(reached(r), 1 << 5 | 1 << 7);
	is("tag on the trunk", memory_frame(r->port[7], 0), want,
	   frame(want, host_b, host_a, C_TAG(6, 1, OWN), 0, 46));
	is("no tag at the end", memory_frame(r->port[5], 0), want,
	   frame(want, host_b, host_a, 0, 0, 46));
	/* The answer is known all the way. */
	assert_int_equal(say(r, 5, host_a, host_b), 1 << 0);
	for (unsigned int s = 0; s < 3; s++)
		assert_int_equal(fdb_count(r->fdb[s]), 2);
	/* Each end of a cable counts what passed it. */
	port_counters(r->engine, r->id[1], &n);
	assert_int_equal(n.out_frames, 1);
	assert_int_equal(n.in_frames, 1);
	assert_int_equal(n.out_bytes, len); /* the priority tag has become a VLAN tag */
	rig_destroy(r);
}

static void switches_do_not_know_each_other(void **state)
{
	static const struct rig_port port[] = {
		{ .sw = 0, .access = OWN },
		{ .sw = 0, .access = OWN },
		{ .sw = 1, .access = OWN },
		{ .sw = 1, .access = OWN },
	};
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port) };
	struct rig *r = rig_create(&c);

	(void)state;
	say(r, 0, group, host_a);
	assert_int_equal(say(r, 2, host_a, host_b), 1 << 3);
	assert_int_equal(say(r, 1, host_b, host_a), 1 << 0);
	rig_destroy(r);
}

/* It takes its number along, and with it what its old switch has learned, until that is flushed. */
static void a_port_that_moved_to_another_switch_gets_nothing_of_the_old(void **state)
{
	static const struct rig_port port[] = { { .sw = 0, .access = OWN },
						{ .sw = 0, .access = OWN },
						{ .sw = 1, .access = OWN } };
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port) };
	struct rig *r = rig_create(&c);

	(void)state;
	say(r, 1, group, host_b);
	r->plan[1].sw = 1;
	rig_publish(r);
	assert_int_equal(say(r, 0, host_b, host_a), 0);
	assert_string_equal(rig_cause(r, 0), "egress port is not in the VLAN");
	rig_destroy(r);
}

static void a_port_in_no_switch_or_down_takes_nothing(void **state)
{
	static const struct rig_port port[] = { { .access = OWN, .down = true },
						{ .access = OWN, .unplugged = true },
						{ .access = OWN },
						{ .access = OWN } };
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port) };
	struct rig *r = rig_create(&c);

	(void)state;
	assert_int_equal(say(r, 0, group, host_a), 0);
	assert_string_equal(rig_cause(r, 0), "ingress port is down");
	assert_int_equal(say(r, 1, group, host_a), 0);
	assert_string_equal(rig_cause(r, 1), "port is plugged into no switch");
	assert_int_equal(say(r, 2, group, host_a), 1 << 3);
	/* A station that was known behind a port when it went down. */
	say(r, 3, group, host_b);
	r->plan[3].down = true;
	rig_publish(r);
	assert_int_equal(say(r, 2, host_b, host_a), 0);
	assert_string_equal(rig_cause(r, 2), "egress port is down");
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_classified_by_its_tag_and_its_port),
		cmocka_unit_test(a_frame_leaves_as_its_port_says),
		cmocka_unit_test(the_egress_filter_holds_for_known_stations_too),
		cmocka_unit_test(reserved_addresses_stay_on_their_link),
		cmocka_unit_test(a_tag_does_not_carry_a_reserved_address_across),
		cmocka_unit_test(a_tag_that_is_cut_off_is_a_runt),
		cmocka_unit_test(a_group_source_is_dropped_and_not_learned),
		cmocka_unit_test(an_unknown_station_is_flooded_and_a_known_one_is_not),
		cmocka_unit_test(a_station_that_moved_is_found_where_it_spoke_last),
		cmocka_unit_test(a_silent_station_is_forgotten),
		cmocka_unit_test(vlans_learn_each_for_itself),
		cmocka_unit_test(a_dropped_frame_teaches_nothing),
		cmocka_unit_test(a_full_table_costs_no_frame),
		cmocka_unit_test(the_mtu_counts_what_follows_the_header_and_our_tag),
		cmocka_unit_test(the_mtu_holds_for_each_piece_of_a_large_frame),
		cmocka_unit_test(three_switches_in_a_row_are_one_vlan),
		cmocka_unit_test(switches_do_not_know_each_other),
		cmocka_unit_test(a_port_that_moved_to_another_switch_gets_nothing_of_the_old),
		cmocka_unit_test(a_port_in_no_switch_or_down_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
