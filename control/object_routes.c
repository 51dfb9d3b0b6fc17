/* SPDX-License-Identifier: Apache-2.0 */
/* The objects: /v1/{plural} and /v1/{plural}/{name}, the same for every kind. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/nearest.h"
#include "api/text.h"
#include "control/control_priv.h"

enum { VERBS = 5, PATH_LEN = 64 };

/* What one kind answers to. The text of its paths is made of its plural. */
struct kind_routes {
	struct control *control;
	const struct schema *schema;
	char all[PATH_LEN], one[PATH_LEN];
	struct route table[VERBS + 1];
};

struct object_routes {
	unsigned int n;
	struct kind_routes v[];
};

json_t *object_json(const struct control *c, const struct entry *e)
{
	const struct kind *k = control_kind(c, e->o.schema);
	json_t *out = json_pack("{s:s}", "name", e->o.name), *status = NULL;

	json_object_update(out, e->o.spec);
	if (*e->o.lab)
		json_object_set_new(out, "lab", json_string(e->o.lab));
	if (e->fault)
		status = json_pack("{s:s}", "fault", e->fault);
	else if (k->status)
		status = k->status(k->ctx, &e->o);
	json_object_set_new(out, "status", status ? status : json_object());
	return out;
}

static void get_all(void *ctx, struct request *r)
{
	const struct kind_routes *kr = ctx;
	const char *lab = request_query(r, "lab");
	json_t *items = json_array();

	for (struct entry *e = NULL; (e = model_entry_next(kr->control->model, kr->schema, e));) {
		if (!lab || !strcmp(lab, e->o.lab))
			json_array_append_new(items, object_json(kr->control, e));
	}
	reply_json(r, 200, json_pack("{s:o}", "items", items));
}

static void at_object(const struct kind_routes *kr, struct request *r)
{
	char title[OBJECT_TITLE_LEN], shown[SHOWN_LEN];

	snprintf(title, sizeof(title), "%s %s", kr->schema->kind,
		 text_shown(request_path(r, "name"), shown, sizeof(shown)));
	faults_at(&r->faults, title, "");
}

/* NULL: there is no such object, and the request is answered. */
static struct entry *find(const struct kind_routes *kr, struct request *r)
{
	const char *name = request_path(r, "name");
	struct entry *e = model_entry(kr->control->model, kr->schema, name), *other = NULL;
	struct nearest near = { .wanted = name };
	char shown[SHOWN_LEN], hint[256] = "";

	if (e)
		return e;
	at_object(kr, r);
	while ((other = model_entry_next(kr->control->model, kr->schema, other)))
		nearest_offer(&near, other->o.name);
	if (near.word)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near.word);
	fault(&r->faults, FAULT_NOT_FOUND, NULL, hint, "there is no %s %s", kr->schema->kind,
	      text_shown(name, shown, sizeof(shown)));
	reply_faults(r);
	return NULL;
}

static void get_one(void *ctx, struct request *r)
{
	const struct kind_routes *kr = ctx;
	const struct entry *e = find(kr, r);

	if (e)
		reply_json(r, 200, object_json(kr->control, e));
}

/*
 * Puts SPEC (canonical; becomes ours) and answers with what is there then. SAID: the fields that
 * somebody has named, or NULL.
 */
static void put(const struct kind_routes *kr, struct request *r, json_t *spec, unsigned int status,
		const json_t *said)
{
	const struct kind *k = control_kind(kr->control, kr->schema);
	const char *name = request_path(r, "name");
	struct entry *e;
	struct txn t;
	int err;

	txn_init(&t, &kr->control->env, &r->faults);
	txn_put(&t, kr->schema, name, "", spec, "", 0);
	json_decref(spec);
	err = txn_run(&t);
	txn_fini(&t);
	if (err) {
		reply_faults(r);
		return;
	}
	e = model_entry(kr->control->model, kr->schema, name);
	if (said && k->said && !e->fault)
		k->said(k->ctx, &e->o, said);
	reply_json(r, status, object_json(kr->control, e));
}

