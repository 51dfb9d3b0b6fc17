/* SPDX-License-Identifier: Apache-2.0 */
/* A lab document becomes objects, each with its place in the document. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/nearest.h"
#include "api/text.h"
#include "control/lab_expand_priv.h"

enum { DESCRIPTION_LEN = 1000 };

const char *expand_below(char out[POINTER_LEN], const char *base, const char *key)
{
	char token[NAME_MAX_LEN + 32];

	/* No true pointer is cut: four tokens fit. */
	snprintf(out, POINTER_LEN, "%.*s/%s", (int)(POINTER_LEN - sizeof(token) - 1), base,
		 pointer_token(key, token, sizeof(token)));
	return out;
}

void expand_look_at(struct expansion *x, const struct schema *s, const char *name,
		    const char *pointer)
{
	char title[OBJECT_TITLE_LEN], shown[SHOWN_LEN];

	snprintf(title, sizeof(title), "%s %s", s->kind, text_shown(name, shown, sizeof(shown)));
	faults_at(x->faults, title, pointer);
}

/* Room for one more, with its pointer; NULL: no memory. */
static struct wish *wish_add(struct expansion *x, const char *pointer)
{
	struct lab_doc *doc = x->doc;
	char *text = strdup(pointer);

	if (doc->n == doc->room) {
		unsigned int room = doc->room ? 2 * doc->room : 64;
		struct wish *v = reallocarray(doc->v, room, sizeof(*v));

		if (v) {
			doc->v = v;
			doc->room = room;
		}
	}
	if (doc->n == doc->room || !text) {
		free(text);
		txn_no_memory(x->faults);
		return NULL;
	}
	doc->v[doc->n] = (struct wish){ .pointer = text };
	return &doc->v[doc->n++];
}

void expand_lost(struct expansion *x, const struct schema *s, const char *name,
		 const json_t *written)
{
	struct wish *w = wish_add(x, "");

	if (!w)
		return;
	w->schema = s;
	w->written = json_incref((json_t *)written);
	snprintf(w->name, sizeof(w->name), "%s", name);
}

void expand_wish(struct expansion *x, const struct schema *s, const char *name, const json_t *spec,
		 const char *pointer, bool whole)
{
	struct wish *w;

	expand_look_at(x, s, name, pointer);
	if (!schema_name(s->kind, s->joined, name, x->faults)) {
		expand_lost(x, s, name, spec);
		return;
	}
	w = wish_add(x, pointer);
	if (!w)
		return;
	w->schema = s;
	w->whole = whole;
	snprintf(w->name, sizeof(w->name), "%s", name);
	w->spec = schema_check(s, spec, x->faults);
	if (!w->spec)
		w->written = json_incref((json_t *)spec);
}

json_t *expand_body(struct expansion *x, const struct schema *s, const char *name,
		    const json_t *body, const char *pointer)
{
	if (json_is_null(body))
		return json_object();
	if (json_is_object(body))
		return json_copy((json_t *)body);
	expand_look_at(x, s, name, pointer);
	fault(x->faults, FAULT_INVALID, NULL, "write fields below it, or leave it empty",
	      "a %s is an object of fields", s->kind);
	expand_lost(x, s, name, NULL);
	return NULL;
}

bool expand_is_set(struct expansion *x, const json_t *v, const char *pointer, const char *what,
		   const char *hint)
{
	if (json_is_object(v) || json_is_null(v))
		return true;
	faults_at(x->faults, NULL, pointer);
	fault(x->faults, FAULT_INVALID, NULL, hint, "%s", what);
	return false;
}

static void plain(struct expansion *x, const struct schema *s, const char *name, const json_t *body,
		  const char *pointer)
{
	json_t *spec = expand_body(x, s, name, body, pointer);

	if (spec)
		expand_wish(x, s, name, spec, pointer, false);
	json_decref(spec);
}

static void section(struct expansion *x, const struct schema *s, const json_t *v)
{
	char base[POINTER_LEN], pointer[POINTER_LEN], what[64], hint[64];
	expand_fn *form = expand_form(s);
	const char *name;
	json_t *body;

	expand_below(base, "", s->plural);
	faults_at(x->faults, "", base);
	snprintf(what, sizeof(what), "%s are names with their fields", s->plural);
	snprintf(hint, sizeof(hint), "write {NAME: {...}}");
	if (!expand_is_set(x, v, base, what, hint)) {
		expand_lost(x, s, "", NULL);
		return;
	}
	json_object_foreach ((json_t *)v, name, body) {
		expand_below(pointer, base, name);
		(form ? form : plain)(x, s, name, body, pointer);
	}
}

