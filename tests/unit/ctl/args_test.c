/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/nouns.h"

enum { WORDS = 16 };

/* Splits at blanks; an underscore in a word stands for a blank of its own. */
static void split(char *line, char **argv)
{
	unsigned int n = 0;

	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		for (char *c = word; *c; c++)
			*c = (char)(*c == '_' ? ' ' : *c);
		assert_true(n < WORDS - 1);
		argv[n++] = word;
	}
	argv[n] = NULL;
}

static enum status parse(struct cli *cli, const char *noun_name, const char *verb_name, char *line,
			 struct args *out)
{
	const struct verb *verb;
	struct noun noun;
	char *argv[WORDS];
	enum status status;

	split(line, argv);
	if (!noun_name)
		return args_parse(cli, NULL, command_find(verb_name), argv, out);
	assert_true(noun_find(noun_name, &noun));
	verb = noun_verb(&noun, verb_name);
	assert_non_null(verb);
	status = args_parse(cli, &noun, verb, argv, out);
	return status;
}

static void fields_are_taken_in_both_ways(void **state)
{
	static const struct {
		const char *noun, *verb, *line, *fields;
	} row[] = {
		{ "port", "add", "p1 --switch s1 --trunk 10,20",
		  "{\"switch\": \"s1\", \"trunk\": \"10,20\"}" },
		{ "port", "add", "p1 switch s1 trunk 10,20",
		  "{\"switch\": \"s1\", \"trunk\": \"10,20\"}" },
		{ "port", "add", "--switch=s1 p1 --access=10",
		  "{\"switch\": \"s1\", \"access\": 10}" },
		{ "port", "set", "a.eth0 access 20", "{\"access\": 20}" },
		{ "port", "set", "a.eth0 native none", "{\"native\": null}" },
		{ "port", "set", "a.eth0 --no-native", "{\"native\": null}" },
		{ "port", "set", "a.eth0 receive none", "{\"receive\": null}" },
		{ "port", "set", "a.eth0 --no-up", "{\"up\": false}" },
		{ "port", "set", "a.eth0 --up", "{\"up\": true}" },
		{ "port", "set", "a.eth0 --up off", "{\"up\": false}" },
		{ "port", "set", "a.eth0 --up --access 3", "{\"up\": true, \"access\": 3}" },
		{ "port", "set", "a.eth0 --native-tagged yes", "{\"native_tagged\": true}" },
		{ "port", "set", "a.eth0 address 10.0.0.1/24 address fd00::1/64",
		  "{\"address\": [\"10.0.0.1/24\", \"fd00::1/64\"]}" },
		{ "host", "set", "a routes default via 10.0.0.1",
		  "{\"routes\": [\"default via 10.0.0.1\"]}" },
		{ "host", "add", "a --switch s1 --access 10 --forwarding",
		  "{\"switch\": \"s1\", \"access\": 10, \"forwarding\": true}" },
		{ "link", "add", "t --a s1 --b s2 --trunk all",
		  "{\"a\": \"s1\", \"b\": \"s2\", \"trunk\": \"all\"}" },
		{ "vlan", "add", "s1 10 --title none", "{\"title\": \"none\"}" },
		{ "vlan", "set", "s1 10 --no-title", "{\"title\": null}" },
		{ "fdb", "list", "--vid 10 port a.eth0", "{\"vid\": 10, \"port\": \"a.eth0\"}" },
		{ "port", "add", "-- p1 switch s1", "{\"switch\": \"s1\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct cli cli = { 0 };
		json_t *wanted = json_loads(row[i].fields, 0, NULL);
		char *line = strdup(row[i].line), *is;
		struct args args;

		if (parse(&cli, row[i].noun, row[i].verb, line, &args))
			fail_msg("%s: %s", row[i].line, cli.faults.v[0].message);
		is = json_dumps(args.fields, 0);
		if (!json_equal(args.fields, wanted))
			fail_msg("%s: %s", row[i].line, is);
		free(is);
		free(line);
		json_decref(wanted);
		args_free(&args);
	}
}

static void what_is_not_understood_is_said_with_what_is_near(void **state)
{
	static const struct {
		const char *noun, *verb, *line;
		enum status status;
		const char *message, *hint;
	} row[] = {
		{ "port", "add", "p1 --swich s1", CLI_USAGE, "'--swich'", "'--switch'" },
		{ "port", "set", "p1 acess 10", CLI_USAGE, "'acess'", "'access'" },
		{ "port", "add", "", CLI_USAGE, "lacks its NAME", "--help" },
		{ "port", "set", "p1 access", CLI_USAGE, "'access' lacks its value", "1 to 4094" },
		{ "port", "set", "p1 access 1 access 2", CLI_USAGE, "given twice", "" },
		{ "port", "set", "p1 worker ten", CLI_FAILED, "whole number", "0 to 15" },
		{ "port", "set", "p1 up maybe", CLI_USAGE, "'maybe'", "" },
		{ "port", "list", "-x", CLI_USAGE, "'-x'", "" },
		{ "port", "show", "p1 p2", CLI_USAGE, "'p2'", "" },
		{ "host", "set", "a access 10", CLI_USAGE, "'access'", "a port has one" },
		{ "switch", "remove", "s1 --casade", CLI_USAGE, "'--casade'", "'--cascade'" },
		{ "port", "set", "a up maybe", CLI_USAGE, "'up' does not take 'maybe'",
		  "use yes or no" },
		{ "port", "show", "a/b", CLI_USAGE, "'a/b' is not a name", "at most 63" },
		{ "switch", "add", "a\xff", CLI_USAGE, "is not a name", "at most 63" },
		{ "fdb", "flush", "--mac x", CLI_USAGE, "'--mac'", "see weft fdb flush --help" },
		{ NULL, "up", "", CLI_USAGE, "lacks its FILE", "" },
		{ NULL, "up", "f --dryrun", CLI_USAGE, "'--dryrun'", "dry" },
		{ NULL, "capture", "p -c x", CLI_FAILED, "whole number", "" },
		{ NULL, "capture", "p -c 0", CLI_FAILED, "out of range", "" },
		{ NULL, "status", "-o xml", CLI_USAGE, "'xml'", "json" },
		{ NULL, "status", "--output", CLI_USAGE, "lacks its value", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct cli cli = { 0 };
		char *line = strdup(row[i].line);
		struct args args;
		enum status status = parse(&cli, row[i].noun, row[i].verb, line, &args);

		if (status != row[i].status || cli.faults.n != 1)
			fail_msg("%s: status %u, %u faults", row[i].line, status, cli.faults.n);
		if (!strstr(cli.faults.v[0].message, row[i].message) ||
		    !strstr(cli.faults.v[0].hint, row[i].hint))
			fail_msg("%s: %s (%s)", row[i].line, cli.faults.v[0].message,
				 cli.faults.v[0].hint);
		faults_free(&cli.faults);
		args_free(&args);
		free(line);
	}
}

static void options_of_the_command_are_kept_apart(void **state)
{
	struct cli cli = { 0 };
	struct args args;
	char line[] = "p1 -w out.pcap -c5 -o json --socket=/tmp/s";

	(void)state;
	assert_int_equal(parse(&cli, NULL, "capture", line, &args), CLI_DONE);
	assert_string_equal(args.operand[0], "p1");
	assert_string_equal(args_text(&args, "write"), "out.pcap");
	assert_int_equal(args_number(&args, "count", 0), 5);
	assert_int_equal(cli.output, OUTPUT_JSON);
	assert_string_equal(cli.socket, "/tmp/s");
	args_free(&args);
}

static void a_command_in_a_host_is_left_as_it_is(void **state)
{
	static const char *const lines[] = { "a -- ls -l --help", "a ls -l --help",
					     "-- a ls -l --help" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct cli cli = { 0 };
		char *line = strdup(lines[i]);
		struct noun noun;
		char *argv[WORDS];
		struct args args;

		split(line, argv);
		assert_true(noun_find("host", &noun));
		assert_int_equal(args_parse(&cli, &noun, noun_verb(&noun, "exec"), argv, &args),
				 CLI_DONE);
		assert_string_equal(args.operand[0], "a");
		assert_string_equal(args.rest[0], "ls");
		assert_string_equal(args.rest[1], "-l");
		assert_string_equal(args.rest[2], "--help");
		assert_null(args.rest[3]);
		assert_false(args.help);
		args_free(&args);
		free(line);
	}
}

/* A table that has a mistake would show here, not at a user's. */
static void every_command_is_well_formed(void **state)
{
	struct noun n;

	(void)state;
	for (unsigned int i = 0; noun_at(i, &n); i++) {
		for (const struct verb *const *v = n.verbs; *v; v++) {
			assert_non_null((*v)->help);
			assert_non_null((*v)->run);
			for (const struct short_option *s = (*v)->shorts; s && s->letter; s++)
				assert_non_null(args_option((*v)->options, s->name));
		}
	}
	for (const struct verb *const *v = commands; *v; v++) {
		struct noun taken;

		assert_false(noun_find((*v)->name, &taken));
		for (const struct short_option *s = (*v)->shorts; s && s->letter; s++)
			assert_non_null(args_option((*v)->options, s->name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_taken_in_both_ways),
		cmocka_unit_test(what_is_not_understood_is_said_with_what_is_near),
		cmocka_unit_test(options_of_the_command_are_kept_apart),
		cmocka_unit_test(a_command_in_a_host_is_left_as_it_is),
		cmocka_unit_test(every_command_is_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
