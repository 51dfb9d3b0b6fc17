/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes in goes out or is dropped by a name: hostile frames through random networks, rings of
 * cables among them.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "base/clock.h"
#include "packet/offload.h"
#include "tests/rig/hostile.h"
#include "tests/rig/rig.h"

enum { BURST = 200 };

static struct hostile *h;

static unsigned int any(unsigned int n)
{
	return (unsigned int)random() % n;
}

static void feed(struct rig *r, unsigned int from, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		unsigned int p = from + any(r->n_ports - from);

		hostile_frame(h);
		assert_int_equal(memory_feed(r->port[p], h->frame, h->len, &h->vnet, h->piece), 0);
	}
}

/* Where no VLAN has more than two ports, no frame is ever copied: the sum is exact. */
static void between_two_ports_in_is_out_and_dropped(void **state)
{
	enum { ROUNDS = 5000 };
	static const struct rig_port port[] = {
		{ .sw = 0, .trunk = "10", .native = 10, .cable = 1 },
		{ .sw = 1, .trunk = "10", .native = 10, .cable = 1 },
		{ .sw = 0, .access = 10 },
		{ .sw = 1, .trunk = "10,20", .native = 10, .native_tagged = true },
		{ .sw = 0, .access = 1 },
		{ .sw = 0, .trunk = "1", .native = 1 },
		{ .sw = 1, .access = 4094, .down = true },
		{ .sw = 1, .access = 4094 },
		{ .sw = 0, .unplugged = true },
		{ .wire = 1 },
		{ .wire = 1 },
		{ .wire = 2 },
		{ .wire = 2, .down = true },
	};
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port), .keep_none = true };
	struct rig *r = rig_create(&c);
	struct rig_total t;

	(void)state;
	srandom(1);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		feed(r, 2, BURST);
		if (!any(50))
			r->port[2 + any(6)]->refuse = any(3) ? TX_SENT : any(TX_VERDICTS);
		r->port[2 + any(6)]->offload = any(OFFLOAD_ALL + 1);
		rig_run(r);
	}
	t = rig_total(r);
	assert_true(t.in >= ROUNDS * BURST);
	if (t.out < ROUNDS * BURST / 20) /* or it proves little */
		fail_msg("only %lu frames came out", t.out);
	assert_int_equal(t.in, t.out + t.dropped);
	rig_destroy(r);
}

/* ---- anything goes -------------------------------------------------------------------------- */

enum { NETWORKS = 60, ROUNDS = 10, PORTS = 24, SWITCHES = 4, VLANS = 4 };

struct ends {
	struct rig *rig;
	uint64_t done[PORT_MAX]; /* handed on, by the port where it came in */
	uint64_t copies; /* that were made of them */
};

/* By the lists of the view, not by what the station did with them. */
static unsigned int flooded(const struct vsw_view *v, const struct pkt *p)
{
	const struct vsw_port *in = v->port[p->in_port];
	const struct vsw_flood *to = in->sw->flood[p->vid];
	unsigned int n = 0;

	for (unsigned int i = 0; i < to->n; i++)
		n += to->member[i].port != p->in_port &&
		     !(in->isolated && v->port[to->member[i].port]->isolated);
	return n;
}

static void count_end(void *arg, const char *node, unsigned int edge, const struct pkt *p)
{
	struct ends *e = arg;
	bool flood = !strcmp(node, "vsw-flood");

	/* Who was one too many is the control thread's to hear of. */
	if (!strcmp(node, "punt") && edge == 0)
		e->done[p->in_port]++;
	if (edge != 0 || (!flood && strcmp(node, "vsw-output") != 0 && strcmp(node, "wire") != 0))
		return;
	e->done[p->in_port]++;
	e->copies += flood ? flooded(e->rig->view, p) : 1;
}

