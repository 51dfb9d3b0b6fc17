/* SPDX-License-Identifier: Apache-2.0 */
/* What the state has comes up again after a start: after kill -9, an upgrade, a reboot. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/text.h"
#include "base/log.h"
#include "base/name.h"
#include "control/control_priv.h"

static int load_lab(void *arg, const char *name, const char *description, bool autostart)
{
	struct control *c = arg;
	struct lab *lab;

	if (!name_ok(name)) {
		log_warn("control", "the state has a lab whose name makes no sense; left alone");
		return 0;
	}
	lab = lab_create(name, description, autostart);
	if (!lab)
		return -ENOMEM;
	labs_put(&c->labs, lab);
	return 0;
}

/* Names become paths and stand in sentences: none is taken that a request could not have given. */
static bool makes_sense(const struct schema *s, const char *name, const json_t *spec)
{
	return s && (s->joined ? name_ok_joined(name) : name_ok(name)) && json_is_object(spec);
}

/* A spec that another version wrote may be wrong by now: it stays as it is, with a fault. */
static int load_object(void *arg, const char *kind, const char *name, const char *lab, json_t *spec)
{
	struct control *c = arg;
	const struct schema *s = schema_find(kind);
	struct faults faults = { 0 };
	struct entry *e;
	json_t *checked;
	int err;

	if (!makes_sense(s, name, spec)) {
		char shown[2][SHOWN_LEN];

		log_warn("control", "%s %s: the state has it, but it makes no sense; left alone",
			 text_shown(kind, shown[0], SHOWN_LEN),
			 text_shown(name, shown[1], SHOWN_LEN));
		return 0;
	}
	checked = schema_check(s, spec, &faults);
	e = entry_create(s, name, lab, checked ? checked : spec);
	err = e ? 0 : -ENOMEM;
	if (e && !checked) {
		/* References may be wrong, too: none is followed. */
		e->n_refs = 0;
		entry_set_fault(e, faults.v[0].message);
		log_warn(kind, "%s: not up: %s", name, faults.v[0].message);
	}
	if (!err)
		err = model_insert(c->model, e);
	if (err)
		entry_free(e);
	json_decref(checked);
	faults_free(&faults);
	return err;
}

/* Removes an object of a lab that does not outlive a reboot. */
static int forget_objects(struct control *c, const char *lab, struct faults *faults)
{
	int err = 0;

	for (const struct schema *const *s = schemas; *s && !err; s++) {
		struct entry *e = model_entry_next(c->model, *s, NULL), *next;

		for (; e && !err; e = next) {
			next = model_entry_next(c->model, *s, e);
			if (strcmp(e->o.lab, lab))
				continue;
			err = store_remove_object(c->store, (*s)->kind, e->o.name, faults);
			model_take(c->model, e);
			entry_free(e);
		}
	}
	return err;
}

static int forget_labs(struct control *c, struct faults *faults)
{
	struct lab *next;
	int err = store_begin(c->store, faults);

	for (struct lab *l = c->labs.first; l && !err; l = next) {
		next = l->next;
		if (l->autostart)
			continue;
		err = forget_objects(c, l->name, faults);
		if (!err)
			err = store_remove_lab(c->store, l->name, faults);
		if (!err)
			events_post(c->cfg.events, "lab.forgotten", "lab", l->name,
				    "lab %s is not brought up after the reboot: autostart is false",
				    l->name);
		labs_remove(&c->labs, l->name);
	}
	model_sweep(c->model);
	if (!err)
		err = store_put_boot(c->store, faults);
	if (!err)
		err = store_commit(c->store, faults);
	if (err)
		store_rollback(c->store);
	return err;
}

static int bring_up_all(struct control *c, struct faults *faults)
{
	unsigned int n = 0;
	struct entry **all;
	int err;

	for (const struct schema *const *s = schemas; *s; s++)
		n += model_entries(c->model, *s);
	all = calloc(n + 1, sizeof(struct entry *));
	if (!all)
		return txn_no_memory(faults);
	n = 0;
	for (const struct schema *const *s = schemas; *s; s++) {
		for (struct entry *e = NULL; (e = model_entry_next(c->model, *s, e));)
			all[n++] = e;
	}
	err = txn_bring_up(&c->env, all, n, faults);
	free(all);
	return err;
}

/* Nothing of it is up, so there is nothing to let go of at the end. */
static void forget_all(struct control *c)
{
	struct entry *e;

	for (const struct schema *const *s = schemas; *s; s++) {
		while ((e = model_entry_next(c->model, *s, NULL))) {
			model_take(c->model, e);
			entry_free(e);
		}
	}
	model_sweep(c->model);
	labs_clear(&c->labs);
}

int control_restore(struct control *c, struct faults *faults)
{
	int err = store_labs(c->store, load_lab, c, faults);

	if (!err)
		err = store_objects(c->store, load_object, c, faults);
	if (!err && store_rebooted(c->store))
		err = forget_labs(c, faults);
	if (!err)
		err = bring_up_all(c, faults);
	if (err && !faults->n)
		txn_no_memory(faults);
	if (err)
		forget_all(c);
	return err;
}
