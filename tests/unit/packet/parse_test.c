/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/parse.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/rig/gso_frame.h"
#include "tests/test.h"

static uint8_t flat[70000];

static void headers_are_found_behind_what_precedes_them(void **state)
{
	static const struct {
		const char *why;
		struct gso_frame g;
		unsigned int type, l3, l4;
	} row[] = {
		{ "IPv4", { 0 }, ETH_TYPE_IPV4, 14, 34 },
		{ "one tag", { .tags = 1 }, ETH_TYPE_IPV4, 18, 38 },
		{ "two tags", { .tags = 2 }, ETH_TYPE_IPV4, 22, 42 },
		{ "IPv4 options", { .ip_options = 40 }, ETH_TYPE_IPV4, 14, 74 },
		{ "IPv6", { .v6 = true }, ETH_TYPE_IPV6, 14, 54 },
		{ "hop-by-hop", { .v6 = true, .hop_by_hop = true }, ETH_TYPE_IPV6, 14, 62 },
		{ "routing", { .v6 = true, .routing = true }, ETH_TYPE_IPV6, 14, 78 },
		{ "destination", { .v6 = true, .dest_opts = true }, ETH_TYPE_IPV6, 14, 70 },
		{ "all three",
		  { .v6 = true, .hop_by_hop = true, .routing = true, .dest_opts = true, .tags = 2 },
		  ETH_TYPE_IPV6,
		  22,
		  110 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		for (unsigned int udp = 0; udp < 2; udp++) {
			struct gso_frame g = row[i].g;
			struct virtio_net_hdr_v1 h;
			struct frame_layout l = { .l3 = 1 };
			uint32_t len;

			g.udp = udp;
			len = gso_frame_whole(&g, flat, &h);
			print_message("# %s\n", row[i].why);
			assert_int_equal(frame_layout(flat, len, &l), 0);
			assert_int_equal(l.type, row[i].type);
			assert_int_equal(l.l3, row[i].l3);
			assert_int_equal(l.l4, row[i].l4);
			assert_int_equal(l.frag_at, row[i].l4 - (g.dest_opts ? 16 : 0));
			if (g.v6)
				assert_int_equal(flat[l.frag_next], g.dest_opts ? 60 : l.proto);
			assert_int_equal(l.proto, udp ? IP_UDP : IP_TCP);
			assert_false(l.fragment);
			/* Every octet up to l4 is needed, none behind it. */
			assert_int_equal(frame_layout(flat, row[i].l4, &l), 0);
			for (len = 0; len < row[i].l4; len++)
				assert_int_equal(frame_layout(flat, len, &l), -EINVAL);
		}
	}
}

static void other_frames_have_only_a_type(void **state)
{
	uint8_t arp[60] = { [12] = 0x08, [13] = 0x06 };
	struct frame_layout l;

	(void)state;
	assert_int_equal(frame_layout(arp, sizeof(arp), &l), 0);
	assert_int_equal(l.type, ETH_TYPE_ARP);
	assert_int_equal(l.l3, 14);
	assert_int_equal(l.l4, 0);
	assert_int_equal(frame_layout(arp, ETH_HDR_LEN, &l), 0);
}

static void a_header_that_lies_is_refused(void **state)
{
	static const struct {
		const char *why;
		bool v6;
		unsigned int at;
		uint8_t to;
	} row[] = {
		{ "IPv4 says version 5", false, 14, 0x55 },
		{ "IPv4 is shorter than itself", false, 14, 0x44 },
		{ "IPv4 is longer than the frame", false, 14, 0x4f },
		{ "IPv6 says version 4", true, 14, 0x40 },
		{ "a tag behind the type and nothing behind it", false, 12, 0x81 },
		{ "an extension longer than the frame", true, 55, 200 },
	};
	static const struct gso_frame v4 = { .udp = true };
	static const struct gso_frame v6 = { .v6 = true, .udp = true, .hop_by_hop = true };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct virtio_net_hdr_v1 h;
		struct frame_layout l = { .l3 = 77 };
		uint32_t len = gso_frame_whole(row[i].v6 ? &v6 : &v4, flat, &h);

		flat[row[i].at] = row[i].to;
		if (row[i].at == 12)
			len = 16;
		if (frame_layout(flat, len, &l) != -EINVAL)
			fail_msg("%s", row[i].why);
		assert_int_equal(l.l3, 77);
	}
}

static void fragments_are_told(void **state)
{
	static const struct gso_frame v4 = { .udp = true };
	static const struct gso_frame v6 = {
		.v6 = true, .udp = true, .hop_by_hop = true, .payload = 40
	};
	struct virtio_net_hdr_v1 h;
	struct frame_layout l;
	uint32_t len = gso_frame_whole(&v4, flat, &h);

	(void)state;
	flat[20] = 0x60; /* DF, MF */
	assert_int_equal(frame_layout(flat, len, &l), 0);
	assert_true(l.fragment);
	assert_int_equal(l.frag_off, 0);
	flat[20] = 0x40;
	flat[21] = 1; /* the second octet of the offset */
	assert_int_equal(frame_layout(flat, len, &l), 0);
	assert_true(l.fragment);
	assert_int_equal(l.frag_off, 1);

	len = gso_frame_whole(&v6, flat, &h);
	flat[20] = IP_FRAGMENT; /* eight octets long, whatever is where others have a length */
	flat[55] = 200;
	assert_int_equal(frame_layout(flat, len, &l), 0);
	assert_true(l.fragment);
	assert_int_equal(l.l4, 62);
	flat[20] = IP_AUTH; /* counts in words */
	flat[55] = 4;
	assert_int_equal(frame_layout(flat, len, &l), 0);
	assert_false(l.fragment);
	assert_int_equal(l.l4, 54 + 24);
}

static void nothing_behind_the_end_is_read(void **state)
{
	(void)state;
	srandom(0x8200);
	for (unsigned int step = 0; step < 300000; step++) {
		size_t len = random() % 129;
		uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees an octet more */
		struct frame_layout l;

		for (size_t i = 0; i < len; i++)
			exact[i] = (uint8_t)random();
		if (len > 13 && random() % 8) {
			exact[12] = random() % 4 ? 0x86 : 0x08;
			exact[13] = exact[12] == 8 ? 0 : 0xdd;
		}
		if (len > 20) {
			exact[14] = exact[12] == 8 ? 0x40 | (exact[14] & 15) : 0x60;
			exact[20] = (uint8_t)(random() % 2 ? 0 : 43);
		}
		for (size_t i = 54; i + 1 < len; i += 8) {
			exact[i] = (uint8_t)(random() % 8 ? 60 : 6);
			exact[i + 1] = (uint8_t)(random() % 3);
		}
		if (!frame_layout(exact, len, &l)) {
			assert_true(l.l3 <= len);
			assert_true(l.l4 <= len);
		}
		free(exact);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_found_behind_what_precedes_them),
		cmocka_unit_test(other_frames_have_only_a_type),
		cmocka_unit_test(a_header_that_lies_is_refused),
		cmocka_unit_test(fragments_are_told),
		cmocka_unit_test(nothing_behind_the_end_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
