/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/cli.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/term.h"
#include "ctl/yaml_out.h"

void cli_out_of_memory(void)
{
	fputs("weft: there is not enough memory\n", stderr);
	exit(CLI_FAILED);
}

char *cli_text(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		cli_out_of_memory();
	va_end(ap);
	return text;
}

const char *json_text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

struct client *cli_client(struct cli *cli)
{
	if (!cli->client && client_create(cli->socket, &cli->client))
		cli_out_of_memory();
	return cli->client;
}

void cli_close(struct cli *cli)
{
	client_destroy(cli->client);
	cli->client = NULL;
	faults_free(&cli->faults);
}

static json_t *too_long(struct cli *cli, const char *name)
{
	fault(&cli->faults, FAULT_INVALID, NULL, NULL, "'%.40s...' is too long for a name", name);
	return NULL;
}

json_t *cli_get(struct cli *cli, const char *plural, const char *name)
{
	char path[CLIENT_PATH];
	json_t *answer = NULL;

	if (client_path(path, plural, name, NULL))
		return too_long(cli, name);
	client_get(cli_client(cli), path, &answer, &cli->faults);
	return answer;
}

json_t *cli_send(struct cli *cli, const char *method, const char *path, const json_t *body)
{
	struct client_request r = { .method = method, .path = path, .body = body };
	struct client_answer answer;

	if (client_call(cli_client(cli), &r, &answer, &cli->faults))
		return NULL;
	return answer.body ? answer.body : json_null();
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

const char *cli_object(const struct fault *f)
{
	size_t len = strlen(f->object);

	for (const char *at = f->message; len && (at = strstr(at, f->object)); at++) {
		if ((at == f->message || at[-1] == ' ') && !is_name(at[len]) &&
		    !(at[len] == '.' && is_name(at[len + 1])))
			return "";
	}
	return f->object;
}

enum status cli_tell(struct cli *cli)
{
	enum status status = cli->faults.n ? CLI_FAILED : CLI_DONE;

	for (unsigned int i = 0; i < cli->faults.n; i++) {
		const struct fault *f = &cli->faults.v[i];

		const char *object = cli_object(f);

		term_print(stderr, "weft: %s%s%s%s%s%s\n", object, *object ? ": " : "", f->message,
			   *f->hint ? " (" : "", f->hint, *f->hint ? ")" : "");
	}
	faults_free(&cli->faults);
	return status;
}

enum status cli_fail(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		cli_out_of_memory();
	va_end(ap);
	term_print(stderr, "weft: %s\n", text);
	free(text);
	return CLI_FAILED;
}

static void print_json(const json_t *v)
{
	char *text = must(json_dumps(v, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6)));
	char *safe = term_escaped(text);

	puts(safe);
	free(safe);
	free(text);
}

bool cli_print(const struct cli *cli, const json_t *v)
{
	switch (cli->output) {
	case OUTPUT_JSON:
		print_json(v);
		return true;
	case OUTPUT_YAML:
		if (yaml_out_print(v, stdout))
			cli_out_of_memory();
		return true;
	default:
		return false;
	}
}
