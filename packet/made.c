/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/made.h"

#include "packet/csum.h"
#include "packet/parse.h"

#define FRAME_MIN 60u /* without its check sequence (802.3-2018 4A.4.2) */
#define FROM_PORT 49152 /* the first that anybody may use (RFC 6335 6) */
#define HOPS      64
#define PING_DATA 56u /* as ping sends */

/* What has been written so far. */
struct making {
	const struct made_frame *what;
	uint8_t *out;
	uint32_t n;
};

static uint8_t *add(struct making *m, uint32_t n)
{
	uint8_t *at = m->out + m->n;

	m->n += n;
	assert(m->n <= PKT_HEAD);
	return at;
}

static void put_16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put_sum(uint8_t *at, be16_t sum)
{
	memcpy(at, &sum, sizeof(sum));
}

static void add_ethernet(struct making *m, const struct eth_addr *dst, uint16_t type)
{
	memcpy(add(m, 6), dst, 6);
	memcpy(add(m, 6), &m->what->src, 6);
	if (m->what->tpid) {
		put_16(add(m, 2), m->what->tpid);
		put_16(add(m, 2), m->what->vid);
	}
	put_16(add(m, 2), type);
}

/* ---- address resolution --------------------------------------------------------------------- */

static void add_arp(struct making *m)
{
	static const struct eth_addr all = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	static const uint8_t request[8] = { 0, 1, 0x08, 0, 6, 4, 0, 1 }; /* RFC 826 */

	add_ethernet(m, &all, ETH_TYPE_ARP);
	memcpy(add(m, 8), request, 8);
	memcpy(add(m, 6), &m->what->src, 6);
	memcpy(add(m, 4), m->what->src_ip, 4);
	add(m, 6);
	memcpy(add(m, 4), m->what->dst_ip, 4);
}

static void add_ip6(struct making *m, const struct eth_addr *dst, const uint8_t *dst_ip,
		    uint8_t proto, uint16_t len, uint8_t hops)
{
	uint8_t *ip;

	add_ethernet(m, dst, ETH_TYPE_IPV6);
	ip = add(m, IPV6_HDR_LEN);
	ip[0] = 0x60;
	put_16(ip + 4, len);
	ip[6] = proto;
	ip[7] = hops;
	memcpy(ip + 8, m->what->src_ip, 16);
	memcpy(ip + 24, dst_ip, 16);
}

/* RFC 4861 4.3, to the solicited-node address of what is looked for (RFC 4291 2.7.1). */
static void add_solicitation(struct making *m)
{
	const uint8_t *want = m->what->dst_ip;
	uint8_t to[16] = { 0xff, 0x02, [11] = 1, 0xff, want[13], want[14], want[15] };
	struct eth_addr dst = { { 0x33, 0x33, 0xff, want[13], want[14], want[15] } };
	uint16_t len = 32;
	uint8_t *icmp;

	add_ip6(m, &dst, to, IP_ICMP6, len, 255);
	icmp = add(m, len);
	icmp[0] = 135;
	memcpy(icmp + 8, want, 16);
	icmp[24] = 1; /* source link-layer address, in units of eight octets: one */
	icmp[25] = 1;
	memcpy(icmp + 26, &m->what->src, 6);
	put_sum(icmp + 2, csum_finish(csum_add(csum_pseudo_6(m->what->src_ip, to, IP_ICMP6, len),
					       icmp, len)));
}

/* ---- IP ------------------------------------------------------------------------------------- */

static uint64_t add_ip4(struct making *m, uint8_t proto, uint16_t len)
{
	be32_t src, dst;
	uint8_t *ip;

	add_ethernet(m, &m->what->dst, ETH_TYPE_IPV4);
	ip = add(m, IPV4_HDR_LEN);
	ip[0] = 0x45;
	put_16(ip + 2, (uint16_t)(IPV4_HDR_LEN + len));
	ip[6] = 0x40; /* DF */
	ip[8] = HOPS;
	ip[9] = proto;
	memcpy(ip + 12, m->what->src_ip, 4);
	memcpy(ip + 16, m->what->dst_ip, 4);
	put_sum(ip + 10, csum_finish(csum_add(0, ip, IPV4_HDR_LEN)));
	memcpy(&src, ip + 12, sizeof(src));
	memcpy(&dst, ip + 16, sizeof(dst));
	return csum_pseudo_4(src, dst, proto, len);
}

/* The IP header in front of LEN octets; returns the sum of its pseudo-header. */
static uint64_t add_ip(struct making *m, uint8_t proto, uint16_t len)
{
	if (!m->what->ip6)
		return add_ip4(m, proto, len);
	add_ip6(m, &m->what->dst, m->what->dst_ip, proto, len, HOPS);
	return csum_pseudo_6(m->what->src_ip, m->what->dst_ip, proto, len);
}

static void add_ping(struct making *m)
{
	uint16_t len = 8 + PING_DATA;
	uint64_t sum = add_ip(m, m->what->ip6 ? IP_ICMP6 : IP_ICMP, len);
	uint8_t *icmp = add(m, len);

	icmp[0] = m->what->ip6 ? 128 : 8;
	icmp[7] = 1;
	for (uint8_t i = 0; i < PING_DATA; i++)
		icmp[8 + i] = i;
	/* Only ICMPv6 has a pseudo-header (RFC 4443 2.3). */
	put_sum(icmp + 2, csum_finish(csum_add(m->what->ip6 ? sum : 0, icmp, len)));
}

static void add_tcp(struct making *m)
{
	uint64_t sum = add_ip(m, IP_TCP, TCP_HDR_LEN);
	uint8_t *tcp = add(m, TCP_HDR_LEN);

	put_16(tcp, FROM_PORT);
	put_16(tcp + 2, m->what->port);
	tcp[7] = 1;
	tcp[12] = TCP_HDR_LEN / 4 << 4;
	tcp[13] = 0x02; /* SYN */
	put_16(tcp + 14, 64240);
	put_sum(tcp + 16, csum_finish(csum_add(sum, tcp, TCP_HDR_LEN)));
}

static void add_udp(struct making *m)
{
	uint64_t sum = add_ip(m, IP_UDP, UDP_HDR_LEN);
	uint8_t *udp = add(m, UDP_HDR_LEN);

	put_16(udp, FROM_PORT);
	put_16(udp + 2, m->what->port);
	put_16(udp + 4, UDP_HDR_LEN);
	put_sum(udp + 6, csum_finish_nonzero(csum_add(sum, udp, UDP_HDR_LEN)));
}

uint32_t frame_make(const struct made_frame *what, uint8_t out[PKT_HEAD])
{
	struct making m = { what, out, 0 };

	memset(out, 0, PKT_HEAD);
	switch (what->kind) {
	case MADE_ICMP:
		add_ping(&m);
		break;
	case MADE_TCP:
		add_tcp(&m);
		break;
	case MADE_UDP:
		add_udp(&m);
		break;
	case MADE_ARP:
		if (what->ip6)
			add_solicitation(&m);
		else
			add_arp(&m);
		break;
	}
	return MAX(m.n, FRAME_MIN);
}
