/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "ctl/term.h"

static int set_up(void **state)
{
	(void)state;
	term_setup();
	return 0;
}

static void what_steers_a_terminal_becomes_a_question_mark(void **state)
{
	static const struct {
		const char *why, *text, *safe;
	} row[] = {
		{ "plain", "port a.eth0", "port a.eth0" },
		{ "nothing", "", "" },
		{ "escape", "\033[2J", "?[2J" },
		{ "line end", "a\nb\r", "a?b?" },
		{ "delete", "a\177b", "a?b" },
		{ "C1 as UTF-8: a control sequence in one character",
		  "\xc2\x9b"
		  "31m",
		  "?31m" },
		{ "C1 as a bare octet",
		  "\x9b"
		  "31m",
		  "?31m" },
		{ "letters beyond ASCII stay", "B\xc3\xbcro", "B\xc3\xbcro" },
		{ "direction override",
		  "a\xe2\x80\xae"
		  "b",
		  "a?b" },
		{ "isolate", "\xe2\x81\xa6", "?" },
		{ "cut short", "a\xe2\x82", "a??" },
		{ "overlong NUL", "\xc0\x80", "??" },
		{ "surrogate", "\xed\xa0\x80", "???" },
		{ "beyond Unicode", "\xf4\x90\x80\x80", "????" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char *safe = term_safe(row[i].text);

		if (strcmp(safe, row[i].safe) != 0)
			fail_msg("%s: %s", row[i].why, safe);
		assert_int_equal(term_is_safe(row[i].text), !strcmp(row[i].text, row[i].safe));
		free(safe);
	}
}

static void json_keeps_its_meaning_when_it_is_made_safe(void **state)
{
	char *escaped = term_escaped("{\n  \"a\": \"\xc2\x9b\x7f\"\n}");

	(void)state;
	assert_string_equal(escaped, "{\n  \"a\": \"\\u009b\\u007f\"\n}");
	free(escaped);
}

static void a_text_is_cut_by_columns_not_octets(void **state)
{
	static const struct {
		const char *why, *text;
		unsigned int columns, wide;
	} row[] = {
		{ "fits", "staff", 5, 5 },
		{ "one too long", "staffs", 5, 5 },
		{ "beyond ASCII", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 3, 3 },
		{ "two columns each", "\xe7\xb6\xb2\xe7\xb6\xb2\xe7\xb6\xb2", 4, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char *cut = term_cut(row[i].text, row[i].columns);

		if (term_columns(cut) != row[i].wide)
			fail_msg("%s: %s is %u wide", row[i].why, cut, term_columns(cut));
		free(cut);
	}
}

static void colour_is_for_terminals_only(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	term_pretend(80, true);
	term_put(f, STYLE_GOOD, "up");
	term_pretend(80, false);
	term_put(f, STYLE_GOOD, "up");
	term_pretend(-1, false);
	fclose(f);
	assert_string_equal(text, "\033[32mup\033[0mup");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_steers_a_terminal_becomes_a_question_mark),
		cmocka_unit_test(json_keeps_its_meaning_when_it_is_made_safe),
		cmocka_unit_test(a_text_is_cut_by_columns_not_octets),
		cmocka_unit_test(colour_is_for_terminals_only),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
