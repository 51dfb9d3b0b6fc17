/* SPDX-License-Identifier: Apache-2.0 */
/* weft help, and the tables themselves as JSON, for tests that hold the manual against them. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/help.h"
#include "ctl/nouns.h"

static enum status no_such(struct cli *cli, const char *word)
{
	fault(&cli->faults, FAULT_SYNTAX, NULL, "see weft --help", "there is no help on '%s'",
	      word);
	return CLI_USAGE;
}

static enum status run_help(struct cli *cli, const struct noun *unused, const struct args *args)
{
	const char *word = args->operand[0], *verb = args->operand[1];
	struct noun noun;

	(void)unused;
	if (!word) {
		help_all(stdout);
	} else if (noun_find(word, &noun) && !verb) {
		help_noun(stdout, &noun);
	} else if (noun_find(word, &noun)) {
		if (!noun_verb(&noun, verb))
			return no_such(cli, verb);
		help_verb(stdout, &noun, noun_verb(&noun, verb));
	} else {
		if (!command_find(word))
			return no_such(cli, word);
		help_verb(stdout, NULL, command_find(word));
	}
	return CLI_DONE;
}

static json_t *fields_of(const struct noun *noun, const struct verb *verb)
{
	json_t *list = must(json_array());
	struct args_at at;

	for (const struct field *f = args_first(noun, verb, &at); f; f = args_next(&at))
		json_array_append_new(list, json_string(f->name));
	return list;
}

static json_t *verb_json(const struct noun *noun, const struct verb *verb)
{
	json_t *options = must(json_array());
	char *example = help_example(noun, verb);
	json_t *v;

	for (const struct field *f = verb->options; f && f->name; f++)
		json_array_append_new(options, json_string(f->name));
	v = json_pack("{s:s,s:s,s:s,s:o,s:o}", "name", verb->name, "help", verb->help, "example",
		      example, "fields", fields_of(noun, verb), "options", options);
	free(example);
	return must(v);
}

static json_t *verbs_json(const struct noun *noun, const struct verb *const *verbs)
{
	json_t *list = must(json_array());

	for (; *verbs; verbs++) {
		if (!(*verbs)->hidden)
			json_array_append_new(list, verb_json(noun, *verbs));
	}
	return list;
}

static json_t *kind_json(const struct schema *s)
{
	json_t *fields = must(json_array());
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		json_array_append_new(fields, must(json_pack("{s:s,s:s,s:s?,s:s}", "name", f->name,
							     "type", field_type_name(f->type),
							     "default", f->def, "help", f->help)));
	}
	return must(
		json_pack("{s:s,s:s,s:o}", "kind", s->kind, "plural", s->plural, "fields", fields));
}

static enum status run_tables(struct cli *cli, const struct noun *unused, const struct args *args)
{
	json_t *kinds = must(json_array()), *nouns = must(json_array()), *all;
	struct noun n;

	(void)unused, (void)args;
	for (const struct schema *const *s = schemas; *s; s++)
		json_array_append_new(kinds, kind_json(*s));
	for (unsigned int i = 0; noun_at(i, &n); i++)
		json_array_append_new(nouns, must(json_pack("{s:s,s:o}", "name", n.name, "verbs",
							    verbs_json(&n, n.verbs))));
	all = must(json_pack("{s:o,s:o,s:o}", "kinds", kinds, "nouns", nouns, "commands",
			     verbs_json(NULL, commands)));
	if (cli->output == OUTPUT_TABLE)
		cli->output = OUTPUT_JSON;
	cli_print(cli, all);
	json_decref(all);
	return CLI_DONE;
}

static const struct operand on_what[] = {
	{ .name = "OBJECT", .what = "=word", .optional = true },
	{ .name = "COMMAND", .what = "=word", .optional = true },
	{ 0 },
};

const struct verb help_command = {
	.name = "help",
	.help = "the same as --help behind it",
	.example = "weft help port add",
	.operands = on_what,
	.run = run_help,
};
const struct verb tables_command = {
	.name = "tables",
	.help = "what can be said, as JSON",
	.example = "weft tables",
	.hidden = true,
	.run = run_tables,
};
