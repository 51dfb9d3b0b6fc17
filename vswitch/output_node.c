/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-output: a frame for one port gets its tag, or none (IEEE 802.1Q-2018 8.6.4, 9.6).
 *
 * In: frames with out_port set, allowed there. Out: through that port.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_node.h"

enum vsw_output_edge { VSW_OUTPUT_SENT };

static inline unsigned int output_one(struct node_turn *t, struct pkt *p)
{
	const struct vsw_port *port = ((const struct vsw_view *)t->state)->port[p->out_port];
	uint16_t tpid = p->vid == port->plain ? 0 : port->tpid;

	if (unlikely(port->watch_out)) {
		struct vsw_member to = { p->out_port, vsw_tpid_out(port, p->vid), true };

		vsw_send_watched(*t, &to, p, false);
		return VSW_OUTPUT_SENT;
	}
	tx_put(t->worker, p->out_port, p, tpid ? vsw_tag(tpid, p) : be32_of(0));
	return VSW_OUTPUT_SENT;
}

static void vsw_output(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, output_one);
}

NODE(vsw_output_node) = {
	.name = "vsw-output",
	.run = vsw_output,
	.state = VSW_VIEW,
	.refusals = "vsw-egress",
	.edge = { [VSW_OUTPUT_SENT] = DONE },
};
