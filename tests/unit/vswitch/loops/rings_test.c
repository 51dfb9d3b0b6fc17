/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "vswitch/loops/rings.h"

enum { SWITCHES = 5, CABLES = 8, VID_MAX = 4 };

static struct vsw_port trunk(const char *vids)
{
	struct vsw_port p = { .tagged_ok = true, .up = true };

	assert_int_equal(vlan_set_parse(vids, &p.member, NULL), 0);
	p.ingress = p.member;
	return p;
}

static struct vsw_port native(const char *vids, uint16_t vid)
{
	struct vsw_port p = trunk(vids);

	p.pvid = vid;
	vlan_set_add(&p.untagged, vid);
	vlan_set_add(&p.member, vid);
	vlan_set_add(&p.ingress, vid);
	return p;
}

static struct vsw_port access_port(uint16_t vid)
{
	struct vsw_port p = { .pvid = vid, .up = true };

	vlan_set_add(&p.untagged, vid);
	vlan_set_add(&p.member, vid);
	vlan_set_add(&p.ingress, vid);
	return p;
}

static struct vsw_port s_trunk(const char *vids)
{
	struct vsw_port p = trunk(vids);

	p.tpid = ETH_TYPE_STAG;
	return p;
}

static struct vsw_port c_trunk(const char *vids)
{
	struct vsw_port p = trunk(vids);

	p.tpid = ETH_TYPE_CTAG;
	return p;
}

static struct vsw_port tunnel(uint16_t vid, const char *customers)
{
	struct vsw_port p = access_port(vid);

	p.tpid = ETH_TYPE_STAG;
	p.tunnel = true;
	p.some_customers = customers != NULL;
	assert_int_equal(vlan_set_parse(customers ? customers : "", &p.customers, NULL), 0);
	return p;
}

/* In the primary VLAN 10, which 11 (isolated) and 12 belong to; and hosts in these. */
static struct vsw_port promiscuous(void)
{
	struct vsw_port p = access_port(10);

	assert_int_equal(vlan_set_parse("10-12", &p.member, NULL), 0);
	p.untagged = p.member;
	return p;
}

static struct vsw_port host_port(uint16_t vid, bool community)
{
	struct vsw_port p = access_port(vid);

	p.member = (struct vlan_set){ 0 };
	vlan_set_add(&p.member, 10);
	if (community)
		vlan_set_add(&p.member, vid);
	p.untagged = p.member;
	return p;
}

/* Some cables, and what is blocked at both ends of the last of them. */
struct row {
	const char *why;
	unsigned int n;
	struct {
		unsigned int a, b;
		const struct vsw_port *at_a, *at_b;
	} cable[4];
	const char *blocked_a, *blocked_b;
};

static void check_rows(const struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ring_cable cable[4] = { 0 };
		char a[VLAN_SET_TEXT], b[VLAN_SET_TEXT];

		for (unsigned int k = 0; k < row[i].n; k++) {
			cable[k].end[0].sw = row[i].cable[k].a;
			cable[k].end[0].set = row[i].cable[k].at_a;
			cable[k].end[1].sw = row[i].cable[k].b;
			cable[k].end[1].set = row[i].cable[k].at_b;
		}
		assert_int_equal(rings_find(cable, row[i].n, 4), 0);
		vlan_set_print(&cable[row[i].n - 1].end[0].blocked, a, sizeof(a));
		vlan_set_print(&cable[row[i].n - 1].end[1].blocked, b, sizeof(b));
		if (strcmp(a, row[i].blocked_a) != 0 || strcmp(b, row[i].blocked_b) != 0 ||
		    cable[row[i].n - 1].closes != (strcmp(row[i].blocked_a, "none") != 0))
			fail_msg("%s: blocked in \"%s\" and \"%s\"", row[i].why, a, b);
		for (unsigned int k = 0; k + 1 < row[i].n; k++) {
			if (cable[k].closes)
				fail_msg("%s: cable %u is blocked too", row[i].why, k);
		}
	}
}