static void any_vlans(struct rig_port *p)
{
	static const char *const trunk[] = { "all", "10,20", "1,4094", "10" };

	p->isolated = !any(6);
	p->pcp = any(4) ? NULL : any(2) ? "5" : "0:7,1-3:4";
	switch (any(5)) {
	case 0:
	case 1:
		p->access = (uint16_t)(1 + any(2) * 9);
		return;
	case 2:
		p->tunnel = (uint16_t)(any(2) ? 10 : 20);
		p->customers = any(2) ? NULL : "1-100";
		return;
	}
	p->trunk = trunk[any(ARRAY_LEN(trunk))];
	p->native = (uint16_t)(any(2) ? 0 : 10);
	p->native_tagged = any(2);
	p->s_tags = !any(4);
	if (*p->trunk != '1' && any(3))
		return;
	p->untagged = any(2) ? "10" : NULL;
}

static void any_network(struct rig_port *p, unsigned int n, unsigned int cables)
{
	for (unsigned int i = 0; i < n; i++) {
		p[i] = (struct rig_port){ .sw = any(SWITCHES) };
		p[i].cable = i < 2 * cables ? 1 + i / 2 : 0;
		p[i].down = !any(20);
		p[i].unplugged = !any(20);
		any_vlans(&p[i]);
		if (!any(8) && i % 2 && i > 2 * cables)
			p[i].wire = p[i - 1].wire = i;
	}
}

/* VLAN 20 may be a private one's, and some VLANs do not learn or do not flood. */
static unsigned int any_special(struct rig_vlan *v)
{
	static const uint16_t vid[] = { 1, 10, 20 };
	unsigned int n = 0;

	for (unsigned int sw = 0; sw < SWITCHES; sw++) {
		for (size_t i = 0; i < ARRAY_LEN(vid); i++) {
			if (any(3))
				continue;
			v[n] = (struct rig_vlan){ .sw = sw, .vid = vid[i] };
			v[n].primary = vid[i] == 20 && any(2) ? 10 : 0;
			v[n].isolated = v[n].primary && any(2);
			v[n].no_learn = !any(3);
			v[n++].no_flood = !any(3);
		}
	}
	return n;
}

/* ---- what ports want beside switching ------------------------------------------------------- */

static struct extras {
	struct vsw_port port[PORTS]; /* guards, watch_out, shut ... of each */
	struct vsw_live live[PORTS];
	struct vsw_mirror mirror[SWITCHES][2];
	struct mirror_tally tally[SWITCHES][2][MIRROR_TALLIES];
} extras;

/* Called by rig_publish() for each port of a switch. */
static void add_extras(struct rig *r, unsigned int i, struct vsw_port *p)
{
	const struct vsw_port *x = &extras.port[i];

	(void)r;
	p->guards |= x->guards;
	p->watch_out |= x->watch_out;
	p->mirror_in = x->mirror_in;
	p->mirror_out = x->mirror_out;
	p->beyond = x->beyond;
	p->policy = x->policy;
	p->own = x->own;
	memcpy(p->limit_in, x->limit_in, sizeof(p->limit_in));
	memcpy(p->limit_out, x->limit_out, sizeof(p->limit_out));
	p->live = &extras.live[i];
	if (!x->shut)
		return;
	p->shut = x->shut;
	p->member = p->ingress = (struct vlan_set){ 0 };
}

/* A mirror's copies go to a port that carries nothing else, of any switch. */
static void any_mirrors(struct rig *r, unsigned int from)
{
	for (unsigned int sw = 0; sw < SWITCHES; sw++) {
		r->mirror[sw] = extras.mirror[sw];
		r->n_mirrors[sw] = any(3);
		for (unsigned int m = 0; m < r->n_mirrors[sw]; m++) {
			unsigned int to = from + any(PORTS - from);
			struct vsw_mirror *mirror = &extras.mirror[sw][m];

			*mirror = (struct vsw_mirror){ .tally = extras.tally[sw][m] };
			mirror->to = r->plan[to].wire ? PORT_NONE : r->id[to];
			assert_int_equal(vlan_set_parse(any(2) ? "all" : "10", &mirror->vids, NULL),
					 0);
			if (mirror->to == PORT_NONE)
				r->n_mirrors[sw] = m;
			else
				extras.port[to].shut = VSW_SHUT_MIRROR;
		}
	}
}

