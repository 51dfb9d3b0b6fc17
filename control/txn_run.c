/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transaction, run.
 *
 *	 judge		the new model is in place of the old one; is it sensible?
 *	(go first	view without what goes; stop it; grace period; tear it down)
 *	 prepare	make what comes, in the order of schemas[]
 *	 compile	the view of the new model
 *	 save		the store commits: true from here on
 *	 publish	the view; commit what came; stop what goes
 *	 wait		a grace period: no worker holds anything of the old model
 *	 release	the old view, then what went, in reverse order
 *
 * A failure in any line undoes the lines before it in reverse, and all is as it was.
 *
 * Going first
 *	What goes and what comes may want the same thing: the name of a device, a file, a number. A
 *	transaction with both (an object made anew is both) therefore tears down before it makes.
 *	If making then fails, what went is brought up again from its old spec; one that cannot be
 *	brought up any more stays in the model with a fault, as after a start. It is still true in
 *	the store, and kill -9 at any point leads to the old state or the new one.
 *
 * Invariants
 *	I1  a kind sees WAS only of an object that is up
 *	I2  between two transactions the model, the store and what is real agree, but for faults
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/rcu.h"
#include "control/txn_priv.h"

static const struct kind *kind_of(const struct txn *t, const struct op *op)
{
	return t->env->kinds[op->kind];
}

/* What the kind knows of the object before; see I1. */
static const struct object *known(const struct op *op)
{
	return op->action == OP_SET && !op->was->fault ? &op->was->o : NULL;
}

int txn_compile(const struct txn_env *env, struct faults *faults)
{
	unsigned int before = faults->n;

	faults_at(faults, "", "");
	for (unsigned int i = 0; env->compilers[i]; i++) {
		const struct compiler *c = env->compilers[i];
		int err = c->compile(c->ctx, env->model, faults);

		if (!err)
			continue;
		if (faults->n == before)
			fault(faults, FAULT_SYSTEM, NULL, NULL,
			      "the new state cannot be published: %s", strerror(-err));
		while (i-- > 0) {
			c = env->compilers[i];
			c->discard(c->ctx);
		}
		return err;
	}
	return 0;
}

void txn_discard(const struct txn_env *env)
{
	for (unsigned int i = 0; env->compilers[i]; i++)
		env->compilers[i]->discard(env->compilers[i]->ctx);
}

void txn_publish(const struct txn_env *env)
{
	for (unsigned int i = 0; env->compilers[i]; i++)
		env->compilers[i]->publish(env->compilers[i]->ctx);
}

void txn_retire(const struct txn_env *env)
{
	for (unsigned int i = 0; env->compilers[i]; i++)
		env->compilers[i]->retire(env->compilers[i]->ctx);
}

int txn_prepare(const struct txn_env *env, unsigned int kind, const struct object *was,
		struct object *now, struct faults *faults)
{
	const struct kind *k = env->kinds[kind];
	unsigned int before = faults->n;
	char title[OBJECT_TITLE_LEN];
	bool reserve;
	int err;

	now->run = was ? was->run : NULL;
	if (!k->prepare)
		return 0;
	reserve = fd_reserve_open(false);
	err = k->prepare(k->ctx, env->model, was, now, faults);
	fd_reserve_open(reserve);
	if (err && faults->n == before)
		fault(faults, FAULT_SYSTEM, NULL, NULL, "%s cannot be made: %s",
		      object_title(now, title, sizeof(title)), strerror(-err));
	return err;
}

void txn_settle(const struct txn_env *env)
{
	unsigned int n = 0;

	while (env->kinds[n])
		n++;
	while (n-- > 0) {
		if (env->kinds[n]->settle)
			env->kinds[n]->settle(env->kinds[n]->ctx);
	}
}

static void stop_what_goes(const struct txn *t)
{
	for (unsigned int i = t->n; i-- > 0;) {
		struct op *op = t->ops[i];
		const struct kind *k = kind_of(t, op);

		if (txn_goes(op) && k->unpublish)
			k->unpublish(k->ctx, &op->was->o);
	}
}

static void release_what_goes(const struct txn *t)
{
	for (unsigned int i = t->n; i-- > 0;) {
		struct op *op = t->ops[i];
		const struct kind *k = kind_of(t, op);

		if (txn_goes(op) && k->release)
			k->release(k->ctx, &op->was->o);
	}
	txn_settle(t->env);
}

static bool must_go_first(const struct txn *t)
{
	bool goes = false, comes = false;

	for (unsigned int i = 0; i < t->n; i++) {
		goes |= txn_goes(t->ops[i]);
		comes |= t->ops[i]->now && t->ops[i]->action != OP_SET;
	}
	return goes && comes;
}

static int go_first(struct txn *t)
{
	int err;

	txn_reshape(t, SHAPE_BETWEEN);
	err = txn_compile(t->env, t->faults);
	if (err)
		return err;
	txn_publish(t->env);
	stop_what_goes(t);
	rcu_wait();
	txn_retire(t->env);
	release_what_goes(t);
	t->went = true;
	return txn_reshape(t, SHAPE_NEW);
}

