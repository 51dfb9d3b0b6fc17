/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IEEE 802.1Q-2018 clauses 8.6 to 8.8 as a table: each kind of port that takes a frame in, times
 * each kind that may let it out, times each way a frame can be tagged. What has to become of it is
 * told by an oracle that was written from the clauses and knows none of our code.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "tests/rig/rig.h"

#define OWN   10 /* PVID, access, native and tunnel VLAN */
#define OTHER 20 /* carried by the trunks, too */
#define ALIEN 30 /* carried by none */
#define C     0x8100u
#define S     0x88a8u

static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 };
static const uint8_t host[6] = { 2, 0, 0, 0, 0, 0xa };

/* ---- what a kind of port is, in the words of the standard ------------------------------------ */

enum admit { ADMIT_ALL, ADMIT_TAGGED, ADMIT_UNTAGGED }; /* 6.9: acceptable frame types */

static const struct kind {
	const char *name;
	struct rig_port set; /* as a person says it */
	uint16_t tpid; /* table 9-1: C-VLAN or S-VLAN component */
	enum admit admit;
	uint16_t pvid;
	uint16_t member[4], untagged[4]; /* 8.8.10: member set, untagged set; 0 ends it */
	uint16_t customer; /* 0: any C-tag or none comes in; else this C-VID only */
	const char *refuses; /* the cause for a frame type that is not acceptable */
} kinds[] = {
	{ "access",
	  { .access = OWN },
	  C,
	  ADMIT_UNTAGGED,
	  OWN,
	  { OWN },
	  { OWN },
	  0,
	  "tagged frame on an access port" },
	{ "trunk",
	  { .trunk = "10,20" },
	  C,
	  ADMIT_TAGGED,
	  0,
	  { OWN, OTHER },
	  { 0 },
	  0,
	  "untagged frame on a trunk without native VLAN" },
	{ "trunk, native untagged",
	  { .trunk = "10,20", .native = OWN },
	  C,
	  ADMIT_ALL,
	  OWN,
	  { OWN, OTHER },
	  { OWN },
	  0,
	  NULL },
	{ "trunk, native tagged",
	  { .trunk = "10,20", .native = OWN, .native_tagged = true },
	  C,
	  ADMIT_ALL,
	  OWN,
	  { OWN, OTHER },
	  { 0 },
	  0,
	  NULL },
	{ "trunk, native beside it",
	  { .trunk = "20", .native = OWN },
	  C,
	  ADMIT_ALL,
	  OWN,
	  { OWN, OTHER },
	  { OWN },
	  0,
	  NULL },
	{ "trunk, another untagged",
	  { .trunk = "10,20", .untagged = "20" },
	  C,
	  ADMIT_TAGGED,
	  0,
	  { OWN, OTHER },
	  { OTHER },
	  0,
	  "untagged frame on a trunk without native VLAN" },
	{ "trunk, all untagged",
	  { .trunk = "10,20", .native = OTHER, .untagged = "10,20" },
	  C,
	  ADMIT_ALL,
	  OTHER,
	  { OWN, OTHER },
	  { OWN, OTHER },
	  0,
	  NULL },
	{ "trunk of the first and the last",
	  { .trunk = "1,4094" },
	  C,
	  ADMIT_TAGGED,
	  0,
	  { 1, 4094 },
	  { 0 },
	  0,
	  "untagged frame on a trunk without native VLAN" },
	{ "tunnel",
	  { .tunnel = OWN },
	  S,
	  ADMIT_UNTAGGED,
	  OWN,
	  { OWN },
	  { OWN },
	  0,
	  "tagged frame of a provider on a tunnel port" },
	{ "tunnel of some",
	  { .tunnel = OWN, .customers = "20" },
	  S,
	  ADMIT_UNTAGGED,
	  OWN,
	  { OWN },
	  { OWN },
	  OTHER,
	  "tagged frame of a provider on a tunnel port" },
	{ "S-trunk",
	  { .trunk = "10,20", .s_tags = true },
	  S,
	  ADMIT_TAGGED,
	  0,
	  { OWN, OTHER },
	  { 0 },
	  0,
	  "untagged frame on a trunk without native VLAN" },
	{ "S-trunk, native",
	  { .trunk = "10,20", .native = OWN, .s_tags = true },
	  S,
	  ADMIT_ALL,
	  OWN,
	  { OWN, OTHER },
	  { OWN },
	  0,
	  NULL },
	{ "nothing said",
	  { .access = 1 },
	  C,
	  ADMIT_UNTAGGED,
	  1,
	  { 1 },
	  { 1 },
	  0,
	  "tagged frame on an access port" },
};
enum { KINDS = ARRAY_LEN(kinds) };

