/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ports and VLANs have counted by class, against arrays that count the frames that were fed
 * and those that came out.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "tests/rig/rig.h"
#include "vswitch/vlan_tally.h"

enum { PORTS = 9, SWITCHES = 2, ROUNDS = 400, BURST = 60, LEN = 200 };

static unsigned int any(unsigned int n)
{
	return (unsigned int)random() % n;
}

static const struct rig_port network[PORTS] = {
	{ .sw = 0, .trunk = "10,20", .cable = 1 },
	{ .sw = 1, .trunk = "10,20", .cable = 1 },
	{ .sw = 0, .access = 10 },
	{ .sw = 0, .access = 20 },
	{ .sw = 0, .trunk = "10,20,30", .native = 10 },
	{ .sw = 1, .access = 10 },
	{ .sw = 1, .trunk = "10,20", .native = 20, .native_tagged = true },
	{ .sw = 1, .access = 10, .down = true },
	{ .sw = 1, .unplugged = true },
};

static enum eth_class dull_class(const uint8_t *f)
{
	unsigned int ff = 0;

	for (unsigned int i = 0; i < 6; i++)
		ff += f[i] == 0xff;
	return ff == 6 ? ETH_BROADCAST : f[0] & 1 ? ETH_MULTICAST : ETH_UNICAST;
}

static uint32_t any_frame(uint8_t *f)
{
	static const uint16_t vid[] = { 0, 10, 20, 30, 40, 4095 };
	uint32_t n = 12;

	for (unsigned int i = 0; i < LEN; i++)
		f[i] = (uint8_t)random();
	memset(f, any(4) ? 2 : any(2) ? 0xff : 3, 6);
	if (f[0] == 2)
		f[5] = (uint8_t)any(12);
	memcpy(f + 6, (uint8_t[]){ any(40) ? 2 : 3, 2, 2, 2, 2, (uint8_t)any(12) }, 6);
	if (any(2)) {
		uint16_t tci = (uint16_t)(any(16) << 12 | vid[any(ARRAY_LEN(vid))]);

		memcpy(f + n, (uint8_t[]){ 0x81, 0, (uint8_t)(tci >> 8), (uint8_t)tci }, 4);
		n += 4;
	}
	f[n] = 8;
	f[n + 1] = 0;
	return any(30) ? 60 + any(LEN - 60) : 14 + any(4);
}

static struct class_count in[PORTS][ETH_CLASSES], out[PORTS][ETH_CLASSES];

static void add(struct class_count *c, const uint8_t *f, uint32_t len)
{
	c[dull_class(f)].frames++;
	c[dull_class(f)].bytes += len;
}

/* Trains of one frame, mixed ones, and runs of different kinds behind one another. */
static void feed(struct rig *r, unsigned int port)
{
	uint8_t f[LEN];
	uint32_t len = any_frame(f);

	for (unsigned int i = 0; i < BURST; i++) {
		if (!any(5))
			len = any_frame(f);
		rig_feed(r, port, f, len);
		add(in[port], f, len);
	}
}

static void collect(struct rig *r, unsigned int port)
{
	const struct memory_frame *f;

	for (unsigned int i = 0; (f = memory_frame(r->port[port], i)); i++)
		add(out[port], f->data, f->len);
}

static void same(const char *what, unsigned int port, const struct class_count *is,
		 const struct class_count *want)
{
	for (unsigned int c = 0; c < ETH_CLASSES; c++) {
		if (is[c].frames != want[c].frames || is[c].bytes != want[c].bytes)
			fail_msg("port %u, class %u, %s: %lu frames, %lu bytes, not %lu and %lu",
				 port, c, what, is[c].frames, is[c].bytes, want[c].frames,
				 want[c].bytes);
	}
}

