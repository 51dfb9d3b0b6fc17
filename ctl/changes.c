/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/changes.h"

#include <stdlib.h>

#include "ctl/cli.h"
#include "ctl/term.h"
#include "ctl/value.h"

static const struct action {
	const char *name, *sign, *done;
	enum style style;
} actions[] = {
	{ "add", "+", "added", STYLE_GOOD },
	{ "set", "~", "changed", STYLE_NOTE },
	{ "replace", "-+", "replaced", STYLE_BAD },
	{ "remove", "-", "removed", STYLE_BAD },
};

static const struct action *action_of(const json_t *change)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!strcmp(actions[i].name, json_text(change, "action")))
			return &actions[i];
	}
	return &actions[1];
}

char *changes_fields(const json_t *fields)
{
	char *text = NULL;
	size_t len;
	FILE *f = must(open_memstream(&text, &len));
	const char *name, *joint = "";
	json_t *v;

	json_object_foreach ((json_t *)fields, name, v) {
		char *from = value_text(json_object_get(v, "from"));
		char *to = value_text(json_object_get(v, "to"));

		fprintf(f, "%s%s %s -> %s", joint, name, *from ? from : "none", *to ? to : "none");
		joint = ", ";
		free(from);
		free(to);
	}
	fclose(f);
	return must(text);
}

static bool interrupts(const json_t *change)
{
	return json_is_true(json_object_get(change, "interrupts"));
}

/* Of what goes it is no news. */
static bool says_so(const json_t *change)
{
	return interrupts(change) && strcmp(json_text(change, "action"), "remove") != 0;
}

void changes_print(const json_t *changes, FILE *f)
{
	json_t *change;
	size_t i;

	json_array_foreach ((json_t *)changes, i, change) {
		const struct action *a = action_of(change);
		char *fields = changes_fields(json_object_get(change, "fields"));

		fputs("  ", f);
		term_put(f, a->style, a->sign);
		term_print(f, " %s %s%s%s", json_text(change, "kind"), json_text(change, "name"),
			   *fields ? "  " : "", fields);
		if (says_so(change)) {
			fputs("  ", f);
			term_put(f, STYLE_BAD, "(interrupts its traffic)");
		}
		fputc('\n', f);
		free(fields);
	}
}

char *changes_sum(const json_t *changes)
{
	char *text = must(strdup(""));
	json_t *change;
	size_t i;

	for (size_t a = 0; a < ARRAY_LEN(actions); a++) {
		unsigned int n = 0;
		char *more;

		json_array_foreach ((json_t *)changes, i, change)
			n += action_of(change) == &actions[a];
		if (!n)
			continue;
		more = cli_text("%s%s%u %s", text, *text ? ", " : "", n, actions[a].done);
		free(text);
		text = more;
	}
	return text;
}

unsigned int changes_that_interrupt(const json_t *changes)
{
	unsigned int n = 0;
	json_t *change;
	size_t i;

	json_array_foreach ((json_t *)changes, i, change)
		n += interrupts(change);
	return n;
}
