/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-policy: who may speak at a port, and as whom.
 *
 * In: frames of ports with guards, classified. Those of ports with VSW_POLICY are held against
 * what the port says: source addresses, messages that only servers and routers send, ARP. Out: on,
 * or a drop.
 */
#include "dataplane/node.h"
#include "vswitch/policy/policy_parse.h"
#include "vswitch/vlan_tally.h"
#include "vswitch/vsw_node.h"

enum vsw_policy_edge {
	VSW_POLICY_OK,
	VSW_POLICY_DROP_NOT_LISTED,
	VSW_POLICY_DROP_FORGED,
	VSW_POLICY_DROP_DHCP,
	VSW_POLICY_DROP_ROUTER,
	VSW_POLICY_DROP_HIDDEN,
	VSW_POLICY_DROP_BAD_ARP,
	VSW_POLICY_DROP_ARP_MAC,
	VSW_POLICY_DROP_ARP_IP,
};

static enum vsw_policy_edge guard(const struct pkt *p)
{
	switch (policy_sent_by(p)) {
	case POLICY_BY_DHCP_SERVER:
		return VSW_POLICY_DROP_DHCP;
	case POLICY_BY_ROUTER:
		return VSW_POLICY_DROP_ROUTER;
	case POLICY_HIDDEN:
		return VSW_POLICY_DROP_HIDDEN;
	case POLICY_BY_ANYONE:
		break;
	}
	return VSW_POLICY_OK;
}

static bool is_bound(const struct vsw_port *port, const struct policy_arp *arp)
{
	const struct vsw_policy *policy = &port->policy;

	for (unsigned int i = 0; i < policy->n_addresses; i++) {
		if (policy->address[i] == arp->ip)
			return true;
	}
	return port->live &&
	       bindings_have(&port->live->bindings, &(struct binding){ arp->mac, arp->ip });
}

static enum vsw_policy_edge inspect(const struct vsw_port *port, const struct pkt *p)
{
	struct policy_arp arp;

	switch (policy_arp(p, &arp)) {
	case POLICY_NO_ARP:
		return VSW_POLICY_OK;
	case POLICY_BAD_ARP:
		return VSW_POLICY_DROP_BAD_ARP;
	case POLICY_ARP:
		break;
	}
	if (arp.mac != eth_src(pkt_eth(p)))
		return VSW_POLICY_DROP_ARP_MAC;
	/* RFC 5227 2.1.1: who asks if an address is free says nothing of himself yet. */
	return !arp.ip || is_bound(port, &arp) ? VSW_POLICY_OK : VSW_POLICY_DROP_ARP_IP;
}

static inline unsigned int policy_one(struct node_turn *t, struct pkt *p)
{
	const struct vsw_port *port = vsw_in_port(t->state, p);
	const struct vsw_policy *policy = &port->policy;
	unsigned int edge = VSW_POLICY_OK;

	if (!(port->guards & VSW_POLICY))
		return VSW_POLICY_OK;
	if (policy->sources && unlikely(!vsw_macs_have(&port->own, eth_src(pkt_eth(p)))))
		return policy->listed ? VSW_POLICY_DROP_NOT_LISTED : VSW_POLICY_DROP_FORGED;
	if (policy->dhcp_guard)
		edge = guard(p);
	if (policy->arp_inspect && likely(edge == VSW_POLICY_OK))
		edge = inspect(port, p);
	return edge;
}

static void vsw_policy(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, policy_one);
}

/* clang-format off */
NODE(vsw_policy_node) = {
	.name = "vsw-policy",
	.run = vsw_policy,
	.state = VSW_VIEW,
	.dropped = vlan_dropped,
	.arc = "vsw-ingress",
	.edge = {
		[VSW_POLICY_OK] = NEXT_ON_ARC,
		[VSW_POLICY_DROP_NOT_LISTED] = DROP_BY("source is none of the port's macs",
			"port", "macs"),
		[VSW_POLICY_DROP_FORGED] = DROP_BY("source is forged: not the device's address",
			"port", "forged"),
		[VSW_POLICY_DROP_DHCP] = DROP_BY("DHCP server's message from a guarded port",
			"port", "dhcp_guard"),
		[VSW_POLICY_DROP_ROUTER] = DROP_BY("router advertisement from a guarded port",
			"port", "dhcp_guard"),
		[VSW_POLICY_DROP_HIDDEN] = DROP_BY("headers cannot be read far enough for the guard",
			"port", "dhcp_guard"),
		[VSW_POLICY_DROP_BAD_ARP] = DROP_BY("ARP makes no sense", "port", "arp_inspect"),
		[VSW_POLICY_DROP_ARP_MAC] = DROP_BY("ARP sender is not the frame's source",
			"port", "arp_inspect"),
		[VSW_POLICY_DROP_ARP_IP] = DROP_BY("ARP sender's address is not bound to the port",
			"port", "arp_inspect addresses"),
	},
};
/* clang-format on */
