/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole switch against a dull one: same ports, same frames, and every frame must leave by the
 * same ports with the same octets. The dull one is written from 802.1Q-2018, with arrays.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "tests/rig/rig.h"

#define STATIONS 12
#define OUT_MAX  64
#define FRAME    2048u

enum { SWITCHES = 3, PORTS = 16 };

static const uint16_t vids[] = { 1, 10, 20, 30, 4094 };

/* ---- the dull switch ------------------------------------------------------------------------ */

struct dull_out {
	unsigned int port;
	uint32_t len;
	uint8_t frame[FRAME + 4];
};

struct dull {
	struct rig_port *port; /* the rig's own plan */
	unsigned int n_ports;
	uint32_t mtu;
	int station[SWITCHES][4096][STATIONS]; /* port + 1; 0: not known */
	struct dull_out out[OUT_MAX];
	unsigned int n_out;
};

static bool dull_member(const struct rig_port *p, unsigned int vid)
{
	static const char *const trunk[] = { "all", "10,20", "10,20,30", "1-19", "none" };
	unsigned int kind = 0;

	if (p->access)
		return p->access == vid;
	if (vid && p->native == vid)
		return true;
	while (p->trunk != trunk[kind] && strcmp(p->trunk, trunk[kind]) != 0)
		kind++;
	switch (kind) {
	case 0:
		return vid >= 1 && vid <= 4094;
	case 1:
		return vid == 10 || vid == 20;
	case 2:
		return vid == 10 || vid == 20 || vid == 30;
	case 3:
		return vid >= 1 && vid <= 19;
	default:
		return false;
	}
}

static int station_of(const uint8_t *mac)
{
	return mac[0] == 2 && mac[5] < STATIONS ? mac[5] : -1;
}

static void dull_in(struct dull *d, unsigned int port, const uint8_t *f, uint32_t len);

static void dull_leave(struct dull *d, unsigned int port, unsigned int vid, unsigned int bits,
		       const uint8_t *f, uint32_t len)
{
	const struct rig_port *p = &d->port[port];
	bool tagged = !p->access && (p->native != vid || p->native_tagged);
	uint8_t frame[FRAME + 4];
	uint32_t n = 0;

	for (uint32_t i = 0; i < 12; i++)
		frame[n++] = f[i];
	if (tagged) {
		frame[n++] = 0x81;
		frame[n++] = 0x00;
		frame[n++] = (uint8_t)(bits << 4 | vid >> 8);
		frame[n++] = (uint8_t)vid;
	}
	for (uint32_t i = 12; i < len; i++)
		frame[n++] = f[i];
	if (p->cable) {
		for (unsigned int k = 0; k < d->n_ports; k++) {
			if (k != port && d->port[k].cable == p->cable)
				dull_in(d, k, frame, n);
		}
		return;
	}
	assert_true(d->n_out < OUT_MAX);
	d->out[d->n_out].port = port;
	d->out[d->n_out].len = n;
	memcpy(d->out[d->n_out++].frame, frame, n);
}

static void dull_in(struct dull *d, unsigned int port, const uint8_t *f, uint32_t len)
{
	static const uint8_t reserved[5] = { 0x01, 0x80, 0xc2, 0, 0 };
	const struct rig_port *p = &d->port[port];
	unsigned int vid = 0, bits = 0;
	uint8_t frame[FRAME + 4];
	int src, dst;

	if (len < 14 || p->unplugged || p->down)
		return;
	if (!memcmp(f, reserved, 5) && f[5] <= 0x0f)
		return;
	if (f[6] & 1)
		return;
	memcpy(frame, f, len);
	if (f[12] == 0x81 && f[13] == 0x00) {
		if (len < 18)
			return;
		vid = (unsigned int)(f[14] & 15) << 8 | f[15];
		bits = f[14] >> 4;
		if (vid == 4095 || (vid && p->access))
			return;
		memcpy(frame + 12, f + 16, len - 16);
		len -= 4;
	}
	if (!vid)
		vid = p->access ? p->access : p->native;
	if (!vid || !dull_member(p, vid) || len - 14 > d->mtu)
		return;
	src = station_of(frame + 6);
	if (src >= 0)
		d->station[p->sw][vid][src] = (int)port + 1;
	dst = station_of(frame);
	if (dst >= 0 && d->station[p->sw][vid][dst]) {
		unsigned int to = (unsigned int)d->station[p->sw][vid][dst] - 1;
		const struct rig_port *t = &d->port[to];

		if (to != port && !t->unplugged && !t->down && t->sw == p->sw &&
		    dull_member(t, vid))
			dull_leave(d, to, vid, bits, frame, len);
		return;
	}
	for (unsigned int k = 0; k < d->n_ports; k++) {
		const struct rig_port *t = &d->port[k];

		if (k != port && !t->unplugged && !t->down && t->sw == p->sw && dull_member(t, vid))
			dull_leave(d, k, vid, bits, frame, len);
	}
}

