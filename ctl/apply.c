/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/apply.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl/changes.h"
#include "ctl/term.h"

/* "host a: added, with port a.eth0" */
static void print_made(const struct noun *noun, const char *name, const json_t *changes)
{
	const char *joint = ", with ";
	json_t *change;
	size_t i;

	term_print(stdout, "%s %s: %s", noun->name, name,
		   json_array_size(changes) ? "added" : "unchanged");
	json_array_foreach ((json_t *)changes, i, change) {
		if (!strcmp(json_text(change, "name"), name) &&
		    !strcmp(json_text(change, "kind"), noun->name))
			continue;
		term_print(stdout, "%s%s %s", joint, json_text(change, "kind"),
			   json_text(change, "name"));
		joint = ", ";
	}
	putchar('\n');
}

enum status apply_new(struct cli *cli, const struct noun *noun, const char *name, json_t *fields)
{
	json_t *body = must(json_pack("{s:{s:O}}", noun->schema->plural, name, fields));
	json_t *answer = cli_send(cli, "POST", "/v1/apply?create=true", body);

	json_decref(body);
	if (!answer)
		return CLI_FAILED;
	if (!cli_print(cli, answer))
		print_made(noun, name, json_object_get(answer, "changes"));
	json_decref(answer);
	return CLI_DONE;
}
