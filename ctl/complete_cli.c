/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weft complete WORD ...: what could stand in place of the last word. One candidate a line, a tab
 * and its meaning behind it; or one line ":files" or ":command", for what the shell itself knows.
 * The scripts in packaging/completion call it. Nothing is said when there is nothing to say: a
 * shell in the middle of a line is no place for errors.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/vlan_words.h"
#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/term.h"

enum { PATIENCE_MS = 1000 };

/* What is known when the last word is reached. */
struct place {
	struct cli *cli;
	const char *word; /* the last one, as far as it is typed */
	const struct noun *noun; /* NULL: not yet, or none */
	const struct verb *verb; /* NULL: not yet */
	const struct field *value_of; /* the word is a value of this */
	bool value_of_option;
	unsigned int operands; /* given */
	const char *own; /* of them, the name of the noun's own kind; NULL */
	const char *sw; /* what was given as switch; NULL */
	bool rest; /* a command of another program */
	bool plain; /* behind "--" */
};

static void offer(const struct place *p, const char *word, const char *help)
{
	char *safe_word, *safe_help;

	if (strncmp(word, p->word, strlen(p->word)) != 0)
		return;
	safe_word = term_safe(word);
	safe_help = term_safe(help);
	printf("%s%s%s\n", safe_word, *safe_help ? "\t" : "", safe_help);
	free(safe_word);
	free(safe_help);
}

/* ---- live names ---- */

static void offer_names(const struct place *p, const char *kind)
{
	const struct schema *s = schema_find(kind);
	json_t *answer = cli_get(p->cli, s ? s->plural : "labs", NULL), *o;
	size_t i;

	json_array_foreach (json_object_get(answer, "items"), i, o)
		offer(p, json_text(o, "name"), json_text(o, s ? "switch" : "description"));
	json_decref(answer);
}

/* ---- words ---- */

static void offer_option(const struct place *p, const struct field *f, const char *dashes)
{
	char *word = cli_text("%s%s", dashes, f->name);

	for (char *c = word; *dashes && *c; c++)
		*c = (char)(*c == '_' ? '-' : *c);
	offer(p, word, f->help);
	free(word);
}

static void offer_fields(const struct place *p)
{
	const char *dashes = p->word[0] == '-' ? "--" : "";
	struct args_at at;

	for (const struct field *f = args_first(p->noun, p->verb, &at); f; f = args_next(&at)) {
		if (!(p->verb->changes && f->flags & FIELD_FIXED))
			offer_option(p, f, dashes);
	}
	if (!*dashes)
		return;
	for (const struct field *f = p->verb->options; f && f->name; f++)
		offer_option(p, f, dashes);
	for (const struct field *f = global_options; f->name; f++)
		offer_option(p, f, dashes);
}

/* In place of the last of several, a comma between them. */
static void offer_last(const struct place *p, const char *word, const char *help)
{
	const char *comma = strrchr(p->word, ',');
	char *all = cli_text("%.*s%s", comma ? (int)(comma + 1 - p->word) : 0, p->word, word);

	offer(p, all, help);
	free(all);
}

static void offer_more_names(const struct place *p, const struct schema *s)
{
	json_t *answer = cli_get(p->cli, s->plural, NULL), *o;
	size_t i;

	json_array_foreach (json_object_get(answer, "items"), i, o)
		offer_last(p, json_text(o, "name"), json_text(o, "switch"));
	json_decref(answer);
}

/* A shell takes it as it is, for one word. */
static bool is_plain(const char *title)
{
	for (; *title; title++) {
		if (!isalnum((unsigned char)*title) && !strchr("-_.", *title) &&
		    (unsigned char)*title < 0x80)
			return false;
	}
	return true;
}

/* Of the switch that was given or that the object is on; of any, if neither is known. */
static void offer_titles(const struct place *p, bool ranges)
{
	json_t *own = p->sw || !p->own ? NULL : cli_get(p->cli, p->noun->schema->plural, p->own);
	const char *sw = p->sw ? p->sw : json_text(own, "switch");
	json_t *answer = cli_get(p->cli, "vlans", NULL), *o;
	size_t i;

	json_array_foreach (json_object_get(answer, "items"), i, o) {
		const char *title = json_text(o, "title");

		if (vlan_word_is_title(title) && is_plain(title) &&
		    (ranges || !json_object_get(o, "last")) &&
		    (!*sw || !strcmp(sw, json_text(o, "switch"))))
			offer_last(p, title, json_text(o, "name"));
	}
	json_decref(answer);
	json_decref(own);
}

static void offer_value(const struct place *p)
{
	const struct field *f = p->value_of;

	switch (f->type) {
	case FIELD_BOOL:
		offer(p, "true", "");
		offer(p, "false", "");
		break;
	case FIELD_CHOICE:
		for (const char *const *c = f->choices; *c; c++)
			offer(p, *c, "");
		break;
	case FIELD_REF:
		offer_names(p, f->ref);
		break;
	case FIELD_REFS:
		offer_more_names(p, schema_find(f->ref));
		break;
	case FIELD_VLAN:
		offer_titles(p, false);
		break;
	case FIELD_VLANS:
		offer_titles(p, true);
		offer(p, "all", "every VLAN");
		break;
	case FIELD_VIDS:
		offer(p, "all", "every VLAN");
		break;
	case FIELD_PCP:
		offer(p, "keep", "as they come");
		break;
	case FIELD_TEXT:
		if (p->value_of_option)
			puts(":files");
		break;
	default:
		break;
	}
}

