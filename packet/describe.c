/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/describe.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "packet/parse.h"

struct telling {
	const uint8_t *head;
	size_t head_len;
	struct frame_summary *out;
};

static void add(struct telling *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add(struct telling *t, const char *fmt, ...)
{
	size_t len = strlen(t->out->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->out->text + len, sizeof(t->out->text) - len, fmt, ap);
	va_end(ap);
}

static void name(struct telling *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void name(struct telling *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->out->protocol, sizeof(t->out->protocol), fmt, ap);
	va_end(ap);
}

static bool has(const struct telling *t, size_t off, size_t n)
{
	return off + n <= t->head_len;
}

static uint16_t word(const struct telling *t, size_t off)
{
	return (uint16_t)(t->head[off] << 8 | t->head[off + 1]);
}

/* ---- IP ------------------------------------------------------------------------------------- */

static void add_address(struct telling *t, int family, size_t off, int port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, t->head + off, text, sizeof(text));
	if (port < 0)
		add(t, "%s", text);
	else
		add(t, family == AF_INET ? "%s:%d" : "[%s]:%d", text, port);
}

static void add_addresses(struct telling *t, int family, size_t l3, size_t ports)
{
	size_t src = family == AF_INET ? l3 + 12 : l3 + 8, n = family == AF_INET ? 4 : 16;

	add(t, " ");
	add_address(t, family, src, ports ? word(t, ports) : -1);
	add(t, " > ");
	add_address(t, family, src + n, ports ? word(t, ports + 2) : -1);
}

static void add_flags(struct telling *t, uint8_t flags)
{
	static const char *const flag[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG" };

	for (unsigned int i = 0; i < ARRAY_LEN(flag); i++) {
		if (flags >> i & 1)
			add(t, " %s", flag[i]);
	}
}

static const char *icmp_name(uint8_t proto, uint8_t type)
{
	switch (proto << 8 | type) {
	case IP_ICMP << 8 | 0:
	case IP_ICMP6 << 8 | 129:
		return " echo reply";
	case IP_ICMP << 8 | 8:
	case IP_ICMP6 << 8 | 128:
		return " echo request";
	case IP_ICMP << 8 | 3:
	case IP_ICMP6 << 8 | 1:
		return " unreachable";
	case IP_ICMP6 << 8 | 135:
		return " neighbour solicitation";
	case IP_ICMP6 << 8 | 136:
		return " neighbour advertisement";
	default:
		return "";
	}
}

static void tell_ip(struct telling *t, const struct frame_layout *l)
{
	int family = l->type == ETH_TYPE_IPV4 ? AF_INET : AF_INET6;
	const char *ip = family == AF_INET ? "IPv4" : "IPv6";
	bool first = !l->fragment;

	if (l->proto == IP_TCP || l->proto == IP_UDP) {
		bool tcp = l->proto == IP_TCP;

		name(t, "%s", tcp ? "tcp" : "udp");
		add(t, "%s", tcp ? "TCP" : "UDP");
		add_addresses(t, family, l->l3, first && has(t, l->l4, 4) ? l->l4 : 0);
		if (tcp && first && has(t, l->l4, TCP_HDR_LEN))
			add_flags(t, t->head[l->l4 + 13]);
	} else if (l->proto == (family == AF_INET ? IP_ICMP : IP_ICMP6)) {
		name(t, "%s", family == AF_INET ? "icmp" : "icmp6");
		add(t, "%s", family == AF_INET ? "ICMP" : "ICMPv6");
		if (first && has(t, l->l4, 1))
			add(t, "%s", icmp_name(l->proto, t->head[l->l4]));
		add_addresses(t, family, l->l3, 0);
	} else {
		name(t, "%s %u", family == AF_INET ? "ip" : "ip6", l->proto);
		add(t, "%s protocol %u", ip, l->proto);
		add_addresses(t, family, l->l3, 0);
	}
	if (l->fragment)
		add(t, " (fragment)");
}

/* ---- all others ----------------------------------------------------------------------------- */

static void tell_arp(struct telling *t, size_t at)
{
	name(t, "arp");
	add(t, "ARP");
	if (!has(t, at, 28) || word(t, at) != 1 || word(t, at + 2) != ETH_TYPE_IPV4)
		return;
	if (word(t, at + 6) == 1) {
		add(t, " who has ");
		add_address(t, AF_INET, at + 24, -1);
		add(t, ", tell ");
		add_address(t, AF_INET, at + 14, -1);
	} else if (word(t, at + 6) == 2) {
		add(t, " ");
		add_address(t, AF_INET, at + 14, -1);
		add(t, " is at " ETH_ADDR_FMT,
		    ETH_ADDR_ARG(*(const struct eth_addr *)(t->head + at + 8)));
	}
}

static void tell_payload(struct telling *t)
{
	struct frame_layout l;

	if (frame_layout(t->head, t->head_len, &l) < 0) {
		name(t, "malformed");
		add(t, "malformed");
	} else if (l.l4) {
		tell_ip(t, &l);
	} else if (l.type == ETH_TYPE_ARP) {
		tell_arp(t, l.l3);
	} else {
		name(t, "ether 0x%04x", l.type);
		add(t, "EtherType 0x%04x", l.type);
	}
}

/* Tags in front of the payload, outer one first; as many as a head can hold. */
static void tell_tags(struct telling *t)
{
	for (size_t at = 12; has(t, at, VLAN_TAG_LEN + 2); at += VLAN_TAG_LEN) {
		uint16_t tpid = word(t, at), tci = word(t, at + 2);

		if (tpid != ETH_TYPE_CTAG && tpid != ETH_TYPE_STAG)
			return;
		if (at == 12) {
			t->out->tpid = tpid;
			t->out->tci = tci;
		}
		add(t, "%s %u", tpid == ETH_TYPE_STAG ? "S-VLAN" : "VLAN", tci_vid(tci));
		if (tci >> 13)
			add(t, " priority %u", tci >> 13);
		add(t, ", ");
	}
}

void frame_describe(const uint8_t *head, size_t head_len, uint32_t len, struct frame_summary *out)
{
	struct telling t = { head, head_len, out };

	*out = (struct frame_summary){ 0 };
	if (head_len < ETH_HDR_LEN) {
		name(&t, "malformed");
		add(&t, "%u octets, too few for a frame", len);
		return;
	}
	memcpy(&out->dst, head, sizeof(out->dst));
	memcpy(&out->src, head + sizeof(out->dst), sizeof(out->src));
	add(&t, ETH_ADDR_FMT " > " ETH_ADDR_FMT ", ", ETH_ADDR_ARG(out->src),
	    ETH_ADDR_ARG(out->dst));
	tell_tags(&t);
	tell_payload(&t);
	add(&t, ", %u octets", len);
}
