/* SPDX-License-Identifier: Apache-2.0 */
/* weft fdb list | flush: what the switches have learnt. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/table.h"

static const struct field which[] = {
	{ .name = "switch",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .help = "only what this switch knows",
	  .example = "s1" },
	{ .name = "vid", .type = FIELD_VID, .help = "only this VLAN", .example = "10" },
	{ .name = "port",
	  .type = FIELD_REF,
	  .ref = "port",
	  .help = "only what is behind this port",
	  .example = "a.eth0" },
	{ 0 },
};
static const struct field *const which_tables[] = { which, NULL };

/* "/v1/fdb?switch=s1&vid=10" */
static int path_of(struct cli *cli, const struct args *args, char path[CLIENT_PATH])
{
	client_path(path, "fdb", NULL, NULL);
	for (const struct field *f = which; f->name; f++) {
		json_t *v = json_object_get(args->fields, f->name);
		char number[16];
		int err;

		if (!v || json_is_null(v))
			continue;
		v = field_check(f, v, &cli->faults);
		if (!v)
			return -1;
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		err = client_query(path, f->name,
				   json_is_string(v) ? json_string_value(v) : number);
		json_decref(v);
		if (err)
			return err;
	}
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	long long vx = json_integer_value(json_object_get(x, "vid"));
	long long vy = json_integer_value(json_object_get(y, "vid"));
	int order = strcmp(json_text(x, "switch"), json_text(y, "switch"));

	if (order)
		return order;
	return vx != vy ? (vx < vy ? -1 : 1) : strcmp(json_text(x, "mac"), json_text(y, "mac"));
}

/* By switch, VLAN and address: the daemon tells them as they lie in its table. */
static json_t *sorted(const json_t *items)
{
	size_t n = json_array_size(items), i;
	json_t **v = must(calloc(n + 1, sizeof(json_t *)));
	json_t *list = must(json_array()), *item;

	json_array_foreach ((json_t *)items, i, item)
		v[i] = item;
	qsort(v, n, sizeof(json_t *), by_place);
	for (i = 0; i < n; i++)
		json_array_append(list, v[i]);
	free(v);
	return list;
}

static enum status run_list(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *answer, *items, *item;
	struct table *t;
	char path[CLIENT_PATH];
	size_t i;

	(void)noun;
	if (path_of(cli, args, path) || client_get(cli_client(cli), path, &answer, &cli->faults))
		return CLI_FAILED;
	items = sorted(json_object_get(answer, "items"));
	json_decref(answer);
	if (cli_print(cli, items)) {
		json_decref(items);
		return CLI_DONE;
	}
	t = table_new();
	table_column(t, "SWITCH");
	table_column(t, "VLAN");
	table_column(t, "ADDRESS");
	table_column(t, "PORT");
	table_column(t, "AGE S");
	json_array_foreach (items, i, item) {
		table_row(t);
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "switch"));
		table_cell(t, STYLE_PLAIN, "%lld",
			   (long long)json_integer_value(json_object_get(item, "vid")));
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "mac"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "port"));
		table_cell(t, STYLE_DIM, "%lld",
			   (long long)json_integer_value(json_object_get(item, "age_s")));
	}
	if (table_rows(t))
		table_print(t, stdout);
	else
		fputs("no stations are known\n", stderr);
	table_free(t);
	json_decref(items);
	return CLI_DONE;
}

static enum status run_flush(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *answer;
	char path[CLIENT_PATH];
	long long n;

	(void)noun;
	if (path_of(cli, args, path))
		return CLI_FAILED;
	answer = cli_send(cli, "DELETE", path, NULL);
	if (!answer)
		return CLI_FAILED;
	n = json_integer_value(json_object_get(answer, "removed"));
	if (!cli_print(cli, answer))
		printf("%lld station%s forgotten\n", n, n == 1 ? "" : "s");
	json_decref(answer);
	return CLI_DONE;
}

const struct verb fdb_list = {
	.name = "list",
	.help = "stations: which address is behind which port, in which VLAN",
	.example = "weft fdb list --switch s1 --vid 10",
	.fields = which_tables,
	.filters = true,
	.run = run_list,
};
const struct verb fdb_flush = {
	.name = "flush",
	.help = "forget them; what speaks again is learnt again",
	.example = "weft fdb flush --switch s1",
	.fields = which_tables,
	.filters = true,
	.run = run_flush,
};
