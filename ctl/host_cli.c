/* SPDX-License-Identifier: Apache-2.0 */
/* weft host add | exec. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/apply.h"
#include "ctl/enter.h"
#include "ctl/nouns.h"
#include "host/host_api.h"
#include "vswitch/port_api.h"

static const struct field *const tables[] = { host_fields, PORT_SWITCH_TABLES, tap_fields, NULL };
/* The port is a tap of this host, and its device is eth0. */
static const char *const by_itself[] = { "type", NULL };

static enum status run_add(struct cli *cli, const struct noun *noun, const struct args *args)
{
	return apply_new(cli, noun, args->operand[0], args->fields);
}

enum { EXEC_NOT_ALLOWED = 126, EXEC_NOT_FOUND = 127 }; /* as a shell says it */

static enum status run_exec(struct cli *cli, const struct noun *noun, const struct args *args)
{
	const char *name = args->operand[0];
	json_t *host = cli_get(cli, noun->schema->plural, name);
	int err;

	if (!host)
		return CLI_FAILED;
	err = enter_host(name, json_text(json_object_get(host, "status"), "netns"), &cli->faults);
	json_decref(host);
	if (err)
		return CLI_FAILED;
	cli_close(cli);
	execvp(args->rest[0], args->rest);
	err = errno;
	cli_fail("host %s: %s: %s", name, args->rest[0],
		 err == ENOENT   ? "there is no such command"
		 : err == EACCES ? "it may not be run"
				 : strerror(err));
	_exit(err == ENOENT ? EXEC_NOT_FOUND : EXEC_NOT_ALLOWED);
}

static const struct operand new_name[] = { { .name = "NAME", .what = OPERAND_NEW }, { 0 } };
static const struct operand name_and_command[] = {
	{ .name = "NAME", .what = OPERAND_OWN },
	{ .name = "COMMAND...", .what = OPERAND_REST },
	{ 0 },
};

const struct verb host_add = {
	.name = "add",
	.help = "make a host; with a switch it gets a NIC eth0 there",
	.example = "weft host add a --switch s1 --access 10 --address 10.0.10.1/24",
	.operands = new_name,
	.fields = tables,
	.hide = by_itself,
	.all_optional = true,
	.run = run_add,
};
const struct verb host_exec = {
	.name = "exec",
	.help = "run a command in a host; its exit status is the command's",
	.example = "sudo weft host exec a -- ping -c 1 10.0.10.2",
	.operands = name_and_command,
	.run = run_exec,
};