static void the_cable_that_closes_a_ring_is_blocked_where_it_does(void **state)
{
	const struct vsw_port all = trunk("1-4094"), ten = trunk("10,20"), thirty = trunk("20,30"),
			      a10 = access_port(10), a20 = access_port(20), n10 = native("20", 10);
	const struct row row[] = {
		{ "a line", 2, { { 0, 1, &all, &all }, { 1, 2, &all, &all } }, "none", "none" },
		{ "two cables side by side",
		  2,
		  { { 0, 1, &all, &all }, { 0, 1, &ten, &ten } },
		  "10,20",
		  "10,20" },
		{ "side by side in other VLANs",
		  2,
		  { { 0, 1, &a10, &a10 }, { 0, 1, &a20, &a20 } },
		  "none",
		  "none" },
		{ "a triangle",
		  3,
		  { { 0, 1, &all, &all }, { 1, 2, &all, &all }, { 2, 0, &all, &all } },
		  "all",
		  "all" },
		{ "a triangle in one VLAN only",
		  3,
		  { { 0, 1, &ten, &ten }, { 1, 2, &all, &all }, { 2, 0, &thirty, &thirty } },
		  "20",
		  "20" },
		{ "a cable to itself", 1, { { 0, 0, &a10, &a10 } }, "10", "10" },
		{ "to itself between VLANs", 1, { { 0, 0, &a10, &a20 } }, "none", "none" },
		{ "a ring that leads through two VLANs",
		  2,
		  { { 0, 1, &a10, &a20 }, { 0, 1, &a10, &a20 } },
		  "10",
		  "20" },
		{ "a native VLAN beside a tagged one",
		  2,
		  { { 0, 1, &n10, &n10 }, { 0, 1, &a10, &a10 } },
		  "10",
		  "10" },
		{ "ends that have no VLAN in common",
		  2,
		  { { 0, 1, &a10, &ten }, { 0, 1, &a10, &ten } },
		  "none",
		  "none" },
	};

	(void)state;
	check_rows(row, ARRAY_LEN(row));
}

static void a_ring_may_lead_through_tunnels(void **state)
{
	const struct vsw_port c = c_trunk("10,20"), c10 = c_trunk("10"), s = s_trunk("100,200"),
			      t100 = tunnel(100, NULL), t200 = tunnel(200, NULL),
			      t100_20 = tunnel(100, "20");
	const struct row row[] = {
		{ "a customer with two tunnels at one provider's switch",
		  3,
		  { { 0, 1, &c, &t100 }, { 0, 1, &c, &t200 }, { 1, 2, &s, &s } },
		  "none",
		  "none" },
		{ "two cables into one tunnel VLAN",
		  2,
		  { { 0, 1, &c, &t100 }, { 0, 1, &c, &t100 } },
		  "10,20",
		  "none" },
		{ "a customer's own cable beside the provider",
		  4,
		  { { 0, 1, &c, &t100 },
		    { 1, 2, &s, &s },
		    { 2, 3, &t100, &c },
		    { 0, 3, &c10, &c10 } },
		  "10",
		  "10" },
		{ "the provider beside a customer's own cable",
		  4,
		  { { 0, 3, &c10, &c10 },
		    { 1, 2, &s, &s },
		    { 2, 3, &t100, &c },
		    { 0, 1, &c, &t100 } },
		  "10",
		  "none" },
		{ "beside one for another VLAN",
		  4,
		  { { 0, 3, &c10, &c10 },
		    { 1, 2, &s, &s },
		    { 2, 3, &t100_20, &c },
		    { 0, 1, &c, &t100_20 } },
		  "none",
		  "none" },
		{ "customers' and providers' trunks do not meet",
		  2,
		  { { 0, 1, &c, &s }, { 0, 1, &c, &s } },
		  "none",
		  "none" },
		{ "providers' trunks side by side",
		  2,
		  { { 0, 1, &s, &s }, { 0, 1, &s, &s } },
		  "100,200",
		  "100,200" },
	};

	(void)state;
	check_rows(row, ARRAY_LEN(row));
}

static void a_ring_may_lead_through_private_vlans(void **state)
{
	const struct vsw_port a10 = access_port(10), a20 = access_port(20), pvlan = trunk("10-12"),
			      prom = promiscuous(), iso = host_port(11, false),
			      com = host_port(12, true);
	const struct row row[] = {
		{ "promiscuous ports to two switches that are not joined",
		  4,
		  { { 0, 1, &prom, &a10 },
		    { 2, 3, &a20, &a20 },
		    { 2, 3, &a10, &a10 },
		    { 0, 2, &prom, &a10 } },
		  "none",
		  "none" },
		{ "two promiscuous ports to one",
		  2,
		  { { 0, 1, &prom, &a10 }, { 0, 1, &prom, &a10 } },
		  "10-12",
		  "10" },
		{ "an isolated port beside a trunk",
		  2,
		  { { 0, 1, &pvlan, &pvlan }, { 0, 1, &iso, &a10 } },
		  "10",
		  "10" },
		{ "two isolated ports to one",
		  2,
		  { { 0, 1, &iso, &a10 }, { 0, 1, &iso, &a10 } },
		  "10-11",
		  "10" },
		{ "ports of a community to two switches",
		  4,
		  { { 0, 1, &com, &a10 },
		    { 2, 3, &a20, &a20 },
		    { 2, 3, &a10, &a10 },
		    { 0, 2, &com, &a10 } },
		  "none",
		  "none" },
		{ "private VLANs over two trunks",
		  2,
		  { { 0, 1, &pvlan, &pvlan }, { 0, 1, &pvlan, &pvlan } },
		  "10-12",
		  "10-12" },
	};

	(void)state;
	check_rows(row, ARRAY_LEN(row));
}

