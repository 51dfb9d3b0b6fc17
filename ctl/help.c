/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/help.h"

#include <stdarg.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/table.h"

/* A list of word and meaning, under a title. */
struct section {
	struct table *table;
	const char *title;
};

static struct section section(const char *title)
{
	struct section s = { .table = table_new(), .title = title };

	table_columns(s.table, "", "", NULL);
	table_indent(s.table, 2);
	table_wrap(s.table);
	return s;
}

static void entry(struct section *s, const char *help, const char *word)
{
	table_row(s->table);
	table_cell(s->table, STYLE_NOTE, "%s", word);
	table_cell(s->table, STYLE_PLAIN, "%s", help);
}

static void finish(struct section *s, FILE *f)
{
	if (table_rows(s->table)) {
		fputc('\n', f);
		term_put(f, STYLE_HEAD, s->title);
		fputc('\n', f);
		table_print(s->table, f);
	}
	table_free(s->table);
}

/* ---- one option or field ---- */

/* What stands for its value: VID, SWITCH, true|false. */
static char *value_word(const struct field *f)
{
	size_t len = 0;
	char *text;

	switch (f->type) {
	case FIELD_BOOL:
		return must(strdup("true|false"));
	case FIELD_CHOICE:
		text = must(strdup(""));
		for (const char *const *c = f->choices; *c; c++) {
			char *more = cli_text("%s%s%s", text, len++ ? "|" : "", *c);

			free(text);
			text = more;
		}
		return text;
	default:
		text = f->type == FIELD_REFS
			       ? cli_text("%s,...", f->ref)
			       : must(strdup(f->type == FIELD_REF ? f->ref
								  : field_type_name(f->type)));
		for (char *c = text; *c; c++)
			*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		return text;
	}
}

static char *option_word(const struct field *f, bool flag, char letter)
{
	char *value = flag ? must(strdup("")) : value_word(f), *word;
	char shown[8] = "";

	if (letter)
		snprintf(shown, sizeof(shown), "-%c, ", letter);
	word = cli_text("%s--%s%s%s", shown, f->name, *value ? " " : "", value);
	for (char *c = strchr(word, '-'); *c && *c != ' '; c++)
		*c = (char)(*c == '_' ? '-' : *c);
	free(value);
	return word;
}

static char letter_of(const struct verb *v, const struct field *f)
{
	for (const struct short_option *s = v->shorts; s && s->letter; s++) {
		if (!strcmp(s->name, f->name))
			return s->letter;
	}
	return 0;
}

