/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-learn: remember where the sender is (IEEE 802.1Q-2018 8.7).
 *
 * In: frames that were let in. Out: all of them to vsw-forward; a full table costs the station its
 * place, never the frame.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_priv.h"

enum vsw_learn_edge { VSW_LEARN_OK };

static void vsw_learn(struct node_ctx *ctx, const struct burst *in)
{
	const struct vsw_view *view = node_state(ctx);

	for (unsigned int i = 0; i < in->n; i++) {
		struct pkt *p = in->pkt[i];

		fdb_learn(vsw_in_port(view, p)->sw->fdb, fdb_key(p->vid, &pkt_eth(p)->src),
			  p->note[NOTE_SRC_HASH], p->in_port, ctx->now_s);
		node_send(ctx, VSW_LEARN_OK, p);
	}
}

NODE(vsw_learn_node) = {
	.name = "vsw-learn",
	.run = vsw_learn,
	.state = VSW_VIEW,
	.arc = "vsw-ingress",
	.edge = { [VSW_LEARN_OK] = TO("vsw-forward") },
};
