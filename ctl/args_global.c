/* SPDX-License-Identifier: Apache-2.0 */
/* Options that every command takes, wherever they stand. */
#include "ctl/args.h"

static const char *const output_names[] = { "table", "json", "yaml", NULL };
static_assert(ARRAY_LEN(output_names) == OUTPUTS + 1, "every output has a name");

const struct field global_options[] = {
	{ .name = "output",
	  .type = FIELD_CHOICE,
	  .choices = output_names,
	  .help = "how to print, also -o",
	  .example = "json" },
	{ .name = "socket",
	  .type = FIELD_TEXT,
	  .max = 4096,
	  .help = "the daemon's socket, also WEFT_SOCKET in the environment",
	  .example = CLIENT_SOCKET },
	{ .name = "help", .type = FIELD_BOOL, .help = "what can be said here, also -h" },
	{ 0 },
};

static enum status set_output(struct cli *cli, const char *text)
{
	for (enum output o = 0; o < OUTPUTS; o++) {
		if (!strcmp(text, output_names[o])) {
			cli->output = o;
			return CLI_DONE;
		}
	}
	fault(&cli->faults, FAULT_SYNTAX, NULL, "use table, json or yaml",
	      "there is no output '%s'", text);
	return CLI_USAGE;
}

/* The value of --NAME or -LETTER at the word, if it is that; *taken words. */
static bool value_of(char **argv, const char *name, const char *letter, const char **value,
		     unsigned int *taken)
{
	const char *word = argv[0];
	size_t len = strlen(name);

	*taken = 1;
	if (!strncmp(word, "--", 2) && !strncmp(word + 2, name, len)) {
		if (word[2 + len] == '=') {
			*value = word + 2 + len + 1;
			return true;
		}
		if (word[2 + len])
			return false;
	} else if (letter && word[0] == '-' && word[1] == *letter) {
		if (word[2]) {
			*value = word + 2;
			return true;
		}
	} else {
		return false;
	}
	*value = argv[1];
	*taken += *value != NULL;
	return true;
}

bool args_global(struct cli *cli, char ***argv, bool *help, enum status *status)
{
	const char *value;
	unsigned int taken;

	if (!strcmp((*argv)[0], "--help") || !strcmp((*argv)[0], "-h")) {
		*help = true;
		(*argv)++;
		return true;
	}
	if (value_of(*argv, "output", "o", &value, &taken)) {
		if (value)
			*status = set_output(cli, value);
	} else if (value_of(*argv, "socket", NULL, &value, &taken)) {
		if (value)
			cli->socket = value;
	} else {
		return false;
	}
	if (!value) {
		fault(&cli->faults, FAULT_SYNTAX, NULL, NULL, "'%s' lacks its value", (*argv)[0]);
		*status = CLI_USAGE;
	}
	*argv += taken;
	return true;
}
