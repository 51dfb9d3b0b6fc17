/* SPDX-License-Identifier: Apache-2.0 */
/* weft trace: the way of a frame, station by station: of one that is made, or of live ones. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/follow.h"
#include "ctl/interrupt.h"
#include "ctl/nouns.h"
#include "ctl/table.h"
#include "ctl/term.h"

/* ---- printed -------------------------------------------------------------------------------- */

static const char *text_at(const json_t *of, const char *object, const char *key)
{
	return json_text(json_object_get(of, object), key);
}

static void put_step(struct table *t, const json_t *step)
{
	const json_t *vlan = json_object_get(step, "vlan");
	bool dropped = json_is_true(json_object_get(step, "dropped"));

	table_row(t);
	table_cell(t, STYLE_PLAIN, "%s", json_text(step, "station"));
	table_cell(t, STYLE_PLAIN, "%s", json_text(step, "port"));
	if (vlan)
		table_cell(t, STYLE_PLAIN, "%lld", (long long)json_integer_value(vlan));
	else
		table_cell(t, STYLE_DIM, "-");
	table_cell(t, dropped ? STYLE_BAD : STYLE_DIM, "%s",
		   dropped ? "dropped" : json_text(step, "edge"));
	table_cell(t, dropped ? STYLE_BAD : STYLE_PLAIN, "%s", json_text(step, "text"));
}

static void put_verdict(const json_t *way)
{
	const json_t *verdict = json_object_get(way, "verdict");
	bool good = json_is_true(json_object_get(verdict, "delivered"));
	char *safe = term_safe(json_text(verdict, "sentence"));

	term_put(stdout, good ? STYLE_GOOD : STYLE_BAD, safe);
	putchar('\n');
	free(safe);
}

static void put_way(const json_t *way)
{
	const json_t *missing = json_object_get(way, "steps_missing");
	struct table *t = table_new();
	json_t *step;
	size_t i;

	term_print(stdout, "%s\n", text_at(way, "frame", "summary"));
	table_indent(t, 2);
	table_columns(t, "STATION", "PORT", "VLAN", "THEN", "", NULL);
	table_wrap(t);
	json_array_foreach (json_object_get(way, "steps"), i, step)
		put_step(t, step);
	table_print(t, stdout);
	table_free(t);
	if (missing)
		printf("  and %lld steps more\n", (long long)json_integer_value(missing));
	if (json_object_get(way, "note"))
		term_print(stdout, "%s\n", json_text(way, "note"));
	put_verdict(way);
}

/* ---- a made frame --------------------------------------------------------------------------- */

static const char *const protocols[] = { "icmp", "tcp", "udp", "arp" };

/* {from, to, protocol, port, vlan}. NULL: a fault was added. */
static json_t *question(struct cli *cli, const struct args *args)
{
	json_t *q = must(json_object()), *given;
	unsigned int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		given = json_object_get(args->fields, protocols[i]);
		if (!given || json_is_false(given) || json_is_null(given))
			continue;
		json_object_set_new(q, "protocol", json_string(protocols[i]));
		if (json_is_integer(given))
			json_object_set(q, "port", given);
		n++;
	}
	for (const char *const *key = (const char *const[]){ "from", "to", "vlan", NULL }; *key;
	     key++) {
		given = json_object_get(args->fields, *key);
		if (given)
			json_object_set(q, *key, given);
	}
	if (n < 2)
		return q;
	json_decref(q);
	fault(&cli->faults, FAULT_INVALID, NULL, "name one",
	      "a frame is of one protocol, not of %u", n);
	return NULL;
}

static enum status trace_made(struct cli *cli, const struct args *args)
{
	json_t *asked = question(cli, args), *way;
	char path[CLIENT_PATH];
	bool delivered;

	if (!asked)
		return CLI_USAGE;
	client_path(path, "trace", NULL, NULL);
	way = cli_send(cli, "POST", path, asked);
	json_decref(asked);
	if (!way)
		return CLI_FAILED;
	if (!cli_print(cli, way))
		put_way(way);
	delivered = json_is_true(json_object_get(json_object_get(way, "verdict"), "delivered"));
	json_decref(way);
	return delivered ? CLI_DONE : CLI_FAILED;
}