static void unknown_key(struct expansion *x, const char *key, bool fragment)
{
	char shown[SHOWN_LEN], token[2 * SHOWN_LEN], hint[64];
	struct nearest near = { .wanted = key };

	for (const struct schema *const *s = schemas; *s; s++)
		nearest_offer(&near, (*s)->plural);
	if (!fragment) {
		nearest_offer(&near, "description");
		nearest_offer(&near, "autostart");
	}
	snprintf(hint, sizeof(hint),
		 near.word ? "did you mean '%s'?" : "known are switches, hosts, links%s",
		 near.word ? near.word : " ...");
	faults_at(x->faults, "", "");
	fault(x->faults, FAULT_INVALID, pointer_token(key, token, sizeof(token)), hint,
	      "unknown %s '%s'", fragment ? "part" : "part of a lab",
	      text_shown(key, shown, sizeof(shown)));
	if (near.word && schema_find_plural(near.word))
		expand_lost(x, schema_find_plural(near.word), "", NULL);
}

/* What is said about the lab itself. False: KEY is no such thing. */
static bool heading(struct expansion *x, const char *key, const json_t *v)
{
	struct lab_doc *doc = x->doc;

	faults_at(x->faults, "", "");
	if (!strcmp(key, "lab"))
		return true; /* the name, which the request gives as well */
	if (!strcmp(key, "description")) {
		free(doc->description);
		doc->description = json_is_string(v) ? strdup(json_string_value(v)) : NULL;
		if (!json_is_string(v) || json_string_length(v) > DESCRIPTION_LEN)
			fault(x->faults, FAULT_INVALID, key,
			      "use a text of at most 1000 characters", "that is not a description");
		return true;
	}
	if (!strcmp(key, "autostart")) {
		doc->autostart = json_is_true(v);
		if (!json_is_boolean(v))
			fault(x->faults, FAULT_INVALID, key, "use true or false",
			      "autostart takes true or false");
		return true;
	}
	return false;
}

static unsigned int rank(const struct schema *s)
{
	unsigned int i = 0;

	while (schemas[i] != s)
		i++;
	return i;
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct wish *x = a, *y = b;
	unsigned int i = rank(x->schema), k = rank(y->schema);

	return i != k ? (i < k ? -1 : 1) : strcmp(x->name, y->name);
}

void expand_sort(struct lab_doc *doc)
{
	if (doc->n)
		qsort(doc->v, doc->n, sizeof(doc->v[0]), by_kind_and_name);
}

static void refuse_twins(struct expansion *x)
{
	const struct lab_doc *doc = x->doc;
	char title[OBJECT_TITLE_LEN], hint[POINTER_LEN + 32];

	for (unsigned int i = 1; i < doc->n; i++) {
		const struct wish *w = &doc->v[i];

		if (by_kind_and_name(w - 1, w) || !w->spec || !w[-1].spec)
			continue;
		snprintf(title, sizeof(title), "%s %s", w->schema->kind, w->name);
		snprintf(hint, sizeof(hint), "the other one is at %s", w[-1].pointer);
		faults_at(x->faults, title, w->pointer);
		fault(x->faults, FAULT_INVALID, NULL, hint, "%s is there twice", title);
	}
}

int lab_expand(const json_t *doc, bool fragment, struct lab_doc *out, struct faults *faults)
{
	struct expansion x = { .doc = out, .faults = faults };
	unsigned int before = faults->n;
	const char *key;
	json_t *v;

	*out = (struct lab_doc){ .autostart = true };
	faults_at(faults, "", "");
	if (!json_is_object(doc) && !json_is_null(doc))
		return fault(faults, FAULT_INVALID, NULL, "write switches: {s1: {}}",
			     "a lab is an object with switches, hosts, links and so on");
	json_object_foreach ((json_t *)doc, key, v) {
		const struct schema *s = schema_find_plural(key);

		if (s)
			section(&x, s, v);
		else if (fragment || !heading(&x, key, v))
			unknown_key(&x, key, fragment);
	}
	if (!out->description)
		out->description = strdup("");
	expand_sort(out);
	refuse_twins(&x);
	faults_at(faults, "", "");
	return faults->n > before ? -EINVAL : out->description ? 0 : txn_no_memory(faults);
}

void lab_doc_free(struct lab_doc *doc)
{
	for (unsigned int i = 0; i < doc->n; i++) {
		json_decref(doc->v[i].spec);
		json_decref(doc->v[i].written);
		free(doc->v[i].pointer);
	}
	free(doc->v);
	free(doc->description);
	*doc = (struct lab_doc){ 0 };
}

const struct wish *lab_doc_find(const struct lab_doc *doc, const struct schema *s, const char *name)
{
	struct wish wanted = { .schema = s };

	snprintf(wanted.name, sizeof(wanted.name), "%s", name);
	return doc->n ? bsearch(&wanted, doc->v, doc->n, sizeof(doc->v[0]), by_kind_and_name)
		      : NULL;
}
