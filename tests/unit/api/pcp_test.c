/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/pcp.h"

static void what_a_person_writes_has_one_meaning_and_one_form(void **state)
{
	static const struct {
		const char *why, *text;
		const char *to; /* what 0 to 7 become; NULL: it is refused */
		const char *canonical;
	} row[] = {
		{ "as they come", "keep", "01234567", "keep" },
		{ "one for all", "5", "55555555", "5" },
		{ "one for all, the lowest", " 0 ", "00000000", "0" },
		{ "a range", "0-3:1", "11114567", "0-3:1" },
		{ "a range and one", "0-3:1,5:7", "11114767", "0-3:1,5:7" },
		{ "spaces", " 0-3 : 1 , 5 : 7", "11114767", "0-3:1,5:7" },
		{ "any order", "5:7,0-3:1", "11114767", "0-3:1,5:7" },
		{ "neighbours are joined", "0:3,1:3", "33234567", "0-1:3" },
		{ "a range does not end with what stays", "0:1", "11234567", "0:1" },
		{ "all by a map is one for all", "0-7:4", "44444444", "4" },
		{ "a map that keeps", "3:3", "01234567", "keep" },
		{ "upside down", "0:7,1:6,2:5,3:4,4:3,5:2,6:1,7:0", "76543210",
		  "0:7,1:6,2:5,3:4,4:3,5:2,6:1,7:0" },
		{ "nothing", "", NULL, NULL },
		{ "no priority", "8", NULL, NULL },
		{ "two digits", "10", NULL, NULL },
		{ "no target", "3:", NULL, NULL },
		{ "target is none", "3:8", NULL, NULL },
		{ "backwards", "3-1:2", NULL, NULL },
		{ "twice", "0-3:1,2:5", NULL, NULL },
		{ "ends with a comma", "1:2,", NULL, NULL },
		{ "a word", "kept", NULL, NULL },
		{ "one and a map", "1,2:3", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct pcp_map m = { { 9 } };
		char text[PCP_TEXT];
		int err = pcp_parse(row[i].text, &m);

		if (!row[i].to) {
			if (!err || m.to[0] != 9)
				fail_msg("%s: '%s' is taken", row[i].why, row[i].text);
			continue;
		}
		if (err)
			fail_msg("%s: '%s' is refused", row[i].why, row[i].text);
		for (unsigned int p = 0; p < 8; p++) {
			if (m.to[p] != row[i].to[p] - '0')
				fail_msg("%s: %u becomes %u", row[i].why, p, m.to[p]);
		}
		pcp_print(&m, text);
		if (strcmp(text, row[i].canonical) != 0)
			fail_msg("%s: printed as '%s'", row[i].why, text);
	}
}

static void every_map_can_be_written_and_read_back(void **state)
{
	(void)state;
	srandom(0x1a);
	for (unsigned int step = 0; step < 200000; step++) {
		struct pcp_map m, again;
		char text[PCP_TEXT];

		for (unsigned int p = 0; p < 8; p++)
			m.to[p] = (uint8_t)(random() % 3 ? random() % 8 : p);
		pcp_print(&m, text);
		if (pcp_parse(text, &again) || memcmp(&m, &again, sizeof(m)) != 0)
			fail_msg("'%s' is another map", text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_person_writes_has_one_meaning_and_one_form),
		cmocka_unit_test(every_map_can_be_written_and_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