/* ---- live frames ---------------------------------------------------------------------------- */

static void put_live(const json_t *way, bool first)
{
	const json_t *missed = json_object_get(way, "missed");

	if (missed) {
		term_print(stderr, "%lld frames went by and are not shown\n",
			   (long long)json_integer_value(missed));
		return;
	}
	if (!first)
		putchar('\n');
	put_way(way);
}

static enum status trace_live(struct cli *cli, const struct args *args, const char *port)
{
	const char *filter = args_text(args, "filter");
	long count = args_number(args, "count", 0);
	char path[CLIENT_PATH], text[24];
	bool ended;

	client_path(path, "ports", port, "trace");
	if (filter && client_query(path, "filter", filter) < 0) {
		fault(&cli->faults, FAULT_INVALID, NULL, NULL, "the filter is too long");
		return CLI_USAGE;
	}
	if (count) {
		snprintf(text, sizeof(text), "%ld", count);
		client_query(path, "count", text);
	}
	interrupt_catch();
	if (follow(cli, path, count, put_live, &ended))
		return CLI_FAILED;
	if (ended)
		return cli_fail("port %s is gone, or the daemon has ended", port);
	return CLI_DONE;
}

/* ---- the command ---------------------------------------------------------------------------- */

static enum status usage(struct cli *cli, const char *what)
{
	fault(&cli->faults, FAULT_INVALID, NULL, "see weft trace --help", "%s", what);
	return CLI_USAGE;
}

static enum status run_trace(struct cli *cli, const struct noun *noun, const struct args *args)
{
	const char *port = args_text(args, "port");
	bool from = json_object_get(args->fields, "from"), to = json_object_get(args->fields, "to");

	(void)noun;
	if (port && json_object_size(args->fields))
		return usage(cli, "either --port follows live frames, or --from and --to make one");
	if (port)
		return trace_live(cli, args, port);
	if (!from || !to)
		return usage(cli, "say --from and --to for a made frame, or --port for live ones");
	if (args_text(args, "filter") || args_number(args, "count", 0))
		return usage(cli, "--filter and --count are for live frames, with --port");
	return trace_made(cli, args);
}

static const struct field fields[] = {
	{ .name = "from",
	  .type = FIELD_REF,
	  .ref = "port",
	  .help = "a made frame: the port or host that sends it",
	  .example = "a" },
	{ .name = "to",
	  .type = FIELD_REF,
	  .ref = "port",
	  .help = "the port, host, MAC or IP address that it is for",
	  .example = "b" },
	{ .name = "icmp", .type = FIELD_BOOL, .help = "it is a ping, as it is if nothing is said" },
	{ .name = "tcp",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 65535,
	  .help = "it opens a TCP connection to this port",
	  .example = "80" },
	{ .name = "udp",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 65535,
	  .help = "it is a UDP datagram to this port",
	  .example = "53" },
	{ .name = "arp",
	  .type = FIELD_BOOL,
	  .help = "it asks for the address (IPv6: a neighbour solicitation)" },
	{ .name = "vlan",
	  .type = FIELD_VID,
	  .help = "its VLAN; without it that of untagged frames at the sender's port",
	  .example = "10" },
	{ 0 },
};
static const struct field *const field_tables[] = { fields, NULL };

static const struct field options[] = {
	{ .name = "port",
	  .type = FIELD_REF,
	  .ref = "port",
	  .help = "live frames: those that come in at this port",
	  .example = "a.eth0" },
	{ .name = "filter",
	  .type = FIELD_TEXT,
	  .max = 1000,
	  .help = "only those that match, as tcpdump says it; tags are part of the frame",
	  .example = "vlan 10 and icmp" },
	{ .name = "count",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 1000000000,
	  .help = "end after so many",
	  .example = "1" },
	{ 0 },
};
static const struct short_option shorts[] = { { 'c', "count" }, { 0 } };

const struct verb trace_command = {
	.name = "trace",
	.help = "where a frame goes, or why it does not: of a made one, or of live ones",
	.example = "weft trace --from a --to b tcp 80 vlan 10",
	.options = options,
	.shorts = shorts,
	.fields = field_tables,
	.run = run_trace,
};
