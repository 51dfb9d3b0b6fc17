/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/csum.h"

#include <stdlib.h>

#include "tests/rig/gso_frame.h"
#include "tests/test.h"

static void the_example_of_rfc_1071_comes_out(void **state)
{
	static const uint8_t octets[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(be16_get(csum_fold(csum_add(0, octets, sizeof(octets)))), 0xddf2);
	assert_int_equal(be16_get(csum_finish(csum_add(0, octets, sizeof(octets)))), 0x220d);
}

static void nothing_sums_to_nothing(void **state)
{
	(void)state;
	assert_int_equal(csum_fold(csum_add(0, "", 0)).raw, 0);
	assert_int_equal(csum_finish(0).raw, 0xffff);
}

static void a_zero_for_udp_is_all_ones(void **state)
{
	(void)state;
	assert_int_equal(csum_finish(0xffff).raw, 0);
	assert_int_equal(csum_finish_nonzero(0xffff).raw, 0xffff);
	assert_int_equal(csum_finish_nonzero(0xfffe).raw, 1);
}

/* Any length at any address, whole and in pieces. */
static void agrees_with_two_octets_at_a_time(void **state)
{
	uint8_t octets[512];

	(void)state;
	srandom(0x1071);
	for (unsigned int step = 0; step < 200000; step++) {
		unsigned int from = random() % 64, len = random() % 448;
		unsigned int half = random() % (len / 2 + 1) * 2;
		uint64_t sum = csum_add(0, octets + from, half);

		if (step % 64 == 0) {
			int ones = random() % 4 == 0;

			for (size_t i = 0; i < sizeof(octets); i++)
				octets[i] = ones ? 0xff : (uint8_t)random();
			sum = csum_add(0, octets + from, half);
		}
		sum = csum_add(sum, octets + from + half, len - half);
		assert_int_equal(be16_get(csum_fold(sum)), rig_sum(0, octets + from, len));
	}
}

static void a_sum_has_room_for_the_largest_words(void **state)
{
	uint64_t sum = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		sum = csum_add_32(csum_add_16(sum, (be16_t){ 0xffff }), (be32_t){ 0xffffffff });
	assert_int_equal(csum_fold(sum).raw, 0xffff);
	assert_int_equal(csum_fold(UINT64_MAX).raw, 0xffff);
}

/* RFC 1624: what is mended by the difference equals what is summed afresh. */
static void mending_equals_summing_again(void **state)
{
	uint8_t h[20];

	(void)state;
	srandom(0x1624);
	for (unsigned int step = 0; step < 200000; step++) {
		unsigned int at = 2 * (random() % 10), wide = at < 18 && random() % 2;
		be16_t was = { 0 }, old16, new16 = { (uint16_t)random() };
		be32_t old32, new32 = { (uint32_t)random() * 2 };
		be16_t mended, afresh;

		for (size_t i = 0; i < sizeof(h); i++)
			h[i] = (uint8_t)(random() % 8 ? random() : 0xff);
		if (random() % 8 == 0)
			new16.raw = 0;
		was = csum_finish(csum_add(0, h, sizeof(h)));
		memcpy(&old16, h + at, sizeof(old16));
		if (wide) {
			memcpy(&old32, h + at, sizeof(old32));
			memcpy(h + at, &new32, sizeof(new32));
			mended = csum_update_32(was, old32, new32);
		} else {
			memcpy(h + at, &new16, sizeof(new16));
			mended = csum_update_16(was, old16, new16);
		}
		afresh = csum_finish(csum_add(0, h, sizeof(h)));
		/* Both zeroes of one's complement mean the same to whoever verifies. */
		if (mended.raw != afresh.raw && (mended.raw ^ afresh.raw) != 0xffff)
			fail_msg("step %u: %04x, not %04x", step, mended.raw, afresh.raw);
		assert_int_equal(csum_finish(csum_add_16(csum_add(0, h, sizeof(h)), mended)).raw,
				 0);
	}
}

/* The header of RFC 1624 section 4, where the older equation gives 0xffff. */
static void the_example_of_rfc_1624_comes_out(void **state)
{
	(void)state;
	assert_int_equal(
		be16_get(csum_update_16(be16_of(0xdd2f), be16_of(0x5555), be16_of(0x3285))), 0);
}

static void pseudo_headers_are_those_of_the_rfcs(void **state)
{
	static const uint8_t v4[] = { 10, 0, 0, 1, 192, 168, 255, 254, 0, 17, 0x12, 0x34 };
	uint8_t v6[40] = { 0x20, 1, 0xd, 0xb8, [15] = 1, [16] = 0xfe, [31] = 2 };
	be32_t src, dst;

	(void)state;
	memcpy(&src, v4, 4);
	memcpy(&dst, v4 + 4, 4);
	assert_int_equal(be16_get(csum_fold(csum_pseudo_4(src, dst, 17, 0x1234))),
			 rig_sum(0, v4, sizeof(v4)));
	v6[33] = 1; /* 0x00011234 octets of 58 */
	v6[34] = 0x12;
	v6[35] = 0x34;
	v6[39] = 58;
	assert_int_equal(be16_get(csum_fold(csum_pseudo_6(v6, v6 + 16, 58, 0x11234))),
			 rig_sum(0, v6, sizeof(v6)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_1071_comes_out),
		cmocka_unit_test(nothing_sums_to_nothing),
		cmocka_unit_test(a_zero_for_udp_is_all_ones),
		cmocka_unit_test(agrees_with_two_octets_at_a_time),
		cmocka_unit_test(a_sum_has_room_for_the_largest_words),
		cmocka_unit_test(mending_equals_summing_again),
		cmocka_unit_test(the_example_of_rfc_1624_comes_out),
		cmocka_unit_test(pseudo_headers_are_those_of_the_rfcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
