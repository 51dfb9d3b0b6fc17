/* SPDX-License-Identifier: Apache-2.0 */
/* weft events: what happens, line by line, until interrupted. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/sse.h"
#include "ctl/term.h"
#include "ctl/yaml_out.h"

struct watch {
	struct cli *cli;
	struct sse sse;
	unsigned int left; /* events still to be shown; 0: no end */
	bool done;
};

/* One line each, in every output, so that a script can read them as they come. */
static void print_event(const struct watch *w, const json_t *e)
{
	char *text, *safe;

	if (w->cli->output == OUTPUT_TABLE) {
		term_print(stdout, "%s  %-16s  %s\n", json_text(e, "time"), json_text(e, "type"),
			   json_text(e, "message"));
	} else if (w->cli->output == OUTPUT_YAML) {
		puts("---");
		yaml_out_print(e, stdout);
	} else {
		text = must(json_dumps(e, JSON_COMPACT));
		safe = term_escaped(text);
		puts(safe);
		free(safe);
		free(text);
	}
	fflush(stdout);
}

static void on_event(void *arg, const char *data)
{
	struct watch *w = arg;
	json_t *e = json_loads(data, 0, NULL);

	if (e && !w->done) {
		print_event(w, e);
		w->done = w->left && !--w->left;
	}
	json_decref(e);
}

static int on_piece(void *arg, const char *data, size_t len)
{
	struct watch *w = arg;

	return sse_feed(&w->sse, data, len, on_event, w) || w->done || ferror(stdout);
}

static enum status run_events(struct cli *cli, const struct noun *noun, const struct args *args)
{
	struct watch w = { .cli = cli, .left = (unsigned int)args_number(args, "count", 0) };
	char path[CLIENT_PATH], since[24];
	int err;

	(void)noun;
	client_path(path, "events", NULL, NULL);
	if (args_number(args, "since", -1) >= 0) {
		snprintf(since, sizeof(since), "%ld", args_number(args, "since", 0));
		client_query(path, "since", since);
	}
	err = client_stream(cli_client(cli), path, on_piece, NULL, &w, &cli->faults);
	sse_free(&w.sse);
	if (!err && !w.done)
		return cli_fail("the daemon has ended");
	return err ? CLI_FAILED : CLI_DONE;
}

static const struct field options[] = {
	{ .name = "since",
	  .type = FIELD_INT,
	  .max = 1000000000,
	  .help = "also those after the one with this number, if they are still known",
	  .example = "0" },
	{ .name = "count",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 1000000000,
	  .help = "end after so many",
	  .example = "1" },
	{ 0 },
};
static const struct short_option shorts[] = { { 'c', "count" }, { 0 } };

const struct verb events_command = {
	.name = "events",
	.help = "follow what happens: time, what it is, in words",
	.example = "weft events --since 0",
	.options = options,
	.shorts = shorts,
	.run = run_events,
};
