/* SPDX-License-Identifier: Apache-2.0 */
/* weft status | drops | graph: how it goes. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/table.h"
#include "ctl/value.h"

static long long number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static json_t *items_of(const json_t *all, const char *plural)
{
	return json_object_get(json_object_get(all, plural), "items");
}

/* ---- drops ---- */

static void print_drops(const json_t *items, unsigned int indent)
{
	struct table *t = table_new();
	json_t *item;
	size_t i;

	table_indent(t, indent);
	table_columns(t, "FRAMES", "PORT", "CAUSE", "BY", "NODE", NULL);
	json_array_foreach ((json_t *)items, i, item) {
		table_row(t);
		table_cell(t, STYLE_BAD, "%lld", number(item, "frames"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "port"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "cause"));
		table_cell(t, STYLE_PLAIN, "%s%s%s", json_text(item, "object"),
			   *json_text(item, "rule") ? ": " : "", json_text(item, "rule"));
		table_cell(t, STYLE_DIM, "%s", json_text(item, "node"));
	}
	table_print(t, stdout);
	table_free(t);
}

static enum status run_drops(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *answer = cli_get(cli, "drops", NULL), *items;

	(void)noun, (void)args;
	if (!answer)
		return CLI_FAILED;
	items = json_object_get(answer, "items");
	if (!cli_print(cli, items)) {
		if (json_array_size(items))
			print_drops(items, 0);
		else
			puts("nothing was dropped");
	}
	json_decref(answer);
	return CLI_DONE;
}

/* ---- graph ---- */

static enum status run_graph(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *answer = cli_get(cli, "graph", NULL);

	(void)noun, (void)args;
	if (!answer)
		return CLI_FAILED;
	if (!cli_print(cli, answer))
		term_print(stdout, "%s", json_is_string(answer) ? json_string_value(answer) : "");
	json_decref(answer);
	return CLI_DONE;
}

/* ---- status ---- */

static void head(const char *text)
{
	putchar('\n');
	term_put(stdout, STYLE_HEAD, text);
	putchar('\n');
}

static void print_daemon(const json_t *d)
{
	char *up = value_duration(number(d, "uptime_s"));
	char *workers = value_count(number(d, "workers"), "worker");
	const char *instance = json_text(d, "instance");

	term_print(stdout, "%s %s is running for %s with %s%s%s\n", json_text(d, "name"),
		   json_text(d, "version"), up, workers, *instance ? ", instance " : "", instance);
	free(workers);
	free(up);
}

static void print_labs(const json_t *labs)
{
	json_t *lab;
	size_t i;

	if (json_array_size(labs))
		head("Labs");
	json_array_foreach ((json_t *)labs, i, lab) {
		char *objects = value_objects(json_object_get(lab, "objects"));

		term_print(stdout, "  %s: %s\n", json_text(lab, "name"), objects);
		free(objects);
	}
}

/* How many of the switch's ports have a carrier. */
static unsigned int ports_up(const json_t *ports, const char *name)
{
	unsigned int n = 0;
	json_t *p;
	size_t i;

	json_array_foreach ((json_t *)ports, i, p)
		n += !strcmp(json_text(p, "switch"), name) &&
		     json_is_true(json_object_get(json_object_get(p, "status"), "carrier"));
	return n;
}

static void print_switches(const json_t *switches, const json_t *ports)
{
	struct table *t = table_new();
	json_t *s;
	size_t i;

	table_indent(t, 2);
	table_columns(t, "NAME", "PORTS", "UP", "STATIONS", "NOT LEARNT", NULL);
	json_array_foreach ((json_t *)switches, i, s) {
		const json_t *status = json_object_get(s, "status");
		long long full = number(status, "fdb_full");

		table_row(t);
		table_cell(t, STYLE_PLAIN, "%s", json_text(s, "name"));
		table_cell(t, STYLE_PLAIN, "%lld", number(status, "ports"));
		table_cell(t, STYLE_GOOD, "%u", ports_up(ports, json_text(s, "name")));
		table_cell(t, STYLE_PLAIN, "%lld", number(status, "stations"));
		if (full)
			table_cell(t, STYLE_BAD, "%lld frames: the table was full", full);
	}
	if (table_rows(t)) {
		head("Switches");
		table_print(t, stdout);
	}
	table_free(t);
}

