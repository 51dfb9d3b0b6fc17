/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-flood: a frame for all, or for a station that nobody knows, goes to every other member of
 * its VLAN (IEEE 802.1Q-2018 8.6.1, 8.8.2).
 *
 * In: frames without one egress port. Out: through ports; or a drop where there is no other.
 */
#include "dataplane/node.h"
#include "vswitch/limits/police.h"
#include "vswitch/vlan_tally.h"

enum vsw_flood_edge {
	VSW_FLOOD_SENT,
	VSW_FLOOD_DROP_ALONE,
	VSW_FLOOD_DROP_ISOLATED,
	VSW_FLOOD_DROP_UNKNOWN,
	VSW_FLOOD_DROP_LIMIT,
};

static inline unsigned int flood_one(struct node_turn *t, struct pkt *p)
{
	const struct vsw_port *in = vsw_in_port(t->state, p);
	const struct vsw_flood *to = in->sw->flood[p->vid];
	unsigned int members = in->isolated ? to->n_open : to->n, sent = 0;

	if (!eth_addr_is_group(&pkt_eth(p)->dst)) {
		if (unlikely(vlan_set_has(&in->sw->no_flood, p->vid)))
			return VSW_FLOOD_DROP_UNKNOWN;
		if (unlikely(in->limit_in[VSW_LIMIT_UNKNOWN].spent) &&
		    police_refuses(t->worker, &in->limit_in[VSW_LIMIT_UNKNOWN], p,
				   pkt_came_tagged(p)))
			return VSW_FLOOD_DROP_LIMIT;
	}
	if (unlikely(!members))
		return in->isolated ? VSW_FLOOD_DROP_ISOLATED : VSW_FLOOD_DROP_ALONE;
	for (unsigned int i = 0; i < members; i++) {
		if (to->member[i].port == p->in_port)
			continue;
		vsw_send(t, &to->member[i], p);
		sent++;
	}
	return sent ? VSW_FLOOD_SENT : VSW_FLOOD_DROP_ALONE;
}

static void vsw_flood(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, flood_one);
}

NODE(vsw_flood_node) = {
	.name = "vsw-flood",
	.run = vsw_flood,
	.state = VSW_VIEW,
	.refusals = "vsw-egress",
	.dropped = vlan_dropped,
	.edge = {
		[VSW_FLOOD_SENT] = DONE,
		[VSW_FLOOD_DROP_ALONE] = DROP_BY("no other port in the VLAN", "vlan", NULL),
		[VSW_FLOOD_DROP_ISOLATED] = DROP_BY("all other ports are isolated as well", "port",
						    "isolated"),
		[VSW_FLOOD_DROP_UNKNOWN] = DROP_BY("station is unknown and the VLAN does not flood",
			"vlan", "flood"),
		[VSW_FLOOD_DROP_LIMIT] = DROP_BY("over the port's unknown_in",
			"port", "unknown_in"),
	},
};
