/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-egress: what a port that wants more than switching says to a copy on its way out.
 *
 * No station of its own: one frame may leave by many ports, so vsw-flood and vsw-output ask for
 * each copy (vsw_send()). A copy that is refused is counted at the port that it would have left by.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_priv.h"

enum vsw_egress_edge { VSW_EGRESS_SENT, VSW_EGRESS_DROP_NOT_OWN };

static unsigned int egress_one(const struct vsw_port *port, const struct pkt *p)
{
	const struct eth_hdr *eth = pkt_eth(p);

	if (port->watch_out & VSW_OWN_ONLY && !eth_addr_is_group(&eth->dst) &&
	    !vsw_macs_have(&port->own, eth_dst(eth)))
		return VSW_EGRESS_DROP_NOT_OWN;
	return VSW_EGRESS_SENT;
}

void vsw_send_watched(struct node_turn t, const struct vsw_member *m, const struct pkt *p)
{
	const struct vsw_port *port = ((const struct vsw_view *)t.state)->port[m->port];
	unsigned int edge = egress_one(port, p);
	be32_t tag = m->tpid ? vsw_tag(m->tpid, p) : be32_of(0);

	if (edge != VSW_EGRESS_SENT) {
		node_refuse(&t, edge, m->port, p);
		return;
	}
	tx_put(t.worker, m->port, p, tag);
	if (port->watch_out & VSW_MIRRORED)
		vsw_mirror_to(t.worker, port->sw, port->mirror_out, m->port, CAPTURE_OUT, p, tag);
}

/* clang-format off */
NODE(vsw_egress_node) = {
	.name = "vsw-egress",
	.edge = {
		[VSW_EGRESS_SENT] = DONE,
		[VSW_EGRESS_DROP_NOT_OWN] = DROP_BY("not for an address of the egress port",
			"port", "receive"),
	},
};
/* clang-format on */