static bool in_set(const uint16_t set[4], unsigned int vid)
{
	for (unsigned int i = 0; i < 4 && set[i]; i++) {
		if (set[i] == vid)
			return true;
	}
	return false;
}

/* ---- frames ---------------------------------------------------------------------------------- */

struct octets {
	uint8_t at[128];
	uint32_t n;
};

static void put16(struct octets *f, unsigned int v)
{
	f->at[f->n++] = (uint8_t)(v >> 8);
	f->at[f->n++] = (uint8_t)v;
}

/* TAG: TPID and TCI; 0: none. */
static struct octets frame(const uint8_t *dst, const uint8_t *src, uint32_t outer, uint32_t inner)
{
	struct octets f = { .n = 12 };
	uint32_t tag[2] = { outer, inner };

	memcpy(f.at, dst, 6);
	memcpy(f.at + 6, src, 6);
	for (unsigned int i = 0; i < 2; i++) {
		if (!tag[i])
			continue;
		put16(&f, tag[i] >> 16);
		put16(&f, tag[i]);
	}
	put16(&f, 0x0800);
	while (f.n < 64)
		f.at[f.n] = (uint8_t)f.n, f.n++;
	return f;
}

static uint32_t tag(uint32_t tpid, unsigned int pcp, unsigned int dei, unsigned int vid)
{
	return tpid << 16 | pcp << 13 | dei << 12 | vid;
}

/* ---- the oracle ------------------------------------------------------------------------------ */

struct verdict {
	const char *drop; /* NULL: it is in */
	unsigned int vid, pcp_dei;
	struct octets rest; /* without the tag that was read */
};

static unsigned int get16(const struct octets *f, uint32_t at)
{
	return (unsigned int)f->at[at] << 8 | f->at[at + 1];
}

static struct verdict comes_in(const struct kind *k, const struct octets *f)
{
	struct verdict v = { .rest = *f };
	bool tagged = get16(f, 12) == k->tpid;

	if (tagged) { /* 6.9.1, 9.6 */
		v.vid = get16(f, 14) & 0xfff;
		v.pcp_dei = get16(f, 14) >> 12;
		memmove(v.rest.at + 12, v.rest.at + 16, v.rest.n - 16);
		v.rest.n -= 4;
	}
	if (v.vid == 4095) /* table 9-2 */
		v.drop = "VID 4095 is reserved";
	else if (v.vid ? k->admit == ADMIT_UNTAGGED : k->admit == ADMIT_TAGGED) /* 6.9 */
		v.drop = k->refuses;
	if (v.drop)
		return v;
	if (!v.vid)
		v.vid = k->pvid;
	if (!in_set(k->member, v.vid)) { /* 8.6.2 */
		v.drop = "ingress port is not in the VLAN";
		return v;
	}
	/* A customer's port: the C-tag is payload, its priority is the S-tag's if that has none. */
	if (k->tpid == S && k->admit == ADMIT_UNTAGGED) {
		bool c = get16(&v.rest, 12) == C;

		if (k->customer && (!c || (get16(&v.rest, 14) & 0xfff) != k->customer))
			v.drop = "not a VLAN that the customer may use";
		if (c && !tagged)
			v.pcp_dei = get16(&v.rest, 14) >> 12;
	}
	return v;
}