static void each_port_counts_by_class(void **state)
{
	struct rig_config c = { .port = network,
				.n_ports = PORTS,
				.memory = { .feed_frames = 4096, .keep_frames = 16384 } };
	struct rig *r = rig_create(&c);

	(void)state;
	srandom(7);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		for (unsigned int p = 2; p < PORTS; p++)
			feed(r, p);
		r->port[2]->refuse = any(4) ? TX_SENT : TX_DROP_FULL;
		rig_forget(r);
		rig_run(r);
		for (unsigned int p = 2; p < PORTS; p++)
			collect(r, p);
	}
	for (unsigned int p = 0; p < PORTS; p++) {
		struct port_count n;

		port_counters(r->engine, r->id[p], &n);
		if (p >= 2) {
			same("in", p, n.in, in[p]);
			same("out", p, n.out, out[p]);
		}
		assert_int_equal(n.in[0].frames + n.in[1].frames + n.in[2].frames, n.in_frames);
		assert_int_equal(n.out[0].bytes + n.out[1].bytes + n.out[2].bytes, n.out_bytes);
		assert_true(p >= 7 || (n.out[0].frames && n.out[1].frames && n.out[2].frames));
	}
	rig_destroy(r);
}

/* What passed vsw-classify is in a VLAN, and what died behind it died there. */
static void vlans_add_up_to_what_was_let_in(void **state)
{
	struct rig_config c = { .port = network, .n_ports = PORTS, .keep_none = true };
	uint64_t let_in = 0, lost = 0, frames = 0, drops = 0;
	struct rig *r = rig_create(&c);

	(void)state;
	srandom(8);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		for (unsigned int p = 2; p < PORTS; p++)
			feed(r, p);
		rig_run(r);
	}
	for (unsigned int p = 0; p < PORTS; p++) {
		struct port_count n;
		const char *node;

		port_counters(r->engine, r->id[p], &n);
		let_in += network[p].unplugged ? 0 : n.in_frames;
		for (unsigned int k = 0; engine_cause(r->engine, k, &node); k++) {
			bool early = !strcmp(node, "port-rx") || !strcmp(node, "vsw-classify");
			bool late = !strcmp(node, "vsw-forward") || !strcmp(node, "vsw-flood");

			let_in -= early ? n.drop[k] : 0;
			lost += late ? n.drop[k] : 0;
		}
	}
	for (unsigned int s = 0; s < SWITCHES; s++) {
		for (uint16_t vid = 0; vid < 4096; vid++) {
			struct vlan_tally t;
			uint64_t n = 0;

			vlan_counters(r->tally[s], 1, vid, &t);
			for (unsigned int k = 0; k < ETH_CLASSES; k++)
				n += t.in[k].frames;
			if (n && vid != 10 && vid != 20 && vid != 30)
				fail_msg("VLAN %u has let %lu frames in", vid, n);
			frames += n;
			drops += t.drops;
		}
	}
	assert_true(lost > 1000);
	assert_int_equal(frames, let_in);
	assert_int_equal(drops, lost);
	rig_destroy(r);
}

static void a_vlan_counts_each_class_and_its_octets(void **state)
{
	static const struct rig_port port[] = { { .trunk = "10,20" }, { .access = 10 } };
	struct rig_config c = { .port = port, .n_ports = 2 };
	struct class_count want[3][ETH_CLASSES] = { 0 };
	static const uint16_t vids[3] = { 10, 20, 30 };
	struct rig *r = rig_create(&c);
	uint8_t f[LEN] = { 0 };

	(void)state;
	srandom(9);
	for (unsigned int i = 0; i < 3000; i++) {
		unsigned int v = any(3);
		uint32_t len = 60 + any(LEN - 60);

		memset(f, any(3) ? 2 : any(2) ? 0xff : 3, 6);
		memcpy(f + 6, (uint8_t[]){ 2, 0, 0, 0, 0, 1, 0x81, 0, 0, (uint8_t)vids[v] }, 10);
		rig_feed(r, 0, f, len);
		if (v < 2)
			add(want[v], f, len);
		if (!any(40))
			rig_run(r);
	}
	rig_run(r);
	for (unsigned int v = 0; v < 3; v++) {
		struct vlan_tally t;

		vlan_counters(r->tally[0], 1, vids[v], &t);
		same("in a VLAN", v, t.in, want[v]);
	}
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_port_counts_by_class),
		cmocka_unit_test(vlans_add_up_to_what_was_let_in),
		cmocka_unit_test(a_vlan_counts_each_class_and_its_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
