/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/nouns.h"

#include "ctl/args.h"

static const struct verb *const object_verbs[] = {
	&object_list, &object_show, &object_add, &object_set, &object_remove, NULL,
};
static const struct verb *const vlan_verbs[] = {
	&object_list, &vlan_show, &vlan_add, &vlan_set, &vlan_remove, &vlan_counters, NULL,
};
static const struct verb *const port_verbs[] = {
	&object_list, &port_show, &object_add, &object_set, &object_remove, NULL,
};
static const struct verb *const host_verbs[] = {
	&object_list, &object_show, &host_add, &object_set, &object_remove, &host_exec, NULL,
};
static const struct verb *const link_verbs[] = {
	&object_list, &object_show, &link_add, &object_set, &object_remove, NULL,
};
static const struct verb *const mirror_verbs[] = {
	&object_list, &object_show, &mirror_add, &object_set, &object_remove, NULL,
};
static const struct verb *const fdb_verbs[] = { &fdb_list, &fdb_flush, &fdb_add, &fdb_remove,
						NULL };
static const struct verb *const worker_verbs[] = { &worker_list, NULL };
static const struct verb *const attach_verbs[] = { &attach_netns, &attach_container, NULL };
static const struct verb *const lab_verbs[] = {
	&lab_list, &lab_show, &lab_set, &lab_remove, NULL,
};

/* Kinds that are handled in a way of their own. */
static const struct {
	const char *kind;
	const struct verb *const *verbs;
} special[] = {
	{ "vlan", vlan_verbs }, { "port", port_verbs },     { "host", host_verbs },
	{ "link", link_verbs }, { "mirror", mirror_verbs },
};

/* Nouns that are no objects of their own. */
static const struct noun others[] = {
	{ .name = "fdb",
	  .help = "where a switch thinks that stations are: learnt, or put by hand",
	  .verbs = fdb_verbs },
	{ .name = "worker",
	  .help = "the threads of the daemon that move frames",
	  .verbs = worker_verbs },
	{ .name = "lab", .help = "a network that was brought up from a file", .verbs = lab_verbs },
	{ .name = "attach",
	  .help = "plug a container, or any namespace, into a switch",
	  .verbs = attach_verbs },
};

const struct verb *const commands[] = {
	&up_command,     &plan_command,
	&down_command,   &detach_command,
	&status_command, &events_command,
	&drops_command,  &capture_command,
	&trace_command,  &graph_command,
	&help_command,   &complete_command,
	&tables_command, NULL,
};

/* What other tools call it. */
static const struct {
	const char *word, *verb;
} synonyms[] = {
	{ "ls", "list" },       { "rm", "remove" },  { "del", "remove" },
	{ "delete", "remove" }, { "create", "add" }, { "edit", "set" },
};

static struct noun noun_of(const struct schema *s)
{
	struct noun n = { .name = s->kind, .help = s->help, .schema = s, .verbs = object_verbs };

	for (size_t i = 0; i < ARRAY_LEN(special); i++) {
		if (!strcmp(special[i].kind, s->kind))
			n.verbs = special[i].verbs;
	}
	return n;
}

bool noun_at(unsigned int i, struct noun *out)
{
	unsigned int kinds = 0;

	while (schemas[kinds])
		kinds++;
	if (i >= kinds + ARRAY_LEN(others))
		return false;
	*out = i < kinds ? noun_of(schemas[i]) : others[i - kinds];
	return true;
}

bool noun_find(const char *name, struct noun *out)
{
	struct noun n;

	for (unsigned int i = 0; noun_at(i, &n); i++) {
		if (!strcmp(n.name, name) || (n.schema && !strcmp(n.schema->plural, name))) {
			*out = n;
			return true;
		}
	}
	return false;
}

const struct verb *noun_verb(const struct noun *n, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(synonyms); i++) {
		if (!strcmp(name, synonyms[i].word))
			name = synonyms[i].verb;
	}
	for (const struct verb *const *v = n->verbs; *v; v++) {
		if (!strcmp((*v)->name, name))
			return *v;
	}
	return NULL;
}

const struct verb *command_find(const char *name)
{
	for (const struct verb *const *v = commands; *v; v++) {
		if (!strcmp((*v)->name, name))
			return *v;
	}
	return NULL;
}
