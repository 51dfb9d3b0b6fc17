/* SPDX-License-Identifier: Apache-2.0 */
/* weft fdb list | flush | add | remove: where the switches think that stations are. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/nouns.h"
#include "ctl/object.h"
#include "ctl/table.h"

static const struct field which[] = {
	{ .name = "switch",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .help = "only what this switch knows",
	  .example = "s1" },
	{ .name = "vid", .type = FIELD_VID, .help = "only this VLAN", .example = "10" },
	{ .name = "vlan", .type = FIELD_VID, .help = "the same", .example = "10" },
	{ .name = "port",
	  .type = FIELD_REF,
	  .ref = "port",
	  .help = "only what is behind this port",
	  .example = "a.eth0" },
	{ 0 },
};
static const struct field *const which_tables[] = { which, NULL };

/* Adds "?switch=s1&vid=10". */
static int add_query(struct cli *cli, const struct args *args, char path[CLIENT_PATH])
{
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
		err = client_query(path, strcmp(f->name, "vlan") ? f->name : "vid",
				   json_is_string(v) ? json_string_value(v) : number);
		json_decref(v);
		if (err)
			return err;
	}
	return 0;
}

static int path_of(struct cli *cli, const struct args *args, char path[CLIENT_PATH])
{
	client_path(path, "fdb", NULL, NULL);
	return add_query(cli, args, path);
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

/* Not heard yet, or never. */
static void seconds(struct table *t, const json_t *v)
{
	if (json_is_integer(v))
		table_cell(t, STYLE_DIM, "%lld", (long long)json_integer_value(v));
	else
		table_cell(t, STYLE_DIM, "-");
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
	table_columns(t, "SWITCH", "VLAN", "ADDRESS", "PORT", "KIND", "AGE S", "EXPIRES S", NULL);
	json_array_foreach (items, i, item) {
		table_row(t);
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "switch"));
		table_cell(t, STYLE_PLAIN, "%lld",
			   (long long)json_integer_value(json_object_get(item, "vid")));
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "mac"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "port"));
		table_cell(t, STYLE_PLAIN, "%s", json_text(item, "kind"));
		seconds(t, json_object_get(item, "age_s"));
		seconds(t, json_object_get(item, "expires_s"));
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

/* ---- add, remove ---------------------------------------------------------------------------- */

/* As the daemon writes it; the caller owns it. NULL: a fault was added. */
static json_t *mac_of(struct cli *cli, const struct args *args)
{
	const struct field *f = schema_field(schema_find("station"), "mac");
	json_t *typed = must(json_string(args->operand[0]));
	json_t *mac = field_check(f, typed, &cli->faults);

	json_decref(typed);
	return mac;
}

static enum status add_static(struct cli *cli, const struct args *args, const char *mac)
{
	char path[CLIENT_PATH];
	json_t *answer;

	client_path(path, "fdb", mac, NULL);
	answer = cli_send(cli, "PUT", path, args->fields);
	if (!answer)
		return CLI_FAILED;
	if (!cli_print(cli, answer))
		printf("station %s is behind port %s in VLAN %lld of switch %s until the daemon "
		       "ends\n",
		       json_text(answer, "mac"), json_text(answer, "port"),
		       (long long)json_integer_value(json_object_get(answer, "vid")),
		       json_text(answer, "switch"));
	json_decref(answer);
	return CLI_DONE;
}

/* "s1.10-02-00-00-00-00-01": what the station is, in letters that a name may have. */
static char *made_name(const char *sw, const json_t *vid, const char *mac)
{
	char *name = json_is_integer(vid)
			     ? cli_text("%s.%lld-%s", sw, (long long)json_integer_value(vid), mac)
			     : cli_text("%s.%s", sw, mac);

	for (char *c = name; *c; c++)
		*c = (char)(*c == ':' ? '-' : *c);
	return name;
}

static bool switch_is_right(struct cli *cli, const json_t *said, const json_t *port)
{
	const char *is = json_text(port, "switch");

	if (!json_is_string(said) || !strcmp(json_string_value(said), is))
		return true;
	fault(&cli->faults, FAULT_INVALID, NULL, "leave the switch out, or take another port",
	      "port %s is in switch %s, not in %s", json_text(port, "name"), is,
	      json_string_value(said));
	return false;
}

static enum status add_permanent(struct cli *cli, const struct args *args, const char *mac)
{
	const char *wanted = args_text(args, "name");
	json_t *port = cli_get(cli, "ports", json_text(args->fields, "port"));
	enum status status = CLI_FAILED;
	struct noun station;
	json_t *body;
	char *name;

