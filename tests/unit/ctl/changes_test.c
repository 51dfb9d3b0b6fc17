/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "ctl/changes.h"
#include "ctl/term.h"

static const char text[] =
	"[{\"action\": \"add\", \"kind\": \"host\", \"name\": \"a\"},"
	" {\"action\": \"set\", \"kind\": \"port\", \"name\": \"a.eth0\","
	"  \"fields\": {\"access\": {\"from\": 10, \"to\": 20},"
	"               \"native\": {\"from\": null, \"to\": 5}}},"
	" {\"action\": \"replace\", \"kind\": \"port\", \"name\": \"b.eth0\", \"interrupts\": true,"
	"  \"fields\": {\"switch\": {\"from\": \"s1\", \"to\": \"s2\"}}},"
	" {\"action\": \"remove\", \"kind\": \"link\", \"name\": \"x\", \"interrupts\": true},"
	" {\"action\": \"add\", \"kind\": \"port\", \"name\": \"\\u001b[31m\"}]";

static void a_change_is_one_line(void **state)
{
	json_t *changes = json_loads(text, 0, NULL);
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	(void)state;
	term_pretend(0, false);
	changes_print(changes, f);
	fclose(f);
	assert_string_equal(out, "  + host a\n"
				 "  ~ port a.eth0  access 10 -> 20, native none -> 5\n"
				 "  -+ port b.eth0  switch s1 -> s2  (interrupts its traffic)\n"
				 "  - link x\n"
				 "  + port ?[31m\n");
	free(out);
	json_decref(changes);
}

static void colours_end_with_the_word(void **state)
{
	json_t *changes = json_loads(text, 0, NULL);
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	(void)state;
	term_pretend(0, true);
	changes_print(changes, f);
	fclose(f);
	term_pretend(0, false);
	for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned int begun = 0, ended = 0;

		for (char *at = line; (at = strstr(at, "\033[")); at++) {
			if (at[2] == '0')
				ended++;
			else
				begun++;
		}
		assert_int_equal(begun, ended);
	}
	free(out);
	json_decref(changes);
}

static void they_are_summed_up(void **state)
{
	json_t *changes = json_loads(text, 0, NULL), *none = json_array();
	char *sum = changes_sum(changes), *nothing = changes_sum(none);

	(void)state;
	assert_string_equal(sum, "2 added, 1 changed, 1 replaced, 1 removed");
	assert_string_equal(nothing, "");
	assert_int_equal(changes_that_interrupt(changes), 2);
	free(sum);
	free(nothing);
	json_decref(changes);
	json_decref(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_one_line),
		cmocka_unit_test(colours_end_with_the_word),
		cmocka_unit_test(they_are_summed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
