/* SPDX-License-Identifier: Apache-2.0 */
/* What a transaction shall do: operations, collected, spread to what depends on them, and told. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/txn_priv.h"

int txn_no_memory(struct faults *faults)
{
	fault(faults, FAULT_SYSTEM, NULL, NULL, "the daemon has no memory left");
	return -ENOMEM;
}

void txn_init(struct txn *t, const struct txn_env *env, struct faults *faults)
{
	*t = (struct txn){ .env = env, .faults = faults, .faults_before = faults->n };
}

void txn_fini(struct txn *t)
{
	if (!t->done)
		txn_reshape(t, SHAPE_OLD);
	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];
		struct entry *out = op->in == op->now ? op->was : op->now;

		if (op->in)
			op->in->op = NULL;
		entry_free(out);
		free(op->pointer);
		free(op);
	}
	if (t->n)
		model_sweep(t->env->model);
	free(t->ops);
	lab_free(t->lab);
	free(t->lab_gone);
	txn_faulty_free(t);
}

static unsigned int kind_index(const struct txn *t, const struct schema *s)
{
	unsigned int i = 0;

	while (t->env->kinds[i]->schema != s)
		i++;
	return i;
}

static struct op *add_op(struct txn *t, enum op_action action, struct entry *was, struct entry *now,
			 const char *pointer)
{
	struct op *op = calloc(1, sizeof(*op));
	struct op **ops = t->ops;

	if (t->n == t->room) {
		unsigned int room = t->room ? 2 * t->room : 16;

		ops = reallocarray(t->ops, room, sizeof(*ops));
		if (ops) {
			t->ops = ops;
			t->room = room;
		}
	}
	if (op)
		op->pointer = strdup(pointer);
	if (!ops || !op || !op->pointer) {
		if (op)
			free(op->pointer);
		free(op);
		entry_free(now);
		txn_no_memory(t->faults);
		return NULL;
	}
	op->action = action;
	op->kind = kind_index(t, (was ? was : now)->o.schema);
	op->was = was;
	op->now = now;
	op->in = was;
	if (was)
		was->op = op;
	if (now)
		now->op = op;
	t->ops[t->n++] = op;
	return op;
}

static bool fixed_differs(const struct field *f, const json_t *was, const json_t *now)
{
	json_t *a = json_object_get(was, f->name), *b = json_object_get(now, f->name);

	return f->flags & FIELD_FIXED && !(a == b || (a && b && json_equal(a, b)));
}

/* Returns whether a fixed field differs; without the right to replace, each is a fault. */
static bool check_fixed(struct txn *t, const struct entry *was, const json_t *spec,
			bool may_replace, bool whole)
{
	struct field_at at;
	bool any = false;

	for (const struct field *f = schema_first(was->o.schema, &at); f; f = schema_next(&at)) {
		if (!fixed_differs(f, was->o.spec, spec))
			continue;
		any = true;
		if (!may_replace)
			fault(t->faults, FAULT_CONFLICT, whole ? NULL : f->name,
			      "remove it and add it again", "%s cannot change while the %s lives",
			      f->name, was->o.schema->kind);
	}
	return any;
}

static void twice(struct txn *t, const struct object *o, const char *pointer)
{
	char title[OBJECT_TITLE_LEN];

	object_title(o, title, sizeof(title));
	faults_at(t->faults, title, pointer);
	fault(t->faults, FAULT_INVALID, NULL, "name it once", "%s is there twice", title);
}

void txn_put(struct txn *t, const struct schema *s, const char *name, const char *lab, json_t *spec,
	     const char *pointer, unsigned int flags)
{
	struct entry *was = model_entry(t->env->model, s, name), *now;
	enum op_action action = was ? OP_SET : OP_ADD;
	char title[OBJECT_TITLE_LEN];
	struct op *op;

	snprintf(title, sizeof(title), "%s %s", s->kind, name);
	faults_at(t->faults, title, pointer);
	if (was && was->op) {
		twice(t, &was->o, pointer);
		return;
	}
	if (was && json_equal(was->o.spec, spec)) {
		if (!was->fault)
			return;
		action = OP_ADD; /* it never came up: this is another try */
	} else if (was && !was->fault &&
		   check_fixed(t, was, spec, flags & TXN_MAY_REPLACE, flags & TXN_WHOLE)) {
		if (!(flags & TXN_MAY_REPLACE))
			return;
		action = OP_REPLACE;
	}
	now = entry_create(s, name, was ? was->o.lab : lab, spec);
	if (!now) {
		txn_no_memory(t->faults);
		return;
	}
	op = add_op(t, action, was, now, pointer);
	if (op)
		op->whole = flags & TXN_WHOLE;
}

static bool goes_along(const struct ref *r, enum txn_cascade cascade)
{
	bool own = r->field->flags & FIELD_CASCADE;

	switch (cascade) {
	case TXN_ALONE:
		return false;
	case TXN_CASCADE_FREE:
		return own && !*r->user->o.lab;
	case TXN_CASCADE_OWN:
		return own;
	default:
		return true;
	}
}

/* Not what changes anyway: that is told if it still refers to E then. */
static void remove_spread(struct txn *t, struct entry *e, enum txn_cascade cascade,
			  const char *pointer)
{
	if (e->op || !add_op(t, OP_REMOVE, e, NULL, pointer))
		return;
	for (struct ref *r = e->node->users; r; r = r->next) {
		if (goes_along(r, cascade))
			remove_spread(t, r->user, cascade, pointer);
	}
}