/* 8.6.4 and 9.6. False: it does not go out there. */
static bool goes_out(const struct kind *k, const struct verdict *v, struct octets *out)
{
	if (!in_set(k->member, v->vid))
		return false;
	*out = v->rest;
	if (in_set(k->untagged, v->vid))
		return true;
	out->n = 12;
	put16(out, k->tpid);
	put16(out, v->pcp_dei << 12 | v->vid);
	memcpy(out->at + 16, v->rest.at + 12, v->rest.n - 12);
	out->n = v->rest.n + 4;
	return true;
}

/* ---- every cell ------------------------------------------------------------------------------ */

/* Port I of the rig is of kind I; the last one is of the kind that is asked. */
static struct rig *all_kinds(const struct kind *under_test)
{
	struct rig_port port[KINDS + 1];
	struct rig_config c = { .port = port, .n_ports = KINDS + 1, .trace = true };
	struct rig *r;

	for (unsigned int i = 0; i < KINDS; i++)
		port[i] = kinds[i].set;
	port[KINDS] = under_test->set;
	c.memory.keep_frames = 4;
	r = rig_create(&c);
	/* A station behind each port, in whatever VLAN: 02-00-00-00-01-PORT. */
	for (unsigned int i = 0; i < KINDS; i++) {
		const struct eth_addr station = { { 2, 0, 0, 0, 1, (uint8_t)i } };
		const uint16_t vids[] = { 1, OWN, OTHER, ALIEN, 4094 };

		for (size_t v = 0; v < ARRAY_LEN(vids); v++)
			assert_int_equal(
				fdb_set_static(r->fdb[0], fdb_key(vids[v], &station), r->id[i]), 0);
	}
	return r;
}

static void same_octets(const struct kind *in, const struct kind *out, const struct octets *sent,
			const struct memory_frame *got, const struct octets *want)
{
	if (!want) {
		if (got)
			fail_msg("%s, tags %08x %08x: came out of %s", in->name,
				 get16(sent, 12) << 16 | get16(sent, 14),
				 get16(sent, 16) << 16 | get16(sent, 18), out->name);
		return;
	}
	if (!got || got->len != want->n || memcmp(got->data, want->at, want->n) != 0)
		fail_msg("%s, tags %08x %08x: %s out of %s", in->name,
			 get16(sent, 12) << 16 | get16(sent, 14),
			 get16(sent, 16) << 16 | get16(sent, 18),
			 got ? "other octets came" : "nothing came", out->name);
}

static void same_cause(const struct kind *in, const struct octets *sent, const char *got,
		       const char *want)
{
	if (!got || strcmp(got, want) != 0)
		fail_msg("%s, tags %08x %08x: dropped as '%s', not '%s'", in->name,
			 get16(sent, 12) << 16 | get16(sent, 14),
			 get16(sent, 16) << 16 | get16(sent, 18), got ? got : "nothing", want);
}

/* 8.6.1, 8.6.3: to all other ports of the VLAN. */
static void try_flood(struct rig *r, const struct kind *in, const struct octets *f)
{
	struct verdict v = comes_in(in, f);
	struct octets want;

	rig_send(r, KINDS, f->at, f->n);
	for (unsigned int i = 0; i < KINDS; i++) {
		bool out = !v.drop && goes_out(&kinds[i], &v, &want);

		same_octets(in, &kinds[i], f, memory_frame(r->port[i], 0), out ? &want : NULL);
		assert_null(memory_frame(r->port[i], 1));
	}
	assert_null(memory_frame(r->port[KINDS], 0)); /* never back */
	if (v.drop)
		same_cause(in, f, rig_dropped(r), v.drop);
	else
		assert_null(rig_dropped(r));
}

/* The same frame for the one station behind port TO. */
static void try_known(struct rig *r, const struct kind *in, const struct octets *f, unsigned int to)
{
	static const uint8_t station[6] = { 2, 0, 0, 0, 1, 0 };
	struct octets one = *f, want;
	struct verdict v;
	bool out;

	memcpy(one.at, station, 6);
	one.at[5] = (uint8_t)to;
	v = comes_in(in, &one);
	rig_send(r, KINDS, one.at, one.n);
	out = !v.drop && goes_out(&kinds[to], &v, &want);
	for (unsigned int i = 0; i <= KINDS; i++) {
		const struct kind *k = i < KINDS ? &kinds[i] : in;

		same_octets(in, k, &one, memory_frame(r->port[i], 0),
			    out && i == to ? &want : NULL);
	}
	if (v.drop)
		same_cause(in, &one, rig_dropped(r), v.drop);
	else if (!out) /* 8.6.4 */
		same_cause(in, &one, rig_dropped(r), "egress port is not in the VLAN");
}

