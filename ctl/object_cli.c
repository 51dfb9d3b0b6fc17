/* SPDX-License-Identifier: Apache-2.0 */
/* weft NOUN show | add | set | remove, for any kind of object that has a schema. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/changes.h"
#include "ctl/nouns.h"
#include "ctl/object.h"
#include "ctl/table.h"
#include "ctl/value.h"

/* ---- show ---- */

static void show_row(struct table *t, enum style style, const char *name, const char *text)
{
	table_row(t);
	table_cell(t, STYLE_NOTE, "%s", name);
	table_cell(t, *text ? style : STYLE_DIM, "%s", *text ? text : "-");
}

/* "17 ingress port is not in the VLAN (port c: trunk 10,30)": a line for each cause. */
static void show_drops(struct table *t, const json_t *drops)
{
	json_t *drop;
	size_t i;

	json_array_foreach ((json_t *)drops, i, drop) {
		const char *object = json_text(drop, "object"), *rule = json_text(drop, "rule");
		char *text = cli_text("%" JSON_INTEGER_FORMAT " %s%s%s%s%s%s",
				      json_integer_value(json_object_get(drop, "frames")),
				      json_text(drop, "cause"), *object ? " (" : "", object,
				      *rule ? ": " : "", rule, *object ? ")" : "");

		show_row(t, STYLE_BAD, i ? "" : "dropped", text);
		free(text);
	}
}

/* Returns how many were left out: those that say nothing, or "no" as they do by default. */
static unsigned int show_fields(struct table *t, const struct schema *s, const json_t *o, bool all)
{
	const json_t *status = json_object_get(o, "status");
	unsigned int left_out = 0;
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		json_t *v = json_object_get(o, f->name);
		bool usual = value_is_default(f, v);
		char *text;

		if (!field_of_type(f, json_text(o, "type")))
			continue;
		text = value_text(v ? v : json_object_get(status, f->name));
		if (usual && !all && (!*text || json_is_false(v)))
			left_out++;
		else
			show_row(t, usual ? STYLE_DIM : STYLE_PLAIN, f->name, text);
		free(text);
	}
	return left_out;
}

static void show_status(struct table *t, const struct schema *s, json_t *status)
{
	const char *key;
	json_t *v;
	char *text;

	json_object_foreach (status, key, v) {
		if (schema_field(s, key))
			continue;
		if (!strcmp(key, "drops") && json_is_array(v)) {
			show_drops(t, v);
			continue;
		}
		text = strcmp(key, "carrier") ? value_text(v) : value_status(key, v);
		if (*text)
			show_row(t, STYLE_PLAIN, key, text);
		free(text);
	}
}

static void print_object(const struct schema *s, const json_t *o, bool all)
{
	struct table *t = table_new();
	unsigned int left_out;
	char *note;

	table_columns(t, "", "", NULL);
	table_indent(t, 2);
	left_out = show_fields(t, s, o, all);
	if (*json_text(o, "lab"))
		show_row(t, STYLE_PLAIN, "lab", json_text(o, "lab"));
	show_status(t, s, json_object_get(o, "status"));
	term_print(stdout, "%s %s\n", s->kind, json_text(o, "name"));
	table_print(t, stdout);
	table_free(t);
	if (!left_out)
		return;
	note = value_count(left_out, "field");
	printf("  (%s not set: --all)\n", note);
	free(note);
}

static enum status run_show(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *o = cli_get(cli, noun->schema->plural, args->operand[0]);

	if (!o)
		return CLI_FAILED;
	if (!cli_print(cli, o))
		print_object(noun->schema, o, args_flag(args, "all"));
	json_decref(o);
	return CLI_DONE;
}

/* ---- add, set, remove ---- */

enum status object_do_add(struct cli *cli, const struct noun *noun, const char *name,
			  const json_t *body)
{
	struct client_request r = { .method = "PUT", .body = body, .only_new = true };
	struct client_answer answer;
	char path[CLIENT_PATH];
	const char *held;

	client_path(path, noun->schema->plural, name, NULL);
	r.path = path;
	if (client_call(cli_client(cli), &r, &answer, &cli->faults))
		return CLI_FAILED;
	held = json_text(json_object_get(answer.body, "status"), "held");
	if (!cli_print(cli, answer.body))
		term_print(stdout, "%s %s: %s%s%s\n", noun->name, name,
			   answer.status == 201 ? "added" : "unchanged",
			   *held ? "; no carrier yet: " : "", held);
	json_decref(answer.body);
	return CLI_DONE;
}

