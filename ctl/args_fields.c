/* SPDX-License-Identifier: Apache-2.0 */
/* Which fields and options a command takes. */
#include "ctl/args.h"

static bool hidden(const struct verb *verb, const char *name)
{
	for (const char *const *h = verb->hide; h && *h; h++) {
		if (!strcmp(*h, name))
			return true;
	}
	return false;
}

/* The same name in two tables is one field: the first one's. */
static bool seen_before(const struct args_at *at)
{
	for (const struct field *const *t = at->tables; t != at->table; t++) {
		for (const struct field *f = *t; f->name; f++) {
			if (!strcmp(f->name, at->f->name))
				return true;
		}
	}
	return false;
}

static const struct field *settle(struct args_at *at)
{
	for (; at->table && *at->table; at->f = *++at->table) {
		for (; at->f->name; at->f++) {
			if (!hidden(at->verb, at->f->name) && !seen_before(at))
				return at->f;
		}
	}
	return NULL;
}

const struct field *args_first(const struct noun *noun, const struct verb *verb, struct args_at *at)
{
	*at = (struct args_at){ .verb = verb };
	at->tables = verb->own_fields && noun && noun->schema ? noun->schema->fields : verb->fields;
	at->table = at->tables;
	at->f = at->table ? *at->table : NULL;
	return settle(at);
}

const struct field *args_next(struct args_at *at)
{
	at->f++;
	return settle(at);
}

bool args_same(const char *word, const char *name)
{
	for (; *word && *name; word++, name++) {
		if (*word != *name && !(*word == '-' && *name == '_'))
			return false;
	}
	return *word == *name;
}

const struct field *args_field(const struct noun *noun, const struct verb *verb, const char *word)
{
	struct args_at at;

	for (const struct field *f = args_first(noun, verb, &at); f; f = args_next(&at)) {
		if (args_same(word, f->name))
			return f;
	}
	return NULL;
}

const struct field *args_option(const struct field *options, const char *word)
{
	for (const struct field *f = options; f && f->name; f++) {
		if (args_same(word, f->name))
			return f;
	}
	return NULL;
}
