/* SPDX-License-Identifier: Apache-2.0 */
/* What has to change so that a lab, or part of one, is as its document says. */
#include <stdio.h>
#include <stdlib.h>

#include "control/lab_priv.h"

static void at_wish(const struct wish *w, struct faults *faults)
{
	char title[OBJECT_TITLE_LEN];

	snprintf(title, sizeof(title), "%s %s", w->schema->kind, w->name);
	faults_at(faults, title, w->pointer);
}

/* ["a", "b"] as "a,b"; NULL: its items are no texts. */
static char *list_text(const json_t *list)
{
	char *out = strdup(""), *more;
	json_t *item;
	size_t i;

	json_array_foreach ((json_t *)list, i, item) {
		if (!out || !json_is_string(item) ||
		    asprintf(&more, "%s%s%s", out, i ? "," : "", json_string_value(item)) < 0)
			more = NULL;
		free(out);
		out = more;
	}
	return out;
}

/* A value as a person would write it; NULL: there is none. The caller frees it. */
static char *value_text(const json_t *v)
{
	char *list;

	if (!v || (json_is_array(v) && !json_array_size(v)))
		return NULL;
	list = json_is_array(v) ? list_text(v) : NULL;
	if (list)
		return list;
	return json_string_length(v) ? strdup(json_string_value(v))
				     : json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
}

void lab_fault_exists(const struct entry *e, const json_t *spec, struct faults *faults)
{
	const struct object *o = &e->o;
	struct field_at at;
	char hint[128];

	snprintf(hint, sizeof(hint), "use `weft %s set`", o->schema->kind);
	for (const struct field *f = schema_first(o->schema, &at); f; f = schema_next(&at)) {
		json_t *was = json_object_get(o->spec, f->name);
		json_t *now = json_object_get(spec, f->name);
		char *text;

		if (was == now || (was && now && json_equal(was, now)))
			continue;
		text = value_text(was);
		fault(faults, FAULT_CONFLICT, NULL, hint, "%s %s exists already, with%s %s%s%.64s",
		      o->schema->kind, o->name, text ? "" : "out", f->name, text ? " " : "",
		      text ? text : "");
		free(text);
		return;
	}
}

/* False: it cannot be put, and that is told. */
static bool is_right(struct txn *t, const struct lab_doc *doc, const struct wish *w)
{
	if (!w->spec) {
		txn_put_faulty(t, w->schema, w->name, w->written);
		return false;
	}
	/* One that is there twice stands side by side. */
	return w == doc->v || w[-1].schema != w->schema || strcmp(w[-1].name, w->name) != 0;
}

void lab_plan_fragment(struct txn *t, struct lab_doc *doc, bool create)
{
	lab_plug(doc, t->env->model, "", t->faults);
	for (unsigned int i = 0; i < doc->n; i++) {
		const struct wish *w = &doc->v[i];
		struct entry *e = model_entry(t->env->model, w->schema, w->name);

		if (!is_right(t, doc, w))
			continue;
		if (create && e && !json_equal(e->o.spec, w->spec)) {
			at_wish(w, t->faults);
			lab_fault_exists(e, w->spec, t->faults);
			continue;
		}
		txn_put(t, w->schema, w->name, "", w->spec, w->pointer,
			TXN_MAY_REPLACE | (w->whole ? TXN_WHOLE : 0));
	}
}

/* An object of that name which is not this lab's. */
static void foreign(struct txn *t, const struct wish *w, const struct entry *e)
{
	at_wish(w, t->faults);
	if (*e->o.lab)
		fault(t->faults, FAULT_CONFLICT, NULL,
		      "give it another name, or take that lab down first",
		      "%s %s belongs to lab %s", w->schema->kind, w->name, e->o.lab);
	else
		fault(t->faults, FAULT_CONFLICT, NULL,
		      "give it another name, or remove that one first",
		      "%s %s is there already and belongs to no lab", w->schema->kind, w->name);
}

static void put_all(struct txn *t, const char *lab, const struct lab_doc *doc)
{
	for (unsigned int i = 0; i < doc->n; i++) {
		const struct wish *w = &doc->v[i];
		const struct entry *e = model_entry(t->env->model, w->schema, w->name);

		if (!is_right(t, doc, w))
			continue;
		if (e && strcmp(e->o.lab, lab))
			foreign(t, w, e);
		else
			txn_put(t, w->schema, w->name, lab, w->spec, w->pointer,
				TXN_MAY_REPLACE | (w->whole ? TXN_WHOLE : 0));
	}
}

/*
 * Removes what belongs to LAB and is not in DOC (NULL: everything), with what a person has hung on
 * it.
 */
static void remove_rest(struct txn *t, const char *lab, const struct lab_doc *doc)
{
	const struct model *m = t->env->model;

	for (const struct schema *const *s = schemas; *s; s++) {
		for (struct entry *e = NULL; (e = model_entry_next(m, *s, e));) {
			if (!strcmp(e->o.lab, lab) && !(doc && lab_doc_find(doc, *s, e->o.name)) &&
			    !txn_is_faulty(t, (*s)->kind, e->o.name))
				txn_remove(t, e, TXN_CASCADE_FREE, "");
		}
	}
}

void lab_plan(struct txn *t, const char *lab, struct lab_doc *doc)
{
	const struct lab *is = labs_find(t->env->labs, lab);

	lab_plug(doc, t->env->model, lab, t->faults);
	put_all(t, lab, doc);
	remove_rest(t, lab, doc);
	if (!is || is->autostart != doc->autostart || strcmp(is->description, doc->description))
		txn_put_lab(t, lab, doc->description, doc->autostart);
}

void lab_plan_removal(struct txn *t, const char *lab)
{
	remove_rest(t, lab, NULL);
	txn_remove_lab(t, lab);
}
