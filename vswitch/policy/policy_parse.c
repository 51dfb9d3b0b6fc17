/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why fragments cannot hide a server: a receiver needs the one with offset 0, which has the UDP or
 * ICMPv6 header (RFC 791: pieces are multiples of 8 octets), and that one is looked at. Its header
 * chain must be whole (RFC 7113 section 3, RFC 7112); a frame in which it is not goes nowhere.
 */
#include "vswitch/policy/policy_parse.h"

#include "packet/parse.h"

enum { DHCP4_SERVER = 67, DHCP4_CLIENT = 68, DHCP6_CLIENT = 546, DHCP6_SERVER = 547 };
#define ETH_LENGTH_MAX 1500 /* 802.3 3.2.6: up to here it is a length and no type */
enum { BOOTREPLY = 2, ROUTER_ADVERTISEMENT = 134 };

static uint16_t get_16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* RFC 8415 7.3: what a server sends, to clients or through a relay. */
static bool is_dhcp6_reply(uint8_t type)
{
	switch (type) {
	case 2: /* ADVERTISE */
	case 7: /* REPLY */
	case 10: /* RECONFIGURE */
	case 13: /* RELAY-REPL */
		return true;
	default:
		return false;
	}
}

/*
 * To a client it is from a server, whatever port it says it is from; to a server or relay only if
 * it is a reply.
 */
static enum policy_sent_by sent_by_udp(const struct pkt *p, const struct frame_layout *l)
{
	uint16_t to;
	uint8_t first;

	if (p->head_len < l->l4 + UDP_HDR_LEN)
		return POLICY_HIDDEN;
	to = get_16(p->data + l->l4 + 2);
	if (to == (l->type == ETH_TYPE_IPV4 ? DHCP4_CLIENT : DHCP6_CLIENT))
		return POLICY_BY_DHCP_SERVER;
	if (to != (l->type == ETH_TYPE_IPV4 ? DHCP4_SERVER : DHCP6_SERVER))
		return POLICY_BY_ANYONE;
	if (p->head_len == l->l4 + UDP_HDR_LEN)
		return POLICY_HIDDEN;
	first = p->data[l->l4 + UDP_HDR_LEN];
	if (l->type == ETH_TYPE_IPV4 ? first == BOOTREPLY : is_dhcp6_reply(first))
		return POLICY_BY_DHCP_SERVER;
	return POLICY_BY_ANYONE;
}

/* RFC 1042: some receivers take IP out of an LLC/SNAP header as well. */
static bool is_snap(const struct pkt *p, const struct frame_layout *l)
{
	static const uint8_t rfc1042[] = { 0xaa, 0xaa, 0x03, 0, 0, 0 };
	static const uint8_t bridged[] = { 0xaa, 0xaa, 0x03, 0, 0, 0xf8 }; /* 802.1H */
	const uint8_t *llc = p->data + l->l3;

	return l->type <= ETH_LENGTH_MAX && p->head_len >= l->l3 + sizeof(rfc1042) &&
	       (!memcmp(llc, rfc1042, sizeof(rfc1042)) || !memcmp(llc, bridged, sizeof(bridged)));
}

enum policy_sent_by policy_sent_by(const struct pkt *p)
{
	struct frame_layout l;

	if (frame_layout(p->data, p->head_len, &l) < 0 || is_snap(p, &l))
		return POLICY_HIDDEN;
	if (!l.l4 || l.frag_off)
		return POLICY_BY_ANYONE;
	if (l.proto == IP_UDP)
		return sent_by_udp(p, &l);
	if (l.proto != IP_ICMP6 || l.type != ETH_TYPE_IPV6)
		return POLICY_BY_ANYONE;
	if (p->head_len <= l.l4)
		return POLICY_HIDDEN;
	return p->data[l.l4] == ROUTER_ADVERTISEMENT ? POLICY_BY_ROUTER : POLICY_BY_ANYONE;
}

/* RFC 826: hardware type, protocol type, their lengths; operation, and then its sender. */
enum { ARP_LEN = 28, ARP_SENDER_MAC = 8, ARP_SENDER_IP = 14 };

enum policy_is_arp policy_arp(const struct pkt *p, struct policy_arp *out)
{
	static const uint8_t ethernet_ip4[] = { 0, 1, 8, 0, 6, 4 };
	struct frame_layout l;
	const uint8_t *arp;
	struct eth_hdr sender = { 0 };

	if (be16_get(pkt_eth(p)->type) == ETH_TYPE_IPV4 ||
	    frame_layout(p->data, p->head_len, &l) < 0) /* most frames; and what is no frame */
		return POLICY_NO_ARP;
	if (is_snap(p, &l))
		return POLICY_BAD_ARP;
	if (l.type != ETH_TYPE_ARP)
		return POLICY_NO_ARP;
	arp = p->data + l.l3;
	if (p->head_len < l.l3 + ARP_LEN || memcmp(arp, ethernet_ip4, sizeof(ethernet_ip4)) != 0)
		return POLICY_BAD_ARP;
	memcpy(&sender.src, arp + ARP_SENDER_MAC, sizeof(sender.src));
	out->mac = eth_src(&sender);
	out->ip = (uint32_t)get_16(arp + ARP_SENDER_IP) << 16 | get_16(arp + ARP_SENDER_IP + 2);
	return POLICY_ARP;
}