/* ---- the dullest oracle: every pair of places, again and again until nothing changes --------- */

enum { PLACES = SWITCHES * (VID_MAX + 1) };

static unsigned int place(unsigned int sw, unsigned int vid)
{
	return sw * (VID_MAX + 1) + vid;
}

/* Which place reaches which over the cables; returns how many crossings there are. */
static unsigned int spread(const struct ring_cable *c, unsigned int n, bool blocked,
			   bool reach[PLACES][PLACES])
{
	unsigned int edges = 0;

	memset(reach, 0, sizeof(bool[PLACES][PLACES]));
	for (unsigned int i = 0; i < PLACES; i++)
		reach[i][i] = true;
	for (unsigned int i = 0; i < n; i++) {
		for (uint16_t v = 1; v <= VID_MAX; v++) {
			unsigned int a = place(c[i].end[0].sw, v), b = place(c[i].end[1].sw, v);

			if (!vlan_set_has(&c[i].end[0].set->member, v) ||
			    !vlan_set_has(&c[i].end[1].set->member, v) ||
			    (blocked && vlan_set_has(&c[i].end[0].blocked, v)))
				continue;
			edges++;
			reach[a][b] = reach[b][a] = true;
		}
	}
	for (unsigned int k = 0; k < PLACES; k++) {
		for (unsigned int i = 0; i < PLACES; i++) {
			for (unsigned int j = 0; j < PLACES; j++)
				reach[i][j] |= reach[i][k] && reach[k][j];
		}
	}
	return edges;
}

static unsigned int components(bool reach[PLACES][PLACES])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < PLACES; i++) {
		bool first = true;

		for (unsigned int j = 0; j < i; j++)
			first &= !reach[i][j];
		n += first;
	}
	return n;
}

static void what_is_left_has_no_ring_and_reaches_as_far(void **state)
{
	static bool before[PLACES][PLACES], after[PLACES][PLACES];

	(void)state;
	srandom(0x1a);
	for (unsigned int round = 0; round < 2000; round++) {
		struct vsw_port set[CABLES][2] = { 0 };
		struct ring_cable c[CABLES] = { 0 };
		unsigned int n = (unsigned int)random() % (CABLES + 1), edges;

		for (unsigned int i = 0; i < n; i++) {
			for (unsigned int e = 0; e < 2; e++) {
				set[i][e].tagged_ok = true;
				for (uint16_t v = 1; v <= VID_MAX; v++) {
					if (random() % 3)
						vlan_set_add(&set[i][e].member, v);
				}
				set[i][e].ingress = set[i][e].member;
				c[i].end[e].sw = (unsigned int)random() % SWITCHES;
				c[i].end[e].set = &set[i][e];
			}
		}
		assert_int_equal(rings_find(c, n, SWITCHES), 0);
		spread(c, n, false, before);
		edges = spread(c, n, true, after);
		assert_memory_equal(before, after, sizeof(before));
		assert_int_equal(edges, PLACES - components(after));
	}
}

static void vlans_that_cables_join_are_one_island(void **state)
{
	const struct vsw_port all = trunk("1-4094"), ten = trunk("10"), a10 = access_port(10),
			      a20 = access_port(20);
	struct ring_cable c[] = {
		{ .end = { { .sw = 3, .set = &all }, { .sw = 1, .set = &ten } } },
		{ .end = { { .sw = 1, .set = &a10 }, { .sw = 4, .set = &a20 } } },
		{ .end = { { .sw = 4, .set = &all }, { .sw = 3, .set = &all } } }, /* a ring */
	};
	static const struct {
		const char *why;
		unsigned int sw;
		uint16_t vid;
		uint32_t island;
	} row[] = {
		{ "nobody leads there", 2, 10, 2 * 4096 + 10 },
		{ "its own", 1, 10, 1 * 4096 + 10 },
		{ "over one cable", 3, 10, 1 * 4096 + 10 },
		{ "and into another VLAN", 4, 20, 1 * 4096 + 10 },
		{ "which is joined back", 3, 20, 1 * 4096 + 10 },
		{ "not in a VLAN that the other end has not", 1, 30, 1 * 4096 + 30 },
		{ "the lower switch's number", 4, 30, 3 * 4096 + 30 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		uint32_t is = rings_island(c, ARRAY_LEN(c), row[i].sw, row[i].vid);

		if (is != row[i].island)
			fail_msg("%s: %u.%u", row[i].why, is / 4096, is % 4096);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vlans_that_cables_join_are_one_island),
		cmocka_unit_test(the_cable_that_closes_a_ring_is_blocked_where_it_does),
		cmocka_unit_test(a_ring_may_lead_through_tunnels),
		cmocka_unit_test(a_ring_may_lead_through_private_vlans),
		cmocka_unit_test(what_is_left_has_no_ring_and_reaches_as_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
