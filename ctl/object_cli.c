/* SPDX-License-Identifier: Apache-2.0 */
/* weft NOUN list | show | add | set | remove, for any kind of object that has a schema. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/changes.h"
#include "ctl/nouns.h"
#include "ctl/object.h"
#include "ctl/table.h"
#include "ctl/value.h"

/* ---- list ---- */

/* Of these a list tells nothing while there is none of them. */
static bool is_trouble(const char *member)
{
	return !strcmp(member, "drops") || !strcmp(member, "fdb_full");
}

/* Status members that only `show` tells: what they are is seen elsewhere, or rarely wanted. */
static bool is_detail(const char *member)
{
	static const char *const names[] = { "id", "netns", "a", "b", "ifindex", "device_up" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!strcmp(member, names[i]))
			return true;
	}
	return false;
}

static void title(struct table *t, const char *name)
{
	char *text = must(strdup(name));

	for (char *c = text; *c; c++)
		*c = (char)(*c == '_' ? ' ' : *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	table_column(t, text);
	free(text);
}

/* Worth a column: it is needed, or one of the objects has it otherwise than by default. */
static bool is_told(const struct field *f, const json_t *items)
{
	json_t *item;
	size_t i;

	if (f->flags & FIELD_REQUIRED || f->type == FIELD_DEVICE)
		return true;
	json_array_foreach ((json_t *)items, i, item) {
		if (!value_is_default(f, json_object_get(item, f->name)))
			return true;
	}
	return false;
}

/* The status members that get a column, as keys of the result: the caller owns it. */
static json_t *status_columns(const struct schema *s, const json_t *items)
{
	json_t *columns = must(json_object()), *item, *v;
	const char *key;
	size_t i;

	json_array_foreach ((json_t *)items, i, item) {
		json_object_foreach (json_object_get(item, "status"), key, v) {
			char *text = value_status(key, v);
			bool quiet = is_trouble(key) && !strcmp(text, "0");

			free(text);
			if (!quiet && !is_detail(key) && !schema_field(s, key))
				json_object_set_new(columns, key, json_true());
		}
	}
	return columns;
}

static enum style style_of(const char *member, const char *text)
{
	if (!strcmp(member, "carrier"))
		return !strcmp(text, "up") ? STYLE_GOOD : STYLE_BAD;
	return is_trouble(member) && strcmp(text, "0") != 0 ? STYLE_BAD : STYLE_PLAIN;
}

static void list_row(struct table *t, const struct schema *s, const json_t *items,
		     const json_t *item, const json_t *columns)
{
	const json_t *status = json_object_get(item, "status");
	struct field_at at;
	const char *key;
	json_t *unused;
	char *text;

	table_row(t);
	table_cell(t, STYLE_PLAIN, "%s", json_text(item, "name"));
	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		const json_t *v = json_object_get(item, f->name);

		if (!is_told(f, items))
			continue;
		/* What was not asked for by name has one all the same: a device weft0. */
		text = value_text(v && !json_is_null(v) ? v : json_object_get(status, f->name));
		table_cell(t, STYLE_PLAIN, "%s", text);
		free(text);
	}
	json_object_foreach ((json_t *)columns, key, unused) {
		const json_t *v = json_object_get(status, key);

		text = v ? value_status(key, v) : must(strdup(""));
		table_cell(t, style_of(key, text), "%s", text);
		free(text);
	}
	table_cell(t, STYLE_DIM, "%s", json_text(item, "lab"));
}

void object_print_list(const struct schema *s, const json_t *items)
{
	json_t *columns = status_columns(s, items), *item;
	struct table *t = table_new();
	struct field_at at;
	const char *key;
	size_t i;

	table_column(t, "NAME");
	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		if (is_told(f, items))
			title(t, f->name);
	}
	json_object_foreach (columns, key, item)
		title(t, key);
	table_column(t, "LAB");
	json_array_foreach ((json_t *)items, i, item)
		list_row(t, s, items, item, columns);
	table_print(t, stdout);
	table_free(t);
	json_decref(columns);
}

/* Has the object every value that was asked for? Faults are added for values that make no sense. */
static bool matches(struct cli *cli, const struct schema *s, const json_t *item,
		    const json_t *wanted)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)wanted, key, v) {
		json_t *has = json_object_get(item, key), *is;
		bool same;

		if (json_is_null(v)) {
			if (has && !json_is_null(has))
				return false;
			continue;
		}
		is = field_check(schema_field(s, key), v, &cli->faults);
		if (!is)
			return false;
		same = json_equal(is, has);
		json_decref(is);
		if (!same)
			return false;
	}
	return true;
}

