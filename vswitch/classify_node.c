/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-classify: which VLAN is this frame in, and may it come in at all?
 * (IEEE 802.1Q-2018 6.9 and 8.6.1 to 8.6.3)
 *
 * In: frames from a port, tag in the head. Out, with vid, fid and tci set, the outer tag
 * gone from the head, and the table's slots for both addresses on their way into the cache: to
 * vsw-learn, or, from a port that wants more looked at, the arc "vsw-ingress"; or a drop. What
 * comes from a port in no switch goes to the station wire as it is.
 */
#include "dataplane/node.h"
#include "vswitch/classify_priv.h"
#include "vswitch/train_priv.h"
#include "vswitch/vlan_tally.h"

/* A frame that its receiver cuts is as long as its pieces; offload_check() has set hdr_len. */
static inline bool too_long(const struct vsw_port *port, const struct pkt *p)
{
	return p->vnet.gso_type == VIRTIO_NET_HDR_GSO_NONE ||
	       p->vnet.hdr_len + p->vnet.gso_size > port->len_max;
}

/* What one frame leaves for the next. */
struct memo {
	struct train train;
	/* The last that was let in; a set of VLANs is not asked twice in a row. */
	const struct vsw_port *port;
	uint64_t key; /* vlan_run_key() */
	uint64_t mixed; /* not all of the burst are like that */
};
static_assert(sizeof(struct memo) <= sizeof(((struct node_turn *)0)->memo), "it is kept there");

/* USUAL is the edge of what is let in: by the arc all may go, vsw-learn is the last on it. */
static inline __attribute__((always_inline)) enum vsw_classify_edge classify_frame(
	struct node_turn *t, struct pkt *p, enum vsw_classify_edge usual)
{
	struct memo *memo = (struct memo *)t->memo;
	const struct vsw_port *port;
	enum vsw_classify_edge edge;
	uint64_t front, back, dst, src, key;

	memcpy(&front, p->data, sizeof(front));
	memcpy(&back, p->data + sizeof(front), sizeof(back));
	if (joins(&memo->train, front, back, p)) {
		follow(memo->train.pkt, p);
		if (usual == VSW_CLASSIFY_GUARDED)
			p->came = p->tci;
		return usual;
	}
	port = vsw_in_port(t->state, p);
	/* Loaded before the tag goes: afterwards the load would wait for the addresses' move. */
	dst = eth_dst(pkt_eth(p));
	src = eth_src(pkt_eth(p));
	p->tci_class = le32toh(TCI_NONE); /* no tag yet; class: PKT_UNICAST */
	if (unlikely(!port->up))
		return classify_not_up(t->worker, port, p);
	if (unlikely(eth_addr_is_reserved(&pkt_eth(p)->dst)) &&
	    !(port->passes >> (pkt_eth(p)->dst.b[5] & 15) & 1)) /* 8.6.3 */
		return VSW_CLASSIFY_DROP_RESERVED;
	if (unlikely(eth_addr_is_group(&pkt_eth(p)->src)))
		return VSW_CLASSIFY_DROP_GROUP_SOURCE;
	edge = vlan_of(port, p);
	if (unlikely(edge != VSW_CLASSIFY_OK))
		return edge;
	key = vlan_run_key(p, dst);
	if (unlikely(memo->port != port || memo->key != key)) {
		if (unlikely(!vlan_set_has(&port->ingress, p->vid))) /* 8.6.2 */
			return vlan_set_has(&port->blocked, p->vid) ? VSW_CLASSIFY_DROP_RING
								    : VSW_CLASSIFY_DROP_NOT_MEMBER;
		memo->mixed |= memo->port != NULL;
		memo->port = port;
		memo->key = key;
	}
	if (unlikely(p->len > port->len_max) && too_long(port, p))
		return VSW_CLASSIFY_DROP_TOO_LONG;
	if (unlikely(usual == VSW_CLASSIFY_OK ? port->odd_in : port->odd_vlan))
		return classify_odd(port, p, src, dst);
	if (usual == VSW_CLASSIFY_GUARDED)
		p->came = p->tci;
	classify_fetch(port->fdb, p, p->vid, src, dst);
	memo->train = (struct train){ front, back, p, port->len_max, p->in_port };
	return usual;
}

