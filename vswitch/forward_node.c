/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-forward: choose where a learned frame goes (IEEE 802.1Q-2018 8.6.3, 8.6.4).
 *
 * In: frames that vsw-classify has put into a VLAN and vsw-learn has seen.
 * Out: vsw-output with out_port set, vsw-flood, or a drop.
 */
#include "dataplane/node.h"
#include "vswitch/vlan_tally.h"
#include "vswitch/vsw_node.h"

enum vsw_forward_edge {
	VSW_FORWARD_OUTPUT,
	VSW_FORWARD_FLOOD,
	VSW_FORWARD_DROP_HAIRPIN,
	VSW_FORWARD_DROP_EGRESS_VLAN,
	VSW_FORWARD_DROP_PRIVATE,
	VSW_FORWARD_DROP_DOWN,
	VSW_FORWARD_DROP_ISOLATED,
	VSW_FORWARD_DROP_LOOP,
};

/* Where the last frame went, for those behind it in its train. */
struct last {
	uint64_t train; /* 0: nowhere yet */
	uint64_t out_port;
};
static_assert(sizeof(struct last) <= sizeof(((struct node_turn *)0)->memo), "it is kept there");

/*
 * Of a frame whose egress port is not in its VLAN. Its station is known there all the same where
 * VLANs share a FID (8.8.8): then the private VLAN keeps the two apart.
 */
static __attribute__((noinline, cold)) enum vsw_forward_edge why_not(const struct vsw_port *in,
								     const struct vsw_port *out,
								     const struct pkt *p)
{
	const uint16_t *fid = in->sw->fid;
	bool secondary = fid[p->vid] != p->vid || fid[out->pvid] != out->pvid;

	return in->fdb == out->fdb && secondary && fid[p->vid] == fid[out->pvid]
		       ? VSW_FORWARD_DROP_PRIVATE
		       : VSW_FORWARD_DROP_EGRESS_VLAN;
}

/* The whole decision for one frame. It sends nothing, so it can be read and tested alone. */
static inline unsigned int forward_one(struct node_turn *t, struct pkt *p)
{
	struct last *last = (struct last *)t->memo;
	const struct vsw_view *view = t->state;
	const struct vsw_port *in, *port;
	port_id_t out;

	if (note_train(p) == last->train) {
		p->out_port = (port_id_t)last->out_port;
		return VSW_FORWARD_OUTPUT;
	}
	in = vsw_in_port(view, p);
	p->out_port = out = fdb_lookup(in->fdb, dst_key(p), note_dst(p));
	/* Group addresses take this way too: the table never learns one. */
	if (unlikely(out == PORT_NONE))
		return VSW_FORWARD_FLOOD;
	if (unlikely(out == p->in_port))
		return VSW_FORWARD_DROP_HAIRPIN;
	/* A port that was unplugged since, or moved to another switch, is in no VLAN of this one.
	 */
	port = view->port[out];
	if (unlikely(port->fdb != in->fdb || !vlan_set_has(&port->member, p->vid)))
		return why_not(in, port, p);
	if (unlikely(!port->up))
		return port->shut == VSW_SHUT_LOOP ? VSW_FORWARD_DROP_LOOP : VSW_FORWARD_DROP_DOWN;
	if (unlikely(port->odd_pair) && port->isolated && in->isolated)
		return VSW_FORWARD_DROP_ISOLATED;
	*last = (struct last){ note_train(p), out };
	return VSW_FORWARD_OUTPUT;
}

static void vsw_forward(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, forward_one);
}

/* clang-format off */
NODE(vsw_forward_node) = {
	.name = "vsw-forward",
	.run = vsw_forward,
	.state = VSW_VIEW,
	.dropped = vlan_dropped,
	.edge = {
		[VSW_FORWARD_OUTPUT]	       = TO("vsw-output"),
		[VSW_FORWARD_FLOOD]	       = TO("vsw-flood"),
		[VSW_FORWARD_DROP_HAIRPIN]     = DROP_BY("destination is behind the ingress port",
			"port", NULL),
		[VSW_FORWARD_DROP_EGRESS_VLAN] = DROP_BY_OUT("egress port is not in the VLAN",
			"port", "access trunk native tunnel"),
		[VSW_FORWARD_DROP_PRIVATE]     = DROP_BY("private VLAN keeps the two ports apart",
			"vlan", "private primary"),
		[VSW_FORWARD_DROP_DOWN]	       = DROP_BY_OUT("egress port is down", "port", "up"),
		[VSW_FORWARD_DROP_LOOP]	       = DROP_BY_OUT("egress port is blocked: it is part of a ring",
			"port", NULL),
		[VSW_FORWARD_DROP_ISOLATED]    = DROP_BY("both ports are isolated", "port", "isolated"),
	},
};
/* clang-format on */
