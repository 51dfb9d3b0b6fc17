/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mirrors on real frames: what a mirrored port takes is copied octet for octet as it came, what it
 * sends as it left, once for each mirror, and nobody else notices.
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "dataplane/punt.h"
#include "tests/rig/rig.h"

enum { IN, OUT, MORE, DEST, DEST2, PORTS };
enum { FRAME = 96 };

static struct mirror_tally tally[2][MIRROR_TALLIES];

/* What edit() makes of the rig: ports with a bit in .in and .out are mirrored by mirror 0. */
static struct {
	unsigned int in, out;
	bool s_tags; /* of IN and OUT */
	bool second; /* mirror 1 does the same, to DEST2 */
	bool same; /* to DEST */
	unsigned int listens; /* ports that get what goes to others */
} plan;
static struct vsw_mirror mirror[2];

static void edit(struct rig *r, unsigned int port, struct vsw_port *p)
{
	uint64_t bits = plan.second ? 3 : 1;

	(void)r;
	if (port >= DEST) {
		p->member = p->ingress = (struct vlan_set){ 0 };
		p->shut = VSW_SHUT_MIRROR;
	}
	if (plan.s_tags && port <= OUT)
		p->tpid = ETH_TYPE_STAG;
	p->listens = plan.listens >> port & 1;
	p->mirror_in = plan.in >> port & 1 ? bits : 0;
	p->mirror_out = plan.out >> port & 1 ? bits : 0;
	p->guards |= p->mirror_in ? VSW_MIRRORED : 0;
	p->watch_out |= p->mirror_out ? VSW_MIRRORED : 0;
}

static void publish(struct rig *r, const char *vlans)
{
	memset(tally, 0, sizeof(tally));
	for (unsigned int i = 0; i < 2; i++) {
		mirror[i] = (struct vsw_mirror){ .to = r->id[i && !plan.same ? DEST2 : DEST],
						 .tally = tally[i] };
		assert_int_equal(vlan_set_parse(vlans, &mirror[i].vids, NULL), 0);
	}
	r->edit = edit;
	r->mirror[0] = mirror;
	r->n_mirrors[0] = 2;
	rig_publish(r);
}

static struct rig *network(const struct rig_port *in, const struct rig_port *out)
{
	const struct rig_port port[PORTS] = {
		[IN] = *in,
		[OUT] = *out,
		[MORE] = { .access = 10 },
		[DEST] = { .trunk = "all" },
		[DEST2] = { .access = 10 },
	};
	struct rig_config c = { .port = port, .n_ports = PORTS };

	memset(&plan, 0, sizeof(plan));
	return rig_create(&c);
}

static const uint8_t host_in[6] = { 2, 0, 0, 0, 0, 1 }, host_out[6] = { 2, 0, 0, 0, 0, 2 };
static const uint8_t nobody[6] = { 2, 0, 0, 0, 0, 9 };
static const uint8_t everybody[6] = { 255, 255, 255, 255, 255, 255 };

/* TAG is TPID and TCI, 0: none; there is a second one behind it if it is not. */
static uint32_t frame(uint8_t *f, const uint8_t *dst, const uint8_t *src, uint32_t tag)
{
	static const uint8_t inner[] = { 0x81, 0, 0x20, 77, 8, 0 };
	be32_t t = be32_of(tag);
	uint32_t n = 12;

	memcpy(f, dst, 6);
	memcpy(f + 6, src, 6);
	if (tag) {
		memcpy(f + n, &t, 4);
		n += 4;
	}
	memcpy(f + n, inner + (tag ? 0 : 4), tag ? 6 : 2);
	n += tag ? 6 : 2;
	for (uint32_t i = n; i < FRAME; i++)
		f[i] = (uint8_t)i;
	return FRAME;
}

/* ---- every direction, tag and way ----------------------------------------------------------- */

static unsigned int times(const struct memory_port *p, const uint8_t *f, uint32_t len)
{
	unsigned int n = 0;
	const struct memory_frame *got;

	for (unsigned int i = 0; (got = memory_frame(p, i)); i++)
		n += got->len == len && !memcmp(got->data, f, len);
	return n;
}

static unsigned int count(const struct memory_port *p)
{
	unsigned int n = 0;

	while (memory_frame(p, n))
		n++;
	return n;
}

struct kind {
	const char *why;
	struct rig_port port;
	bool s_tags;
};

/* The VLAN that 802.1Q-2018 6.9 puts it in; 0: refused. */
static unsigned int dull_vid(const struct kind *k, uint32_t tag)
{
	bool ours = tag >> 16 == (k->s_tags ? 0x88a8u : 0x8100u);
	unsigned int vid = ours ? tag & 0xfff : 0;

	if (vid)
		return k->port.access || (vid != 10 && vid != 20) ? 0 : vid;
	return k->port.access ? k->port.access : k->port.native;
}

