/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/policy/policy_parse.h"

#include <stdlib.h>

#include "packet/parse.h"
#include "tests/rig/gso_frame.h"
#include "tests/test.h"

/* ---- frames, written octet by octet --------------------------------------------------------- */

struct frame {
	uint8_t b[256];
	uint32_t len;
};

static void put(struct frame *f, unsigned int n, const uint8_t *octets)
{
	memcpy(f->b + f->len, octets, n);
	f->len += n;
}

#define PUT(f, ...) \
	put(f, sizeof((const uint8_t[]){ __VA_ARGS__ }), (const uint8_t[]){ __VA_ARGS__ })

static struct frame ethernet(unsigned int tags)
{
	struct frame f = { .b = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1 }, .len = 12 };

	for (; tags; tags--)
		PUT(&f, 0x81, 0, 0, 0); /* priority-tagged, as often as somebody likes */
	return f;
}

enum { FIRST = 0x2000, LATER = 0x0001, WHOLE = 0 };

/* An IPv4 packet that ends with its header; OPTIONS in words. */
static struct frame ip4(unsigned int tags, unsigned int options, uint8_t proto, uint16_t fragment)
{
	struct frame f = ethernet(tags);

	PUT(&f, 8, 0, (uint8_t)(0x45 + options), 0, 0, 0, 0, 0, (uint8_t)(fragment >> 8),
	    (uint8_t)fragment, 64, proto, 0, 0, 10, 0, 0, 1, 255, 255, 255, 255);
	for (; options; options--)
		PUT(&f, 1, 1, 1, 1);
	return f;
}

static struct frame ip6(unsigned int tags, uint8_t next)
{
	struct frame f = ethernet(tags);

	PUT(&f, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, next, 255);
	f.len += 32; /* both addresses */
	return f;
}

static void udp(struct frame *f, uint16_t from, uint16_t to, uint8_t first)
{
	PUT(f, (uint8_t)(from >> 8), (uint8_t)from, (uint8_t)(to >> 8), (uint8_t)to, 0, 100, 0, 0,
	    first, 1, 6, 0);
	f->len += 60;
}

static enum policy_sent_by judge(const struct frame *f)
{
	static struct iovec seg[9];
	struct pkt p;

	rig_pkt(&p, f->b, f->len, 0, seg);
	return policy_sent_by(&p);
}

/* ---- what a server sends -------------------------------------------------------------------- */

