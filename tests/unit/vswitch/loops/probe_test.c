/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include "vswitch/loops/probe.h"

static const struct siphash_key key = { { 1, 2 } };
static const struct probe sent = { 0x123, 42, 0x1122334455667788u };

enum { SEALED = 14 + 16 + 8 }; /* magic to seal */

static void what_was_written_is_read(void **state)
{
	uint8_t frame[PROBE_ROOM];
	struct probe p;

	(void)state;
	assert_int_equal(probe_write(&key, &sent, 0, 0, frame), PROBE_LEN);
	assert_true(probe_read(&key, frame, PROBE_LEN, &p));
	assert_int_equal(p.port, sent.port);
	assert_int_equal(p.vid, sent.vid);
	assert_int_equal(p.number, sent.number);
	assert_true(probe_is_source(eth_src((struct eth_hdr *)frame)));
}

static void it_goes_where_bridges_keep_none(void **state)
{
	uint8_t frame[PROBE_ROOM];
	const struct eth_hdr *eth = (const struct eth_hdr *)frame;

	(void)state;
	probe_write(&key, &sent, 0, 0, frame);
	assert_true(eth_addr_is_group(&eth->dst));
	assert_false(eth_addr_is_reserved(&eth->dst));
	assert_false(eth_addr_is_group(&eth->src));
	assert_int_equal(eth->src.b[0] & 2, 2); /* nobody's address */
	assert_int_equal(be16_get(eth->type), 0x88b5);
}

static void it_may_have_a_tag_and_find_others_in_front(void **state)
{
	uint8_t frame[PROBE_ROOM + 12] = { 0 };
	struct probe p;

	(void)state;
	assert_int_equal(probe_write(&key, &sent, ETH_TYPE_STAG, 0xe02a, frame), PROBE_ROOM);
	assert_memory_equal(frame + 12, "\x88\xa8\xe0\x2a\x88\xb5", 6);
	assert_true(probe_read(&key, frame, PROBE_ROOM, &p));
	memmove(frame + 16, frame + 12, PROBE_ROOM - 12);
	assert_true(probe_read(&key, frame, PROBE_ROOM + 4, &p));
	assert_int_equal(p.vid, sent.vid);
	memmove(frame + 16, frame + 12, PROBE_ROOM - 8);
	assert_false(probe_read(&key, frame, PROBE_ROOM + 8, &p)); /* three are nobody's */
}

static void a_changed_one_is_not_ours(void **state)
{
	static const struct siphash_key other = { { 1, 3 } };
	uint8_t frame[PROBE_ROOM];
	struct probe p;

	(void)state;
	probe_write(&key, &sent, 0, 0, frame);
	assert_false(probe_read(&other, frame, PROBE_LEN, &p));
	for (unsigned int bit = 12 * 8; bit < SEALED * 8; bit++) {
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (probe_read(&key, frame, PROBE_LEN, &p))
			fail_msg("bit %u of octet %u does not matter", bit % 8, bit / 8);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* Who it seems to be from says nothing: the source is not sealed, the port is. */
	frame[6 + 5] ^= 1;
	assert_true(probe_read(&key, frame, PROBE_LEN, &p));
	assert_int_equal(p.port, sent.port);
}

static void a_cut_one_is_not_read_past_its_end(void **state)
{
	uint8_t frame[PROBE_ROOM], *cut;
	struct probe p;

	(void)state;
	probe_write(&key, &sent, ETH_TYPE_CTAG, 42, frame);
	for (unsigned int len = ETH_HDR_LEN; len < SEALED + VLAN_TAG_LEN; len++) {
		cut = test_malloc(len); /* with a fence behind it */
		memcpy(cut, frame, len);
		assert_false(probe_read(&key, cut, len, &p));
		test_free(cut);
	}
	assert_true(probe_read(&key, frame, SEALED + VLAN_TAG_LEN, &p));
}

static void the_vlan_in_which_it_came_in_goes_with_it(void **state)
{
	uint8_t frame[PROBE_ROOM];
	struct probe p;

	(void)state;
	probe_write(&key, &sent, 0, 0, frame);
	probe_came_in(frame, 4094);
	assert_false(probe_read(&key, frame, PROBE_LEN, &p));
	assert_int_equal(probe_take_vid(frame), 4094);
	assert_true(probe_read(&key, frame, PROBE_LEN, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(it_goes_where_bridges_keep_none),
		cmocka_unit_test(it_may_have_a_tag_and_find_others_in_front),
		cmocka_unit_test(a_changed_one_is_not_ours),
		cmocka_unit_test(a_cut_one_is_not_read_past_its_end),
		cmocka_unit_test(the_vlan_in_which_it_came_in_goes_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
