/* SPDX-License-Identifier: Apache-2.0 */
/* What frame_make() makes, told by frame_describe(); and that its checksums are right. */
#include "tests/test.h"

#include <stdlib.h>

#include "packet/csum.h"
#include "packet/describe.h"
#include "packet/made.h"
#include "packet/parse.h"

#define A                                  \
	{                                  \
		{                          \
			2, 0, 0, 0, 0, 0xa \
		}                          \
	}
#define B                                  \
	{                                  \
		{                          \
			2, 0, 0, 0, 0, 0xb \
		}                          \
	}
#define FROM_A "02:00:00:00:00:0a > 02:00:00:00:00:0b, "
#define IP4(x)              \
	{                   \
		10, 0, 0, x \
	}
#define IP6(x)                 \
	{                      \
		0xfd, [15] = x \
	}

static void a_made_frame_says_what_was_asked_for(void **state)
{
	static const struct {
		struct made_frame what;
		const char *protocol, *text;
	} row[] = {
		{ { MADE_ICMP, false, A, B, IP4(1), IP4(2), 0, 0, 0 },
		  "icmp",
		  FROM_A "ICMP echo request 10.0.0.1 > 10.0.0.2, 98 octets" },
		{ { MADE_ICMP, true, A, B, IP6(1), IP6(2), 0, 0x8100, 10 },
		  "icmp6",
		  FROM_A "VLAN 10, ICMPv6 echo request fd00::1 > fd00::2, 122 octets" },
		{ { MADE_TCP, false, A, B, IP4(1), IP4(2), 80, 0, 0 },
		  "tcp",
		  FROM_A "TCP 10.0.0.1:49152 > 10.0.0.2:80 SYN, 60 octets" },
		{ { MADE_TCP, true, A, B, IP6(1), IP6(2), 443, 0, 0 },
		  "tcp",
		  FROM_A "TCP [fd00::1]:49152 > [fd00::2]:443 SYN, 74 octets" },
		{ { MADE_UDP, false, A, B, IP4(1), IP4(2), 53, 0x88a8, 4094 },
		  "udp",
		  FROM_A "S-VLAN 4094, UDP 10.0.0.1:49152 > 10.0.0.2:53, 60 octets" },
		{ { MADE_UDP, true, A, B, IP6(1), IP6(2), 53, 0, 0 },
		  "udp",
		  FROM_A "UDP [fd00::1]:49152 > [fd00::2]:53, 62 octets" },
		{ { MADE_ARP, false, A, B, IP4(1), IP4(2), 0, 0x8100, 20 },
		  "arp",
		  "02:00:00:00:00:0a > ff:ff:ff:ff:ff:ff, VLAN 20, ARP who has 10.0.0.2, tell "
		  "10.0.0.1, 60 octets" },
		{ { MADE_ARP, true, A, B, IP6(1), IP6(2), 0, 0, 0 },
		  "icmp6",
		  "02:00:00:00:00:0a > 33:33:ff:00:00:02, ICMPv6 neighbour solicitation fd00::1 > "
		  "ff02::1:ff00:2, 86 octets" },
	};
	uint8_t frame[PKT_HEAD];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		uint32_t len = frame_make(&row[i].what, frame);
		struct frame_summary s;

		frame_describe(frame, len, len, &s);
		if (strcmp(s.text, row[i].text) != 0 || strcmp(s.protocol, row[i].protocol) != 0)
			fail_msg("row %zu: %s: '%s'", i, s.protocol, s.text);
		assert_int_equal(s.tpid, row[i].what.tpid);
		assert_int_equal(tci_vid(s.tci), row[i].what.vid);
	}
}

/* Summed over with its checksum in it, a header gives 0 (RFC 1071). */
static void the_checksums_are_right(void **state)
{
	uint8_t f[PKT_HEAD];

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		struct made_frame what = { .kind = i / 2, .ip6 = i % 2, .port = 80 };
		struct frame_layout l;
		uint16_t len;
		uint64_t sum;

		memcpy(what.src_ip, (uint8_t[]){ 0xfd, 1, 2, 3, 9 }, 5);
		memcpy(what.dst_ip, (uint8_t[]){ 0xfd, 1, 2, 4, 8 }, 5);
		frame_make(&what, f);
		assert_int_equal(frame_layout(f, PKT_HEAD, &l), 0);
		if (!l.l4)
			continue; /* ARP has none */
		if (what.ip6) {
			len = (uint16_t)(f[l.l3 + 4] << 8 | f[l.l3 + 5]);
			sum = csum_pseudo_6(f + l.l3 + 8, f + l.l3 + 24, l.proto, len);
		} else {
			be32_t src, dst;

			assert_int_equal(csum_finish(csum_add(0, f + l.l3, 20)).raw, 0);
			len = (uint16_t)((f[l.l3 + 2] << 8 | f[l.l3 + 3]) - 20);
			memcpy(&src, f + l.l3 + 12, 4);
			memcpy(&dst, f + l.l3 + 16, 4);
			sum = l.proto == IP_ICMP ? 0 : csum_pseudo_4(src, dst, l.proto, len);
		}
		if (csum_finish(csum_add(sum, f + l.l4, len)).raw)
			fail_msg("kind %u, IPv6 %u: wrong checksum", what.kind, what.ip6);
	}
}

