/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/yaml_fault.h"

#include "ctl/cli.h"

/* What was begun is told with its line, if libyaml names one. */
enum place { HERE, HERE_SINCE, SINCE };

static const struct {
	const char *theirs; /* a part of it */
	enum place place;
	const char *ours;
} words[] = {
	{ "cannot start any token", HERE,
	  "nothing can begin with this character; indent with spaces, not tabs, and quote a text that "
	  "begins with @, ` or %" },
	{ "tab character", HERE, "a tab stands here; indent with spaces" },
	{ "expected key", HERE_SINCE,
	  "this line begins elsewhere than its neighbours; indent all keys of one thing alike" },
	{ "expected '-' indicator", HERE_SINCE,
	  "this line is no item of the list above it; begin it with '-', or indent it like what it "
	  "belongs to" },
	{ "<document start>", HERE,
	  "this belongs to nothing above it; begin each key of the lab at the start of its line" },
	{ "mapping values are not allowed", HERE,
	  "a ':' stands where none can be; write one key to a line, and what is below it indented" },
	{ "expected ':'", SINCE, "this key has no ':'; write 'key: value'" },
	{ "expected ',' or '}'", HERE_SINCE, "a ',' or a closing '}' is missing" },
	{ "expected ',' or ']'", HERE_SINCE, "a ',' or a closing ']' is missing" },
	{ "unexpected end of stream", SINCE, "a quotation mark is opened here and never closed" },
	{ "undefined alias", HERE,
	  "nothing of this name was marked with '&'; mark it first, or quote a text that begins with "
	  "'*'" },
	{ "block sequence entries are not allowed", HERE,
	  "a '-' stands where no list can begin; begin the list on a line of its own" },
	{ "expected node content", HERE, "a value is missing here" },
};

static unsigned int lines_before(const char *text, size_t len)
{
	unsigned int n = 1;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static void tell(const yaml_parser_t *p, enum place place, const char *what, struct report *r)
{
	unsigned int here = (unsigned int)p->problem_mark.line + 1;
	unsigned int since = (unsigned int)p->context_mark.line + 1;

	if (!p->context || place == HERE)
		report_add(r, here, "%s", what);
	else if (place == SINCE)
		report_add(r, since, "%s", what);
	else
		report_add(r, here, "%s (what it is in begins on line %u)", what, since);
}

void yaml_fault(const yaml_parser_t *p, const char *text, size_t len, struct report *r)
{
	const char *problem = p->problem ? p->problem : "it cannot be read";

	if (p->error == YAML_MEMORY_ERROR)
		cli_out_of_memory();
	if (p->error == YAML_READER_ERROR) {
		report_add(r, lines_before(text, MIN(p->problem_offset, len)),
			   "a character that YAML does not allow (%s); save the file as UTF-8",
			   problem);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strstr(problem, words[i].theirs))
			continue;
		tell(p, words[i].place, words[i].ours, r);
		return;
	}
	tell(p, HERE_SINCE, problem, r);
}