static void check(struct rig *r, const char *why, const uint8_t *f, uint32_t len, bool copied_in)
{
	unsigned int want = 0;

	for (unsigned int p = IN; p <= MORE; p++) {
		const struct memory_frame *got;

		for (unsigned int i = 0; plan.out >> p & 1 && (got = memory_frame(r->port[p], i));
		     i++, want++) {
			if (!times(r->port[DEST], got->data, got->len))
				fail_msg("%s: what left by port %u is not among the copies", why,
					 p);
		}
	}
	if (copied_in && !times(r->port[DEST], f, len))
		fail_msg("%s: the frame as it came is not among the copies", why);
	want += copied_in;
	if (count(r->port[DEST]) != want)
		fail_msg("%s: %u copies, not %u", why, count(r->port[DEST]), want);
	if (tally[0][0].copied != want || tally[0][0].missed)
		fail_msg("%s: %lu are counted as copied", why, tally[0][0].copied);
	if (count(r->port[DEST2]) != (plan.second ? want : 0))
		fail_msg("%s: the second mirror", why);
}

static unsigned int one(struct rig *r, const struct kind *k, uint32_t tag, const uint8_t *dst,
			const char *filter)
{
	unsigned int vid = dull_vid(k, tag), wanted = (unsigned int)atoi(filter);
	uint8_t f[FRAME];
	uint32_t len = frame(f, dst, host_in, tag);
	char why[128];

	memset(tally, 0, sizeof(tally));
	rig_send(r, IN, f, len);
	snprintf(why, sizeof(why), "%s, tag %08x, to %02x..%02x, VLANs %s, in %x, out %x", k->why,
		 tag, dst[0], dst[5], filter, plan.in, plan.out);
	if (!strcmp(filter, "all") || (vid && vid == wanted))
		check(r, why, f, len, vid && plan.in);
	else if (count(r->port[DEST]))
		fail_msg("%s: a copy of another VLAN", why);
	return tally[0][0].copied > 0;
}

static void copies_are_what_came_and_what_left(void **state)
{
	static const struct kind kind[] = {
		{ "access", { .access = 10 }, false },
		{ "trunk", { .trunk = "10,20" }, false },
		{ "native", { .trunk = "10,20", .native = 10 }, false },
		{ "native tagged",
		  { .trunk = "10,20", .native = 10, .native_tagged = true },
		  false },
		{ "S-tags", { .trunk = "10,20", .native = 20 }, true },
	};
	static const uint32_t tag[] = { 0,          0x8100b000, 0x8100600a, 0x81000014, 0x8100001e,
					0x81000fff, 0x88a8b000, 0x88a8700a, 0x88a80014 };
	static const uint8_t *const dst[] = { host_out, nobody, everybody };
	static const char *const vlans[] = { "all", "10", "20", "none" };
	unsigned int copied = 0;

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(kind); k++) {
		struct rig *r = network(&kind[k].port, &kind[k].port);
		uint32_t s_tag = kind[k].s_tags ? 0x88a8000a : 0x8100000a;
		uint8_t f[FRAME];

		plan.s_tags = kind[k].s_tags;
		publish(r, "none");
		rig_send(r, OUT, f, frame(f, nobody, host_out, kind[k].port.access ? 0 : s_tag));
		for (unsigned int i = 0; i < 2 * ARRAY_LEN(vlans) * 16; i++) {
			const char *filter = vlans[i / 2 % ARRAY_LEN(vlans)];
			unsigned int mirrored = i / 2 / ARRAY_LEN(vlans);

			plan.second = i % 2;
			plan.in = mirrored & 1;
			plan.out = mirrored >> 1;
			publish(r, filter);
			for (unsigned int n = 0; n < ARRAY_LEN(tag) * ARRAY_LEN(dst); n++)
				copied += one(r, &kind[k], tag[n / ARRAY_LEN(dst)],
					      dst[n % ARRAY_LEN(dst)], filter);
		}
		rig_destroy(r);
	}
	if (copied < 3000) /* or it proves little */
		fail_msg("only %u of them were copied", copied);
}

/* Who is not mirrored gets what it got without a mirror, and what classify refuses is no copy. */
static void what_is_refused_at_once_is_not_copied(void **state)
{
	static const struct rig_port in = { .access = 10 };
	struct rig *r = network(&in, &in);
	uint8_t f[FRAME];

	(void)state;
	plan.in = 1 << IN;
	publish(r, "all");
	rig_send(r, IN, f, frame(f, everybody, host_in, 0x8100000a));
	assert_string_equal(rig_cause(r, IN), "tagged frame on an access port");
	assert_int_equal(count(r->port[DEST]), 0);
	rig_destroy(r);
}