/* Some frames a second of some class, so that part of them pass. */
static void any_limits(struct vsw_port *x, struct vsw_live *live)
{
	for (unsigned int i = 0; i < VSW_LIMITS; i++) {
		if (!any(6)) {
			x->limit_in[i] = meter_of(1 + any(100000), any(2));
			meter_begin(&x->limit_in[i], &live->spent_in[i][0], NULL, clock_ns());
			x->guards |= i != VSW_LIMIT_UNKNOWN ? VSW_LIMITS_IN : 0;
		}
		if (!any(6)) {
			x->limit_out[i] = meter_of(1 + any(100000), any(2));
			meter_begin(&x->limit_out[i], &live->spent_out[i][0], NULL, clock_ns());
			x->watch_out |= VSW_LIMITS_OUT;
		}
	}
}

static void any_policy(struct vsw_port *x)
{
	x->own.n = any(3);
	for (unsigned int i = 0; i < x->own.n; i++)
		x->own.mac[i] = 0x020000000000 + any(8); /* hostile.c's stations, in part */
	x->policy.sources = !any(3);
	x->policy.listed = any(2);
	x->policy.dhcp_guard = any(2);
	x->policy.arp_inspect = any(2);
	x->guards |= VSW_POLICY;
}

static void any_extras(struct rig *r, unsigned int from)
{
	memset(&extras, 0, sizeof(extras));
	any_mirrors(r, from);
	for (unsigned int i = 0; i < PORTS; i++) {
		struct vsw_port *x = &extras.port[i];
		unsigned int mirrors = r->n_mirrors[r->plan[i].sw];

		if (mirrors && !x->shut && !any(3))
			x->mirror_in = 1 + any((1u << mirrors) - 1);
		if (mirrors && !x->shut && !any(3))
			x->mirror_out = 1 + any((1u << mirrors) - 1);
		x->guards |= x->mirror_in ? VSW_MIRRORED : 0;
		x->watch_out |= x->mirror_out ? VSW_MIRRORED : 0;
		x->watch_out |= any(8) ? 0 : VSW_OWN_ONLY;
		if (!any(3))
			any_limits(x, &extras.live[i]);
		if (!any(4))
			any_policy(x);
		if (any(6))
			continue;
		x->beyond = (uint8_t)any(VSW_BEYOND_SHUT + 1);
		fdb_limit_port(r->fdb[r->plan[i].sw], r->id[i], 1 + any(3));
	}
	r->edit = add_extras;
	rig_publish(r);
}

static uint64_t mirrored(void)
{
	uint64_t n = 0;

	for (unsigned int sw = 0; sw < SWITCHES; sw++) {
		for (unsigned int m = 0; m < 2; m++) {
			for (unsigned int t = 0; t < MIRROR_TALLIES; t++)
				n += extras.tally[sw][m][t].copied;
		}
	}
	return n;
}

/* What a port is given may be refused there, by name. */
static bool refuses_copies(const char *node)
{
	return !strcmp(node, "port-tx") || !strcmp(node, "vsw-egress");
}

static void feed_it(struct rig *r, unsigned int from)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		unsigned int p = from + any(r->n_ports - from);

		r->port[p]->refuse = any(4) ? TX_SENT : any(TX_VERDICTS);
		feed(r, from, BURST);
		rig_run(r);
	}
}

/*
 * Each frame that came in ends once: dropped by a name at the port where it came in, or handed to
 * one port or more, each of which counts it as sent or refuses it by a name. Port by port
 *	in = handed on + drops
 * and over all ports
 *	copies made = out + copies refused
 */
static void add_up(const struct rig *r, const struct ends *e, unsigned int net)
{
	uint64_t out = 0;

	for (unsigned int i = 0; i < r->n_ports; i++) {
		uint64_t dropped = 0;
		struct port_count n;
		const char *node;

		port_counters(r->engine, r->id[i], &n);
		out += n.out_frames;
		for (unsigned int k = 0; engine_cause(r->engine, k, &node); k++)
			*(refuses_copies(node) ? &out : &dropped) += n.drop[k];
		if (n.in_frames != e->done[r->id[i]] + dropped)
			fail_msg("network %u, port %u: %lu in, %lu dropped, %lu handed on", net, i,
				 n.in_frames, dropped, e->done[r->id[i]]);
	}
	if (out != e->copies + mirrored())
		fail_msg("network %u: %lu copies made, %lu for mirrors, %lu sent or refused", net,
			 e->copies, mirrored(), out);
}