	if (!port || !switch_is_right(cli, json_object_get(args->fields, "switch"), port)) {
		json_decref(port);
		return CLI_FAILED;
	}
	body = must(json_copy(args->fields));
	json_object_del(body, "switch");
	json_object_set_new(body, "mac", must(json_string(mac)));
	name = wanted ? cli_text("%s", wanted)
		      : made_name(json_text(port, "switch"), json_object_get(body, "vid"), mac);
	if (noun_find("station", &station))
		status = object_do_add(cli, &station, name, body);
	free(name);
	json_decref(body);
	json_decref(port);
	return status;
}

static enum status run_add(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *mac = mac_of(cli, args);
	enum status status = CLI_FAILED;

	(void)noun;
	if (mac)
		status = (args_flag(args, "permanent") ? add_permanent : add_static)(
			cli, args, json_string_value(mac));
	json_decref(mac);
	return status;
}

static bool remove_one(struct cli *cli, const json_t *item)
{
	const char *station = json_text(item, "station");
	char path[CLIENT_PATH], vid[16];
	json_t *answer;

	if (*station) {
		client_path(path, "stations", station, NULL);
	} else {
		snprintf(vid, sizeof(vid), "%lld",
			 (long long)json_integer_value(json_object_get(item, "vid")));
		client_path(path, "fdb", json_text(item, "mac"), NULL);
		if (client_query(path, "switch", json_text(item, "switch")) ||
		    client_query(path, "vid", vid))
			return false;
	}
	answer = cli_send(cli, "DELETE", path, NULL);
	json_decref(answer);
	return answer;
}

static enum status run_remove(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *mac = mac_of(cli, args), *answer, *items, *item;
	size_t i, n;
	char path[CLIENT_PATH];
	bool good = true;

	(void)noun;
	client_path(path, "fdb", NULL, NULL);
	if (!mac || client_query(path, "mac", json_string_value(mac)) ||
	    add_query(cli, args, path) ||
	    client_get(cli_client(cli), path, &answer, &cli->faults)) {
		json_decref(mac);
		return CLI_FAILED;
	}
	items = json_object_get(answer, "items");
	n = json_array_size(items);
	json_array_foreach (items, i, item)
		good = remove_one(cli, item) && good;
	if (!n)
		fault(&cli->faults, FAULT_NOT_FOUND, NULL, "look with `weft fdb list`",
		      "no station table has %s there", json_string_value(mac));
	else if (good && !cli_print(cli, items))
		printf("%zu station%s removed\n", n, n == 1 ? "" : "s");
	json_decref(answer);
	json_decref(mac);
	return n && good ? CLI_DONE : CLI_FAILED;
}

static const struct field place[] = {
	{ .name = "port",
	  .type = FIELD_REF,
	  .ref = "port",
	  .flags = FIELD_REQUIRED,
	  .help = "the port that it is behind",
	  .example = "a.eth0" },
	{ .name = "vid",
	  .type = FIELD_VID,
	  .help = "its VLAN; without it that of untagged frames at the port",
	  .example = "10" },
	{ .name = "switch",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .help = "the port's switch; the port says it, so it need not be said",
	  .example = "s1" },
	{ 0 },
};
static const struct field *const place_tables[] = { place, NULL };

static const struct field add_options[] = {
	{ .name = "permanent",
	  .type = FIELD_BOOL,
	  .help = "keep it when the daemon ends: it becomes an object of kind station" },
	{ .name = "name",
	  .type = FIELD_TEXT,
	  .max = 127,
	  .help = "what the permanent one is called",
	  .example = "printer" },
	{ 0 },
};

static const struct operand which_mac[] = { { .name = "ADDRESS", .what = "=mac" }, { 0 } };

const struct verb fdb_add = {
	.name = "add",
	.help = "put a station behind a port, whatever frames say, until it is removed",
	.example = "weft fdb add 02:00:00:00:00:01 --port a.eth0 --vid 10",
	.operands = which_mac,
	.options = add_options,
	.fields = place_tables,
	.run = run_add,
};
const struct verb fdb_remove = {
	.name = "remove",
	.help = "forget one station, static and permanent ones too",
	.example = "weft fdb remove 02:00:00:00:00:01",
	.operands = which_mac,
	.fields = which_tables,
	.filters = true,
	.run = run_remove,
};
const struct verb fdb_list = {
	.name = "list",
	.help = "stations: which address is behind which port, and for how long",
	.example = "weft fdb list --switch s1 --vid 10",
	.fields = which_tables,
	.filters = true,
	.run = run_list,
};
const struct verb fdb_flush = {
	.name = "flush",
	.help = "forget what was learnt; what speaks again is learnt again",
	.example = "weft fdb flush --port a.eth0",
	.fields = which_tables,
	.filters = true,
	.run = run_flush,
};
