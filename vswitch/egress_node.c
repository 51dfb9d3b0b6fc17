/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-egress: what a port that wants more than switching says to a copy on its way out.
 *
 * No station of its own: one frame may leave by many ports, so vsw-flood asks for each copy
 * (vsw_send()) and vsw-output for a burst, which takes from a port's bucket once. What is refused
 * is counted at the port that it would have left by.
 */
#include "dataplane/node.h"
#include "vswitch/limits/police.h"

/* The edge of a limit is VSW_EGRESS_DROP_LIMIT and its number. */
enum vsw_egress_edge { VSW_EGRESS_SENT, VSW_EGRESS_DROP_NOT_OWN, VSW_EGRESS_DROP_LIMIT };

/* The bucket of its class, then that of all frames. */
static unsigned int limits(struct worker *w, const struct vsw_port *port, const struct pkt *p,
			   bool flooded, bool tagged)
{
	enum vsw_limit class = police_class(p);

	if (class == VSW_LIMIT_ALL && flooded)
		class = VSW_LIMIT_UNKNOWN;
	if (class != VSW_LIMIT_ALL && police_refuses(w, &port->limit_out[class], p, tagged))
		return VSW_EGRESS_DROP_LIMIT + class;
	if (police_refuses(w, &port->limit_out[VSW_LIMIT_ALL], p, tagged))
		return VSW_EGRESS_DROP_LIMIT + VSW_LIMIT_ALL;
	return VSW_EGRESS_SENT;
}

static inline bool is_for_others(const struct vsw_port *port, const struct pkt *p)
{
	const struct eth_hdr *eth = pkt_eth(p);

	return port->watch_out & VSW_OWN_ONLY && !eth_addr_is_group(&eth->dst) &&
	       !vsw_macs_have(&port->own, eth_dst(eth));
}

static unsigned int egress_one(struct worker *w, const struct vsw_port *port, const struct pkt *p,
			       bool flooded, bool tagged)
{
	if (is_for_others(port, p))
		return VSW_EGRESS_DROP_NOT_OWN;
	if (port->watch_out & VSW_LIMITS_OUT)
		return limits(w, port, p, flooded, tagged);
	return VSW_EGRESS_SENT;
}

static inline void leave(const struct node_turn *t, const struct vsw_port *port,
			 const struct vsw_member *m, const struct pkt *p, unsigned int edge)
{
	be32_t tag = m->tpid ? vsw_tag(m->tpid, p) : be32_of(0);

	if (edge != VSW_EGRESS_SENT) {
		node_refuse(t, edge, m->port, p);
		return;
	}
	tx_put(t->worker, m->port, p, tag);
	if (port->watch_out & VSW_MIRRORED)
		vsw_mirror_to(t->worker, port->sw, port->mirror_out, m->port, CAPTURE_OUT, p, tag);
}

static void send_one(const struct node_turn *t, const struct vsw_member *m, const struct pkt *p,
		     bool flooded)
{
	const struct vsw_port *port = ((const struct vsw_view *)t->state)->port[m->port];

	leave(t, port, m, p, egress_one(t->worker, port, p, flooded, m->tpid != 0));
}

/* A frame for one port goes to those that listen as well, each by its own rules. */
static void overhear(const struct node_turn *t, const struct vsw_switch *sw, port_id_t to,
		     const struct pkt *p)
{
	const struct vsw_view *view = t->state;
	const struct vsw_port *in = vsw_in_port(view, p);

	for (unsigned int i = 0; i < sw->n_listeners; i++) {
		port_id_t id = sw->listener[i];
		const struct vsw_port *l = view->port[id];

		if (id == to || id == p->in_port || !l->up || !vlan_set_has(&l->member, p->vid) ||
		    (l->isolated && in->isolated))
			continue;
		send_one(t, &(struct vsw_member){ id, vsw_tpid_out(l, p->vid), true }, p, false);
	}
}

void vsw_send_watched(struct node_turn t, const struct vsw_member *m, const struct pkt *p)
{
	send_one(&t, m, p, true);
}

/* ---- frames for one port, whose station is known --------------------------------------------- */

static uint32_t own_of(const struct vsw_port *port, struct pkt *const *p, unsigned int n)
{
	uint32_t own = UINT32_MAX >> (32 - n);

	for (unsigned int i = 0; port->watch_out & VSW_OWN_ONLY && i < n; i++)
		own &= ~((uint32_t)is_for_others(port, p[i]) << i);
	return own;
}

/* Of WANT, those that the port's bucket has room for. Known unicast has no other one. */
static uint32_t limit_of(struct worker *w, const struct vsw_port *port, struct pkt *const *p,
			 uint32_t want)
{
	const struct meter *m = &port->limit_out[VSW_LIMIT_ALL];
	uint32_t cost[BURST_MAX];
	uint64_t total = 0;

	if (!m->spent || !want)
		return want;
	for (uint32_t left = want; left; left &= left - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(left);

		cost[i] = police_cost(m, p[i], vsw_tpid_out(port, p[i]->vid) != 0);
		total += cost[i];
	}
	return police_take(w, m, cost, want, total);
}

struct pkt *const *vsw_send_row(struct node_turn t, struct pkt *const *p, struct pkt *const *end)
{
	const struct vsw_port *port = ((const struct vsw_view *)t.state)->port[(*p)->out_port];
	uint32_t own, pass;
	unsigned int n = 1;

	while (p + n < end && p[n]->out_port == (*p)->out_port)
		n++;
	own = own_of(port, p, n);
	pass = limit_of(t.worker, port, p, own);
	for (unsigned int i = 0; i < n; i++) {
		struct vsw_member to = { port->number, vsw_tpid_out(port, p[i]->vid), true };
		unsigned int edge = VSW_EGRESS_SENT;

		if (unlikely(!(pass >> i & 1)))
			edge = own >> i & 1 ? VSW_EGRESS_DROP_LIMIT + VSW_LIMIT_ALL
					    : VSW_EGRESS_DROP_NOT_OWN;
		leave(&t, port, &to, p[i], edge);
		if (port->watch_out & VSW_OVERHEARD)
			overhear(&t, port->sw, port->number, p[i]);
	}
	return p + n;
}

/* clang-format off */
NODE(vsw_egress_node) = {
	.name = "vsw-egress",
	.edge = {
		[VSW_EGRESS_SENT] = DONE,
		[VSW_EGRESS_DROP_NOT_OWN] = DROP_BY("not for an address of the egress port",
			"port", "receive"),
		[VSW_EGRESS_DROP_LIMIT + VSW_LIMIT_ALL] = DROP_BY("over the port's limit_out",
			"port", "limit_out"),
		[VSW_EGRESS_DROP_LIMIT + VSW_LIMIT_BROADCAST] =
			DROP_BY("over the port's broadcast_out", "port", "broadcast_out"),
		[VSW_EGRESS_DROP_LIMIT + VSW_LIMIT_MULTICAST] =
			DROP_BY("over the port's multicast_out", "port", "multicast_out"),
		[VSW_EGRESS_DROP_LIMIT + VSW_LIMIT_UNKNOWN] =
			DROP_BY("over the port's unknown_out", "port", "unknown_out"),
	},
};
/* clang-format on */
