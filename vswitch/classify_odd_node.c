/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-classify, its rare half: ports of customers, priorities that are changed, ports that are not
 * up or in no switch. No station of its own.
 */
#include "vswitch/classify_priv.h"
#include "vswitch/loops/probe.h"

/*
 * At a customer's port (802.1Q-2018 15.3: a port-based service interface) the C-tag is payload. A
 * frame without S-tag would have the port's default priority (6.7); here we differ: it has the
 * C-tag's, PCP and DEI, so that the provider sees what the customer marked.
 */
static enum vsw_classify_edge customer(const struct vsw_port *port, struct pkt *p)
{
	uint16_t tci = 0;

	if (be16_get(pkt_eth(p)->type) == ETH_TYPE_CTAG &&
	    p->head_len >= ETH_HDR_LEN + VLAN_TAG_LEN)
		tci = (uint16_t)(p->data[14] << 8 | p->data[15]);
	if (port->some_customers && !vlan_set_has(&port->customers, tci_vid(tci)))
		return VSW_CLASSIFY_DROP_CUSTOMER;
	if (!pkt_came_tagged(p))
		p->tci = (tci & TCI_PRIORITY) | TCI_NONE;
	return VSW_CLASSIFY_OK;
}

/* 6.9.4: the priority is regenerated; DEI stays. One that came without tag has priority 0. */
static void mark(const struct vsw_port *port, struct pkt *p)
{
	p->tci = (uint16_t)((p->tci & 0x1fff) | port->pcp[p->tci >> 13] << 13);
}

enum vsw_classify_edge classify_odd(const struct vsw_port *port, struct pkt *p, uint64_t src,
				    uint64_t dst)
{
	enum vsw_classify_edge edge;

	p->came = p->tci;
	edge = port->tunnel ? customer(port, p) : VSW_CLASSIFY_OK;
	if (edge != VSW_CLASSIFY_OK)
		return edge;
	if (port->marks)
		mark(port, p);
	classify_fetch(port->fdb, p, port->sw->fid[p->vid], src, dst);
	return port->guards ? VSW_CLASSIFY_GUARDED : VSW_CLASSIFY_OK;
}

enum vsw_classify_edge classify_not_up(struct worker *w, const struct vsw_port *port, struct pkt *p)
{
	enum eth_class class = pkt_classify(p);

	if (!port->sw) {
		if (class != ETH_UNICAST)
			port_count_groups(w, p->in_port, class, 1, p->len);
		return VSW_CLASSIFY_NO_SWITCH;
	}
	if (port->shut == VSW_SHUT_MIRROR)
		return VSW_CLASSIFY_DROP_MIRROR;
	/* A probe comes in all the same: as long as it does, there is a loop. */
	if (port->shut == VSW_SHUT_LOOP) {
		uint32_t len = p->len;

		if (!probe_is_source(eth_src(pkt_eth(p))) || vlan_of(port, p) != VSW_CLASSIFY_OK)
			return VSW_CLASSIFY_DROP_LOOP;
		if (class != ETH_UNICAST)
			port_count_groups(w, p->in_port, class, 1, len);
		return VSW_CLASSIFY_PROBE;
	}
	return port->shut ? VSW_CLASSIFY_DROP_SHUT : VSW_CLASSIFY_DROP_DOWN;
}
