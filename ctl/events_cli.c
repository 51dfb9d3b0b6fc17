/* SPDX-License-Identifier: Apache-2.0 */
/* weft events: what happens, line by line, until interrupted. */
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/follow.h"
#include "ctl/nouns.h"
#include "ctl/term.h"

static void put_event(const json_t *event, bool first)
{
	(void)first;
	term_print(stdout, "%s  %-16s  %s\n", json_text(event, "time"), json_text(event, "type"),
		   json_text(event, "message"));
}

static enum status run_events(struct cli *cli, const struct noun *noun, const struct args *args)
{
	char path[CLIENT_PATH], since[24];
	bool ended;

	(void)noun;
	client_path(path, "events", NULL, NULL);
	if (args_number(args, "since", -1) >= 0) {
		snprintf(since, sizeof(since), "%ld", args_number(args, "since", 0));
		client_query(path, "since", since);
	}
	if (follow(cli, path, args_number(args, "count", 0), put_event, &ended))
		return CLI_FAILED;
	return ended ? cli_fail("the daemon has ended") : CLI_DONE;
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
