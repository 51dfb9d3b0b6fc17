/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted but not real, as after a start: brought up object by object, as far as it goes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rcu.h"
#include "control/txn_priv.h"

static unsigned int kind_of(const struct txn_env *env, const struct entry *e)
{
	unsigned int i = 0;

	while (env->kinds[i]->schema != e->o.schema)
		i++;
	return i;
}

static void give_up(const struct txn_env *env, struct entry *e, const char *why)
{
	char type[48], title[OBJECT_TITLE_LEN];

	entry_set_fault(e, why);
	snprintf(type, sizeof(type), "%s.fault", e->o.schema->kind);
	events_post(env->events, type, e->o.schema->kind, e->o.name, "%s is not up: %s",
		    object_title(&e->o, title, sizeof(title)), why);
}

static void bring_up_one(const struct txn_env *env, struct entry *e)
{
	unsigned int kind = kind_of(env, e);
	const struct kind *k = env->kinds[kind];
	struct faults faults = { 0 };
	char title[OBJECT_TITLE_LEN];
	int err;

	faults_at(&faults, object_title(&e->o, title, sizeof(title)), "");
	err = txn_check_refs(env, NULL, e, false, &faults);
	if (!err && k->check)
		k->check(k->ctx, env->model, &e->o, &faults);
	if (!err && !faults.n)
		err = txn_prepare(env, kind, NULL, &e->o, &faults);
	else
		err = -EINVAL;
	if (err)
		give_up(env, e, faults.n ? faults.v[0].message : "no memory");
	faults_free(&faults);
}

static void abort_all(const struct txn_env *env, struct entry **v, unsigned int n,
		      const struct faults *faults)
{
	for (unsigned int i = n; i-- > 0;) {
		const struct kind *k = env->kinds[kind_of(env, v[i])];

		if (v[i]->fault)
			continue;
		if (k->abort)
			k->abort(k->ctx, NULL, &v[i]->o);
		give_up(env, v[i], faults->n ? faults->v[0].message : "no memory");
	}
	txn_settle(env);
}

int txn_bring_up(const struct txn_env *env, struct entry **v, unsigned int n, struct faults *faults)
{
	int err;

	for (unsigned int i = 0; i < n; i++) {
		if (!v[i]->fault)
			bring_up_one(env, v[i]);
	}
	err = txn_compile(env, faults);
	if (err) {
		abort_all(env, v, n, faults);
		return err;
	}
	txn_publish(env);
	for (unsigned int i = 0; i < n; i++) {
		const struct kind *k = env->kinds[kind_of(env, v[i])];

		if (!v[i]->fault && k->commit)
			k->commit(k->ctx, NULL, &v[i]->o);
	}
	rcu_wait();
	txn_retire(env);
	txn_settle(env);
	return 0;
}