static void try_all(struct rig *r, const struct kind *in, uint32_t outer, uint32_t inner)
{
	struct octets f = frame(group, host, outer, inner);

	try_flood(r, in, &f);
	for (unsigned int to = 0; to < KINDS; to++)
		try_known(r, in, &f, to);
}

static void each_kind_of_port_lets_each_frame_in_and_out_as_the_clauses_say(void **state)
{
	static const unsigned int vids[] = { 0, OWN, OTHER, ALIEN, 1, 4094, 4095 };
	static const uint32_t tpids[] = { C, S };

	(void)state;
	for (unsigned int k = 0; k < KINDS; k++) {
		struct rig *r = all_kinds(&kinds[k]);

		try_all(r, &kinds[k], 0, 0);
		for (unsigned int outer = 0; outer < 2 * ARRAY_LEN(vids); outer++) {
			uint32_t a = tag(tpids[outer % 2], 5, 1, vids[outer / 2]);

			try_all(r, &kinds[k], a, 0);
			for (unsigned int inner = 0; inner < 2 * ARRAY_LEN(vids); inner++)
				try_all(r, &kinds[k], a,
					tag(tpids[inner % 2], 3, 0, vids[inner / 2]));
		}
		rig_destroy(r);
	}
}

/* Tables 8-1 and 8-2. */
static void reserved_addresses_cross_as_the_component_says(void **state)
{
	static const bool crosses_s[16] = {
		[0x0] = true, [0xb] = true, [0xc] = true, [0xd] = true, [0xf] = true
	};
	uint8_t dst[6] = { 0x01, 0x80, 0xc2, 0, 0, 0 };

	(void)state;
	for (unsigned int k = 0; k < KINDS; k++) {
		struct rig *r = all_kinds(&kinds[k]);
		uint32_t outer = kinds[k].admit == ADMIT_TAGGED
					 ? tag(kinds[k].tpid, 0, 0, kinds[k].member[0])
				 : kinds[k].customer ? tag(C, 0, 0, kinds[k].customer)
						     : 0;

		for (unsigned int last = 0; last <= 0x11; last++) {
			struct octets f;
			bool crosses = last > 0xf || (kinds[k].tpid == S && crosses_s[last]);

			dst[5] = (uint8_t)last;
			f = frame(dst, host, outer, 0);
			if (crosses) {
				try_flood(r, &kinds[k], &f);
				continue;
			}
			rig_send(r, KINDS, f.at, f.n);
			same_cause(&kinds[k], &f, rig_dropped(r),
				   "reserved address stays on its link");
		}
		rig_destroy(r);
	}
}

/* ---- priority, 6.9.4 --------------------------------------------------------------------------
 */