static void print_links(const json_t *links)
{
	struct table *t = table_new();
	json_t *l;
	size_t i;

	table_indent(t, 2);
	table_columns(t, "NAME", "MODE", "A", "B", "CARRIER", NULL);
	json_array_foreach ((json_t *)links, i, l) {
		const json_t *status = json_object_get(l, "status");
		const json_t *ends = json_object_get(status, "ends");
		bool carrier = json_is_true(json_object_get(status, "carrier"));
		bool cut = json_is_false(json_object_get(l, "up"));

		table_row(t);
		table_cell(t, STYLE_PLAIN, "%s", json_text(l, "name"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(l, "mode"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(ends, "a"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(ends, "b"));
		table_cell(t, carrier ? STYLE_GOOD : STYLE_BAD, "%s",
			   carrier ? "up"
			   : cut   ? "cut"
				   : "down");
	}
	if (table_rows(t)) {
		head("Links");
		table_print(t, stdout);
	}
	table_free(t);
}

/* Only those that are not as they should be: the others are in `weft port list`. */
static void print_down(const json_t *ports)
{
	bool any = false;
	json_t *p;
	size_t i;

	json_array_foreach ((json_t *)ports, i, p) {
		const json_t *carrier = json_object_get(json_object_get(p, "status"), "carrier");
		const char *held = json_text(json_object_get(p, "status"), "held");
		bool cut = json_is_false(json_object_get(p, "up"));

		if (!carrier || json_is_true(carrier))
			continue;
		if (!any)
			head("Ports without carrier");
		any = true;
		term_print(stdout, "  %s%s%s\n", json_text(p, "name"),
			   cut     ? ": it is cut"
			   : *held ? ": "
				   : "",
			   cut ? "" : held);
	}
}

static void print_status(const json_t *all)
{
	const json_t *drops = items_of(all, "drops");

	print_daemon(json_object_get(all, "daemon"));
	print_labs(items_of(all, "labs"));
	print_switches(items_of(all, "switches"), items_of(all, "ports"));
	print_links(items_of(all, "links"));
	print_down(items_of(all, "ports"));
	if (json_array_size(drops)) {
		head("Dropped frames");
		print_drops(drops, 2);
	}
}

static enum status run_status(struct cli *cli, const struct noun *noun, const struct args *args)
{
	static const char *const parts[] = { "labs", "switches", "links", "ports", "drops" };
	json_t *all = must(json_object()), *daemon = NULL;
	bool failed = client_get(cli_client(cli), "/v1", &daemon, &cli->faults) != 0;

	(void)noun, (void)args;
	if (!failed)
		json_object_set_new(all, "daemon", daemon);
	for (size_t i = 0; i < ARRAY_LEN(parts) && !failed; i++) {
		json_t *part = cli_get(cli, parts[i], NULL);

		failed = !part;
		if (part)
			json_object_set_new(all, parts[i], part);
	}
	if (!failed && !cli_print(cli, all))
		print_status(all);
	json_decref(all);
	return failed ? CLI_FAILED : CLI_DONE;
}

const struct verb status_command = {
	.name = "status",
	.help = "the daemon, labs, switches, links, ports that are down, and what was dropped and why",
	.example = "weft status",
	.run = run_status,
};
const struct verb drops_command = {
	.name = "drops",
	.help = "frames that were dropped: where and why",
	.example = "weft drops",
	.run = run_drops,
};
const struct verb graph_command = {
	.name = "graph",
	.help = "the stations that a frame passes, and how they are joined",
	.example = "weft graph",
	.run = run_graph,
};
