/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-output: a frame for one port gets its tag, or none (IEEE 802.1Q-2018 8.6.4, 9.6).
 *
 * In: frames with out_port set, allowed there. Out: through that port.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_node.h"

enum vsw_output_edge { VSW_OUTPUT_SENT };

/* Frames for one port that are much alike, from P on and not behind END. Returns where they end. */
static inline struct pkt *const *output_row(struct worker *w, const struct vsw_port *port,
					    struct pkt *const *p, struct pkt *const *end)
{
	struct tx_vec *v = tx_open(w, (*p)->out_port);
	uint16_t tpid = (*p)->vid == port->plain ? 0 : port->tpid;
	be32_t tag = tpid ? vsw_tag(tpid, *p) : be32_of(0);
	port_id_t out_port = (*p)->out_port;
	struct tx_frame *f = v->next;
	uint64_t q = (*p)->q, class = (*p)->class, bytes = 0, n;

	end = MIN(end, p + (v->end - f));
	do {
		bytes += (*p)->len;
		tx_frame_set(f++, *p++, tag);
	} while (p < end && (*p)->q == q && (*p)->out_port == out_port);
	n = (uint64_t)(f - v->next);
	v->next = f;
	v->bytes += bytes + n * (tag.raw ? VLAN_TAG_LEN : 0);
	v->classes += n * class;
	return p;
}

static void vsw_output(struct node_ctx *ctx, const struct burst *in)
{
	const struct vsw_view *view = node_state(ctx);
	struct pkt *const *p = in->pkt, *const *end = p + in->n;

	while (p < end) {
		const struct vsw_port *port = view->port[(*p)->out_port];

		if (likely(!port->watch_out))
			p = output_row(ctx->worker, port, p, end);
		else
			p = vsw_send_row(node_turn(ctx), p, end);
	}
	node_send_run(ctx, VSW_OUTPUT_SENT, in->pkt, in->n);
}

NODE(vsw_output_node) = {
	.name = "vsw-output",
	.run = vsw_output,
	.state = VSW_VIEW,
	.refusals = "vsw-egress",
	.edge = { [VSW_OUTPUT_SENT] = DONE },
};