static json_t *chosen(struct cli *cli, const struct schema *s, const json_t *items,
		      const json_t *wanted)
{
	json_t *out = must(json_array()), *item;
	size_t i;

	json_array_foreach ((json_t *)items, i, item) {
		if (matches(cli, s, item, wanted))
			json_array_append(out, item);
	}
	return out;
}

static enum status run_list(struct cli *cli, const struct noun *noun, const struct args *args)
{
	const char *lab = args_text(args, "lab");
	char path[CLIENT_PATH];
	json_t *answer, *items;

	client_path(path, noun->schema->plural, NULL, NULL);
	if (lab)
		client_query(path, "lab", lab);
	if (client_get(cli_client(cli), path, &answer, &cli->faults))
		return CLI_FAILED;
	items = chosen(cli, noun->schema, json_object_get(answer, "items"), args->fields);
	if (!cli->faults.n && !cli_print(cli, items)) {
		if (json_array_size(items))
			object_print_list(noun->schema, items);
		else
			fprintf(stderr, "there are no %s%s\n", noun->schema->plural,
				lab || json_object_size(args->fields) ? " like that" : "");
	}
	json_decref(items);
	json_decref(answer);
	return CLI_DONE;
}

/* ---- show ---- */

static void show_row(struct table *t, enum style style, const char *name, const char *text)
{
	table_row(t);
	table_cell(t, STYLE_NOTE, "%s", name);
	table_cell(t, *text ? style : STYLE_DIM, "%s", *text ? text : "-");
}

static void print_object(const struct schema *s, const json_t *o)
{
	json_t *status = json_object_get(o, "status");
	struct table *t = table_new();
	struct field_at at;
	const char *key;
	json_t *v;
	char *text;

	table_column(t, "");
	table_column(t, "");
	table_indent(t, 2);
	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		v = json_object_get(o, f->name);
		if (f->only && strcmp(f->only, json_text(o, "type")) != 0)
			continue;
		text = value_text(v ? v : json_object_get(status, f->name));
		show_row(t, value_is_default(f, v) ? STYLE_DIM : STYLE_PLAIN, f->name, text);
		free(text);
	}
	if (*json_text(o, "lab"))
		show_row(t, STYLE_PLAIN, "lab", json_text(o, "lab"));
	json_object_foreach (status, key, v) {
		if (schema_field(s, key))
			continue;
		text = strcmp(key, "carrier") ? value_text(v) : value_status(key, v);
		if (*text)
			show_row(t, STYLE_PLAIN, key, text);
		free(text);
	}
	term_print(stdout, "%s %s\n", s->kind, json_text(o, "name"));
	table_print(t, stdout);
	table_free(t);
}

static enum status run_show(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *o = cli_get(cli, noun->schema->plural, args->operand[0]);

	if (!o)
		return CLI_FAILED;
	if (!cli_print(cli, o))
		print_object(noun->schema, o);
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

	client_path(path, noun->schema->plural, name, NULL);
	r.path = path;
	if (client_call(cli_client(cli), &r, &answer, &cli->faults))
		return CLI_FAILED;
	if (!cli_print(cli, answer.body))
		term_print(stdout, "%s %s: %s\n", noun->name, name,
			   answer.status == 201 ? "added" : "unchanged");
	json_decref(answer.body);
	return CLI_DONE;
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
		term_print(stdout, "%s %s: %s\n", noun->name, name, *text ? text : "unchanged");
		free(text);
		json_decref(fields);
	}
	json_decref(before);
	json_decref(after);
	return after ? CLI_DONE : CLI_FAILED;
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
	if (cli->output == OUTPUT_TABLE)
		term_print(stdout, "%s %s: removed\n", noun->name, name);
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

static const struct field list_options[] = {
	{ .name = "lab",
	  .type = FIELD_REF,
	  .ref = "lab",
	  .help = "only what belongs to this lab",
	  .example = "campus" },
	{ 0 },
};
static const struct operand one_of_them[] = { { .name = "NAME", .what = OPERAND_OWN }, { 0 } };
static const struct operand a_new_one[] = { { .name = "NAME", .what = OPERAND_NEW }, { 0 } };

const struct verb object_list = {
	.name = "list",
	.help = "all of them, or those with the given values",
	.options = list_options,
	.own_fields = true,
	.filters = true,
	.run = run_list,
};
const struct verb object_show = {
	.name = "show",
	.help = "one of them, with all that is known about it",
	.operands = one_of_them,
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
