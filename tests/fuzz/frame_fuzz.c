/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames from guests through the whole graph: a network of two switches and a cable whose ports
 * the input describes, then frames with offload headers and segments as it says. Whatever it is,
 * what comes in is dropped by a name or handed on, and no octet is read that is not there.
 *
 * Input: two octets a port (see any_port()), then frames: 2 octets length, 1 port and how it lies
 * in segments, 12 octets offload header if the port octet asks for one, the frame. A length that
 * goes past the end of the input is cut there.
 */
#include <string.h>

#include "packet/offload.h"
#include "tests/fuzz/fuzz.h"
#include "tests/rig/rig.h"

enum { PORTS = 6, CABLES = 2, FRAMES = 64 };

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t octet(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* What the ports want beside switching: policy, rates. */
enum { POLICY = 0x10, SOURCES = 0x20, LIMITS_IN = 0x40, LIMITS_OUT = 0x80 };
static uint8_t extras[PORTS];

static void limit(struct meter *m, uint64_t *word, enum vsw_limit which)
{
	*m = meter_of(1 + which * 1000, which % 2);
	meter_begin(m, word, NULL, 1);
}

static void edit(struct rig *r, unsigned int port, struct vsw_port *to)
{
	static uint64_t words[PORTS][2][VSW_LIMITS];
	uint8_t wants = extras[port];

	(void)r;
	if (wants & POLICY)
		to->policy = (struct vsw_policy){ .dhcp_guard = true, .arp_inspect = true };
	to->policy.sources = wants & SOURCES;
	to->own = (struct vsw_macs){ 1, { 0x0102 } };
	if (wants & (POLICY | SOURCES))
		to->guards |= VSW_POLICY;
	if (wants & LIMITS_IN)
		to->guards |= VSW_LIMITS_IN;
	if (wants & LIMITS_OUT)
		to->watch_out |= VSW_LIMITS_OUT | VSW_OWN_ONLY;
	for (enum vsw_limit i = 0; i < VSW_LIMITS; i++) {
		if (wants & LIMITS_IN)
			limit(&to->limit_in[i], &words[port][0][i], i);
		if (wants & LIMITS_OUT)
			limit(&to->limit_out[i], &words[port][1][i], i);
	}
}

/* First octet: flags. Second: which VLANs, and its upper half: what else. */
static void any_port(struct input *in, struct rig_port *p, uint8_t *extra)
{
	static const char *const trunk[] = { "1,10,20,4094", "10,20", "10", "none" };
	static const uint16_t vid[] = { 10, 20, 1, 4094 };
	uint8_t flags = octet(in), vlans = octet(in);

	*extra = vlans & 0xf0;

	p->down = flags % 16 == 15;
	p->unplugged = flags % 16 == 14;
	if (flags & 0x10) {
		p->access = vid[vlans & 3];
		return;
	}
	p->trunk = trunk[vlans & 3];
	if (flags & 0x20)
		p->native = vid[vlans >> 2 & 3];
	p->native_tagged = flags & 0x40;
}

static bool any_frame(struct input *in, struct rig *r)
{
	uint32_t len = (uint32_t)octet(in) << 8 | octet(in);
	uint8_t how = octet(in);
	unsigned int port = CABLES + how % (PORTS - CABLES);
	struct virtio_net_hdr_v1 h = { 0 };

	if (!in->left)
		return false;
	if (how & 0x80 && in->left >= sizeof(h)) {
		memcpy(&h, in->at, sizeof(h));
		in->at += sizeof(h);
		in->left -= sizeof(h);
	}
	len = MIN(len, (uint32_t)in->left);
	r->port[port]->offload = how & 0x40 ? OFFLOAD_ALL : 0;
	FUZZ_ASSERT(memory_feed(r->port[port], in->at, len, &h, (how >> 2 & 15) * 64) == 0);
	in->at += len;
	in->left -= len;
	return true;
}

struct ends {
	uint64_t sent;
};

static void count_end(void *arg, const char *node, unsigned int edge, const struct pkt *p)
{
	struct ends *e = arg;

	FUZZ_ASSERT(p->head_len <= p->len && p->data >= p->head);
	FUZZ_ASSERT(p->data + p->head_len <= p->head + sizeof(p->head));
	if (!strcmp(node, "vsw-output") || (!strcmp(node, "vsw-flood") && !edge))
		e->sent++;
}

struct counts {
	uint64_t in, out, lost, refused;
};

static struct counts counts(const struct rig *r)
{
	struct counts c = { 0 };

	for (unsigned int i = 0; i < PORTS; i++) {
		struct port_count n;
		const char *node;

		port_counters(r->engine, r->id[i], &n);
		c.in += n.in_frames;
		c.out += n.out_frames;
		for (unsigned int k = 0; engine_cause(r->engine, k, &node); k++)
			*(strcmp(node, "port-tx") && strcmp(node, "vsw-egress") ? &c.lost
										: &c.refused) +=
				n.drop[k];
	}
	return c;
}

/* One rig for all inputs, because it is what takes the time; each finds it with nothing learned. */
static struct ends ends;

static struct rig *the_rig(void)
{
	static const struct rig_port port[PORTS] = { { .sw = 0, .cable = 1 },
						     { .sw = 1, .cable = 1 },
						     { .sw = 0 },
						     { .sw = 0 },
						     { .sw = 1 },
						     { .sw = 1 } };
	static const struct rig_config c = {
		.port = port, .n_ports = PORTS, .stations = 64, .keep_none = true
	};
	static const struct fdb_match all = { .port = PORT_NONE };
	static struct rig *r;

	if (!r) {
		r = rig_create(&c);
		r->edit = edit;
		engine_trace(r->engine, count_end, &ends);
	}
	for (unsigned int i = 0; i < PORTS; i++)
		r->plan[i] = port[i];
	for (unsigned int s = 0; s < r->n_switches; s++)
		rig_flush(r, s, &all);
	ends = (struct ends){ 0 };
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct rig *r = the_rig();
	struct counts was = counts(r), is;
	unsigned int n = 0;

	for (unsigned int i = 0; i < PORTS; i++)
		any_port(&in, &r->plan[i], &extras[i]);
	rig_publish(r);
	while (n < FRAMES && any_frame(&in, r))
		n++;
	rig_run(r);
	is = counts(r);
	FUZZ_ASSERT(is.in - was.in == is.lost - was.lost + ends.sent);
	FUZZ_ASSERT(is.out - was.out + is.refused - was.refused >= ends.sent);
	return 0;
}
