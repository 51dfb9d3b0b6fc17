/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/vlan_set.h"

static void what_is_written_is_read_and_printed_in_one_form(void **state)
{
	static const struct {
		const char *why, *text, *canonical;
		unsigned int count;
	} row[] = {
		{ "one", "10", "10", 1 },
		{ "a list", "10,20", "10,20", 2 },
		{ "out of order", "20,10", "10,20", 2 },
		{ "twice", "10,10,9-11", "9-11", 3 },
		{ "neighbours join", "10,11,12", "10-12", 3 },
		{ "a pair is a range too", "10,11", "10-11", 2 },
		{ "spaces", " 10 , 20-30 ", "10,20-30", 12 },
		{ "all", "all", "all", 4094 },
		{ "all, spelled out", "1-4094", "all", 4094 },
		{ "all but the last", "1-4093", "1-4093", 4093 },
		{ "none", "none", "none", 0 },
		{ "empty", "", "none", 0 },
		{ "the ends", "1,4094", "1,4094", 2 },
		{ "leading zero", "010", "10", 1 },
		{ "a range of one", "7-7", "7", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char text[VLAN_SET_TEXT];
		struct vlan_set s;

		if (vlan_set_parse(row[i].text, &s, NULL))
			fail_msg("%s: not read", row[i].why);
		vlan_set_print(&s, text, sizeof(text));
		if (strcmp(text, row[i].canonical) || vlan_set_count(&s) != row[i].count)
			fail_msg("%s: '%s', %u", row[i].why, text, vlan_set_count(&s));
	}
}

static void nonsense_is_refused_where_it_stands(void **state)
{
	static const struct {
		const char *why, *text;
		size_t bad;
	} row[] = {
		{ "reserved", "4095", 0 },
		{ "priority tag", "0", 0 },
		{ "far too big", "99999999999999999999", 0 },
		{ "second of a list", "10,4095", 3 },
		{ "backwards", "20-10", 3 },
		{ "range out of bounds", "10-4095", 3 },
		{ "open range", "10-", 3 },
		{ "negative", "-5", 0 },
		{ "words", "staff", 0 },
		{ "all among others", "10,all", 3 },
		{ "trailing comma", "10,", 3 },
		{ "no comma", "10 20", 3 },
		{ "hex", "0x10", 0 },
		{ "fraction", "1.5", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct vlan_set s = { .bits = { 42 } };
		const char *bad = NULL;

		if (vlan_set_parse(row[i].text, &s, &bad) != -EINVAL)
			fail_msg("%s: taken", row[i].why);
		if (bad != row[i].text + row[i].bad)
			fail_msg("%s: stops at '%s'", row[i].why, bad);
		assert_int_equal(s.bits[0], 42);
	}
}

/* Any set survives being printed and read; the longest text fits. */
static void print_and_parse_are_inverse(void **state)
{
	char text[VLAN_SET_TEXT];

	(void)state;
	srandom(0x1a);
	for (unsigned int round = 0; round < 500; round++) {
		struct vlan_set s = { 0 }, back;
		unsigned int step = 1 + (unsigned int)random() % 30;

		for (unsigned int vid = 1; vid <= 4094; vid += step)
			if (round == 0 ? vid % 2 : random() % 3 != 0)
				vlan_set_add(&s, (uint16_t)vid);
		vlan_set_print(&s, text, sizeof(text));
		assert_int_equal(vlan_set_parse(text, &back, NULL), 0);
		assert_memory_equal(&s, &back, sizeof(s));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_and_printed_in_one_form),
		cmocka_unit_test(nonsense_is_refused_where_it_stands),
		cmocka_unit_test(print_and_parse_are_inverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