void txn_remove(struct txn *t, struct entry *e, enum txn_cascade cascade, const char *pointer)
{
	if (e->op && e->op->now)
		twice(t, &e->o, pointer);
	else
		remove_spread(t, e, cascade, pointer);
}

void txn_put_lab(struct txn *t, const char *name, const char *description, bool autostart)
{
	t->lab = lab_create(name, description, autostart);
	if (!t->lab)
		txn_no_memory(t->faults);
}

void txn_remove_lab(struct txn *t, const char *name)
{
	t->lab_gone = strdup(name);
	if (!t->lab_gone)
		txn_no_memory(t->faults);
}

bool txn_goes(const struct op *op)
{
	return op->was && !op->was->fault && (op->action == OP_REMOVE || op->action == OP_REPLACE);
}

/* An operation has at least one of the two. */
static const struct entry *one_of(const struct op *op)
{
	return op->was ? op->was : op->now;
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct op *x = *(struct op *const *)a, *y = *(struct op *const *)b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(one_of(x)->o.name, one_of(y)->o.name);
}

/* What happens to USER because OP happens to what it refers to; false: nothing. */
static bool spreads(const struct op *op, const struct entry *user, enum op_action *action)
{
	if (op->action == OP_REPLACE) {
		*action = OP_REPLACE;
		return !user->op || user->op->action == OP_SET;
	}
	*action = OP_ADD;
	return op->now && op->was && op->was->fault && user->fault && !user->op;
}

/*
 * What refers to an object that is made anew holds on to the old one, so it is made anew as well;
 * what is down because an object was down is tried again with it. New operations go to the end of
 * the list, so that users of users are reached too.
 */
static void spread(struct txn *t)
{
	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];
		bool again = false;

		if (!op->was)
			continue;
		for (struct ref *r = op->was->node->users; r; r = r->next) {
			struct entry *user = r->user, *now;
			enum op_action action;

			if (!spreads(op, user, &action))
				continue;
			if (user->op) {
				user->op->action = action;
				again = true; /* it may stand before this one */
				continue;
			}
			now = entry_create(user->o.schema, user->o.name, user->o.lab, user->o.spec);
			if (!now)
				txn_no_memory(t->faults);
			else
				add_op(t, action, user, now, "");
		}
		if (again)
			i = UINT32_MAX;
	}
}

static bool refuse_twins(struct txn *t)
{
	unsigned int before = t->faults->n;

	for (unsigned int i = 1; i < t->n; i++) {
		const struct op *a = t->ops[i - 1], *b = t->ops[i];

		if (!by_kind_and_name(&a, &b))
			twice(t, &one_of(b)->o, b->pointer);
	}
	return t->faults->n > before;
}

/*
 * The last of collecting: from here on the list is complete, and in order. What could not be
 * collected has its fault, and txn_judge() refuses in the end, with all else that is wrong.
 */
int txn_seal(struct txn *t)
{
	spread(t);
	if (t->n)
		qsort(t->ops, t->n, sizeof(t->ops[0]), by_kind_and_name);
	for (unsigned int i = 0; i < t->n; i++)
		t->ops[i]->interrupts = txn_interrupts(t, t->ops[i]);
	if (refuse_twins(t))
		return -EINVAL;
	return t->faults->n > t->faults_before && !t->n ? -EINVAL : 0;
}

static struct entry *wanted(const struct op *op, enum txn_shape shape)
{
	switch (shape) {
	case SHAPE_OLD:
		return op->was;
	case SHAPE_NEW:
		return op->now;
	default:
		return op->action == OP_SET ? op->was : NULL;
	}
}

/* Which state of the objects is in the model. Can fail only on the first way to the new one. */
int txn_reshape(struct txn *t, enum txn_shape shape)
{
	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];

		if (op->in && op->in != wanted(op, shape)) {
			model_take(t->env->model, op->in);
			op->in = NULL;
		}
	}
	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];
		struct entry *e = wanted(op, shape);

		if (!e || op->in == e)
			continue;
		if (e->node) {
			model_put_back(t->env->model, e);
		} else if (model_insert(t->env->model, e)) {
			txn_reshape(t, SHAPE_OLD);
			return txn_no_memory(t->faults);
		}
		op->in = e;
	}
	return 0;
}

static json_t *field_changes(const struct op *op)
{
	json_t *fields = json_object();
	struct field_at at;

	for (const struct field *f = schema_first(op->was->o.schema, &at); f;
	     f = schema_next(&at)) {
		json_t *a = json_object_get(op->was->o.spec, f->name);
		json_t *b = json_object_get(op->now->o.spec, f->name);

		if (a == b || (a && b && json_equal(a, b)))
			continue;
		json_object_set_new(fields, f->name, json_pack("{s:O?, s:O?}", "from", a, "to", b));
	}
	return fields;
}

json_t *txn_changes(const struct txn *t)
{
	static const char *const names[] = {
		[OP_ADD] = "add", [OP_SET] = "set", [OP_REPLACE] = "replace", [OP_REMOVE] = "remove"
	};
	json_t *list = json_array();

	for (unsigned int i = 0; i < t->n; i++) {
		const struct op *op = t->ops[i];
		const struct object *o = &one_of(op)->o;
		json_t *change =
			json_pack("{s:s, s:s, s:s, s:b}", "action", names[op->action], "kind",
				  o->schema->kind, "name", o->name, "interrupts", op->interrupts);

		if (op->was && op->now && op->action != OP_ADD)
			json_object_set_new(change, "fields", field_changes(op));
		json_array_append_new(list, change);
	}
	return list;
}
