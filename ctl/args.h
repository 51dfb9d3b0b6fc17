/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include "ctl/cli.h"

/*
 * The grammar:  weft NOUN VERB [NAME] [--field value | field value ...]
 *
 * A word with two dashes is an option of the command or a field of the object; the first bare words
 * are operands; what follows them is again fields, without dashes. '-' and '_' are the same in a
 * field's name. "--no-native" and "native none" take a field back to its default, "--no-up" is
 * "--up false". A field that holds a list may be given more than once. "--" ends what is read.
 *
 * Threads: one. Memory: args_free(); operands and rest point into argv.
 */
enum { ARGS_OPERANDS = 4 };

struct args {
	const char *operand[ARGS_OPERANDS]; /* NULL: left out */
	json_t *options; /* of the command, canonical */
	json_t *fields; /* of the object, as typed; null: back to the default */
	char **rest; /* OPERAND_REST; NULL-terminated */
	bool help;
};

/* CLI_DONE, or faults were added: CLI_USAGE if not understood, CLI_FAILED if a value is wrong. */
enum status args_parse(struct cli *, const struct noun *, const struct verb *, char **argv,
		       struct args *out);
void args_free(struct args *);

bool args_flag(const struct args *, const char *option);
const char *args_text(const struct args *, const char *option); /* NULL: not given */
long args_number(const struct args *, const char *option, long otherwise);

/* Options that every command takes: help, output, socket. Ended by {0}. */
extern const struct field global_options[];
/* Takes a global option at (*argv)[0] and moves on; false: it is none. */
bool args_global(struct cli *, char ***argv, bool *help, enum status *);

/* Fields that a command takes, in order: for (f = args_first(...); f; f = args_next(&at)). */
struct args_at {
	const struct field *const *table;
	const struct field *f;
	const struct verb *verb;
	const struct field *const *tables;
};
const struct field *args_first(const struct noun *, const struct verb *, struct args_at *);
const struct field *args_next(struct args_at *);

/* By name, '-' and '_' alike; NULL. */
const struct field *args_field(const struct noun *, const struct verb *, const char *word);
const struct field *args_option(const struct field *options, const char *word);
bool args_same(const char *word, const char *name);

#endif /* CTL_ARGS_H */