/* What dies later came in all the same. */
static void what_goes_nowhere_is_copied_as_it_came(void **state)
{
	static const struct rig_port in = { .access = 30 };
	struct rig *r = network(&in, &(struct rig_port){ .access = 40 });
	uint8_t f[FRAME];
	uint32_t len;

	(void)state;
	plan.in = 1 << IN;
	publish(r, "all");
	len = frame(f, everybody, host_in, 0);
	rig_send(r, IN, f, len);
	assert_string_equal(rig_cause(r, IN), "no other port in the VLAN");
	assert_int_equal(times(r->port[DEST], f, len), 1);
	rig_destroy(r);
}

/* ---- the port that gets them ---------------------------------------------------------------- */

static void a_destination_takes_part_in_no_switching(void **state)
{
	static const struct rig_port port = { .access = 10 };
	struct rig *r = network(&port, &port);
	uint8_t f[FRAME];

	(void)state;
	rig_send(r, DEST2, f, frame(f, everybody, nobody, 0));
	assert_int_equal(count(r->port[IN]), 1);
	publish(r, "all");
	/* Its frames. */
	rig_send(r, DEST2, f, frame(f, everybody, nobody, 0));
	assert_string_equal(rig_cause(r, DEST2), "ingress port is there for a mirror's copies");
	assert_int_equal(count(r->port[IN]), 0);
	/* Frames for all, and for a station that was behind it. */
	rig_send(r, IN, f, frame(f, everybody, host_in, 0));
	assert_int_equal(count(r->port[OUT]), 1);
	assert_int_equal(count(r->port[DEST2]), 0);
	rig_send(r, IN, f, frame(f, nobody, host_in, 0));
	assert_int_equal(count(r->port[DEST2]), 0);
	rig_destroy(r);
}

static void a_destination_that_takes_nothing_harms_nobody(void **state)
{
	static const struct rig_port port = { .access = 10 };
	struct rig *r = network(&port, &port);
	uint8_t f[FRAME];
	uint32_t len;

	(void)state;
	plan.in = 1 << IN;
	plan.out = 1 << OUT;
	publish(r, "all");
	len = frame(f, everybody, host_in, 0);
	for (enum tx_verdict v = TX_DROP_DOWN; v < TX_VERDICTS; v++) {
		struct port_count c;

		r->port[DEST]->refuse = v;
		rig_send(r, IN, f, len);
		assert_int_equal(count(r->port[OUT]), 1);
		assert_int_equal(count(r->port[MORE]), 1);
		assert_null(rig_cause(r, IN));
		assert_null(rig_cause(r, OUT));
		port_counters(r->engine, r->id[DEST], &c);
		assert_int_equal(c.drop[engine_cause_of(r->engine, "port-tx", v)], 2);
	}
	rig_destroy(r);
}

static void mirrors_may_share_a_destination(void **state)
{
	static const struct rig_port port = { .access = 10 };
	struct rig *r = network(&port, &port);
	uint8_t f[FRAME];
	uint32_t len;

	(void)state;
	plan.in = 1 << IN;
	plan.second = plan.same = true;
	publish(r, "all");
	len = frame(f, everybody, host_in, 0);
	rig_send(r, IN, f, len);
	assert_int_equal(times(r->port[DEST], f, len), 2);
	assert_int_equal(tally[0][0].copied, 1);
	assert_int_equal(tally[1][0].copied, 1);
	rig_destroy(r);
}

/* ---- ports that listen ------------------------------------------------------------------------
 */

static void who_listens_gets_what_goes_to_others_once(void **state)
{
	static const struct {
		const char *why;
		const uint8_t *dst;
		uint32_t tag;
		unsigned int gets;
	} row[] = {
		{ "for another port", host_out, 0x8100000a, 1 },
		{ "for all, which it gets anyway", everybody, 0x8100000a, 1 },
		{ "for nobody, which it gets anyway", nobody, 0x8100000a, 1 },
		{ "in a VLAN that it is not in", host_out, 0x81000014, 0 },
	};
	static const struct rig_port trunk = { .trunk = "10,20" };
	struct rig *r = network(&trunk, &trunk);
	uint8_t f[FRAME];

	(void)state;
	plan.listens = 1 << MORE;
	publish(r, "none");
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		rig_send(r, OUT, f, frame(f, everybody, host_out, row[i].tag));
		rig_send(r, IN, f, frame(f, row[i].dst, host_in, row[i].tag));
		if (count(r->port[MORE]) != row[i].gets || count(r->port[OUT]) != 1)
			fail_msg("%s: it got %u, and who it was for %u", row[i].why,
				 count(r->port[MORE]), count(r->port[OUT]));
	}
	/* What it sends itself does not come back. */
	rig_send(r, MORE, f, frame(f, host_out, nobody, 0));
	assert_int_equal(count(r->port[MORE]), 0);
	rig_destroy(r);
}

