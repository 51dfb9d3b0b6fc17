/* SPDX-License-Identifier: Apache-2.0 */
/* weft worker list: what the daemon's threads do that move frames. */
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/table.h"

static const char *const titles[] = {
	"WORKER",
	"BUSY %",
	"POLLING %",
	"TSC CYCLES/FRAME",
	"FRAMES/S",
	"FRAMES/BURST",
	"WAKE-UPS/S",
	"PORTS",
	"QUEUES",
	/* Extra: how large its bursts were, in per cent of them, and sums since the start. */
	"OF 1 %",
	"2-3 %",
	"4-7 %",
	"8-15 %",
	"16-31 %",
	"32 %",
	"FRAMES",
	"WAKE-UPS",
	"SLEEPS",
};
enum { FIRST_EXTRA = 9 };

/* "-": of nothing. */
static void put_real(struct table *t, const json_t *of, const char *key)
{
	const json_t *v = json_object_get(of, key);

	if (json_is_number(v))
		table_cell(t, STYLE_PLAIN, "%.1f", json_number_value(v));
	else
		table_cell(t, STYLE_DIM, "-");
}

static void put_count(struct table *t, const json_t *of, const char *key)
{
	table_cell(t, STYLE_PLAIN, "%lld", (long long)json_integer_value(json_object_get(of, key)));
}

static void put_sizes(struct table *t, const json_t *sizes)
{
	static const char *const size[] = { "1", "2-3", "4-7", "8-15", "16-31", "32" };
	double all = 0;

	for (size_t i = 0; i < ARRAY_LEN(size); i++)
		all += json_number_value(json_object_get(sizes, size[i]));
	for (size_t i = 0; i < ARRAY_LEN(size); i++) {
		double n = json_number_value(json_object_get(sizes, size[i]));

		if (all > 0)
			table_cell(t, STYLE_PLAIN, "%.0f", 100 * n / all);
		else
			table_cell(t, STYLE_DIM, "-");
	}
}

static void put_row(struct table *t, const json_t *worker)
{
	const json_t *recent = json_object_get(worker, "recent");
	const json_t *total = json_object_get(worker, "total");

	table_row(t);
	put_count(t, worker, "worker");
	put_real(t, recent, "busy");
	put_real(t, recent, "polling");
	put_real(t, recent, "cycles_per_frame");
	put_count(t, recent, "frames_per_s");
	put_real(t, recent, "burst");
	put_count(t, recent, "wakeups_per_s");
	put_count(t, worker, "ports");
	table_cell(t, STYLE_PLAIN, "%zu", json_array_size(json_object_get(worker, "queues")));
	put_sizes(t, json_object_get(recent, "burst_sizes"));
	put_count(t, total, "frames");
	put_count(t, total, "wakeups");
	put_count(t, total, "sleeps");
}

static enum status run_list(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *answer = cli_get(cli, "workers", NULL), *items, *worker;
	struct table *t;
	size_t i;

	(void)noun, (void)args;
	if (!answer)
		return CLI_FAILED;
	items = json_object_get(answer, "items");
	if (!cli_print(cli, items)) {
		t = table_new();
		for (i = 0; i < ARRAY_LEN(titles); i++)
			(i < FIRST_EXTRA ? table_column : table_column_extra)(t, titles[i]);
		json_array_foreach (items, i, worker)
			put_row(t, worker);
		table_print(t, stdout);
		table_free(t);
	}
	json_decref(answer);
	return CLI_DONE;
}

const struct verb worker_list = {
	.name = "list",
	.help = "how busy each is, what a frame costs it, how large its bursts are, how often it "
		"wakes up",
	.example = "weft worker list",
	.run = run_list,
};
