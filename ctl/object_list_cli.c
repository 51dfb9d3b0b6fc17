/* SPDX-License-Identifier: Apache-2.0 */
/* weft NOUN list, for any kind of object that has a schema. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/table.h"
#include "ctl/value.h"

/* Of these a list tells nothing while there is none of them. */
static bool is_trouble(const char *member)
{
	static const char *const names[] = { "drops", "fdb_full", "beyond_limit", "held_static",
					     "held_moves" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!strcmp(member, names[i]))
			return true;
	}
	return false;
}

/* What only `show` tells: it is seen elsewhere, as a cable's end is in its name, or rarely wanted.
 */
static bool is_detail(const char *member)
{
	static const char *const names[] = {
		"id",        "netns",    "a",         "b",         "ifindex",       "device_up",
		"peer",      "link",     "end",       "workers",   "path",          "without",
		"features",  "protocol", "memory",    "rings",     "pairs",         "frontend_pid",
		"migrating", "filter",   "guest_mtu", "guest_mac", "stations_most", "static",
		"learned",   "moved",    "aged",      "flushed",   "bindings",
	};

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
	if (!strcmp(name, "lab") || !strcmp(name, "in") || !strcmp(name, "out"))
		table_column_extra(t, text);
	else
		table_column(t, text);
	free(text);
}

/* Worth a column: it is needed, or one of the objects has it otherwise than by default. */
static bool is_told(const struct field *f, const json_t *items)
{
	json_t *item;
	size_t i;

	if (is_detail(f->name))
		return false;
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

/* What gets a column: found once, as it takes a look at every object. */
struct columns {
	const struct field **field; /* ended by NULL */
	json_t *status; /* members, as keys */
};

static struct columns columns_of(const struct schema *s, const json_t *items)
{
	struct columns c = { .status = status_columns(s, items) };
	struct field_at at;
	unsigned int n = 0;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at))
		n++;
	c.field = must(calloc(n + 1, sizeof(*c.field)));
	n = 0;
	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		if (is_told(f, items))
			c.field[n++] = f;
	}
	return c;
}

static void list_row(struct table *t, const json_t *item, const struct columns *c)
{
	const json_t *status = json_object_get(item, "status");
	const char *key;
	json_t *unused;
	char *text;

	table_row(t);
	table_cell(t, STYLE_PLAIN, "%s", json_text(item, "name"));
	for (const struct field **at = c->field; *at; at++) {
		const struct field *f = *at;
		const json_t *v = json_object_get(item, f->name);

		/* What was not asked for by name has one all the same: a device weft0. */
		text = value_text(v && !json_is_null(v) ? v : json_object_get(status, f->name));
		table_cell(t, STYLE_PLAIN, "%s", text);
		free(text);
	}
	json_object_foreach (c->status, key, unused) {
		const json_t *v = json_object_get(status, key);

		text = v ? value_status(key, v) : must(strdup(""));
		table_cell(t, style_of(key, text), "%s", text);
		free(text);
	}
	table_cell(t, STYLE_DIM, "%s", json_text(item, "lab"));
}

static void print_list(const struct schema *s, const json_t *items)
{
	struct columns c = columns_of(s, items);
	struct table *t = table_new();
	const char *key;
	json_t *item;
	size_t i;

	table_column(t, "NAME");
	for (const struct field **f = c.field; *f; f++)
		title(t, (*f)->name);
	json_object_foreach (c.status, key, item)
		title(t, key);
	title(t, "lab");
	json_array_foreach ((json_t *)items, i, item)
		list_row(t, item, &c);
	table_print(t, stdout);
	table_free(t);
	json_decref(c.status);
	free(c.field);
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
			print_list(noun->schema, items);
		else
			fprintf(stderr, "there are no %s%s\n", noun->schema->plural,
				lab || json_object_size(args->fields) ? " like that" : "");
	}
	json_decref(items);
	json_decref(answer);
	return CLI_DONE;
}

static const struct field list_options[] = {
	{ .name = "lab",
	  .type = FIELD_REF,
	  .ref = "lab",
	  .help = "only what belongs to this lab",
	  .example = "campus" },
	{ 0 },
};
const struct verb object_list = {
	.name = "list",
	.help = "all of them, or those with the given values",
	.options = list_options,
	.own_fields = true,
	.filters = true,
	.run = run_list,
};