/* ---- for the control thread ----------------------------------------------------------------- */

struct parcels {
	unsigned int n;
	struct {
		unsigned int who, dir, port;
		uint32_t len;
		uint8_t frame[FRAME + 4];
	} v[8];
};

static void keep(void *arg, const struct parcel *p)
{
	struct parcels *k = arg;

	assert_true(k->n < ARRAY_LEN(k->v));
	k->v[k->n].who = copy_who(p);
	k->v[k->n].dir = copy_dir(p);
	k->v[k->n].port = p->port;
	k->v[k->n].len = p->len;
	assert_true(p->len <= sizeof(k->v[0].frame));
	memcpy(k->v[k->n++].frame, p->data, p->len);
}

static void a_file_s_copies_say_where_they_were_made(void **state)
{
	static const struct rig_port in = { .trunk = "10,20" }, out = { .access = 20 };
	struct rig *r = network(&in, &out);
	struct parcels got = { 0 }, captured = { 0 };
	uint8_t f[FRAME];
	uint32_t len;

	(void)state;
	assert_int_equal(copies_ready(r->engine), 0);
	copies_to(r->engine, keep, &got);
	capture_to(r->engine, keep, &captured);
	plan.in = 1 << IN;
	plan.out = 1 << OUT;
	publish(r, "all");
	mirror[0].to = PORT_NONE;
	mirror[0].who = COPY_WHO_MAX;
	rig_publish(r);
	len = frame(f, everybody, host_in, 0x8100f014);
	rig_send(r, IN, f, len);
	assert_true(parcels_take(r->engine, 100));
	assert_int_equal(got.n, 2);
	assert_int_equal(captured.n, 0);
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int port = got.v[i].dir == CAPTURE_IN ? IN : OUT;
		const struct memory_frame *left = memory_frame(r->port[OUT], 0);

		assert_int_equal(got.v[i].who, COPY_WHO_MAX);
		assert_int_equal(got.v[i].port, r->id[port]);
		if (port == IN) {
			assert_int_equal(got.v[i].len, len);
			assert_memory_equal(got.v[i].frame, f, len);
		} else {
			assert_int_equal(got.v[i].len, left->len);
			assert_memory_equal(got.v[i].frame, left->data, left->len);
		}
	}
	assert_int_not_equal(got.v[0].dir, got.v[1].dir);
	rig_destroy(r);
}

static void copies_that_find_no_room_are_missed_and_counted(void **state)
{
	enum { SENT = 200000 };
	static const struct rig_port port = { .access = 10 };
	struct rig *r = network(&port, &port);
	uint8_t f[FRAME];
	uint32_t len;
	uint64_t before;

	(void)state;
	assert_int_equal(copies_ready(r->engine), 0);
	plan.in = 1 << IN;
	publish(r, "all");
	mirror[0].to = PORT_NONE;
	mirror[0].who = 1;
	rig_publish(r);
	len = frame(f, everybody, host_in, 0);
	before = memory_count(r->port[OUT], NULL);
	for (unsigned int i = 0; i < SENT; i += 1000) {
		rig_forget(r);
		for (unsigned int k = 0; k < 1000; k++)
			rig_feed(r, IN, f, len);
		rig_run(r);
	}
	assert_true(tally[0][0].missed > 0);
	assert_int_equal(tally[0][0].copied + tally[0][0].missed, SENT);
	assert_true(memory_count(r->port[OUT], NULL) > before);
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_what_came_and_what_left),
		cmocka_unit_test(what_is_refused_at_once_is_not_copied),
		cmocka_unit_test(what_goes_nowhere_is_copied_as_it_came),
		cmocka_unit_test(a_destination_takes_part_in_no_switching),
		cmocka_unit_test(a_destination_that_takes_nothing_harms_nobody),
		cmocka_unit_test(mirrors_may_share_a_destination),
		cmocka_unit_test(who_listens_gets_what_goes_to_others_once),
		cmocka_unit_test(a_file_s_copies_say_where_they_were_made),
		cmocka_unit_test(copies_that_find_no_room_are_missed_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
