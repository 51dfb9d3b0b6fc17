/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_CLI_H
#define CTL_CLI_H

#include <jansson.h>

#include "api/client.h"
#include "api/schema.h"

/*
 * What every command of `weft` is given, and what a command is: a row of a table, from which the
 * parser (args.h), the help (help.h) and the completion (complete_cli.c) are made.
 *
 * Threads: one. Memory: a command runs once and the program ends, so what lives as long as the
 * command may be left to the end of the program where that is simpler; tests run under a leak
 * checker all the same, so nothing is left in fact.
 */
enum status {
	CLI_DONE = 0,
	CLI_FAILED = 1, /* refused, or it went wrong */
	CLI_USAGE = 2, /* not understood */
	CLI_DIFFERS = 3, /* done, and the answer to plan --exit-code is yes */
};

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_YAML, OUTPUTS };

struct cli {
	const char *socket;
	enum output output;
	struct client *client; /* cli_client() */
	struct faults faults; /* told at the end, by cli_tell() */
};

/* A word that a command takes without a name in front. */
struct operand {
	const char *name; /* "NAME"; in brackets in the help if it may be left out */
	const char *what; /* kind of object whose names complete it; OPERAND_... */
	bool optional;
};
#define OPERAND_OWN  "=own" /* names of the noun's own kind */
#define OPERAND_NEW  "=new" /* a name that is not taken yet */
#define OPERAND_FILE "=file"
#define OPERAND_REST "=rest" /* it and all that follows, as it stands: a command */

struct short_option {
	char letter;
	const char *name;
};

struct args;
struct noun;

struct verb {
	const char *name;
	const char *help;
	const char *example; /* NULL: made from the fields */
	const struct operand *operands; /* ended by {0}, NULL: none */
	const struct field *options; /* of the command itself; ended by {0}, NULL: none */
	const struct short_option *shorts; /* ended by {0} */
	/* Fields of the object; NULL: none. own_fields: those of the noun's schema. */
	const struct field *const *fields;
	bool own_fields;
	const char *const *hide; /* fields that this command sets by itself; NULL-terminated */
	bool changes; /* it changes what is there: fields that are FIELD_FIXED are not offered */
	bool filters; /* the fields choose among what is there: none has a default */
	bool all_optional; /* what is needed elsewhere may be left out here */
	bool hidden; /* not in help and completion */
	enum status (*run)(struct cli *, const struct noun *, const struct args *);
};

/* A noun, or NULL in place of one: `weft up`. */
struct noun {
	const char *name;
	const char *help;
	const struct schema *schema; /* NULL: not an object (fdb, lab) */
	const struct verb *const *verbs; /* NULL-terminated */
};

/* The client, made when first asked for. Never NULL: no memory ends the program. */
struct client *cli_client(struct cli *);
void cli_close(struct cli *);

/* GET "/v1/PLURAL[/NAME]"; NULL: a fault was added. */
json_t *cli_get(struct cli *, const char *plural, const char *name);
/* A request with a body (borrowed, NULL: none); NULL on failure, JSON null for an empty answer. */
json_t *cli_send(struct cli *, const char *method, const char *path, const json_t *body);

/* Writes the faults to stderr, one line each, and forgets them. CLI_DONE if there are none. */
enum status cli_tell(struct cli *);

/* What a fault is about, or "" if its sentence says that. */
const char *cli_object(const struct fault *);

/* "weft: ..." on stderr. Returns CLI_FAILED. */
enum status cli_fail(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* In json or yaml if that was asked for: true. false: the caller prints its table. */
bool cli_print(const struct cli *, const json_t *);

/* P, or the end of the program with a sentence: for memory. Macro: keeps the pointer's type. */
#define must(p)                              \
	({                                   \
		__typeof__(p) _p = (p);      \
		if (!_p)                     \
			cli_out_of_memory(); \
		_p;                          \
	})
void cli_out_of_memory(void) __attribute__((noreturn));

char *cli_text(const char *fmt, ...) PRINTF_LIKE(1, 2); /* asprintf that does not fail */

/* "" for what is no text. */
const char *json_text(const json_t *object, const char *key);

#endif /* CTL_CLI_H */