static void priorities_are_kept_set_or_mapped(void **state)
{
	static const struct {
		const char *why, *pcp;
		unsigned int to[8];
	} row[] = {
		{ "nothing said", NULL, { 0, 1, 2, 3, 4, 5, 6, 7 } },
		{ "kept", "keep", { 0, 1, 2, 3, 4, 5, 6, 7 } },
		{ "set", "3", { 3, 3, 3, 3, 3, 3, 3, 3 } },
		{ "set to the lowest", "0", { 0 } },
		{ "mapped", "0-3:1,5:7", { 1, 1, 1, 1, 4, 7, 6, 7 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const struct rig_port port[] = {
			{ .trunk = "20", .native = 20, .pcp = row[i].pcp },
			{ .trunk = "20", .native = 20, .s_tags = true, .pcp = row[i].pcp },
			{ .tunnel = 20, .pcp = row[i].pcp },
			{ .trunk = "all" },
		};
		struct rig_config c = { .port = port, .n_ports = 4 };
		struct rig *r = rig_create(&c);

		for (unsigned int n = 0; n < 3 * 2 * 8 * 2; n++) {
			unsigned int in = n % 3, vid = n / 3 % 2 ? 20 : 0, pcp = n / 6 % 8,
				     dei = n / 48;
			uint32_t mark = tag(C, pcp, dei, vid);
			const struct memory_frame *got;
			struct octets f, want;

			if (in == 1)
				mark = tag(S, pcp, dei, vid);
			f = frame(group, host, mark, 0);
			want = frame(group, host, tag(C, row[i].to[pcp], dei, 20),
				     in == 2 ? mark : 0);
			rig_send(r, in, f.at, f.n);
			got = memory_frame(r->port[3], 0);
			if (!got || got->data[14] != want.at[14] || got->data[15] != want.at[15] ||
			    got->data[12] != want.at[12])
				fail_msg("%s: port %u, priority %u, DEI %u became %02x", row[i].why,
					 in, pcp, dei, got ? got->data[14] : 0);
			/* The customer's own tag is not touched. */
			if (in == 2 && memcmp(got->data + 16, f.at + 12, f.n - 12) != 0)
				fail_msg("%s: the payload is another", row[i].why);
		}
		/* Without a tag it has priority 0 (6.7). */
		for (unsigned int in = 0; in < 3; in++) {
			struct octets f = frame(group, host, 0, 0);

			rig_send(r, in, f.at, f.n);
			assert_int_equal(memory_frame(r->port[3], 0)->data[14], row[i].to[0] << 5);
		}
		rig_destroy(r);
	}
}

/* ---- provider bridges, clause 16 ---------------------------------------------------------------
 */

static void a_customer_gets_the_same_octets_at_the_other_site(void **state)
{
	static const struct rig_port port[] = {
		{ .sw = 0, .tunnel = 100 }, /* one customer */
		{ .sw = 0, .tunnel = 200, .customers = "10" }, /* another one */
		{ .sw = 0, .trunk = "100,200", .s_tags = true, .cable = 1 },
		{ .sw = 1, .trunk = "100,200", .s_tags = true, .cable = 1 },
		{ .sw = 1, .tunnel = 100 },
		{ .sw = 1, .tunnel = 200, .customers = "10" },
		{ .sw = 1, .trunk = "100,200", .s_tags = true }, /* sees the trunk's frames */
	};
	static const uint32_t tags[][2] = {
		{ 0, 0 },          { 0x8100000a, 0 },          { 0x8100a00a, 0 },
		{ 0x81000fff, 0 }, { 0x8100000a, 0x81000014 }, { 0x8100600a, 0x88a80064 }
	};
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port) };
	struct rig *r = rig_create(&c);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		for (unsigned int in = 0; in < 2; in++) {
			struct octets f = frame(group, host, tags[i][0], tags[i][1]);
			bool crosses = !in || (tags[i][0] & 0xffff0fff) == 0x8100000a;
			const struct memory_frame *got, *seen;

			rig_send(r, in, f.at, f.n);
			got = memory_frame(r->port[4 + in], 0);
			seen = memory_frame(r->port[6], 0);
			assert_null(memory_frame(r->port[4 + !in], 0));
			assert_null(memory_frame(r->port[!in], 0));
			if (!crosses) {
				assert_null(got);
				continue;
			}
			if (!got || got->len != f.n || memcmp(got->data, f.at, f.n) != 0)
				fail_msg("frame %zu of customer %u is another", i, in);
			assert_int_equal(seen->len, f.n + 4);
			assert_int_equal(seen->data[12] << 8 | seen->data[13], 0x88a8);
			assert_int_equal((seen->data[14] & 15) << 8 | seen->data[15],
					 in ? 200 : 100);
			assert_int_equal(seen->data[14] >> 4, (tags[i][0] >> 12) & 15);
		}
	}
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_port_lets_each_frame_in_and_out_as_the_clauses_say),
		cmocka_unit_test(reserved_addresses_cross_as_the_component_says),
		cmocka_unit_test(priorities_are_kept_set_or_mapped),
		cmocka_unit_test(a_customer_gets_the_same_octets_at_the_other_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
