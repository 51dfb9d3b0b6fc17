/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/nearest.h"
#include "api/text.h"
#include "base/name.h"
#include "ctl/nouns.h"

struct parse {
	struct cli *cli;
	const struct noun *noun;
	const struct verb *verb;
	char **argv; /* what is still to be read */
	unsigned int operands; /* taken so far */
	struct args *out;
};

static enum status usage(struct parse *p, const char *hint, const char *fmt, ...) PRINTF_LIKE(3, 4);
static enum status usage(struct parse *p, const char *hint, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		cli_out_of_memory();
	va_end(ap);
	fault(&p->cli->faults, FAULT_SYNTAX, NULL, hint, "%s", text);
	free(text);
	return CLI_USAGE;
}

static char *command_name(const struct parse *p)
{
	return p->noun ? cli_text("weft %s %s", p->noun->name, p->verb->name)
		       : cli_text("weft %s", p->verb->name);
}

/* A field of another kind of object? Then say whose. */
static char *elsewhere(const struct parse *p, const char *word)
{
	for (const struct schema *const *s = schemas; *s && p->noun; s++) {
		struct field_at at;
		struct noun noun;

		if (*s == p->noun->schema)
			continue;
		for (const struct field *f = schema_first(*s, &at); f; f = schema_next(&at)) {
			if (args_same(word, f->name) && noun_find((*s)->kind, &noun) &&
			    noun_verb(&noun, p->verb->name))
				return cli_text("a %s has one: weft %s %s", (*s)->kind, (*s)->kind,
						p->verb->name);
		}
	}
	return NULL;
}

static enum status unknown(struct parse *p, const char *word, bool dashes)
{
	struct nearest near = { .wanted = word };
	char *command = command_name(p), *hint;
	struct args_at at;
	enum status status;

	for (const struct field *f = args_first(p->noun, p->verb, &at); f; f = args_next(&at))
		nearest_offer(&near, f->name);
	for (const struct field *f = p->verb->options; f && f->name && dashes; f++)
		nearest_offer(&near, f->name);
	for (const struct field *f = global_options; f->name && dashes; f++)
		nearest_offer(&near, f->name);
	if (near.word)
		hint = cli_text("did you mean '%s%s'?", dashes ? "--" : "", near.word);
	else
		hint = elsewhere(p, word);
	if (!hint)
		hint = cli_text("see %s --help", command);
	status = usage(p, hint, "'%s' does not take '%s%s'", command, dashes ? "--" : "", word);
	free(hint);
	free(command);
	return status;
}

static bool is_bool_word(const char *word)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on", "off" };

	for (size_t i = 0; word && i < ARRAY_LEN(words); i++) {
		if (!strcmp(word, words[i]))
			return true;
	}
	return false;
}

/* Where "none" can be no value of its own, it takes the field back to its default. */
static bool is_none(const struct field *f, const char *text)
{
	const char *const *choice = f->type == FIELD_CHOICE ? f->choices : NULL;

	while (choice && *choice && strcmp(*choice, "none") != 0)
		choice++;
	return !strcmp(text, "none") && f->type != FIELD_TEXT && !(choice && *choice);
}

/* Puts it into INTO. A list grows, all else may be given once. */
static enum status put(struct parse *p, json_t *into, const struct field *f, json_t *value)
{
	json_t *before = json_object_get(into, f->name);

	if (before && json_is_array(before) && json_is_array(value)) {
		json_array_extend(before, value);
		json_decref(value);
		return CLI_DONE;
	}
	if (before) {
		json_decref(value);
		return usage(p, NULL, "'%s' is given twice", f->name);
	}
	json_object_set_new(into, f->name, must(value));
	return CLI_DONE;
}

/* The value of an option is checked here; that of a field by the daemon, which knows more. */
static enum status put_text(struct parse *p, const struct field *f, bool option, const char *text)
{
	json_t *value;

	if (!option && is_none(f, text))
		return put(p, p->out->fields, f, json_null());
	if (p->noun && p->out->operand[0]) {
		char *object = cli_text("%s %s", p->noun->name, p->out->operand[0]);

		faults_at(&p->cli->faults, object, NULL);
		free(object);
	}
	value = field_parse(f, text, &p->cli->faults);
	faults_at(&p->cli->faults, "", NULL);
	if (value && option) {
		json_t *checked = field_check(f, value, &p->cli->faults);

		json_decref(value);
		value = checked;
	}
	if (!value)
		return CLI_FAILED;
	return put(p, option ? p->out->options : p->out->fields, f, value);
}

/* "default via 10.0.0.1" may come as three words. */
static enum status put_route(struct parse *p, const struct field *f, const char *first)
{
	char *text = cli_text("%s via %s", first, p->argv[1]);
	enum status status = put_text(p, f, false, text);

	free(text);
	p->argv += 2;
	return status;
}

/* "up maybe": what follows could be no field, and no operand is awaited any more. */
static enum status put_alone(struct parse *p, const struct field *f)
{
	const struct operand *o = p->verb->operands ? &p->verb->operands[p->operands] : NULL;
	const char *next = *p->argv;

	if (!next || *next == '-' || (o && o->name) || args_field(p->noun, p->verb, next))
		return put(p, p->out->fields, f, json_true());
	return usage(p, "use yes or no", "'%s' does not take '%s'", f->name, next);
}

