/* SPDX-License-Identifier: Apache-2.0 */
/* weft lab list | show | set | remove. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/changes.h"
#include "ctl/down.h"
#include "ctl/nouns.h"
#include "ctl/table.h"
#include "ctl/value.h"

/* What can be changed of a lab that is up; the rest is in its file. */
static const struct field lab_fields[] = {
	{ .name = "autostart",
	  .type = FIELD_BOOL,
	  .def = "true",
	  .help = "come back after the machine has rebooted",
	  .example = "false" },
	{ .name = "description",
	  .type = FIELD_TEXT,
	  .max = 255,
	  .def = "\"\"",
	  .help = "what it is for",
	  .example = "'two switches, one trunk'" },
	{ 0 },
};
static const struct field *const lab_tables[] = { lab_fields, NULL };

static const char *yes_no(const json_t *lab, const char *key)
{
	return json_is_true(json_object_get(lab, key)) ? "yes" : "no";
}

static enum status run_list(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *answer = cli_get(cli, "labs", NULL), *items, *lab;
	struct table *t;
	size_t i;

	(void)noun, (void)args;
	if (!answer)
		return CLI_FAILED;
	items = json_object_get(answer, "items") ?: answer;
	t = table_new();
	table_columns(t, "NAME", "OBJECTS", "AUTOSTART", "DESCRIPTION", NULL);
	json_array_foreach (items, i, lab) {
		char *objects = value_objects(json_object_get(lab, "objects"));

		table_row(t);
		table_cell(t, STYLE_PLAIN, "%s", json_text(lab, "name"));
		table_cell(t, STYLE_PLAIN, "%s", objects);
		table_cell(t, STYLE_PLAIN, "%s", yes_no(lab, "autostart"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(lab, "description"));
		free(objects);
	}
	if (!cli_print(cli, items)) {
		if (table_rows(t))
			table_print(t, stdout);
		else
			fputs("no labs are up\n", stderr);
	}
	table_free(t);
	json_decref(answer);
	return CLI_DONE;
}

static void print_lab(const json_t *lab)
{
	struct table *t = table_new();
	const char *plural;
	json_t *names;

	table_columns(t, "", "", NULL);
	table_indent(t, 2);
	table_row(t);
	table_cell(t, STYLE_NOTE, "description");
	table_cell(t, STYLE_PLAIN, "%s", json_text(lab, "description"));
	table_row(t);
	table_cell(t, STYLE_NOTE, "autostart");
	table_cell(t, STYLE_PLAIN, "%s", yes_no(lab, "autostart"));
	json_object_foreach (json_object_get(lab, "members"), plural, names) {
		char *text = value_text(names);

		if (*text) {
			table_row(t);
			table_cell(t, STYLE_NOTE, "%s", plural);
			table_cell(t, STYLE_PLAIN, "%s", text);
		}
		free(text);
	}
	term_print(stdout, "lab %s\n", json_text(lab, "name"));
	table_print(t, stdout);
	table_free(t);
}

static enum status run_show(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *lab = cli_get(cli, "labs", args->operand[0]);

	(void)noun;
	if (!lab)
		return CLI_FAILED;
	if (!cli_print(cli, lab))
		print_lab(lab);
	json_decref(lab);
	return CLI_DONE;
}

static enum status run_set(struct cli *cli, const struct noun *noun, const struct args *args)
{
	char path[CLIENT_PATH];
	json_t *answer;

	(void)noun;
	client_path(path, "labs", args->operand[0], NULL);
	answer = cli_send(cli, "PATCH", path, args->fields);
	if (!answer)
		return CLI_FAILED;
	if (!cli_print(cli, answer))
		term_print(stdout, "lab %s: changed\n", args->operand[0]);
	json_decref(answer);
	return CLI_DONE;
}

static enum status run_remove(struct cli *cli, const struct noun *noun, const struct args *args)
{
	(void)noun;
	return down_lab(cli, args->operand[0], args_flag(args, "dry_run"));
}

static const struct field remove_only[] = {
	{ .name = "dry_run", .type = FIELD_BOOL, .help = "only say what would go" },
	{ 0 },
};
static const struct operand which[] = { { .name = "NAME", .what = "lab" }, { 0 } };

const struct verb lab_list = {
	.name = "list",
	.help = "labs that are up",
	.run = run_list,
};
const struct verb lab_show = {
	.name = "show",
	.help = "one of them, with all that belongs to it",
	.example = "weft lab show campus",
	.operands = which,
	.run = run_show,
};
const struct verb lab_set = {
	.name = "set",
	.help = "change what is not part of the network itself",
	.example = "weft lab set campus --autostart false",
	.operands = which,
	.fields = lab_tables,
	.changes = true,
	.run = run_set,
};
const struct verb lab_remove = {
	.name = "remove",
	.help = "take it down, as `weft down` does",
	.example = "weft lab remove campus",
	.operands = which,
	.options = remove_only,
	.run = run_remove,
};
