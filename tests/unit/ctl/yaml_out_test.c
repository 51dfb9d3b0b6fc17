/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "ctl/yaml_in.h"
#include "ctl/yaml_out.h"

static char *printed(const json_t *v, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	assert_int_equal(yaml_out_print(v, f), 0);
	fclose(f);
	return text;
}

static void what_is_written_reads_back_the_same(void **state)
{
	static const char *const row[] = {
		"{\"a\": 1, \"b\": -7, \"c\": true, \"d\": null, \"e\": [], \"f\": {}}",
		"{\"yes\": \"no\", \"n\": \"Off\", \"x\": \"~\", \"y\": \"\"}",
		"[\"10\", \"0x10\", \"1e3\", \".inf\", \"10:20\", \"1_000\", \"0o7\"]",
		"[\"- a\", \"# b\", \"c: d\", \" e\", \"f \", \"@\", \"%\", \"'\", \"\\\"\", \"*x\"]",
		"[\"two\\nlines\", \"tab\\there\", \"\\u001b[31m\", \"B\\u00fcro\", \"\\u202e\"]",
		"[1.5, 1e300, 3.0, -0.25]",
		"{\"deep\": [[1, [2, {\"x\": [3]}]]]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		json_t *v = json_loads(row[i], 0, NULL);
		struct report r = { 0 };
		struct yaml_in *y = NULL;
		size_t len;
		char *text = printed(v, &len);

		if (yaml_in_parse(text, len, &y, &r))
			fail_msg("%s: line %u: %s", text, r.v[0].line, r.v[0].text);
		if (!json_equal(v, yaml_in_json(y)))
			fail_msg("%s: became %s", row[i], text);
		yaml_in_free(y);
		free(text);
		json_decref(v);
	}
}

static void plain_words_are_not_quoted_and_doubtful_ones_are(void **state)
{
	json_t *v = json_pack("{s:s,s:s,s:s}", "name", "s1", "up", "yes", "vid", "10");
	size_t len;
	char *text = printed(v, &len);

	(void)state;
	assert_string_equal(text, "name: s1\nup: \"yes\"\nvid: \"10\"\n");
	free(text);
	json_decref(v);
}

static void nothing_that_steers_a_terminal_is_written(void **state)
{
	json_t *v = json_pack("[s,s]", "\033[31mred",
			      "\xe2\x80\xae"
			      "backwards");
	size_t len;
	char *text = printed(v, &len);

	(void)state;
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	free(text);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(plain_words_are_not_quoted_and_doubtful_ones_are),
		cmocka_unit_test(nothing_that_steers_a_terminal_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