/* ---- random networks and frames ------------------------------------------------------------- */

static unsigned int any(unsigned int n)
{
	return (unsigned int)random() % n;
}

static void any_plan(struct rig_port *p)
{
	static const char *const trunk[] = { "all", "all", "10,20", "10,20,30", "1-19", "none" };
	unsigned int cable = p->cable, sw = p->sw;

	*p = (struct rig_port){ .cable = cable, .sw = sw };
	p->down = !any(16);
	p->unplugged = !any(24);
	if (!cable && any(2)) {
		p->access = vids[any(ARRAY_LEN(vids))];
		return;
	}
	p->trunk = trunk[any(ARRAY_LEN(trunk))];
	if (any(2)) {
		p->native = vids[any(ARRAY_LEN(vids))];
		p->native_tagged = any(3) == 0;
	}
}

/* A tree of switches: 0 is joined to 1 and 2. */
static void network(struct rig_port *p)
{
	static const struct {
		unsigned int sw, cable;
	} end[] = { { 0, 1 }, { 1, 1 }, { 0, 2 }, { 2, 2 } };

	for (unsigned int i = 0; i < PORTS; i++) {
		p[i] = (struct rig_port){ .sw = any(SWITCHES) };
		if (i < ARRAY_LEN(end))
			p[i] = (struct rig_port){ .sw = end[i].sw, .cable = end[i].cable };
		any_plan(&p[i]);
	}
}

static void any_mac(uint8_t *mac)
{
	static const uint8_t group[][6] = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
					    { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 },
					    { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e },
					    { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x10 } };

	if (!any(12)) {
		memcpy(mac, group[any(ARRAY_LEN(group))], 6);
		return;
	}
	memcpy(mac, (uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)any(STATIONS) }, 6);
}

/* Mostly one that its port admits. */
static uint32_t any_frame(const struct rig_port *p, uint8_t *f)
{
	uint32_t len = any(4) ? 14 + any(120) : any(FRAME - 8), n = 12;
	unsigned int tags = any(3) ? !p->access : any(3);

	if (!any(50))
		len = any(20);
	for (uint32_t i = 0; i < FRAME; i++)
		f[i] = (uint8_t)random();
	any_mac(f);
	any_mac(f + 6);
	if (any(20))
		f[6] &= 0xfe;
	for (; tags; tags--, n += 4) {
		unsigned int vid = any(8) ? vids[any(ARRAY_LEN(vids))] : any(2) * 4095;

		f[n] = any(8) ? 0x81 : 0x88;
		f[n + 1] = f[n] == 0x81 ? 0x00 : 0xa8;
		f[n + 2] = (uint8_t)(any(16) << 4 | vid >> 8);
		f[n + 3] = (uint8_t)vid;
	}
	f[n] = 0x08;
	f[n + 1] = 0x00;
	return len;
}

/*
 * Like the one before, or nearly. Its source stays: a burst is learned from before any of it is
 * forwarded, so that a new one might be known to frames in front of it.
 */
