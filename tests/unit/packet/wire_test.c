/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

static void addresses_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		int err;
	} row[] = {
		{ "02:00:00:00:00:01", 0 },
		{ "FF:ff:Aa:bB:09:90", 0 },
		{ "", -EINVAL },
		{ "02", -EINVAL },
		{ "02:00:00:00:00", -EINVAL },
		{ "02:00:00:00:00:0", -EINVAL },
		{ "02:00:00:00:00:01 ", -EINVAL },
		{ "02:00:00:00:00:01:02", -EINVAL },
		{ " 2:00:00:00:00:01", -EINVAL },
		{ "+2:00:00:00:00:01", -EINVAL },
		{ "2:0:0:0:0:1", -EINVAL },
		{ "02-00-00-00-00-01", -EINVAL },
		{ "0g:00:00:00:00:01", -EINVAL },
		{ "0x:00:00:00:00:01", -EINVAL },
		{ "02:00:00:00:00:01\n", -EINVAL },
		{ "-1:00:00:00:00:01", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct eth_addr a = { { 1, 2, 3, 4, 5, 6 } };

		if (eth_addr_parse(row[i].text, &a) != row[i].err)
			fail_msg("\"%s\"", row[i].text);
		if (row[i].err)
			assert_int_equal(a.b[0] + a.b[5], 7);
	}
}

static void an_address_survives_print_and_parse(void **state)
{
	(void)state;
	srandom(0x6);
	for (unsigned int step = 0; step < 100000; step++) {
		struct eth_addr a, b;
		char text[18], upper[18] = { 0 };

		for (size_t i = 0; i < sizeof(a.b); i++)
			a.b[i] = (uint8_t)random();
		snprintf(text, sizeof(text), ETH_ADDR_FMT, ETH_ADDR_ARG(a));
		assert_int_equal(eth_addr_parse(text, &b), 0);
		assert_memory_equal(&a, &b, sizeof(a));
		for (size_t i = 0; text[i]; i++)
			upper[i] = (char)(text[i] >= 'a' ? text[i] - 32 : text[i]);
		assert_int_equal(eth_addr_parse(upper, &b), 0);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void reserved_addresses_are_the_sixteen_of_802_1q(void **state)
{
	static const struct {
		const char *text;
		bool reserved, group;
	} row[] = {
		{ "01:80:c2:00:00:00", true, true },  { "01:80:c2:00:00:0f", true, true },
		{ "01:80:c2:00:00:10", false, true }, { "01:80:c2:00:01:00", false, true },
		{ "01:80:c3:00:00:00", false, true }, { "00:80:c2:00:00:00", false, false },
		{ "ff:ff:ff:ff:ff:ff", false, true }, { "02:00:00:00:00:01", false, false },
		{ "03:00:00:00:00:01", false, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct eth_addr a;

		assert_int_equal(eth_addr_parse(row[i].text, &a), 0);
		if (eth_addr_is_reserved(&a) != row[i].reserved ||
		    eth_addr_is_group(&a) != row[i].group)
			fail_msg("%s", row[i].text);
	}
}

static void wire_integers_are_in_network_order(void **state)
{
	be16_t a = be16_of(0x1234);
	be32_t b = be32_of(0x12345678);

	(void)state;
	assert_memory_equal(&a, "\x12\x34", 2);
	assert_memory_equal(&b, "\x12\x34\x56\x78", 4);
	assert_int_equal(be16_get(a), 0x1234);
	assert_int_equal(be32_get(b), 0x12345678);
	assert_int_equal(tci_vid(0xffff), VLAN_VID_RESERVED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_as_people_write_them),
		cmocka_unit_test(an_address_survives_print_and_parse),
		cmocka_unit_test(reserved_addresses_are_the_sixteen_of_802_1q),
		cmocka_unit_test(wire_integers_are_in_network_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
