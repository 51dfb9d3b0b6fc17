/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-police: frames that come in faster than their port may send go no further.
 *
 * In: frames of ports with guards, classified. Those of ports with VSW_LIMITS_IN pass the bucket
 * of their class (broadcast, multicast), if it has one, then that of all frames; what the second
 * refuses the first has paid for. Unknown unicast is known only in vsw-flood, and limited there.
 * Out: on, or a drop. A burst takes from each bucket once.
 */
#include "dataplane/node.h"
#include "vswitch/limits/police.h"
#include "vswitch/vlan_tally.h"

/* The edge of a limit is 1 + its number. */
enum vsw_police_edge { VSW_POLICE_OK, VSW_POLICE_DROP };

/* Frames of one burst from one port, and by which edge each leaves. */
struct beat {
	struct pkt *const *pkt;
	unsigned int n;
	bool refused; /* any of them */
	uint8_t edge[BURST_MAX];
};

/* Those of WANT against one bucket. Returns which are left. */
static uint32_t apply(struct worker *w, const struct vsw_port *port, enum vsw_limit limit,
		      struct beat *b, uint32_t want)
{
	const struct meter *m = &port->limit_in[limit];
	uint32_t cost[BURST_MAX], pass;
	uint64_t total = 0;

	if (!m->spent || !want)
		return want;
	for (unsigned int i = 0; i < b->n; i++) {
		if (!(want >> i & 1))
			continue;
		cost[i] = police_cost(m, b->pkt[i], pkt_came_tagged(b->pkt[i]));
		total += cost[i];
	}
	pass = police_take(w, m, cost, want, total);
	b->refused |= pass != want;
	for (uint32_t left = want & ~pass; left; left &= left - 1)
		b->edge[__builtin_ctz(left)] = (uint8_t)(VSW_POLICE_DROP + limit);
	return pass;
}

static void police(struct worker *w, const struct vsw_port *port, struct beat *b)
{
	uint32_t of[VSW_LIMITS] = { 0 }, pass = UINT32_MAX >> (32 - b->n);

	if (port->limit_in[VSW_LIMIT_BROADCAST].spent ||
	    port->limit_in[VSW_LIMIT_MULTICAST].spent) {
		for (unsigned int i = 0; i < b->n; i++)
			of[police_class(b->pkt[i])] |= 1u << i;
		pass = of[VSW_LIMIT_ALL] |
		       apply(w, port, VSW_LIMIT_BROADCAST, b, of[VSW_LIMIT_BROADCAST]) |
		       apply(w, port, VSW_LIMIT_MULTICAST, b, of[VSW_LIMIT_MULTICAST]);
	}
	apply(w, port, VSW_LIMIT_ALL, b, pass);
}

static void send(struct node_ctx *ctx, const struct beat *b)
{
	unsigned int from = 0;

	if (likely(!b->refused)) {
		node_send_run(ctx, VSW_POLICE_OK, b->pkt, b->n);
		return;
	}

	for (unsigned int i = 0; i < b->n; i++) {
		if (likely(b->edge[i] == VSW_POLICE_OK))
			continue;
		if (i > from)
			node_send_run(ctx, VSW_POLICE_OK, b->pkt + from, i - from);
		node_send(ctx, b->edge[i], b->pkt[i]);
		from = i + 1;
	}
	if (b->n > from)
		node_send_run(ctx, VSW_POLICE_OK, b->pkt + from, b->n - from);
}

static void vsw_police(struct node_ctx *ctx, const struct burst *in)
{
	const struct vsw_view *view = node_state(ctx);

	for (unsigned int i = 0; i < in->n;) {
		port_id_t from = in->pkt[i]->in_port;
		struct beat b = { .pkt = in->pkt + i };

		while (i < in->n && in->pkt[i]->in_port == from)
			i++;
		b.n = (unsigned int)(in->pkt + i - b.pkt);
		if (view->port[from]->guards & VSW_LIMITS_IN)
			police(ctx->worker, view->port[from], &b);
		send(ctx, &b);
	}
}

/* clang-format off */
NODE(vsw_police_node) = {
	.name = "vsw-police",
	.run = vsw_police,
	.state = VSW_VIEW,
	.dropped = vlan_dropped,
	.arc = "vsw-ingress",
	.edge = {
		[VSW_POLICE_OK] = NEXT_ON_ARC,
		[VSW_POLICE_DROP + VSW_LIMIT_ALL] = DROP_BY("over the port's limit_in",
			"port", "limit_in"),
		[VSW_POLICE_DROP + VSW_LIMIT_BROADCAST] = DROP_BY("over the port's broadcast_in",
			"port", "broadcast_in"),
		[VSW_POLICE_DROP + VSW_LIMIT_MULTICAST] = DROP_BY("over the port's multicast_in",
			"port", "multicast_in"),
	},
};
/* clang-format on */