static enum status take_value(struct parse *p, const struct field *f, bool option,
			      const char *value)
{
	if (value)
		return put_text(p, f, option, value);
	if (option && f->type == FIELD_BOOL)
		return put(p, p->out->options, f, json_true());
	if (f->type == FIELD_BOOL && !is_bool_word(*p->argv) &&
	    !(*p->argv && !strcmp(*p->argv, "none")))
		return put_alone(p, f);
	if (!*p->argv) {
		char right[192], *hint;
		enum status status;

		field_describe(f, right, sizeof(right));
		hint = cli_text("use %s", right);
		status = usage(p, hint, "'%s' lacks its value", f->name);
		free(hint);
		return status;
	}
	value = *p->argv++;
	if (f->type == FIELD_ROUTES && p->argv[0] && p->argv[1] && !strcmp(p->argv[0], "via"))
		return put_route(p, f, value);
	return put_text(p, f, option, value);
}

/* A word behind two dashes: "native", "native=10", "no-native". */
static enum status take_dashed(struct parse *p, const char *word)
{
	const char *value = strchr(word, '=');
	char *name = value ? must(strndup(word, (size_t)(value - word))) : must(strdup(word));
	const struct field *f = args_option(p->verb->options, name);
	enum status status;

	if (f) {
		status = take_value(p, f, true, value ? value + 1 : NULL);
		goto out;
	}
	f = args_field(p->noun, p->verb, name);
	if (f) {
		status = take_value(p, f, false, value ? value + 1 : NULL);
		goto out;
	}
	f = strncmp(name, "no-", 3) != 0 || value ? NULL : args_field(p->noun, p->verb, name + 3);
	if (f)
		status = put(p, p->out->fields, f,
			     f->type == FIELD_BOOL ? json_false() : json_null());
	else
		status = unknown(p, name, true);
out:
	free(name);
	return status;
}

/* "-c 5", "-c5". */
static enum status take_short(struct parse *p, const char *word)
{
	for (const struct short_option *s = p->verb->shorts; s && s->letter; s++) {
		if (s->letter == word[1])
			return take_value(p, args_option(p->verb->options, s->name), true,
					  word[2] ? word + 2 : NULL);
	}
	return unknown(p, word, false);
}

/* Is it a name, and neither a path nor a word of a command? It becomes a part of a path (a URL's),
 * and of JSON. */
static bool wants_name(const struct operand *o)
{
	return !strcmp(o->what, OPERAND_OWN) || !strcmp(o->what, OPERAND_NEW) ||
	       (schema_find(o->what) && !strchr(o->name, '|'));
}

static enum status check_name(struct parse *p, const struct operand *o, const char *word)
{
	enum { LONGEST = 2 * NAME_MAX_LEN + 1 }; /* "a.eth0" */
	json_t *text = json_string(word); /* NULL: it is not UTF-8 */
	bool right = text && *word && strlen(word) <= LONGEST && !strchr(word, '/');
	char shown[SHOWN_LEN];

	json_decref(text);
	if (right || !wants_name(o))
		return CLI_DONE;
	return usage(p, "use letters, digits, '-' and '_', at most 63", "'%s' is not a name",
		     text_shown(word, shown, sizeof(shown)));
}

static enum status take_bare(struct parse *p, char **at)
{
	const struct operand *o = p->verb->operands ? &p->verb->operands[p->operands] : NULL;
	const struct field *f;

	if (o && o->name) {
		enum status status = check_name(p, o, *at);

		if (status)
			return status;
		if (!strcmp(o->what, OPERAND_REST)) {
			p->out->rest = at;
			while (*p->argv)
				p->argv++;
		} else {
			p->out->operand[p->operands] = *at;
		}
		p->operands++;
		return CLI_DONE;
	}
	f = args_field(p->noun, p->verb, *at);
	return f ? take_value(p, f, false, NULL) : unknown(p, *at, false);
}

static enum status take_word(struct parse *p, bool *plain)
{
	enum status status = CLI_DONE;
	const char *word = *p->argv;

	if (!*plain && !strcmp(word, "--")) {
		*plain = true;
		p->argv++;
		return CLI_DONE;
	}
	if (!*plain && args_global(p->cli, &p->argv, &p->out->help, &status))
		return status;
	p->argv++;
	if (!*plain && !strncmp(word, "--", 2))
		return take_dashed(p, word + 2);
	if (!*plain && word[0] == '-' && word[1])
		return take_short(p, word);
	return take_bare(p, p->argv - 1);
}

static enum status missing(struct parse *p)
{
	const struct operand *o = p->verb->operands ? &p->verb->operands[p->operands] : NULL;
	char *command, *hint;
	enum status status;

	if (!o || !o->name || o->optional)
		return CLI_DONE;
	command = command_name(p);
	hint = cli_text("see %s --help", command);
	status = usage(p, hint, "'%s' lacks its %s", command, o->name);
	free(hint);
	free(command);
	return status;
}

enum status args_parse(struct cli *cli, const struct noun *noun, const struct verb *verb,
		       char **argv, struct args *out)
{
	struct parse p = { .cli = cli, .noun = noun, .verb = verb, .argv = argv, .out = out };
	enum status status = CLI_DONE;
	bool plain = false;

	*out = (struct args){ .options = must(json_object()), .fields = must(json_object()) };
	while (!status && *p.argv)
		status = take_word(&p, &plain);
	if (!status && !out->help)
		status = missing(&p);
	return status;
}

void args_free(struct args *a)
{
	json_decref(a->options);
	json_decref(a->fields);
}

/* ---- reading the outcome ---- */

bool args_flag(const struct args *a, const char *option)
{
	return json_is_true(json_object_get(a->options, option));
}

const char *args_text(const struct args *a, const char *option)
{
	return json_string_value(json_object_get(a->options, option));
}

long args_number(const struct args *a, const char *option, long otherwise)
{
	json_t *n = json_object_get(a->options, option);

	return n ? (long)json_integer_value(n) : otherwise;
}
