/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/follow.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl/interrupt.h"
#include "ctl/sse.h"
#include "ctl/term.h"
#include "ctl/yaml_out.h"

struct following {
	enum output output;
	follow_print_fn *print;
	struct sse sse;
	long shown, count;
	bool enough;
};

static void put_event(const struct following *f, const json_t *event)
{
	char *text, *safe;

	if (f->output == OUTPUT_YAML) {
		puts("---");
		yaml_out_print(event, stdout);
	} else if (f->output == OUTPUT_JSON) {
		text = must(json_dumps(event, JSON_COMPACT));
		safe = term_escaped(text);
		puts(safe);
		free(safe);
		free(text);
	} else {
		f->print(event, !f->shown);
	}
	fflush(stdout);
}

static void on_event(void *arg, const char *data)
{
	struct following *f = arg;
	json_t *event = json_loads(data, 0, NULL);

	if (event && !f->enough) {
		put_event(f, event);
		f->shown += !json_object_get(event, "missed");
		f->enough = f->count && f->shown == f->count;
	}
	json_decref(event);
}

/* Nobody reads what comes after this. */
static bool is_over(const struct following *f)
{
	return f->enough || interrupt_came(NULL) || ferror(stdout);
}

static int on_piece(void *arg, const char *data, size_t len)
{
	struct following *f = arg;

	return sse_feed(&f->sse, data, len, on_event, f) || is_over(f);
}

int follow(struct cli *cli, const char *path, long count, follow_print_fn *print, bool *ended)
{
	struct following f = { .output = cli->output, .print = print, .count = count };
	int err;

	err = client_stream(cli_client(cli), path, on_piece, interrupt_came, &f, &cli->faults);
	sse_free(&f.sse);
	*ended = !is_over(&f);
	return err;
}
