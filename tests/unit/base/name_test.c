/* SPDX-License-Identifier: Apache-2.0 */
#include "base/name.h"

#include <stdlib.h>

#include "tests/test.h"

static void names_are_what_the_header_says(void **state)
{
	static const struct {
		const char *why, *text;
		bool ok, joined;
	} row[] = {
		{ "one letter", "a", true, true },
		{ "digits first", "9a", true, true },
		{ "all that may be inside", "a-b_C9", true, true },
		{ "two names joined", "a.eth0", false, true },
		{ "empty", "", false, false },
		{ "dash first", "-a", false, false },
		{ "underscore first", "_a", false, false },
		{ "dot first", ".a", false, false },
		{ "dot last", "a.", false, false },
		{ "two dots", "a.b.c", false, false },
		{ "two dots in a row", "a..b", false, false },
		{ "dash behind the dot", "a.-b", false, false },
		{ "slash", "a/b", false, false },
		{ "space", "a b", false, false },
		{ "end of line", "a\n", false, false },
		{ "UTF-8", "\xc3\xa4", false, false },
		{ "up one folder", "..", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (name_ok(row[i].text) != row[i].ok ||
		    name_ok_joined(row[i].text) != row[i].joined)
			fail_msg("%s", row[i].why);
	}
}

static void the_longest_name_has_63_octets(void **state)
{
	char text[NAME_MAX_LEN + 2];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[NAME_MAX_LEN + 1] = '\0';
	assert_false(name_ok(text));
	assert_false(name_ok_joined(text));
	text[NAME_MAX_LEN] = '\0';
	assert_true(name_ok(text));
	text[30] = '.';
	assert_true(name_ok_joined(text));
}

/* Each part of a joined name is a name. */
static void a_joined_name_is_two_names(void **state)
{
	static const char letters[] = "aZ09-_.. /";

	(void)state;
	srandom(0x63);
	for (unsigned int step = 0; step < 300000; step++) {
		char text[8], *dot;
		unsigned int len = random() % sizeof(text);
		bool want;

		for (unsigned int i = 0; i < len; i++)
			text[i] = letters[random() % (sizeof(letters) - 1)];
		text[len] = '\0';
		want = name_ok(text);
		dot = strchr(text, '.');
		if (dot) {
			assert_false(want);
			*dot = '\0';
			want = name_ok(text) && name_ok(dot + 1);
			*dot = '.';
		}
		if (name_ok_joined(text) != want)
			fail_msg("\"%s\"", text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_what_the_header_says),
		cmocka_unit_test(the_longest_name_has_63_octets),
		cmocka_unit_test(a_joined_name_is_two_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