/* ---- what others send ----------------------------------------------------------------------- */

#define MACS 2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa

static void what_does_not_parse_is_told_as_far_as_it_does(void **state)
{
	static const struct {
		const char *why;
		uint8_t frame[64];
		size_t head_len;
		const char *text;
	} row[] = {
		{ "nothing", { 0 }, 0, "1500 octets, too few for a frame" },
		{ "no header", { MACS, 8 }, 13, "1500 octets, too few for a frame" },
		{ "a foreign type",
		  { MACS, 0x88, 0xcc },
		  14,
		  FROM_A "EtherType 0x88cc, 1500 octets" },
		{ "two tags and a priority",
		  { MACS, 0x88, 0xa8, 0x60, 5, 0x81, 0, 0, 10, 0x88, 0xcc },
		  22,
		  FROM_A "S-VLAN 5 priority 3, VLAN 10, EtherType 0x88cc, 1500 octets" },
		{ "a tag that is cut off",
		  { MACS, 0x81, 0, 0 },
		  15,
		  FROM_A "malformed, 1500 octets" },
		{ "an IP header that is cut off",
		  { MACS, 8, 0, 0x45 },
		  20,
		  FROM_A "malformed, 1500 octets" },
		{ "a TCP header that is cut off",
		  { MACS, 8, 0, 0x45, [23] = 6, [26] = 10, [33] = 2, [35] = 80 },
		  38,
		  FROM_A "TCP 10.0.0.0:80 > 0.0.0.2:0, 1500 octets" },
		{ "a fragment",
		  { MACS, 8, 0, 0x45, [20] = 0x20, [23] = 17, [26] = 10, [33] = 2, [35] = 80 },
		  42,
		  FROM_A "UDP 10.0.0.0 > 0.0.0.2 (fragment), 1500 octets" },
		{ "a protocol without a name",
		  { MACS, 8, 0, 0x45, [23] = 47, [26] = 10, [33] = 2 },
		  42,
		  FROM_A "IPv4 protocol 47 10.0.0.0 > 0.0.0.2, 1500 octets" },
		{ "an ARP answer",
		  { MACS, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 9, 10, 0, 0, 9 },
		  60,
		  FROM_A "ARP 10.0.0.9 is at 02:00:00:00:00:09, 1500 octets" },
		{ "an ARP of other kind",
		  { MACS, 8, 6, 0, 1, 8, 0, 6, 4, 0, 9 },
		  60,
		  FROM_A "ARP, 1500 octets" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct frame_summary s;

		frame_describe(row[i].frame, row[i].head_len, 1500, &s);
		if (strcmp(s.text, row[i].text) != 0)
			fail_msg("%s: '%s'", row[i].why, s.text);
	}
}

/* From the heap, so that the sanitizer sees a read behind the end. */
static void any_octets_will_do(void **state)
{
	(void)state;
	srandom(3);
	for (unsigned int i = 0; i < 200000; i++) {
		size_t n = (size_t)random() % (PKT_HEAD + 1);
		uint8_t *f = malloc(n + 1), *head = f + 1;
		static const uint8_t type[][2] = {
			{ 8, 0 }, { 8, 6 }, { 0x86, 0xdd }, { 0x81, 0 }
		};
		struct frame_summary s;

		for (size_t k = 0; k < n; k++)
			head[k] = (uint8_t)random();
		for (size_t at = 12; n > at + 6 && (at == 12 || random() % 3 == 0); at += 4)
			memcpy(head + at, type[random() % 4], 2);
		if (n > 15 && random() % 4)
			head[14] = random() % 2 ? 0x45 : 0x60;
		if (n > 24)
			head[random() % 2 ? 23 : 20] = (uint8_t)(random() % 2 ? 6 : 58);
		frame_describe(head, n, (uint32_t)n, &s);
		assert_true(strlen(s.text) < sizeof(s.text) - 1); /* nothing was cut off */
		free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_made_frame_says_what_was_asked_for),
		cmocka_unit_test(the_checksums_are_right),
		cmocka_unit_test(what_does_not_parse_is_told_as_far_as_it_does),
		cmocka_unit_test(any_octets_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
