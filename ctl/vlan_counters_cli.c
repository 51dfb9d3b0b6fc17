/* SPDX-License-Identifier: Apache-2.0 */
/* weft vlan counters: what each VLAN has let in, by whom it was for, and lost. */
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/table.h"

static void print_count(struct table *t, const json_t *in, const char *class)
{
	const json_t *c = json_object_get(in, class);

	table_cell(t, STYLE_PLAIN, "%" JSON_INTEGER_FORMAT,
		   json_integer_value(json_object_get(c, "frames")));
	table_cell(t, STYLE_DIM, "%" JSON_INTEGER_FORMAT,
		   json_integer_value(json_object_get(c, "bytes")));
}

static void print(const json_t *items)
{
	static const char *const classes[] = { "unicast", "multicast", "broadcast" };
	struct table *t = table_new();
	json_t *item;
	size_t i;

	table_columns(t, "SWITCH", "VLAN", "UNICAST", "BYTES", "MULTICAST", "BYTES", "BROADCAST",
		      "BYTES", "DROPPED", NULL);
	json_array_foreach ((json_t *)items, i, item) {
		json_int_t drops = json_integer_value(json_object_get(item, "drops"));

		table_row(t);
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "switch"));
		table_cell(t, STYLE_PLAIN, "%" JSON_INTEGER_FORMAT,
			   json_integer_value(json_object_get(item, "vid")));
		for (size_t c = 0; c < ARRAY_LEN(classes); c++)
			print_count(t, json_object_get(item, "in"), classes[c]);
		table_cell(t, drops ? STYLE_BAD : STYLE_PLAIN, "%" JSON_INTEGER_FORMAT, drops);
	}
	table_print(t, stdout);
	table_free(t);
}

static enum status run_counters(struct cli *cli, const struct noun *noun, const struct args *args)
{
	char path[CLIENT_PATH];
	json_t *answer, *items;

	(void)noun;
	client_path(path, "vlan-counters", NULL, NULL);
	if (args->operand[0])
		client_query(path, "switch", args->operand[0]);
	if (client_get(cli_client(cli), path, &answer, &cli->faults))
		return CLI_FAILED;
	items = json_object_get(answer, "items");
	if (!cli_print(cli, items)) {
		if (json_array_size(items))
			print(items);
		else
			fputs("no VLAN has let anything in yet\n", stderr);
	}
	json_decref(answer);
	return CLI_DONE;
}

static const struct operand which_switch[] = {
	{ .name = "SWITCH", .what = "switch", .optional = true },
	{ 0 },
};

const struct verb vlan_counters = {
	.name = "counters",
	.help = "frames and octets that each VLAN has let in, by whom they were for, and lost",
	.example = "weft vlan counters s1",
	.operands = which_switch,
	.run = run_counters,
};
