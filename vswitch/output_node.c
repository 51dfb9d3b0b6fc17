/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-output: a frame for one port gets its tag, or none (IEEE 802.1Q-2018 8.6.4, 9.6).
 *
 * In: frames with out_port set, allowed there. Out: through that port.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_priv.h"

enum vsw_output_edge { VSW_OUTPUT_SENT };

static inline unsigned int output_one(struct node_turn *t, struct pkt *p)
{
	const struct vsw_view *view = t->state;

	vsw_send(t, p->out_port, p->vid != view->port[p->out_port]->untagged, p);
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
	.edge = { [VSW_OUTPUT_SENT] = DONE },
};