static void servers_are_known_by_what_they_send(void **state)
{
	static const struct {
		const char *why;
		bool v6;
		uint16_t from, to;
		uint8_t first;
		enum policy_sent_by by;
	} row[] = {
		{ "OFFER", false, 67, 68, 2, POLICY_BY_DHCP_SERVER },
		{ "to a client, from another port", false, 1234, 68, 2, POLICY_BY_DHCP_SERVER },
		{ "to a client, as if it were a request", false, 67, 68, 1, POLICY_BY_DHCP_SERVER },
		{ "a reply to a relay", false, 67, 67, 2, POLICY_BY_DHCP_SERVER },
		{ "DISCOVER", false, 68, 67, 1, POLICY_BY_ANYONE },
		{ "a request by way of a relay", false, 67, 67, 1, POLICY_BY_ANYONE },
		{ "DNS", false, 5353, 53, 2, POLICY_BY_ANYONE },
		{ "a client's port as source", false, 68, 9, 2, POLICY_BY_ANYONE },
		{ "DHCPv6's port in IPv4", false, 547, 546, 2, POLICY_BY_ANYONE },
		{ "ADVERTISE", true, 547, 546, 2, POLICY_BY_DHCP_SERVER },
		{ "REPLY", true, 547, 546, 7, POLICY_BY_DHCP_SERVER },
		{ "RECONFIGURE", true, 547, 546, 10, POLICY_BY_DHCP_SERVER },
		{ "RELAY-REPL", true, 547, 547, 13, POLICY_BY_DHCP_SERVER },
		{ "ADVERTISE to a relay", true, 547, 547, 2, POLICY_BY_DHCP_SERVER },
		{ "SOLICIT", true, 546, 547, 1, POLICY_BY_ANYONE },
		{ "RELAY-FORW", true, 547, 547, 12, POLICY_BY_ANYONE },
		{ "DHCPv4's port in IPv6", true, 67, 68, 2, POLICY_BY_ANYONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		for (unsigned int tags = 0; tags < 3; tags++) {
			struct frame f =
				row[i].v6 ? ip6(tags, IP_UDP) : ip4(tags, tags * 5, IP_UDP, WHOLE);

			udp(&f, row[i].from, row[i].to, row[i].first);
			if (judge(&f) != row[i].by)
				fail_msg("%s, %u tags: %u", row[i].why, tags, judge(&f));
		}
	}
}

static void routers_are_known_by_their_advertisements(void **state)
{
	static const struct {
		const char *why;
		uint8_t type;
		enum policy_sent_by by;
	} row[] = {
		{ "router solicitation", 133, POLICY_BY_ANYONE },
		{ "router advertisement", 134, POLICY_BY_ROUTER },
		{ "neighbour solicitation", 135, POLICY_BY_ANYONE },
		{ "echo", 128, POLICY_BY_ANYONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct frame f = ip6(i % 3, IP_ICMP6), hidden = ip6(0, IP_DEST_OPTS);

		PUT(&f, row[i].type, 0, 0, 0);
		if (judge(&f) != row[i].by)
			fail_msg("%s", row[i].why);
		PUT(&hidden, IP_ICMP6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, row[i].type,
		    0);
		if (judge(&hidden) != row[i].by)
			fail_msg("%s behind options", row[i].why);
	}
	{
		struct frame f = ip4(0, 0, IP_ICMP6, WHOLE); /* no such thing */

		PUT(&f, 134, 0, 0, 0);
		assert_int_equal(judge(&f), POLICY_BY_ANYONE);
	}
}

/* ---- fragments ------------------------------------------------------------------------------ */

static void the_fragment_with_the_header_is_looked_at(void **state)
{
	struct frame first = ip4(0, 0, IP_UDP, FIRST), later = ip4(0, 0, IP_UDP, LATER);
	struct frame v6 = ip6(0, IP_FRAGMENT), v6_later = ip6(0, IP_FRAGMENT);
	struct frame ra = ip6(0, IP_FRAGMENT), odd = ip6(0, IP_FRAGMENT);

	(void)state;
	udp(&first, 67, 68, 2);
	assert_int_equal(judge(&first), POLICY_BY_DHCP_SERVER);
	udp(&later, 67, 68, 2); /* octets of something else, whatever they look like */
	assert_int_equal(judge(&later), POLICY_BY_ANYONE);
	PUT(&v6, IP_UDP, 0, 0, 1, 0, 0, 0, 7);
	udp(&v6, 547, 546, 2);
	assert_int_equal(judge(&v6), POLICY_BY_DHCP_SERVER);
	PUT(&v6_later, IP_UDP, 0, 0, 9, 0, 0, 0, 7);
	udp(&v6_later, 547, 546, 2);
	assert_int_equal(judge(&v6_later), POLICY_BY_ANYONE);
	PUT(&ra, IP_ICMP6, 0, 0, 1, 0, 0, 0, 7, 134, 0);
	assert_int_equal(judge(&ra), POLICY_BY_ROUTER);
	/* What follows in a later piece is no header, however long it says it is. */
	PUT(&odd, IP_DEST_OPTS, 0, 1, 1, 0, 0, 0, 7, IP_UDP, 255, 0, 0);
	assert_int_equal(judge(&odd), POLICY_BY_ANYONE);
}

/* ---- what cannot be read -------------------------------------------------------------------- */

static void what_cannot_be_read_is_not_let_through(void **state)
{
	struct frame cut = ip4(0, 0, IP_UDP, FIRST), short_udp = ip4(0, 0, IP_UDP, WHOLE);
	struct frame chain = ip6(0, IP_DEST_OPTS), no_type = ip6(0, IP_ICMP6);
	struct frame snap = ethernet(0), far = ethernet(0), cdp = ethernet(0), bpdu = ethernet(0);

	(void)state;
	PUT(&cut, 0, 67, 0, 67, 0, 100, 0, 0); /* to a relay; what it is comes in the next piece */
	assert_int_equal(judge(&cut), POLICY_HIDDEN);
	PUT(&short_udp, 0, 67, 0, 68);
	assert_int_equal(judge(&short_udp), POLICY_HIDDEN);
	PUT(&chain, IP_UDP, 200, 0, 0);
	assert_int_equal(judge(&chain), POLICY_HIDDEN);
	assert_int_equal(judge(&no_type), POLICY_HIDDEN);
	PUT(&snap, 0, 100, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 0x45);
	assert_int_equal(judge(&snap), POLICY_HIDDEN);
	snap.b[19] = 0xf8;
	assert_int_equal(judge(&snap), POLICY_HIDDEN);
	PUT(&cdp, 0, 100, 0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0);
	assert_int_equal(judge(&cdp), POLICY_BY_ANYONE);
	PUT(&bpdu, 0, 38, 0x42, 0x42, 3, 0, 0, 0, 0, 0);
	assert_int_equal(judge(&bpdu), POLICY_BY_ANYONE);
	while (far.len < 120)
		PUT(&far, 0x81, 0, 0, 0);
	PUT(&far, 8, 0, 0x45);
	far.len += 100;
	assert_int_equal(judge(&far), POLICY_HIDDEN);
}

/* ---- ARP ------------------------------------------------------------------------------------ */

static void arp_says_who_it_is_from(void **state)
{
	static const uint8_t packet[28] = {
		0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0xa, 10, 0, 1, 2
	};
	static const struct {
		const char *why;
		unsigned int at;
		uint8_t to;
		unsigned int cut;
		enum policy_is_arp is;
	} row[] = {
		{ "a request", 7, 1, 0, POLICY_ARP },
		{ "a reply", 7, 2, 0, POLICY_ARP },
		{ "of a hardware that is not Ethernet", 1, 6, 0, POLICY_BAD_ARP },
		{ "of a protocol that is not IPv4", 2, 0x86, 0, POLICY_BAD_ARP },
		{ "with addresses of 8 octets", 4, 8, 0, POLICY_BAD_ARP },
		{ "with IP addresses of 16", 5, 16, 0, POLICY_BAD_ARP },
		{ "cut off", 7, 1, 1, POLICY_BAD_ARP },
		{ "without anything", 7, 1, 28, POLICY_BAD_ARP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		for (unsigned int tags = 0; tags < 3; tags++) {
			struct frame f = ethernet(tags);
			struct policy_arp arp = { 0 };
			struct iovec seg[9];
			struct pkt p;

			PUT(&f, 8, 6);
			put(&f, sizeof(packet), packet);
			f.b[f.len - 28 + row[i].at] = row[i].to;
			f.len -= row[i].cut;
			rig_pkt(&p, f.b, f.len, 0, seg);
			if (policy_arp(&p, &arp) != row[i].is)
				fail_msg("%s, %u tags", row[i].why, tags);
			if (row[i].is != POLICY_ARP)
				continue;
			assert_true(arp.ip == 0x0a000102);
			assert_true(arp.mac == eth_src(&(struct eth_hdr){
						       .src = { { 2, 0, 0, 0, 0, 0xa } } }));
		}
	}
}

static void what_is_no_arp_is_none(void **state)
{
	struct frame f = ip4(0, 0, IP_UDP, WHOLE), snap = ethernet(0);
	struct policy_arp arp;
	struct iovec seg[9];
	struct pkt p;

	(void)state;
	rig_pkt(&p, f.b, f.len, 0, seg);
	assert_int_equal(policy_arp(&p, &arp), POLICY_NO_ARP);
	PUT(&snap, 0, 100, 0xaa, 0xaa, 3, 0, 0, 0, 8, 6, 0, 1);
	rig_pkt(&p, snap.b, snap.len, 0, seg);
	assert_int_equal(policy_arp(&p, &arp), POLICY_BAD_ARP);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_known_by_what_they_send),
		cmocka_unit_test(routers_are_known_by_their_advertisements),
		cmocka_unit_test(the_fragment_with_the_header_is_looked_at),
		cmocka_unit_test(what_cannot_be_read_is_not_let_through),
		cmocka_unit_test(arp_says_who_it_is_from),
		cmocka_unit_test(what_is_no_arp_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
