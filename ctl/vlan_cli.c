/* SPDX-License-Identifier: Apache-2.0 */
/* weft vlan show | add | set | remove: a VLAN is named by its switch and its number. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/nouns.h"
#include "ctl/object.h"
#include "ctl/term.h"
#include "ctl/vlan_matrix.h"

/* ---- show ---- */

static json_t *matrices_json(struct vlan_matrix *const *m, size_t n)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, vlan_matrix_json(m[i]));
	return list;
}

static void print_legend(FILE *f)
{
	fputs("\n  ", f);
	term_put(f, STYLE_GOOD, "U");
	fputs(" untagged   ", f);
	term_put(f, STYLE_NOTE, "T");
	fputs(" tagged   ", f);
	term_put(f, STYLE_DIM, ".");
	fputs(" not a member\n", f);
}

static void print_matrices(struct cli *cli, struct vlan_matrix *const *m, size_t n)
{
	json_t *list = matrices_json(m, n);

	if (!cli_print(cli, list)) {
		for (size_t i = 0; i < n; i++) {
			if (i)
				putchar('\n');
			vlan_matrix_print(m[i], stdout);
		}
		if (n)
			print_legend(stdout);
		else
			fputs("there are no switches\n", stderr);
	}
	json_decref(list);
}

static json_t *items(struct cli *cli, const char *plural, const char *name)
{
	json_t *answer = cli_get(cli, plural, name), *list;

	if (!answer)
		return NULL;
	list = name ? json_pack("[O]", answer) : json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	return must(list);
}

static enum status run_show(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *switches = items(cli, "switches", args->operand[0]);
	json_t *ports = switches ? items(cli, "ports", NULL) : NULL;
	json_t *vlans = ports ? items(cli, "vlans", NULL) : NULL;
	struct vlan_matrix **m;
	size_t n, i;
	json_t *o;

	(void)noun;
	if (vlans) {
		n = json_array_size(switches);
		m = must(calloc(n + 1, sizeof(struct vlan_matrix *)));
		json_array_foreach (switches, i, o)
			m[i] = vlan_matrix_new(json_text(o, "name"), ports, vlans);
		print_matrices(cli, m, n);
		for (i = 0; i < n; i++)
			vlan_matrix_free(m[i]);
		free(m);
	}
	json_decref(switches);
	json_decref(ports);
	json_decref(vlans);
	return vlans ? CLI_DONE : CLI_FAILED;
}

/* ---- add, set, remove ---- */

/* "s1.10" of "s1 10", with the number checked; NULL: a fault was added. "s1.10" alone is fine. */
static char *name_of(struct cli *cli, const struct noun *noun, const struct args *args,
		     json_t **vid)
{
	const struct field *f = schema_field(noun->schema, "vid");
	const char *dot = strrchr(args->operand[0], '.'), *number = args->operand[1];
	char *on = must(strdup(args->operand[0])), *name = NULL;
	json_t *typed;

	if (!number && dot) {
		number = dot + 1;
		on[dot - args->operand[0]] = '\0';
	}
	if (!number) {
		fault(&cli->faults, FAULT_SYNTAX, NULL, "for example: weft vlan add s1 10",
		      "say which VLAN of switch %s", on);
		goto out;
	}
	typed = field_parse(f, number, &cli->faults);
	*vid = typed ? field_check(f, typed, &cli->faults) : NULL;
	json_decref(typed);
	if (*vid)
		name = cli_text("%s.%lld", on, (long long)json_integer_value(*vid));
out:
	free(on);
	return name;
}

static enum status run_add(struct cli *cli, const struct noun *noun, const struct args *args)
{
	enum status status = CLI_FAILED;
	json_t *vid = NULL;
	char *name = name_of(cli, noun, args, &vid);

	if (name) {
		char *on = must(strndup(name, (size_t)(strrchr(name, '.') - name)));

		json_object_set_new(args->fields, "switch", must(json_string(on)));
		json_object_set(args->fields, "vid", vid);
		status = object_do_add(cli, noun, name, args->fields);
		free(on);
	}
	json_decref(vid);
	free(name);
	return status;
}

static enum status run_set(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *vid = NULL;
	char *name = name_of(cli, noun, args, &vid);
	enum status status = name ? object_do_set(cli, noun, name, args->fields) : CLI_FAILED;

	json_decref(vid);
	free(name);
	return status;
}

static enum status run_remove(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *vid = NULL;
	char *name = name_of(cli, noun, args, &vid);
	enum status status =
		name ? object_do_remove(cli, noun, name, args_flag(args, "cascade")) : CLI_FAILED;

	json_decref(vid);
	free(name);
	return status;
}

/* The operands say these. */
static const char *const in_the_name[] = { "switch", "vid", NULL };

static const struct operand which_switch[] = {
	{ .name = "SWITCH", .what = "switch", .optional = true },
	{ 0 },
};
static const struct operand which_vlan[] = {
	{ .name = "SWITCH", .what = "switch" },
	{ .name = "VID", .what = "=vid", .optional = true },
	{ 0 },
};

const struct verb vlan_show = {
	.name = "show",
	.help = "which port is in which VLAN, and how: a matrix for each switch",
	.example = "weft vlan show s1",
	.operands = which_switch,
	.run = run_show,
};
const struct verb vlan_add = {
	.name = "add",
	.help = "give a VLAN of a switch a title; fine if it is there already and just so",
	.example = "weft vlan add s1 10 --title staff",
	.operands = which_vlan,
	.own_fields = true,
	.hide = in_the_name,
	.run = run_add,
};
const struct verb vlan_set = {
	.name = "set",
	.help = "change its title",
	.example = "weft vlan set s1 10 title staff",
	.operands = which_vlan,
	.own_fields = true,
	.hide = in_the_name,
	.changes = true,
	.run = run_set,
};
const struct verb vlan_remove = {
	.name = "remove",
	.help = "forget its title; ports stay in it",
	.example = "weft vlan remove s1 10",
	.operands = which_vlan,
	.options = remove_options,
	.run = run_remove,
};