static void offer_operand(const struct place *p, const struct operand *o)
{
	if (!strcmp(o->what, OPERAND_FILE))
		puts(":files");
	else if (!strcmp(o->what, OPERAND_REST))
		puts(":command");
	else if (!strcmp(o->what, OPERAND_OWN) && p->noun)
		offer_names(p, p->noun->name);
	else if (*o->what != '=')
		offer_names(p, o->what);
	/* A lab may be named by its file as well. */
	if (strstr(o->name, "FILE") && strcmp(o->what, OPERAND_FILE) != 0)
		puts(":files");
}

static void offer_verbs(const struct place *p, const struct verb *const *verbs)
{
	for (; *verbs; verbs++) {
		if (!(*verbs)->hidden)
			offer(p, (*verbs)->name, (*verbs)->help);
	}
}

static void offer_first(const struct place *p)
{
	struct noun n;

	if (p->word[0] == '-') {
		for (const struct field *f = global_options; f->name; f++)
			offer_option(p, f, "--");
		offer(p, "--version", "the version of weft");
		return;
	}
	offer_verbs(p, commands);
	for (unsigned int i = 0; noun_at(i, &n); i++)
		offer(p, n.name, n.help);
}

static void answer(const struct place *p)
{
	const struct operand *o = p->verb ? p->verb->operands : NULL;

	for (unsigned int i = 0; o && o->name && i < p->operands; i++)
		o++;
	if (p->rest) {
		puts(":command");
	} else if (p->value_of) {
		offer_value(p);
	} else if (!p->verb && p->noun) {
		offer_verbs(p, p->noun->verbs);
	} else if (!p->verb) {
		offer_first(p);
	} else if (o && o->name && (p->word[0] != '-' || p->plain)) {
		offer_operand(p, o);
		if (o->optional)
			offer_fields(p);
	} else {
		offer_fields(p);
	}
}

/* ---- the words in front of it ---- */

static void step_dashed(struct place *p, const char *word)
{
	const struct field *f = NULL;

	if (strchr(word, '=') || !strcmp(word, "--help"))
		return;
	if (!strncmp(word, "--", 2)) {
		f = args_option(global_options, word + 2);
		p->value_of_option = f != NULL;
	} else if (!strcmp(word, "-o")) {
		f = args_option(global_options, "output");
	}
	for (const struct short_option *s = p->verb ? p->verb->shorts : NULL; s && s->letter; s++) {
		if (word[1] == s->letter && !word[2])
			f = args_option(p->verb->options, s->name);
	}
	if (!f && p->verb && !strncmp(word, "--", 2))
		f = args_option(p->verb->options, word + 2);
	p->value_of_option = f != NULL;
	if (!f && p->verb && !strncmp(word, "--", 2))
		f = args_field(p->noun, p->verb, word + 2);
	if (f && !(p->value_of_option && f->type == FIELD_BOOL))
		p->value_of = f;
}

static void step_bare(struct place *p, const char *word, struct noun *room)
{
	const struct operand *o;

	if (!p->verb && !p->noun) {
		if (noun_find(word, room))
			p->noun = room;
		else
			p->verb = command_find(word);
		return;
	}
	if (!p->verb) {
		p->verb = noun_verb(p->noun, word);
		return;
	}
	o = p->verb->operands;
	for (unsigned int i = 0; o && o->name && i < p->operands; i++)
		o++;
	if (o && o->name) {
		p->operands++;
		if (!strcmp(o->what, OPERAND_OWN) && p->noun && p->noun->schema)
			p->own = word;
		p->rest = !strcmp(o->what, OPERAND_REST);
		return;
	}
	p->value_of = args_field(p->noun, p->verb, word);
	p->value_of_option = false;
}

static void step(struct place *p, const char *word, struct noun *room)
{
	if (p->rest) {
		return;
	} else if (p->value_of) {
		if (p->value_of == args_option(global_options, "socket"))
			p->cli->socket = word;
		if (!strcmp(p->value_of->name, "switch"))
			p->sw = word;
		p->value_of = NULL;
	} else if (!strcmp(word, "--")) {
		p->plain = true;
	} else if (word[0] == '-' && !p->plain) {
		step_dashed(p, word);
	} else {
		step_bare(p, word, room);
	}
}

static enum status run_complete(struct cli *cli, const struct noun *unused, const struct args *args)
{
	struct place p = { .cli = cli, .word = "" };
	struct noun room;
	char **word = args->rest;

	(void)unused;
	for (; word[1]; word++)
		step(&p, *word, &room);
	p.word = *word;
	client_set_timeout(cli_client(cli), PATIENCE_MS);
	answer(&p);
	faults_free(&cli->faults);
	return CLI_DONE;
}

static const struct operand words[] = { { .name = "WORD...", .what = OPERAND_REST }, { 0 } };

const struct verb complete_command = {
	.name = "complete",
	.help = "what could stand in place of the last word",
	.example = "weft complete -- port show ''",
	.operands = words,
	.hidden = true,
	.run = run_complete,
};