/* A note in brackets behind a help text. */
static void note(FILE *f, unsigned int *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void note(FILE *f, unsigned int *n, const char *fmt, ...)
{
	va_list ap;

	fputs((*n)++ ? ", " : " (", f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
}

/* A default that says something: not an empty text, list or nothing. */
static bool has_default(const struct field *f)
{
	return f->def && strcmp(f->def, "[]") != 0 && strcmp(f->def, "\"\"") != 0;
}

static char *field_help(const struct field *f, const struct verb *v)
{
	unsigned int notes = 0;
	char *text = NULL, types[64];
	size_t len;
	FILE *out = must(open_memstream(&text, &len));

	fputs(f->help, out);
	if (!v->filters && f->only)
		note(out, &notes, "%s only", field_types(f, ", ", types, sizeof(types)));
	if (!v->filters && !v->changes && !v->all_optional && f->flags & FIELD_REQUIRED)
		note(out, &notes, "needed");
	if (f->type == FIELD_INT && f->max)
		note(out, &notes, "%ld to %ld", f->min, f->max);
	if (!v->filters && has_default(f))
		note(out, &notes, "default %.*s", (int)strcspn(f->def + (*f->def == '"'), "\""),
		     f->def + (*f->def == '"'));
	if (notes)
		fputc(')', out);
	fclose(out);
	return must(text);
}

static void field_entry(struct section *s, const struct field *f, const struct verb *v, bool option)
{
	char *word = option_word(f, option && f->type == FIELD_BOOL, option ? letter_of(v, f) : 0);
	char *help = field_help(f, v);

	entry(s, help, word);
	free(help);
	free(word);
}

/* ---- one command ---- */

static bool offered(const struct verb *v, const struct field *f)
{
	return !(v->changes && f->flags & FIELD_FIXED);
}

static bool takes_fields(const struct noun *noun, const struct verb *v)
{
	struct args_at at;

	return args_first(noun, v, &at) != NULL;
}

static void put_usage(FILE *f, const struct noun *noun, const struct verb *v)
{
	fprintf(f, "Usage: weft %s%s%s", noun ? noun->name : "", noun ? " " : "", v->name);
	for (const struct operand *o = v->operands; o && o->name; o++) {
		if (!strcmp(o->what, OPERAND_REST))
			fprintf(f, " -- %s", o->name);
		else
			fprintf(f, o->optional ? " [%s]" : " %s", o->name);
	}
	if (takes_fields(noun, v))
		fputs(" [--field value | field value] ...", f);
	fputs(v->options ? " [options]\n" : "\n", f);
}

/* The name that the examples of other fields use for such a thing: "s1" for a switch. */
static const char *example_name(const char *kind)
{
	for (const struct schema *const *s = schemas; *s; s++) {
		struct field_at at;

		for (const struct field *f = schema_first(*s, &at); f; f = schema_next(&at)) {
			if (f->type == FIELD_REF && !strcmp(f->ref, kind) && f->example)
				return f->example;
		}
	}
	return NULL;
}

static void put_example_operand(FILE *f, const struct noun *noun, const struct operand *o)
{
	const char *kind = *o->what == '=' ? (noun ? noun->name : "x") : o->what;
	const char *name = example_name(kind);

	if (name)
		fprintf(f, " %s", name);
	else
		fprintf(f, " %c1", *kind);
}

static void put_example_field(FILE *f, const struct field *field)
{
	bool quote = strchr(field->example, ' ') != NULL;

	fprintf(f, " --%s %s%s%s", field->name, quote ? "'" : "", field->example, quote ? "'" : "");
}

/* What is needed, and the first thing that is not. */
static void put_example_fields(FILE *f, const struct noun *noun, const struct verb *v)
{
	bool optional = false;
	struct args_at at;

	for (const struct field *e = args_first(noun, v, &at); e; e = args_next(&at)) {
		bool needed = e->flags & FIELD_REQUIRED && !v->filters;

		if (!e->example || !offered(v, e) || (!needed && (optional || has_default(e))))
			continue;
		optional |= !needed;
		put_example_field(f, e);
	}
	if (optional || !v->changes)
		return;
	for (const struct field *e = args_first(noun, v, &at); e; e = args_next(&at)) {
		if (e->example && offered(v, e)) {
			put_example_field(f, e);
			return;
		}
	}
}

char *help_example(const struct noun *noun, const struct verb *v)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	if (v->example)
		return must(strdup(v->example));
	f = must(open_memstream(&text, &len));
	fprintf(f, "weft %s%s%s", noun ? noun->name : "", noun ? " " : "", v->name);
	for (const struct operand *o = v->operands; o && o->name; o++)
		put_example_operand(f, noun, o);
	put_example_fields(f, noun, v);
	fclose(f);
	return must(text);
}

static void put_globals(FILE *f, bool top)
{
	static const struct verb none = { .name = "" };
	struct section s = section("Everywhere");

	for (const struct field *g = global_options; g->name; g++)
		field_entry(&s, g, &none, true);
	if (top)
		entry(&s, "the version of weft", "--version");
	finish(&s, f);
}

void help_verb(FILE *f, const struct noun *noun, const struct verb *v)
{
	struct section fields = section(v->filters ? "Only those with" : "Fields");
	struct section options = section("Options");
	char *example = help_example(noun, v);
	struct args_at at;

	put_usage(f, noun, v);
	fprintf(f, "\n%s\n", v->help);
	for (const struct field *e = args_first(noun, v, &at); e; e = args_next(&at)) {
		if (offered(v, e))
			field_entry(&fields, e, v, false);
	}
	for (const struct field *e = v->options; e && e->name; e++)
		field_entry(&options, e, v, true);
	finish(&fields, f);
	finish(&options, f);
	put_globals(f, false);
	fprintf(f, "\nExample: %s\n", example);
	free(example);
}

/* ---- the levels above ---- */

static void verb_entry(struct section *s, const struct verb *v)
{
	char *word = must(strdup(v->name));

	for (const struct operand *o = v->operands; o && o->name; o++) {
		char *more = cli_text(o->optional ? "%s [%s]" : "%s %s", word, o->name);

		free(word);
		word = more;
	}
	entry(s, v->help, word);
	free(word);
}

void help_noun(FILE *f, const struct noun *noun)
{
	struct section verbs = section("Commands");
	char *example = help_example(noun, noun->verbs[0]);

	fprintf(f, "Usage: weft %s COMMAND\n\n%s\n", noun->name, noun->help);
	for (const struct verb *const *v = noun->verbs; *v; v++) {
		if (!(*v)->hidden)
			verb_entry(&verbs, *v);
	}
	finish(&verbs, f);
	fprintf(f, "\nExample: %s\nMore: weft %s COMMAND --help\n", example, noun->name);
	free(example);
}

void help_all(FILE *f)
{
	struct section labs = section("Commands"), nouns = section("Objects");
	struct noun n;

	fputs("Usage: weft COMMAND\n       weft OBJECT COMMAND [NAME] [--field value | field value] "
	      "...\n\nA virtual network on this machine: switches, VLANs, cables and hosts.\n",
	      f);
	for (const struct verb *const *v = commands; *v; v++) {
		if (!(*v)->hidden)
			verb_entry(&labs, *v);
	}
	for (unsigned int i = 0; noun_at(i, &n); i++) {
		char *help = cli_text("%s:", n.help), *more;

		for (const struct verb *const *v = n.verbs; *v; v++) {
			if ((*v)->hidden)
				continue;
			more = cli_text("%s %s", help, (*v)->name);
			free(help);
			help = more;
		}
		entry(&nouns, help, n.name);
		free(help);
	}
	finish(&labs, f);
	finish(&nouns, f);
	put_globals(f, true);
	fputs("\nExample: weft up examples/vlan-campus.yaml\n"
	      "More: weft COMMAND --help, weft OBJECT COMMAND --help, man weft\n",
	      f);
}