static uint32_t next_frame(uint8_t *f, uint32_t len)
{
	switch (any(8)) {
	case 0:
		return any(20);
	case 1:
		return any(FRAME - 8);
	case 2:
		any_mac(f);
		break;
	case 3:
		f[12 + any(6)] ^= (uint8_t)(1u << any(8));
		break;
	case 4:
		f[18 + any(60)]++;
		break;
	}
	return len;
}

/* ---- the two of them ------------------------------------------------------------------------ */

static bool came_out(const struct dull *d, bool *seen, unsigned int port,
		     const struct memory_frame *m)
{
	for (unsigned int i = 0; i < d->n_out; i++) {
		const struct dull_out *o = &d->out[i];

		if (seen[i] || o->port != port || o->len != m->len ||
		    memcmp(o->frame, m->data, m->len) != 0)
			continue;
		seen[i] = true;
		return true;
	}
	return false;
}

static void compare(const struct rig *r, const struct dull *d, unsigned int step)
{
	bool seen[OUT_MAX] = { false };
	unsigned int n = 0;

	for (unsigned int p = 0; p < r->n_ports; p++) {
		const struct memory_frame *m;

		for (unsigned int i = 0; r->port[p] && (m = memory_frame(r->port[p], i)); i++) {
			n++;
			if (!came_out(d, seen, p, m))
				fail_msg("step %u: port %u sent %u octets that it should not", step,
					 p, m->len);
		}
	}
	if (n != d->n_out)
		fail_msg("step %u: %u frames came out, not %u", step, n, d->n_out);
}

/* A flush that nobody goes behind stays under way until another one is. */
static void forget(struct rig *r, struct dull *d)
{
	struct fdb_match all = { .port = PORT_NONE };

	for (unsigned int s = 0; s < r->n_switches; s++) {
		if (any(2))
			rig_flush(r, s, &all);
		else
			fdb_flush(r->fdb[s], &all);
	}
	memset(d->station, 0, sizeof(d->station));
}

static void change_something(struct rig *r, struct dull *d)
{
	unsigned int p = any(r->n_ports);

	switch (any(8)) {
	case 0:
		forget(r, d);
		break;
	case 7: /* to another switch, with what the old one remembers */
		r->plan[p].sw = r->plan[p].cable ? r->plan[p].sw : any(SWITCHES);
		break;
	case 1:
	case 2:
		r->plan[p].down = !r->plan[p].down;
		break;
	default:
		any_plan(&r->plan[p]);
	}
	rig_publish(r);
}

static void every_frame_leaves_as_the_standard_says(void **state)
{
	enum { NETWORKS = 30, FRAMES = 10000, CHANGE = 200, TRAIN = 3 };
	struct dull *d = calloc(1, sizeof(*d));
	static uint8_t f[FRAME];
	unsigned int delivered = 0;

	(void)state;
	srandom(0x5eed);
	for (unsigned int net = 0; net < NETWORKS; net++) {
		struct rig_port plan[PORTS];
		struct rig_config c = { .port = plan, .n_ports = PORTS };
		struct rig *r;

		c.mtu = net % 2 ? 9216 : 68 + any(200);
		network(plan);
		r = rig_create(&c);
		memset(d, 0, sizeof(*d));
		d->port = r->plan;
		d->n_ports = PORTS;
		d->mtu = c.mtu;
		for (unsigned int step = 0; step < FRAMES; step++) {
			unsigned int p = 4 + any(PORTS - 4), train = any(TRAIN + 1);
			uint32_t len = any_frame(&plan[p], f);

			if (!any(CHANGE))
				change_something(r, d);
			d->n_out = 0;
			rig_forget(r);
			for (;; len = next_frame(f, len)) {
				dull_in(d, p, f, len);
				rig_feed(r, p, f, len);
				if (!train--)
					break;
			}
			rig_run(r);
			compare(r, d, net * FRAMES + step);
			delivered += d->n_out;
		}
		rig_destroy(r);
	}
	if (delivered < NETWORKS * FRAMES / 6) /* or it proves little */
		fail_msg("only %u frames came out", delivered);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_leaves_as_the_standard_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
