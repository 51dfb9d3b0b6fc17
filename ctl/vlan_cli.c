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

/* What is seen in them, and always the first two. */
static void print_legend(struct vlan_matrix *const *m, size_t n, FILE *f)
{
	fputs("\n  ", f);
	for (const struct vlan_member_word *w = vlan_member_words; w->key; w++) {
		bool seen = w->member == VLAN_UNTAGGED || w->member == VLAN_TAGGED;

		for (size_t i = 0; i < n && !seen; i++)
			seen = vlan_matrix_has(m[i], w->member);
		if (!seen)
			continue;
		term_put(f, vlan_matrix_style(w->member), (char[]){ (char)w->member, '\0' });
		term_print(f, " %s   ", w->words);
	}
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
			print_legend(m, n, stdout);
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

/* "s1.10" of "s1 10", "s1.100-199" of "s1 100-199"; "s1.10" alone is fine. */
struct vlan_name {
	char *name, *on; /* the caller frees both; NULL: a fault was added */
	json_t *vid, *last; /* checked; LAST may be NULL */
};

static json_t *vid_of(struct cli *cli, const struct noun *noun, const char *text)
{
	const struct field *f = schema_field(noun->schema, "vid");
	json_t *typed = field_parse(f, text, &cli->faults);
	json_t *vid = typed ? field_check(f, typed, &cli->faults) : NULL;

	json_decref(typed);
	return vid;
}

static void drop_name(struct vlan_name *n)
{
	json_decref(n->vid);
	json_decref(n->last);
	free(n->name);
	free(n->on);
}

static struct vlan_name name_of(struct cli *cli, const struct noun *noun, const struct args *args)
{
	const char *dot = strrchr(args->operand[0], '.'), *number = args->operand[1], *dash;
	struct vlan_name n = { .on = must(strdup(args->operand[0])) };
	char *first;

	if (!number && dot) {
		number = dot + 1;
		n.on[dot - args->operand[0]] = '\0';
	}
	if (!number) {
		fault(&cli->faults, FAULT_SYNTAX, NULL, "for example: weft vlan add s1 10",
		      "say which VLAN of switch %s", n.on);
		return n;
	}
	dash = *number ? strchr(number + 1, '-') : NULL;
	first = must(strndup(number, dash ? (size_t)(dash - number) : strlen(number)));
	n.vid = vid_of(cli, noun, first);
	n.last = dash && n.vid ? vid_of(cli, noun, dash + 1) : NULL;
	free(first);
	if (n.vid && n.last)
		n.name = cli_text("%s.%lld-%lld", n.on, (long long)json_integer_value(n.vid),
				  (long long)json_integer_value(n.last));
	else if (n.vid && !dash)
		n.name = cli_text("%s.%lld", n.on, (long long)json_integer_value(n.vid));
	return n;
}

static enum status run_add(struct cli *cli, const struct noun *noun, const struct args *args)
{
	struct vlan_name n = name_of(cli, noun, args);
	enum status status = CLI_FAILED;

	if (n.name) {
		json_object_set_new(args->fields, "switch", must(json_string(n.on)));
		json_object_set(args->fields, "vid", n.vid);
		if (n.last)
			json_object_set(args->fields, "last", n.last);
		status = object_do_add(cli, noun, n.name, args->fields);
	}
	drop_name(&n);
	return status;
}

static enum status run_set(struct cli *cli, const struct noun *noun, const struct args *args)
{
	struct vlan_name n = name_of(cli, noun, args);
	enum status status = n.name ? object_do_set(cli, noun, n.name, args->fields) : CLI_FAILED;

	drop_name(&n);
	return status;
}

static enum status run_remove(struct cli *cli, const struct noun *noun, const struct args *args)
{
	struct vlan_name n = name_of(cli, noun, args);
	bool cascade = args_flag(args, "cascade");
	enum status status = n.name ? object_do_remove(cli, noun, n.name, cascade) : CLI_FAILED;

	drop_name(&n);
	return status;
}

/* The operands say these. */
static const char *const in_the_name[] = { "switch", "vid", "last", NULL };

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
	.help = "say what is special of a VLAN, or of a range; fine if it is there and just so",
	.example = "weft vlan add s1 100-199 --title rooms --no-learn",
	.operands = which_vlan,
	.own_fields = true,
	.hide = in_the_name,
	.run = run_add,
};
const struct verb vlan_set = {
	.name = "set",
	.help = "change its title, or what is special of it",
	.example = "weft vlan set s1 10 title staff",
	.operands = which_vlan,
	.own_fields = true,
	.hide = in_the_name,
	.changes = true,
	.run = run_set,
};
const struct verb vlan_remove = {
	.name = "remove",
	.help = "nothing is special of it any more; ports stay in it",
	.example = "weft vlan remove s1 10",
	.operands = which_vlan,
	.options = remove_options,
	.run = run_remove,
};