static void every_frame_ends_once_by_a_name(void **state)
{
	(void)state;
	srandom(2);
	for (unsigned int net = 0; net < NETWORKS; net++) {
		static struct ends e;
		struct rig_port port[PORTS];
		struct rig_vlan vlan[SWITCHES * VLANS];
		struct rig_config c = {
			.port = port, .n_ports = PORTS, .vlan = vlan, .keep_none = true
		};
		unsigned int cables = any(6);

		any_network(port, PORTS, cables);
		c.n_vlans = any_special(vlan);
		e = (struct ends){ .rig = rig_create(&c) };
		any_extras(e.rig, 2 * cables);
		engine_trace(e.rig->engine, count_end, &e);
		feed_it(e.rig, 2 * cables);
		add_up(e.rig, &e, net);
		rig_destroy(e.rig);
	}
}

static void a_ring_of_cables_ends_in_the_storm_budget(void **state)
{
	static const struct rig_port port[] = {
		{ .sw = 0, .trunk = "all", .cable = 1 },
		{ .sw = 1, .trunk = "all", .cable = 1 },
		{ .sw = 1, .trunk = "all", .cable = 2 },
		{ .sw = 2, .trunk = "all", .cable = 2 },
		{ .sw = 2, .trunk = "all", .cable = 3 },
		{ .sw = 0, .trunk = "all", .cable = 3 },
		{ .sw = 0, .access = 10 },
		{ .sw = 1, .access = 10 },
	};
	static const uint8_t f[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6 };
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port), .keep_none = true };
	struct rig *r = rig_create(&c);
	unsigned int budget = engine_cause_of(r->engine, "port-tx", TX_DROP_BUDGET);
	uint64_t lost = 0;
	struct rig_total t;

	(void)state;
	rig_send(r, 6, f, sizeof(f));
	t = rig_total(r);
	assert_int_equal(t.in, RUN_FRAMES);
	for (unsigned int i = 0; i < r->n_ports; i++) {
		struct port_count n;

		port_counters(r->engine, r->id[i], &n);
		lost += n.drop[budget];
	}
	assert_true(lost > 0);
	assert_int_equal(lost, t.dropped);
	/* The next run has its own budget. */
	rig_send(r, 6, f, sizeof(f));
	assert_int_equal(rig_total(r).in, 2 * RUN_FRAMES);
	rig_destroy(r);
}

/* Tunnel in tunnel: each switch on the way adds a tag, and a head has room for only so many. */
static void a_frame_that_gains_tags_without_end_ends_by_a_name(void **state)
{
	static const struct rig_port port[] = {
		{ .sw = 0, .trunk = "all", .cable = 1 },
		{ .sw = 1, .tunnel = 10, .cable = 1 },
		{ .sw = 1, .trunk = "all", .cable = 2 },
		{ .sw = 0, .tunnel = 10, .cable = 2 },
		{ .sw = 0, .access = 10 },
	};
	enum { HALF = PKT_HEAD + PKT_ROOM };
	struct rig_config c = { .port = port, .n_ports = ARRAY_LEN(port), .keep_none = true };
	struct rig *r = rig_create(&c);
	unsigned int longer = engine_cause_of(r->engine, "port-tx", TX_DROP_TOO_LONG);
	uint8_t f[2 * HALF] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6 };
	uint64_t lost = 0;

	(void)state;
	/* Head alone, head and segment. */
	for (uint32_t len = 60; len <= sizeof(f); len += 60)
		rig_send(r, 4, f, len);
	for (unsigned int i = 0; i < r->n_ports; i++) {
		struct port_count n;

		port_counters(r->engine, r->id[i], &n);
		lost += n.drop[longer];
	}
	assert_true(lost > 0);
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_two_ports_in_is_out_and_dropped),
		cmocka_unit_test(every_frame_ends_once_by_a_name),
		cmocka_unit_test(a_ring_of_cables_ends_in_the_storm_budget),
		cmocka_unit_test(a_frame_that_gains_tags_without_end_ends_by_a_name),
	};
	int failed;

	h = calloc(1, sizeof(*h));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(h);
	return failed;
}