/* The daemon had cut it by itself, and no longer does, though no field has changed. */
static bool was_opened(const json_t *before, const json_t *after)
{
	return json_object_get(json_object_get(before, "status"), "shut") &&
	       !json_object_get(json_object_get(after, "status"), "shut");
}

/* What differs in the fields, as the daemon's own changes tell it. */
static json_t *difference(const struct schema *s, const json_t *before, const json_t *after)
{
	json_t *fields = must(json_object());
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		json_t *was = json_object_get(before, f->name);
		json_t *is = json_object_get(after, f->name);

		if (was == is || (was && is && json_equal(was, is)))
			continue;
		json_object_set_new(fields, f->name,
				    must(json_pack("{s:O?,s:O?}", "from", was, "to", is)));
	}
	return fields;
}

enum status object_do_set(struct cli *cli, const struct noun *noun, const char *name,
			  const json_t *patch)
{
	json_t *before = cli_get(cli, noun->schema->plural, name), *after, *fields;
	char path[CLIENT_PATH], *text;

	if (!before)
		return CLI_FAILED;
	client_path(path, noun->schema->plural, name, NULL);
	after = cli_send(cli, "PATCH", path, patch);
	if (after && !cli_print(cli, after)) {
		fields = difference(noun->schema, before, after);
		text = changes_fields(fields);
		term_print(stdout, "%s %s: %s\n", noun->name, name,
			   *text                       ? text
			   : was_opened(before, after) ? "opened"
						       : "unchanged");
		free(text);
		json_decref(fields);
	}
	json_decref(before);
	json_decref(after);
	return after ? CLI_DONE : CLI_FAILED;
}

/* What went with it. */
static void print_rest(const struct noun *noun, const char *name, const json_t *changes)
{
	json_t *rest = must(json_array()), *c;
	size_t i;

	json_array_foreach ((json_t *)changes, i, c) {
		if (strcmp(json_text(c, "kind"), noun->name) != 0 ||
		    strcmp(json_text(c, "name"), name) != 0)
			json_array_append(rest, c);
	}
	changes_print(rest, stdout);
	json_decref(rest);
}

enum status object_do_remove(struct cli *cli, const struct noun *noun, const char *name,
			     bool cascade)
{
	char path[CLIENT_PATH];
	json_t *answer;

	client_path(path, noun->schema->plural, name, NULL);
	if (cascade)
		client_query(path, "cascade", "true");
	answer = cli_send(cli, "DELETE", path, NULL);
	if (!answer)
		return CLI_FAILED;
	if (cli->output == OUTPUT_TABLE) {
		term_print(stdout, "%s %s: removed\n", noun->name, name);
		print_rest(noun, name, json_object_get(answer, "changes"));
	} else if (json_is_object(answer)) {
		cli_print(cli, answer);
	}
	json_decref(answer);
	return CLI_DONE;
}

static enum status run_add(struct cli *cli, const struct noun *noun, const struct args *args)
{
	return object_do_add(cli, noun, args->operand[0], args->fields);
}

static enum status run_set(struct cli *cli, const struct noun *noun, const struct args *args)
{
	return object_do_set(cli, noun, args->operand[0], args->fields);
}

static enum status run_remove(struct cli *cli, const struct noun *noun, const struct args *args)
{
	return object_do_remove(cli, noun, args->operand[0], args_flag(args, "cascade"));
}

const struct field remove_options[] = {
	{ .name = "cascade", .type = FIELD_BOOL, .help = "and all that refers to it" },
	{ 0 },
};

static const struct field show_options[] = { SHOW_ALL, { 0 } };
static const struct operand one_of_them[] = { { .name = "NAME", .what = OPERAND_OWN }, { 0 } };
static const struct operand a_new_one[] = { { .name = "NAME", .what = OPERAND_NEW }, { 0 } };

const struct verb object_show = {
	.name = "show",
	.help = "one of them, with all that is known about it",
	.operands = one_of_them,
	.options = show_options,
	.run = run_show,
};
const struct verb object_add = {
	.name = "add",
	.help = "make one; fine if it is there already and just so",
	.operands = a_new_one,
	.own_fields = true,
	.run = run_add,
};
const struct verb object_set = {
	.name = "set",
	.help = "change some of its fields; the others stay",
	.operands = one_of_them,
	.own_fields = true,
	.changes = true,
	.run = run_set,
};
const struct verb object_remove = {
	.name = "remove",
	.help = "take it away",
	.operands = one_of_them,
	.options = remove_options,
	.run = run_remove,
};
