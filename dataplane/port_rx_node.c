/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port-rx: a frame has come in. Is it one at all?
 *
 * In: what a source read, as its sender wrote it. Out: the arc "port-input", whose last station is
 * where the port is plugged in, or a drop.
 */
#include "dataplane/graph.h"
#include "packet/offload.h"

enum port_rx_edge { PORT_RX_INPUT, PORT_RX_DROP_RUNT, PORT_RX_DROP_GIANT, PORT_RX_DROP_OFFLOAD };

static inline unsigned int port_rx_one(struct node_turn *t, struct pkt *p)
{
	(void)t;
	if (unlikely(p->head_len < ETH_HDR_LEN))
		return PORT_RX_DROP_RUNT;
	if (unlikely(p->len > PKT_LEN_MAX))
		return PORT_RX_DROP_GIANT;
	if (!pkt_is_plain(p)) {
		if (unlikely(offload_check(p) < 0))
			return PORT_RX_DROP_OFFLOAD;
	}
	return PORT_RX_INPUT;
}

static void port_rx(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, port_rx_one);
}

NODE(port_rx_node) = {
	.name = "port-rx",
	.run = port_rx,
	.edge = {
		[PORT_RX_INPUT] = ARC("port-input"),
		[PORT_RX_DROP_RUNT] = DROP("runt: shorter than an Ethernet header"),
		[PORT_RX_DROP_GIANT] = DROP("giant: longer than any frame"),
		[PORT_RX_DROP_OFFLOAD] = DROP("offload header makes no sense"),
	},
};