static void put_one(void *ctx, struct request *r)
{
	const struct kind_routes *kr = ctx;
	const struct entry *e =
		model_entry(kr->control->model, kr->schema, request_path(r, "name"));
	const char *only_new = request_header(r, "If-None-Match");
	json_t *body = request_json(r), *spec = NULL;

	if (body) {
		at_object(kr, r);
		if (schema_name(kr->schema->kind, kr->schema->joined, request_path(r, "name"),
				&r->faults))
			spec = schema_check(kr->schema, body, &r->faults);
	}
	if (spec && e && only_new && !strcmp(only_new, "*") && !json_equal(spec, e->o.spec))
		lab_fault_exists(e, spec, &r->faults);
	if (!r->faults.n) {
		put(kr, r, spec, e ? 200 : 201, NULL);
		return;
	}
	json_decref(spec);
	reply_faults(r);
}

/*
 * RFC 7396. Another type takes the fields of the old one along only if the patch names them: that
 * the type cannot change is then the one thing that is wrong.
 */
static json_t *merge(const struct object *o, const json_t *patch)
{
	json_t *out = json_copy(o->spec), *type = json_object_get(patch, "type"), *v;
	struct field_at at;
	const char *key;

	for (const struct field *f = schema_first(o->schema, &at); f; f = schema_next(&at)) {
		if (json_is_string(type) && !field_of_type(f, json_string_value(type)))
			json_object_del(out, f->name);
	}
	json_object_foreach ((json_t *)patch, key, v) {
		if (json_is_null(v) && schema_field(o->schema, key))
			json_object_del(out, key);
		else
			json_object_set(out, key, v);
	}
	return out;
}

static void patch_one(void *ctx, struct request *r)
{
	const struct kind_routes *kr = ctx;
	const struct entry *e = find(kr, r);
	json_t *body, *merged, *spec = NULL;

	if (!e)
		return;
	body = request_json(r);
	at_object(kr, r);
	if (body && !json_is_object(body))
		fault(&r->faults, FAULT_INVALID, NULL, "send the fields to change",
		      "a patch is an object of fields");
	if (body && !r->faults.n) {
		merged = merge(&e->o, body);
		spec = schema_check(kr->schema, merged, &r->faults);
		json_decref(merged);
	}
	if (spec)
		put(kr, r, spec, 200, body);
	else
		reply_faults(r);
}

static void delete_one(void *ctx, struct request *r)
{
	const struct kind_routes *kr = ctx;
	struct entry *e = find(kr, r);
	bool cascade = false;
	struct txn t;
	int err;

	if (!e)
		return;
	if (request_query_bool(r, "cascade", &cascade)) {
		reply_faults(r);
		return;
	}
	txn_init(&t, &kr->control->env, &r->faults);
	t.cascade_helps = true;
	txn_remove(&t, e, cascade ? TXN_CASCADE : TXN_CASCADE_OWN, "");
	err = txn_run(&t);
	/* What was not asked for by name is told. */
	if (err)
		reply_faults(r);
	else if (cascade)
		reply_json(r, 200, json_pack("{s:o}", "changes", txn_changes(&t)));
	else
		reply_nothing(r);
	txn_fini(&t);
}

int object_routes_add(struct control *c)
{
	unsigned int n = 0;
	int err = 0;

	while (schemas[n])
		n++;
	c->object_routes = calloc(1, sizeof(*c->object_routes) + n * sizeof(struct kind_routes));
	if (!c->object_routes)
		return -ENOMEM;
	c->object_routes->n = n;
	for (unsigned int i = 0; i < n && !err; i++) {
		struct kind_routes *kr = &c->object_routes->v[i];
		const struct route table[VERBS + 1] = {
			{ "GET", kr->all, "lab", get_all },
			{ "GET", kr->one, NULL, get_one },
			{ "PUT", kr->one, NULL, put_one },
			{ "PATCH", kr->one, NULL, patch_one },
			{ "DELETE", kr->one, "cascade", delete_one },
		};

		kr->control = c;
		kr->schema = schemas[i];
		snprintf(kr->all, sizeof(kr->all), "/v1/%s", schemas[i]->plural);
		snprintf(kr->one, sizeof(kr->one), "/v1/%s/{name}", schemas[i]->plural);
		memcpy(kr->table, table, sizeof(table));
		err = router_add(c->router, kr->table, kr);
	}
	return err;
}

void object_routes_free(struct object_routes *o)
{
	free(o);
}
