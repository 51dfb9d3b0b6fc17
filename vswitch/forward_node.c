/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-forward: choose where a learned frame goes (IEEE 802.1Q-2018 8.6.3, 8.6.4).
 *
 * In: frames that vsw-classify has put into a VLAN and vsw-learn has seen.
 * Out: vsw-output with out_port set, vsw-flood, or a drop.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_priv.h"

enum vsw_forward_edge {
	VSW_FORWARD_OUTPUT,
	VSW_FORWARD_FLOOD,
	VSW_FORWARD_DROP_HAIRPIN,
	VSW_FORWARD_DROP_EGRESS_VLAN,
	VSW_FORWARD_DROP_DOWN,
};

/* The whole decision for one frame. It sends nothing, so it can be read and tested alone. */
static inline unsigned int forward_one(struct node_ctx *ctx, struct pkt *p)
{
	const struct vsw_view *view = node_state(ctx);
	const struct vsw_port *in = vsw_in_port(view, p), *port;
	port_id_t out = fdb_lookup(in->fdb, dst_key(p), note_place(p, NOTE_DST));

	/* Group addresses take this way too: the table never learns one. */
	if (unlikely(out == PORT_NONE))
		return VSW_FORWARD_FLOOD;
	if (unlikely(out == p->in_port))
		return VSW_FORWARD_DROP_HAIRPIN;
	/* A port that was unplugged since, or moved to another switch, is in no VLAN of this one.
	 */
	port = view->port[out];
	if (unlikely(port->sw != in->sw || !vlan_set_has(&port->member, p->vid)))
		return VSW_FORWARD_DROP_EGRESS_VLAN;
	if (unlikely(!port->up))
		return VSW_FORWARD_DROP_DOWN;
	p->out_port = out;
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
	.edge = {
		[VSW_FORWARD_OUTPUT]	       = TO("vsw-output"),
		[VSW_FORWARD_FLOOD]	       = TO("vsw-flood"),
		[VSW_FORWARD_DROP_HAIRPIN]     = DROP("destination is behind the ingress port"),
		[VSW_FORWARD_DROP_EGRESS_VLAN] = DROP("egress port is not in the VLAN"),
		[VSW_FORWARD_DROP_DOWN]	       = DROP("egress port is down"),
	},
};
/* clang-format on */