/* What went comes back: the transaction failed after it. */
static void bring_back(struct txn *t)
{
	struct entry **back = calloc(t->n, sizeof(struct entry *));
	struct faults ignored = { 0 };
	unsigned int n = 0;

	for (unsigned int i = 0; i < t->n; i++) {
		if (!txn_goes(t->ops[i]))
			continue;
		t->ops[i]->was->o.run = NULL;
		if (back)
			back[n++] = t->ops[i]->was;
		else
			entry_set_fault(t->ops[i]->was, "the daemon has no memory left");
	}
	for (unsigned int i = 0; i < n; i++)
		back[i]->op = NULL;
	txn_bring_up(t->env, back, n, &ignored);
	faults_free(&ignored);
	free(back);
}

static void abort_prepared(struct txn *t)
{
	for (unsigned int i = t->n; i-- > 0;) {
		struct op *op = t->ops[i];
		const struct kind *k = kind_of(t, op);

		if (op->prepared && k->abort)
			k->abort(k->ctx, known(op), &op->now->o);
	}
	txn_settle(t->env);
}

static int prepare_what_comes(struct txn *t)
{
	char title[OBJECT_TITLE_LEN];

	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];
		int err;

		if (!op->now)
			continue;
		faults_at(t->faults, object_title(&op->now->o, title, sizeof(title)), op->pointer);
		err = txn_prepare(t->env, op->kind, known(op), &op->now->o, t->faults);
		if (err) {
			abort_prepared(t);
			return err;
		}
		op->prepared = true;
	}
	return 0;
}

static int save(const struct txn *t)
{
	struct store *s = t->env->store;
	int err = store_begin(s, t->faults);

	for (unsigned int i = 0; !err && i < t->n; i++) {
		const struct object *was = t->ops[i]->was ? &t->ops[i]->was->o : NULL;
		const struct object *now = t->ops[i]->now ? &t->ops[i]->now->o : NULL;

		if (now)
			err = store_put_object(s, now->schema->kind, now->name, now->lab, now->spec,
					       t->faults);
		else if (was)
			err = store_remove_object(s, was->schema->kind, was->name, t->faults);
	}
	if (!err && t->lab)
		err = store_put_lab(s, t->lab->name, t->lab->description, t->lab->autostart,
				    t->faults);
	if (!err && t->lab_gone)
		err = store_remove_lab(s, t->lab_gone, t->faults);
	if (!err)
		err = store_commit(s, t->faults);
	if (err)
		store_rollback(s);
	return err;
}

static void commit_what_came(const struct txn *t)
{
	for (unsigned int i = 0; i < t->n; i++) {
		struct op *op = t->ops[i];
		const struct kind *k = kind_of(t, op);

		if (op->now && k->commit)
			k->commit(k->ctx, known(op), &op->now->o);
	}
}

static void tell(const struct txn *t)
{
	static const struct {
		const char *event, *sentence;
	} words[] = {
		[OP_ADD] = { "added", "is there" },
		[OP_SET] = { "changed", "has changed" },
		[OP_REPLACE] = { "replaced", "was made anew" },
		[OP_REMOVE] = { "removed", "is gone" },
	};
	char type[48], title[OBJECT_TITLE_LEN];

	for (unsigned int i = 0; i < t->n; i++) {
		const struct op *op = t->ops[i];
		const struct object *o = &(op->now ? op->now : op->was)->o;

		snprintf(type, sizeof(type), "%s.%s", o->schema->kind, words[op->action].event);
		events_post(t->env->events, type, o->schema->kind, o->name, "%s %s",
			    object_title(o, title, sizeof(title)), words[op->action].sentence);
	}
}

static void settle_labs(struct txn *t)
{
	if (t->lab)
		labs_put(t->env->labs, t->lab);
	t->lab = NULL;
	if (t->lab_gone)
		labs_remove(t->env->labs, t->lab_gone);
}

static int make(struct txn *t)
{
	int err = prepare_what_comes(t);

	if (err)
		return err;
	err = txn_compile(t->env, t->faults);
	if (err)
		goto prepared;
	err = save(t);
	if (err)
		goto compiled;
	txn_publish(t->env);
	commit_what_came(t);
	if (!t->went)
		stop_what_goes(t);
	rcu_wait();
	txn_retire(t->env);
	if (!t->went)
		release_what_goes(t);
	else
		txn_settle(t->env);
	return 0;

compiled:
	txn_discard(t->env);
prepared:
	abort_prepared(t);
	return err;
}

int txn_run(struct txn *t)
{
	int err = txn_seal(t);

	if (err)
		return err;
	if (t->n) {
		err = txn_reshape(t, SHAPE_NEW);
		if (!err)
			err = txn_judge(t);
		if (!err && must_go_first(t))
			err = go_first(t);
		if (!err)
			err = make(t);
	} else if (t->lab || t->lab_gone) {
		err = save(t);
	}
	if (err) {
		txn_reshape(t, SHAPE_OLD);
		if (t->went)
			bring_back(t);
		return err;
	}
	t->done = true;
	settle_labs(t);
	tell(t);
	return 0;
}

int txn_check(struct txn *t)
{
	int err = txn_seal(t);

	if (!err)
		err = txn_reshape(t, SHAPE_NEW);
	if (!err)
		err = txn_judge(t);
	txn_reshape(t, SHAPE_OLD);
	return err;
}
