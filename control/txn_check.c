/* SPDX-License-Identifier: Apache-2.0 */
/* Is the model, as it would be, sensible? All faults at once, no effects. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/nearest.h"
#include "control/txn_priv.h"

enum { NAMED = 5, HINTED = 20 };

static void at_entry(struct faults *faults, const struct entry *e)
{
	char title[OBJECT_TITLE_LEN];

	/* One that is not in the request has no place in it. */
	faults_at(faults, object_title(&e->o, title, sizeof(title)), e->op ? e->op->pointer : "");
}

static void no_such(const struct model *m, const struct txn *t, const struct ref *r,
		    const char *field, struct faults *faults)
{
	struct nearest near = { .wanted = r->target->name };
	char hint[256];

	snprintf(hint, sizeof(hint), "add it first");
	/* Each hint is a walk over all objects of the kind; the first ones help most. */
	if (faults->n < HINTED) {
		const struct schema *s = schema_find(r->field->ref);

		for (struct entry *e = NULL; (e = model_entry_next(m, s, e));)
			nearest_offer(&near, e->o.name);
		if (t)
			txn_faulty_nearest(t, r->field->ref, &near);
		if (near.word)
			snprintf(hint, sizeof(hint), "did you mean '%s'?", near.word);
	}
	fault(faults, FAULT_INVALID, field, hint, "there is no %s %s", r->field->ref,
	      r->target->name);
}

int txn_check_refs(const struct txn_env *env, const struct txn *t, const struct entry *e,
		   bool whole, struct faults *faults)
{
	unsigned int before = faults->n;

	for (unsigned int i = 0; i < e->n_refs; i++) {
		const struct ref *r = &e->refs[i];
		const struct entry *target = r->target->entry;
		const char *field = whole ? NULL : r->field->name;

		if (t && txn_is_faulty(t, r->field->ref, r->target->name))
			continue;
		if (!target)
			no_such(env->model, t, r, field, faults);
		else if (target->fault && !(target->op && target->op->now == target))
			fault(faults, FAULT_CONFLICT, field, "mend or remove it first",
			      "%s %s is not up: %s", r->field->ref, r->target->name, target->fault);
	}
	return faults->n > before ? -EINVAL : 0;
}

static int by_title(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	int order = strcmp(x->o.schema->kind, y->o.schema->kind);

	return order ? order : strcmp(x->o.name, y->o.name);
}

/* "port a.eth0, port b.eth0 of lab campus and 7 more"; LAB is that of what they use. */
static void list_users(struct entry **users, unsigned int n, const char *lab, char *out,
		       size_t room)
{
	size_t at = 0;

	qsort(users, n, sizeof(users[0]), by_title);
	for (unsigned int i = 0; i < n && i < NAMED && at < room; i++) {
		const struct object *o = &users[i]->o;
		bool foreign = *o->lab && strcmp(o->lab, lab) != 0;

		at += (size_t)snprintf(out + at, room - at, "%s%s %s%s%s", i ? ", " : "",
				       o->schema->kind, o->name, foreign ? " of lab " : "",
				       foreign ? o->lab : "");
	}
	if (n > NAMED && at < room)
		snprintf(out + at, room - at, " and %u more", n - NAMED);
}

static bool stays(const struct txn *t, const struct entry *user)
{
	return !user->op && !txn_is_faulty(t, user->o.schema->kind, user->o.name);
}

/* What goes must not be needed by what stays. Those that change say themselves what they miss. */
static void check_unused(const struct txn *t, const struct op *op, struct faults *faults)
{
	const char *hint =
		t->cascade_helps ? "remove them first, or use --cascade" : "remove them first";
	char title[OBJECT_TITLE_LEN], list[2 * NAMED * OBJECT_TITLE_LEN];
	const struct ref *first = op->was->node->users;
	struct entry **users;
	unsigned int n = 0;

	for (const struct ref *r = first; r; r = r->next)
		n += stays(t, r->user);
	if (!n)
		return;
	users = calloc(n, sizeof(struct entry *));
	if (!users) {
		txn_no_memory(faults);
		return;
	}
	n = 0;
	for (const struct ref *r = first; r; r = r->next) {
		if (stays(t, r->user))
			users[n++] = r->user;
	}
	list_users(users, n, op->was->o.lab, list, sizeof(list));
	object_title(&op->was->o, title, sizeof(title));
	faults_at(faults, title, op->pointer);
	fault(faults, FAULT_CONFLICT, NULL, hint, "%s is used by %s", title, list);
	free(users);
}

static void ask_kind(const struct txn *t, const struct entry *e)
{
	for (unsigned int i = 0; t->env->kinds[i]; i++) {
		const struct kind *k = t->env->kinds[i];

		if (k->schema != e->o.schema || !k->check || txn_is_doubtful(t, e))
			continue;
		at_entry(t->faults, e);
		k->check(k->ctx, t->env->model, &e->o, t->faults);
	}
}

static void ask_gone(const struct txn *t, const struct op *op)
{
	const struct kind *k = t->env->kinds[op->kind];
	char title[OBJECT_TITLE_LEN];

	if (!k->check_gone)
		return;
	faults_at(t->faults, object_title(&op->was->o, title, sizeof(title)), op->pointer);
	k->check_gone(k->ctx, t->env->model, &op->was->o, t->faults);
}

static bool refs_are_there(const struct entry *e)
{
	for (unsigned int i = 0; i < e->n_refs; i++) {
		if (!e->refs[i].target->entry)
			return false;
	}
	return true;
}

/* Those that refer to it, each once, unless they change themselves and are asked anyway. */
static void ask_users(const struct txn *t, const struct node *node, unsigned int round)
{
	for (const struct ref *r = node->users; r; r = r->next) {
		if (!stays(t, r->user) || r->user->fault || r->user->round == round)
			continue;
		r->user->round = round;
		if (refs_are_there(r->user))
			ask_kind(t, r->user);
	}
}

int txn_judge(struct txn *t)
{
	static unsigned int round;
	struct faults *faults = t->faults;

	round++;
	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];

		if (!op->now) {
			check_unused(t, op, faults);
			continue;
		}
		at_entry(faults, op->now);
		txn_check_refs(t->env, t, op->now, op->whole, faults);
	}
	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];
		bool was_up = op->was && !op->was->fault;

		if (was_up)
			ask_gone(t, op);
		if (!op->now)
			continue;
		if (op->action == OP_SET && was_up)
			op->now->o.run = op->was->o.run;
		ask_kind(t, op->now);
		ask_users(t, op->now->node, round);
	}
	faults_at(faults, "", "");
	return faults->n > t->faults_before ? -EINVAL : 0;
}
