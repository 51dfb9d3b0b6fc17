/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: what comes in at one end of a cable goes out at the other, bit for bit.
 *
 * In: frames of ports that are in no switch, as they were received. Out: the far end's port, or a
 * drop.
 */
#include "link/wire.h"

static inline unsigned int wire_one(struct node_turn *t, struct pkt *p)
{
	const struct wire_view *v = t->state;
	const struct wire_way *way;

	if (unlikely(!v))
		return WIRE_DROP_UNPLUGGED;
	way = &v->way[p->in_port];
	if (likely(way->edge == WIRE_CROSSED)) {
		p->out_port = way->out;
		tx_put(t->worker, way->out, p, be32_of(0));
	}
	return way->edge;
}

static void wire(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, wire_one);
}

/* clang-format off */
NODE(wire_node) = {
	.name = "wire",
	.run = wire,
	.state = WIRE_VIEW,
	.edge = {
		[WIRE_CROSSED]	      = DONE,
		[WIRE_DROP_UNPLUGGED] = DROP_BY("port is plugged into no switch", "port", "switch"),
		[WIRE_DROP_CUT]	      = DROP_BY("link is cut", "link", "up"),
		[WIRE_DROP_DOWN]      = DROP_BY("ingress port is down", "port", "up"),
	},
};
/* clang-format on */
