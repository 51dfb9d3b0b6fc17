/* SPDX-License-Identifier: Apache-2.0 */
/* Labs, and fragments of one: many objects as one transaction. */
#include <errno.h>
#include <stdio.h>

#include "api/nearest.h"
#include "api/text.h"
#include "control/control_priv.h"

/* False: the document cannot even be looked at for more faults. With some, *dry_run is set. */
static bool expand(struct request *r, bool fragment, struct lab_doc *doc, bool *dry_run)
{
	json_t *body = request_json(r);

	*doc = (struct lab_doc){ 0 };
	if (!body)
		return false;
	if (lab_expand(body, fragment, doc, &r->faults))
		*dry_run = true;
	return doc->description;
}

/* Runs or only checks T, and answers with what changes. NAME: of the lab, or NULL. */
static void finish(struct request *r, struct txn *t, bool dry_run, const char *name)
{
	int err = dry_run ? txn_check(t) : txn_run(t);

	if (err || r->faults.n) {
		reply_faults(r);
	} else {
		json_t *body = json_object();

		if (name)
			json_object_set_new(body, "name", json_string(name));
		json_object_set_new(body, "changes", txn_changes(t));
		reply_json(r, 200, body);
	}
	txn_fini(t);
}

static void apply(void *ctx, struct request *r)
{
	struct control *c = ctx;
	bool dry_run = false, create = false;
	struct lab_doc doc = { 0 };
	struct txn t;

	request_query_bool(r, "dry_run", &dry_run);
	request_query_bool(r, "create", &create);
	if (r->faults.n || !expand(r, true, &doc, &dry_run)) {
		reply_faults(r);
	} else {
		txn_init(&t, &c->env, &r->faults);
		lab_plan_fragment(&t, &doc, create);
		finish(r, &t, dry_run, NULL);
	}
	lab_doc_free(&doc);
}

static void put_lab(void *ctx, struct request *r)
{
	struct control *c = ctx;
	const char *name = request_path(r, "name");
	struct lab_doc doc = { 0 };
	bool dry_run = false;
	struct txn t;

	request_query_bool(r, "dry_run", &dry_run);
	if (r->faults.n || !schema_name("lab", false, name, &r->faults) ||
	    !expand(r, false, &doc, &dry_run)) {
		reply_faults(r);
	} else {
		txn_init(&t, &c->env, &r->faults);
		lab_plan(&t, name, &doc);
		finish(r, &t, dry_run, name);
	}
	lab_doc_free(&doc);
}

/* NULL: there is none, and the request is answered. */
static struct lab *find(const struct control *c, struct request *r)
{
	const char *name = request_path(r, "name");
	struct nearest near = { .wanted = name };
	struct lab *lab = labs_find(&c->labs, name);
	char shown[SHOWN_LEN], title[2 * SHOWN_LEN], hint[128] = "";

	if (lab)
		return lab;
	for (lab = c->labs.first; lab; lab = lab->next)
		nearest_offer(&near, lab->name);
	if (near.word)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near.word);
	snprintf(title, sizeof(title), "lab %s", text_shown(name, shown, sizeof(shown)));
	faults_at(&r->faults, title, "");
	fault(&r->faults, FAULT_NOT_FOUND, NULL, hint, "there is no %s", title);
	reply_faults(r);
	return NULL;
}

static json_t *lab_json(const struct control *c, const struct lab *lab, bool with_members)
{
	json_t *counts = json_object(), *members = json_object(), *out;

	for (const struct schema *const *s = schemas; *s; s++) {
		json_t *names = json_array();

		for (struct entry *e = NULL; (e = model_entry_next(c->model, *s, e));) {
			if (!strcmp(e->o.lab, lab->name))
				json_array_append_new(names, json_string(e->o.name));
		}
		if (json_array_size(names)) {
			json_object_set_new(counts, (*s)->plural,
					    json_integer((json_int_t)json_array_size(names)));
			json_object_set(members, (*s)->plural, names);
		}
		json_decref(names);
	}
	out = json_pack("{s:s, s:s, s:b, s:o}", "name", lab->name, "description", lab->description,
			"autostart", lab->autostart, "objects", counts);
	if (with_members)
		json_object_set(out, "members", members);
	json_decref(members);
	return out;
}

static void get_labs(void *ctx, struct request *r)
{
	const struct control *c = ctx;
	json_t *items = json_array();

	for (const struct lab *lab = c->labs.first; lab; lab = lab->next)
		json_array_append_new(items, lab_json(c, lab, false));
	reply_json(r, 200, json_pack("{s:o}", "items", items));
}

static void get_lab(void *ctx, struct request *r)
{
	const struct control *c = ctx;
	const struct lab *lab = find(c, r);

	if (lab)
		reply_json(r, 200, lab_json(c, lab, true));
}

static void patch_lab(void *ctx, struct request *r)
{
	struct control *c = ctx;
	struct lab *lab = find(c, r);
	struct lab_doc doc = { 0 };
	json_t *body;
	struct txn t;
	int err;

	if (!lab)
		return;
	body = request_json(r);
	if (body && json_is_object(body)) {
		/* Read by the same code as a document; objects have no place here. */
		for (const struct schema *const *s = schemas; *s; s++) {
			if (json_object_get(body, (*s)->plural))
				fault(&r->faults, FAULT_INVALID, (*s)->plural,
				      "send the whole lab with PUT",
				      "a patch of a lab has no objects");
		}
	}
	if (!body || r->faults.n || lab_expand(body, false, &doc, &r->faults)) {
		reply_faults(r);
		lab_doc_free(&doc);
		return;
	}
	txn_init(&t, &c->env, &r->faults);
	txn_put_lab(&t, lab->name,
		    json_object_get(body, "description") ? doc.description : lab->description,
		    json_object_get(body, "autostart") ? doc.autostart : lab->autostart);
	lab_doc_free(&doc);
	err = txn_run(&t);
	txn_fini(&t);
	if (err)
		reply_faults(r);
	else
		reply_json(r, 200, lab_json(c, labs_find(&c->labs, request_path(r, "name")), true));
}

static void delete_lab(void *ctx, struct request *r)
{
	struct control *c = ctx;
	bool dry_run = false;
	struct txn t;

	if (!find(c, r))
		return;
	if (request_query_bool(r, "dry_run", &dry_run)) {
		reply_faults(r);
		return;
	}
	txn_init(&t, &c->env, &r->faults);
	lab_plan_removal(&t, request_path(r, "name"));
	finish(r, &t, dry_run, request_path(r, "name"));
}

static const struct route routes[] = {
	{ "POST", "/v1/apply", "dry_run create", apply },
	{ "GET", "/v1/labs", NULL, get_labs },
	{ "GET", "/v1/labs/{name}", NULL, get_lab },
	{ "PUT", "/v1/labs/{name}", "dry_run", put_lab },
	{ "PATCH", "/v1/labs/{name}", NULL, patch_lab },
	{ "DELETE", "/v1/labs/{name}", "dry_run", delete_lab },
	{ 0 },
};

int lab_routes_add(struct control *c)
{
	return router_add(c->router, routes, c);
}