static inline __attribute__((always_inline)) unsigned int classify_one(struct node_turn *t,
								       struct pkt *p,
								       enum vsw_classify_edge usual)
{
	enum vsw_classify_edge edge = classify_frame(t, p, usual);

	if (unlikely(edge > VSW_CLASSIFY_GUARDED)) {
		((struct memo *)t->memo)->mixed = true;
		p->fid = 0; /* it was not let in */
	}
	return edge;
}

/* Mostly a burst is all of one kind, and then counted at once. */
static inline void classified(const struct node_turn *t, const struct burst *in)
{
	const struct memo *memo = (const struct memo *)t->memo;

	if (likely(!memo->mixed))
		vlan_count_run(t->worker, memo->port, memo->key, in);
	else
		vlan_count_each(t, in);
}

static inline unsigned int classify_plain(struct node_turn *t, struct pkt *p)
{
	return classify_one(t, p, VSW_CLASSIFY_OK);
}

static inline unsigned int classify_guarded(struct node_turn *t, struct pkt *p)
{
	return classify_one(t, p, VSW_CLASSIFY_GUARDED);
}

/* A burst is mostly from one port. */
static void vsw_classify(struct node_ctx *ctx, const struct burst *in)
{
	if (unlikely(vsw_in_port(node_state(ctx), in->pkt[0])->guards))
		node_each_done(ctx, in, classify_guarded, classified, VSW_CLASSIFY_GUARDED);
	else
		node_each_done(ctx, in, classify_plain, classified, VSW_CLASSIFY_OK);
}

/* clang-format off */
NODE(vsw_classify_node) = {
	.name = "vsw-classify",
	.run = vsw_classify,
	.state = VSW_VIEW,
	.arc = "port-input",
	.classifies = true,
	.edge = {
		[VSW_CLASSIFY_OK]		 = TO("vsw-learn"),
		[VSW_CLASSIFY_GUARDED]		 = ARC("vsw-ingress"),
		[VSW_CLASSIFY_NO_SWITCH]	 = TO("wire"),
		[VSW_CLASSIFY_PROBE]		 = TO("vsw-probe"),
		[VSW_CLASSIFY_DROP_DOWN]	 = DROP_BY("ingress port is down", "port", "up"),
		[VSW_CLASSIFY_DROP_SHUT]	 = DROP_BY("ingress port is shut", "port", NULL),
		[VSW_CLASSIFY_DROP_LOOP]	 = DROP_BY("ingress port is blocked: it is part of a ring",
			"port", NULL),
		[VSW_CLASSIFY_DROP_MIRROR]	 = DROP_BY("ingress port is there for a mirror's copies",
			"mirror", "to"),
		[VSW_CLASSIFY_DROP_RESERVED]	 = DROP_BY("reserved address stays on its link",
			"switch", NULL),
		[VSW_CLASSIFY_DROP_GROUP_SOURCE] = DROP("source is a group address"),
		[VSW_CLASSIFY_DROP_SHORT_TAG]	 = DROP("runt: tag is cut off"),
		[VSW_CLASSIFY_DROP_VID_RESERVED] = DROP("VID 4095 is reserved"),
		[VSW_CLASSIFY_DROP_TAGGED]	 = DROP_BY("tagged frame on an access port",
			"port", "access"),
		[VSW_CLASSIFY_DROP_S_TAGGED]	 = DROP_BY("tagged frame of a provider on a tunnel port",
			"port", "tunnel"),
		[VSW_CLASSIFY_DROP_CUSTOMER]	 = DROP_BY("not a VLAN that the customer may use",
			"port", "customer_vlans"),
		[VSW_CLASSIFY_DROP_UNTAGGED]	 = DROP_BY("untagged frame on a trunk without native VLAN",
			"port", "trunk native"),
		[VSW_CLASSIFY_DROP_NOT_MEMBER]	 = DROP_BY("ingress port is not in the VLAN",
			"port", "access trunk native tunnel"),
		[VSW_CLASSIFY_DROP_RING]	 = DROP_BY("link closes a ring", "link", NULL),
		[VSW_CLASSIFY_DROP_TOO_LONG]	 = DROP_BY("longer than the switch's MTU",
			"switch", "mtu"),
	},
};
/* clang-format on */
