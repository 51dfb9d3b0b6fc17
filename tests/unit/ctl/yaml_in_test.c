/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>

#include "ctl/yaml_in.h"

static struct yaml_in *parse(const char *text)
{
	struct report r = { 0 };
	struct yaml_in *y = NULL;

	if (yaml_in_parse(text, strlen(text), &y, &r))
		fail_msg("%s: line %u: %s", text, r.v[0].line, r.v[0].text);
	assert_int_equal(r.n, 0);
	return y;
}

static void words_are_those_of_the_core_schema(void **state)
{
	static const struct {
		const char *yaml, *json;
	} row[] = {
		{ "v: true", "true" },
		{ "v: FALSE", "false" },
		{ "v: yes", "\"yes\"" },
		{ "v: no", "\"no\"" },
		{ "v: null", "null" },
		{ "v:", "null" },
		{ "v: 10", "10" },
		{ "v: -10", "-10" },
		{ "v: 010", "10" },
		{ "v: 0o17", "15" },
		{ "v: 0x1F", "31" },
		{ "v: 1.5", "1.5" },
		{ "v: 1e3", "1000.0" },
		{ "v: .", "\".\"" },
		{ "v: 1e", "\"1e\"" },
		{ "v: -x", "\"-x\"" },
		{ "v: '10'", "\"10\"" },
		{ "v: \"true\"", "\"true\"" },
		{ "v: 'it''s'", "\"it's\"" },
		{ "v: 10,20,100-199", "\"10,20,100-199\"" },
		{ "v: 10:20", "\"10:20\"" },
		{ "v: 02:00:00:00:00:0a", "\"02:00:00:00:00:0a\"" },
		{ "v: 10.0.0.1/24", "\"10.0.0.1/24\"" },
		{ "v: 10.0.0.1", "\"10.0.0.1\"" },
		{ "v: 9223372036854775807", "9223372036854775807" },
		{ "v: [1, two, 'three']", "[1, \"two\", \"three\"]" },
		{ "v: {10: staff, a: {}}", "{\"10\": \"staff\", \"a\": {}}" },
		{ "v: |\n  two\n  lines\n", "\"two\\nlines\\n\"" },
		{ "x: &n [1, 2]\nv: *n", "[1, 2]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct yaml_in *y = parse(row[i].yaml);
		json_t *is = json_object_get(yaml_in_json(y), "v");
		json_t *wanted = json_loads(row[i].json, JSON_DECODE_ANY, NULL);
		char *text = json_dumps(is, JSON_ENCODE_ANY);

		if (!json_equal(is, wanted))
			fail_msg("%s: %s", row[i].yaml, text);
		free(text);
		json_decref(wanted);
		yaml_in_free(y);
	}
}

#define EIGHT "[[[[[[[["
#define DEEP  EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT "["

static void each_fault_is_told_with_its_line(void **state)
{
	static const struct {
		const char *why, *yaml;
		unsigned int line;
		const char *says;
	} row[] = {
		{ "the same key again", "a: 1\nb: 2\na: 3\n", 3, "'a' is here twice" },
		{ "the same key again, deep", "a:\n  x: 1\n  x: 2\n", 3, "'x' is here twice" },
		{ "unknown anchor", "a: 1\nb: *nobody\n", 2, "mark it first" },
		{ "merge key", "a: &x {k: 1}\nb:\n  <<: *x\n", 3, "merges mappings" },
		{ "second document", "a: 1\n---\nb: 2\n", 3, "one file is one document" },
		{ "tab", "a:\n\tb: 1\n", 2, "tabs" },
		{ "unclosed", "a: [1, 2\nb: 3\n", 2,
		  "']' is missing (what it is in begins on line 1)" },
		{ "unclosed, the other way", "a: {b: 2\nc: 3\n", 2, "'}' is missing" },
		{ "a quotation mark", "a: \"x\nb: 3\n", 1, "never closed" },
		{ "bad indentation", "a:\n   b: 1\n  c: 2\n", 3, "begins elsewhere" },
		{ "too deep", "a: 1\n  b: 1\n", 2, "a ':' stands where none can be" },
		{ "not below", "  a: 1\nb: 1\n", 2, "belongs to nothing above it" },
		{ "no colon", "a: 1\nb\nc: 1\n", 2, "this key has no ':'" },
		{ "two keys on a line", "a:\n  b: c: 1\n", 2, "a ':' stands where none can be" },
		{ "no item", "a:\n- 1\n- 2\n  b: 1\n", 4, "a ':' stands where none can be" },
		{ "not of the list", "a:\n  - 1\n  b: 2\n", 3, "no item of the list above it" },
		{ "a list in a line", "a: - 1\n", 1, "'-' stands where no list can begin" },
		{ "nothing between commas", "a: [1,,2]\n", 1, "a value is missing here" },
		{ "a list as key", "? [1, 2]\n: x\n", 1, "a key must be one word" },
		{ "no key", "'': x\n", 1, "a key is missing" },
		{ "NUL", "a: \"x\\0y\"\n", 1, "NUL" },
		{ "too large a number", "a: 1\nb: 9223372036854775808\n", 2, "too large" },
		{ "too large a fraction", "b: 1e999\n", 1, "too large" },
		{ "infinite", "a: 1\nb: -.inf\n", 2, "infinite" },
		{ "tag", "a: 1\nb: !!int 3\n", 2, "tags" },
		{ "own tag", "b: !thing {}\n", 1, "tags" },
		{ "deep brackets", "a: 1\nb: " DEEP "\n", 2, "nested too deeply" },
		{ "an alias inside itself", "a: &x [1, *x]\n", 1, "nested too deeply" },
		{ "not UTF-8", "a: 1\nb: \xff\n", 2, "UTF-8" },
		{ "nothing", "", 0, "it is empty" },
		{ "only a comment", "# hello\n", 0, "it is empty" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct report r = { 0 };
		struct yaml_in *y = NULL;

		if (yaml_in_parse(row[i].yaml, strlen(row[i].yaml), &y, &r) != -EINVAL)
			fail_msg("%s: it is taken", row[i].why);
		assert_null(y);
		if (r.n != 1 || r.v[0].line != row[i].line || !strstr(r.v[0].text, row[i].says))
			fail_msg("%s: %u faults, line %u: %s", row[i].why, r.n, r.v[0].line,
				 r.v[0].text);
		report_free(&r);
	}
}

static void all_faults_are_told_at_once(void **state)
{
	static const char text[] = "a: 1\na: 2\nb: !!int 3\nc: [.nan, {x: 1, x: 2}]\n";
	struct report r = { 0 };
	struct yaml_in *y = NULL;

	(void)state;
	assert_int_equal(yaml_in_parse(text, sizeof(text) - 1, &y, &r), -EINVAL);
	assert_int_equal(r.n, 4);
	report_free(&r);
}

/* Nine levels of nine aliases are a thousand million nodes. */
static void a_bomb_of_aliases_is_refused(void **state)
{
	struct report r = { 0 };
	struct yaml_in *y = NULL;
	char text[1024];
	size_t at = (size_t)sprintf(text, "a0: &a0 [1,1,1,1,1,1,1,1,1]\n");

	(void)state;
	for (int i = 1; i < 9; i++) {
		at += (size_t)sprintf(text + at, "a%d: &a%d [", i, i);
		for (int k = 0; k < 9; k++)
			at += (size_t)sprintf(text + at, "%s*a%d", k ? "," : "", i - 1);
		at += (size_t)sprintf(text + at, "]\n");
	}
	assert_int_equal(yaml_in_parse(text, at, &y, &r), -EINVAL);
	assert_int_equal(r.n, 1);
	assert_non_null(strstr(r.v[0].text, "unfold to too much"));
	report_free(&r);
}

static void a_file_that_is_too_large_is_refused(void **state)
{
	char *text = malloc(YAML_IN_SIZE + 1);
	struct report r = { 0 };
	struct yaml_in *y = NULL;

	(void)state;
	memset(text, ' ', YAML_IN_SIZE + 1);
	assert_int_equal(yaml_in_parse(text, YAML_IN_SIZE + 1, &y, &r), -EINVAL);
	assert_non_null(strstr(r.v[0].text, "larger than 4 MiB"));
	report_free(&r);
	free(text);
}

static void a_pointer_leads_to_its_line(void **state)
{
	static const char text[] = "lab: x\n" /* 1 */
				   "# a comment\n"
				   "switches:\n" /* 3 */
				   "  s1:\n"
				   "    aging: 60\n" /* 5 */
				   "    vlans: {10: staff,\n"
				   "            20: lab}\n" /* 7 */
				   "hosts:\n"
				   "  a:\n" /* 9 */
				   "    address:\n"
				   "    - 10.0.0.1/24\n" /* 11 */
				   "    - 10.0.0.2/24\n"
				   "  'b/c~d': &b\n" /* 13 */
				   "    access: 1\n"
				   "  c: *b\n"; /* 15 */
	static const struct {
		const char *why, *pointer;
		unsigned int line;
	} row[] = {
		{ "the whole", "", 1 },
		{ "a member", "/lab", 1 },
		{ "a mapping: its key's line", "/switches/s1", 4 },
		{ "deep", "/switches/s1/aging", 5 },
		{ "in braces", "/switches/s1/vlans/20", 7 },
		{ "a list: its key's line", "/hosts/a/address", 10 },
		{ "an entry of it", "/hosts/a/address/1", 12 },
		{ "a key with / and ~", "/hosts/b~1c~0d/access", 14 },
		{ "through an alias", "/hosts/c/access", 14 },
		{ "what is missing: around it", "/hosts/a/switch", 9 },
		{ "nothing like it", "/nothing/at/all", 1 },
		{ "past the end of a list", "/hosts/a/address/7", 10 },
		{ "not a number", "/hosts/a/address/x", 10 },
		{ "below a word", "/lab/x/y", 1 },
		{ "no pointer at all", "switches", 1 },
	};
	struct yaml_in *y = parse(text);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (yaml_in_line(y, row[i].pointer) != row[i].line)
			fail_msg("%s: line %u", row[i].why, yaml_in_line(y, row[i].pointer));
	}
	yaml_in_free(y);
}

static void what_cannot_be_read_is_said(void **state)
{
	struct report r = { 0 };
	struct yaml_in *y = NULL;

	(void)state;
	assert_int_equal(yaml_in_read("/nowhere/lab.yaml", &y, &r), -ENOENT);
	assert_string_equal(r.v[0].text, "there is no such file");
	report_free(&r);
	assert_true(yaml_in_read("/", &y, &r) < 0);
	assert_int_equal(r.n, 1);
	report_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_those_of_the_core_schema),
		cmocka_unit_test(each_fault_is_told_with_its_line),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(a_bomb_of_aliases_is_refused),
		cmocka_unit_test(a_file_that_is_too_large_is_refused),
		cmocka_unit_test(a_pointer_leads_to_its_line),
		cmocka_unit_test(what_cannot_be_read_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
