/* SPDX-License-Identifier: Apache-2.0 */
/* weft up | plan | down: a lab becomes what its file says, and one hears first what that changes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/name.h"
#include "ctl/args.h"
#include "ctl/changes.h"
#include "ctl/down.h"
#include "ctl/labfile.h"
#include "ctl/nouns.h"
#include "ctl/term.h"

/* "lab campus: 3 changes, no traffic is interrupted", then the changes. */
static void print_plan(const char *name, const json_t *changes, const char *what)
{
	size_t n = json_array_size(changes);
	unsigned int cuts = changes_that_interrupt(changes);

	term_print(stdout, "lab %s: %zu change%s%s", name, n, n == 1 ? "" : "s", what);
	if (cuts)
		printf(", traffic of %u object%s is interrupted\n", cuts, cuts == 1 ? "" : "s");
	else
		fputs(", no traffic is interrupted\n", stdout);
	changes_print(changes, stdout);
	fflush(stdout);
}

/* Asks; NULL: a fault was added. Otherwise {"name", "changes"}. */
static json_t *ask(struct cli *cli, const char *method, const char *name, const json_t *body,
		   bool dry_run)
{
	char path[CLIENT_PATH];

	client_path(path, "labs", name, NULL);
	if (dry_run)
		client_query(path, "dry_run", "true");
	return cli_send(cli, method, path, body);
}

/* Does it, with the plan in front. METHOD and BODY are what is sent. *n: how many changes. */
static enum status carry_out(struct cli *cli, const char *method, const char *name,
			     const json_t *body, bool dry_run, size_t *n)
{
	json_t *answer = ask(cli, method, name, body, true);
	json_t *changes = json_object_get(answer, "changes");
	bool table = cli->output == OUTPUT_TABLE;
	uint64_t began = clock_ns();
	char *sum;

	if (!answer)
		return CLI_FAILED;
	if (table && json_array_size(changes))
		print_plan(name, changes, dry_run ? " to be made" : "");
	if (!dry_run && (json_array_size(changes) || !strcmp(method, "DELETE"))) {
		json_decref(answer);
		answer = ask(cli, method, name, body, false);
		changes = json_object_get(answer, "changes");
		if (!answer)
			return CLI_FAILED;
	}
	*n = json_array_size(changes);
	if (cli_print(cli, answer)) {
		json_decref(answer);
		return CLI_DONE;
	}
	sum = changes_sum(changes);
	if (!*sum)
		term_print(stdout, "lab %s: %s\n", name,
			   strcmp(method, "DELETE") ? "nothing to change" : "gone, it was empty");
	else if (!dry_run)
		term_print(stdout, "lab %s: %s in %.2f s\n", name, sum,
			   (double)(clock_ns() - began) / 1e9);
	free(sum);
	json_decref(answer);
	return CLI_DONE;
}

static enum status bring_up(struct cli *cli, const struct args *args, bool dry_run, size_t *n)
{
	struct labfile file;
	enum status status = CLI_FAILED;

	if (labfile_read(args->operand[0], args_text(args, "name"), &file)) {
		status = carry_out(cli, "PUT", file.name, file.body, dry_run, n);
		/* What the daemon says of the machine has no line; what it says of the file has. */
		if (cli->faults.n && cli->faults.v[0].code != FAULT_SYSTEM)
			labfile_blame(&file, &cli->faults);
	}
	if (file.report.n)
		report_print(&file.report, file.path, stderr);
	labfile_free(&file);
	return status;
}

static enum status run_up(struct cli *cli, const struct noun *noun, const struct args *args)
{
	size_t n;

	(void)noun;
	return bring_up(cli, args, args_flag(args, "dry_run"), &n);
}

static enum status run_plan(struct cli *cli, const struct noun *noun, const struct args *args)
{
	enum status status;
	size_t n = 0;

	(void)noun;
	status = bring_up(cli, args, true, &n);
	return !status && n && args_flag(args, "exit_code") ? CLI_DIFFERS : status;
}

enum status down_lab(struct cli *cli, const char *name, bool dry_run)
{
	size_t n;

	return carry_out(cli, "DELETE", name, NULL, dry_run, &n);
}

static bool is_file(const char *what)
{
	struct stat st;

	return strchr(what, '/') || strchr(what, '.') || !strcmp(what, "-") ||
	       (!name_ok(what) && !stat(what, &st));
}

/* By its file, taking down what is not up is fine: the file says that there is such a lab. */
static enum status down_file(struct cli *cli, const char *path, bool dry_run)
{
	struct labfile file;
	enum status status = CLI_FAILED;

	if (!labfile_read(path, NULL, &file)) {
		report_print(&file.report, file.path, stderr);
	} else {
		status = down_lab(cli, file.name, dry_run);
		if (cli->faults.n && cli->faults.v[0].code == FAULT_NOT_FOUND) {
			faults_free(&cli->faults);
			term_print(stdout, "lab %s: it is not up\n", file.name);
			status = CLI_DONE;
		}
	}
	labfile_free(&file);
	return status;
}

static enum status run_down(struct cli *cli, const struct noun *noun, const struct args *args)
{
	const char *what = args->operand[0];
	bool dry_run = args_flag(args, "dry_run");

	(void)noun;
	return is_file(what) ? down_file(cli, what, dry_run) : down_lab(cli, what, dry_run);
}

static const struct field up_options[] = {
	{ .name = "dry_run", .type = FIELD_BOOL, .help = "only say what would change" },
	{ .name = "name",
	  .type = FIELD_NAME,
	  .help = "call the lab so, whatever the file says",
	  .example = "campus2" },
	{ 0 },
};
static const struct field plan_options[] = {
	{ .name = "exit_code",
	  .type = FIELD_BOOL,
	  .help = "end with 0 if there is nothing to change, with 3 if there is something" },
	{ .name = "name",
	  .type = FIELD_NAME,
	  .help = "call the lab so, whatever the file says",
	  .example = "campus2" },
	{ 0 },
};
static const struct field down_options[] = {
	{ .name = "dry_run", .type = FIELD_BOOL, .help = "only say what would go" },
	{ 0 },
};
static const struct operand lab_file[] = { { .name = "FILE", .what = OPERAND_FILE }, { 0 } };
static const struct operand lab_or_file[] = { { .name = "LAB|FILE", .what = "lab" }, { 0 } };

const struct verb up_command = {
	.name = "up",
	.help = "make the network be what a lab file says, changing only what differs",
	.example = "weft up examples/vlan-campus.yaml",
	.operands = lab_file,
	.options = up_options,
	.run = run_up,
};
const struct verb plan_command = {
	.name = "plan",
	.help = "say what `weft up` would change, and what that would interrupt",
	.example = "weft plan examples/vlan-campus.yaml",
	.operands = lab_file,
	.options = plan_options,
	.run = run_plan,
};
const struct verb down_command = {
	.name = "down",
	.help = "take a lab down with all that belongs to it",
	.example = "weft down campus",
	.operands = lab_or_file,
	.options = down_options,
	.run = run_down,
};
