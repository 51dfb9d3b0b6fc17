/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-probe: a frame whose source is a probe's. Did we send it?
 *
 * In: such frames, from vsw-learn, which learns none of them, and from vsw-classify, if their port
 * is blocked because of a loop. Out: what is sealed by us, and newer than the last one that came in
 * here, goes to the control thread, the VLAN in which it came where its destination was; what is
 * older is dropped, or the ring that it tells of would send it there again and again. What somebody
 * else sealed, or nobody, is switched like any frame.
 */
#include "dataplane/node.h"
#include "vswitch/loops/probe.h"
#include "vswitch/vlan_tally.h"
#include "vswitch/vsw_node.h"

enum vsw_probe_edge {
	VSW_PROBE_OURS,
	VSW_PROBE_FORWARD,
	VSW_PROBE_DROP_AGAIN,
	VSW_PROBE_DROP_LOOP,
};

/* Each number once a port. Two queues may do so at once: then it is told twice, or one too few. */
static bool is_news(struct vsw_live *live, uint64_t number)
{
	if (number <= __atomic_load_n(&live->probed, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&live->probed, number, __ATOMIC_RELAXED);
	return true;
}

static inline unsigned int probe_one(struct node_turn *t, struct pkt *p)
{
	const struct vsw_view *view = t->state;
	const struct vsw_port *port = vsw_in_port(view, p);
	struct probe probe;

	if (!view->probe_key || !port->live ||
	    !probe_read(view->probe_key, p->data, p->head_len, &probe))
		return port->up ? VSW_PROBE_FORWARD : VSW_PROBE_DROP_LOOP;
	if (!is_news(port->live, probe.number))
		return VSW_PROBE_DROP_AGAIN;
	probe_came_in(p->data, p->vid);
	p->note[0] = PUNT_PROBE;
	return VSW_PROBE_OURS;
}

static void vsw_probe(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, probe_one);
}

/* clang-format off */
NODE(vsw_probe_node) = {
	.name = "vsw-probe",
	.run = vsw_probe,
	.state = VSW_VIEW,
	.dropped = vlan_dropped,
	.edge = {
		[VSW_PROBE_OURS] = TO("punt"),
		[VSW_PROBE_FORWARD] = TO("vsw-forward"),
		[VSW_PROBE_DROP_AGAIN] = DROP("probe for loops came in again"),
		[VSW_PROBE_DROP_LOOP] = DROP_BY("ingress port is blocked, and the probe is not ours",
			"port", NULL),
	},
};
/* clang-format on */
