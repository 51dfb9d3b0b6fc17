/* SPDX-License-Identifier: Apache-2.0 */
/* weft: parses, asks, prints. It holds no state: all truth is with the daemon. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/nearest.h"
#include "ctl/args.h"
#include "ctl/help.h"
#include "ctl/nouns.h"
#include "ctl/term.h"

static enum status run(struct cli *cli, const struct noun *noun, const struct verb *verb,
		       char **argv)
{
	struct args args;
	enum status status = args_parse(cli, noun, verb, argv, &args);

	if (!status && args.help)
		help_verb(stdout, noun, verb);
	else if (!status)
		status = verb->run(cli, noun, &args);
	args_free(&args);
	return status;
}

/* "weft prot": what could be meant? */
static enum status unknown_word(struct cli *cli, const struct noun *noun, const char *word)
{
	struct nearest near = { .wanted = word };
	const char *command = noun ? noun->name : "";
	struct noun n;
	char *hint;

	for (const struct verb *const *v = noun ? noun->verbs : commands; *v; v++) {
		if (!(*v)->hidden)
			nearest_offer(&near, (*v)->name);
	}
	for (unsigned int i = 0; !noun && noun_at(i, &n); i++)
		nearest_offer(&near, n.name);
	hint = near.word ? cli_text("did you mean '%s'?", near.word)
			 : cli_text("see weft %s%s--help", command, noun ? " " : "");
	fault(&cli->faults, FAULT_SYNTAX, NULL, hint, "there is no 'weft %s%s%s'", command,
	      noun ? " " : "", word);
	free(hint);
	return CLI_USAGE;
}

/* Options may stand in front of the noun and of the verb as well. */
static enum status take_globals(struct cli *cli, char ***argv, bool *help)
{
	enum status status = CLI_DONE;

	while (!status && **argv && (**argv)[0] == '-' && args_global(cli, argv, help, &status))
		;
	return status;
}

static enum status dispatch_noun(struct cli *cli, const struct noun *noun, char **argv, bool help)
{
	enum status status = take_globals(cli, &argv, &help);
	const struct verb *verb;

	if (status)
		return status;
	if (!*argv) {
		help_noun(help ? stdout : stderr, noun);
		return help ? CLI_DONE : CLI_USAGE;
	}
	verb = noun_verb(noun, *argv);
	if (!verb)
		return unknown_word(cli, noun, *argv);
	if (help) {
		help_verb(stdout, noun, verb);
		return CLI_DONE;
	}
	return run(cli, noun, verb, argv + 1);
}

static enum status dispatch(struct cli *cli, char **argv)
{
	bool help = false;
	enum status status = take_globals(cli, &argv, &help);
	const struct verb *verb;
	struct noun noun;

	if (status)
		return status;
	if (!*argv) {
		help_all(help ? stdout : stderr);
		return help ? CLI_DONE : CLI_USAGE;
	}
	if (!strcmp(*argv, "--version")) {
		puts("weft " WEFT_VERSION);
		return CLI_DONE;
	}
	if (noun_find(*argv, &noun))
		return dispatch_noun(cli, &noun, argv + 1, help);
	verb = command_find(*argv);
	if (!verb)
		return unknown_word(cli, NULL, *argv);
	if (help) {
		help_verb(stdout, NULL, verb);
		return CLI_DONE;
	}
	return run(cli, NULL, verb, argv + 1);
}

int main(int argc, char **argv)
{
	const char *socket = getenv("WEFT_SOCKET");
	struct cli cli = { .socket = socket && *socket ? socket : CLIENT_SOCKET };
	enum status status, told;

	term_setup();
	status = dispatch(&cli, argv + (argc > 0));
	told = cli_tell(&cli);
	cli_close(&cli);
	/* What could not be written is not done: a full disk behind a pipe. */
	if (fflush(stdout) || ferror(stdout))
		status = cli_fail("the output could not be written");
	return (int)(status ? status : told);
}
