/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdio.h>

#include "api/vlan_words.h"

static void gather(void *arg, const char *title)
{
	char *out = arg;

	snprintf(out + strlen(out), 100 - strlen(out), "[%s]", title);
}

static void numbers_and_titles_are_told_apart(void **state)
{
	static const struct {
		const char *why, *text;
		const char *vids; /* NULL: it is refused */
		const char *titles; /* or where it stops making sense */
	} row[] = {
		{ "a number", "10", "10", "" },
		{ "a list", "10,20-22", "10,20-22", "" },
		{ "all", "all", "all", "" },
		{ "none", "none", "none", "" },
		{ "a title", "staff", "none", "[staff]" },
		{ "both", "10, staff ,20", "10,20", "[staff]" },
		{ "two titles, in turn", "b,a", "none", "[b][a]" },
		{ "a title with spaces in it", "the lab,7", "7", "[the lab]" },
		{ "a title that begins with a number", "3rd floor", "none", "[3rd floor]" },
		{ "not ASCII", "Bücher", "none", "[Bücher]" },
		{ "no such number", "10,4095", NULL, "4095" },
		{ "zero", "0", NULL, "0" },
		{ "backwards", "staff,9-1", NULL, "1" },
		{ "nothing between commas", "10,,staff", NULL, ",staff" },
		{ "nothing behind a comma", "staff,", NULL, "" },
		{ "neither", "10,-", NULL, "-" },
		{ "all is no title in a list", "staff,all,none,x", "all", "[staff][x]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		static char vids[VLAN_SET_TEXT];
		struct vlan_set set = { 0 };
		char titles[100] = "";
		const char *bad = NULL;
		int err = vlan_words_parse(row[i].text, &set, gather, titles, &bad);

		if (!row[i].vids) {
			if (!err || strcmp(bad, row[i].titles) != 0)
				fail_msg("%s: stops at '%s'", row[i].why, bad ? bad : "nothing");
			continue;
		}
		vlan_set_print(&set, vids, sizeof(vids));
		if (err || strcmp(vids, row[i].vids) != 0 || strcmp(titles, row[i].titles) != 0)
			fail_msg("%s: %s and %s", row[i].why, vids, titles);
	}
}

static void a_word_that_is_too_long_is_refused(void **state)
{
	char text[VLAN_TITLE_OCTETS + 1], titles[100] = "";
	struct vlan_set set = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	text[VLAN_TITLE_OCTETS] = '\0';
	assert_int_not_equal(vlan_words_parse(text, &set, gather, titles, NULL), 0);
	text[VLAN_TITLE_OCTETS - 1] = '\0';
	assert_int_equal(vlan_words_parse(text, &set, gather, titles, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_titles_are_told_apart),
		cmocka_unit_test(a_word_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
