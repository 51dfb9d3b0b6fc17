/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model: per kind an array of nodes sorted by name. A lookup is a binary search, a walk is in
 * order, and one more object moves a few kilobytes of pointers: at 5,000 objects still less than
 * reading its request.
 */
#include "control/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/model_priv.h"

struct table {
	const struct schema *schema;
	struct node **v;
	unsigned int n, room;
};

struct model {
	unsigned int n_tables;
	struct table tables[];
};

int model_create(struct model **out)
{
	unsigned int n = 0;
	struct model *m;

	while (schemas[n])
		n++;
	m = calloc(1, sizeof(*m) + n * sizeof(m->tables[0]));
	if (!m)
		return -ENOMEM;
	m->n_tables = n;
	for (unsigned int i = 0; i < n; i++)
		m->tables[i].schema = schemas[i];
	*out = m;
	return 0;
}

void model_destroy(struct model *m)
{
	if (!m)
		return;
	for (unsigned int i = 0; i < m->n_tables; i++) {
		struct table *t = &m->tables[i];

		for (unsigned int k = 0; k < t->n; k++) {
			entry_free(t->v[k]->entry);
			free(t->v[k]);
		}
		free(t->v);
	}
	free(m);
}

static struct table *table_of(const struct model *m, const struct schema *s)
{
	for (unsigned int i = 0; i < m->n_tables; i++) {
		if (m->tables[i].schema == s)
			return (struct table *)&m->tables[i];
	}
	return NULL;
}

static struct table *table_of_kind(const struct model *m, const char *kind)
{
	for (unsigned int i = 0; i < m->n_tables; i++) {
		if (!strcmp(m->tables[i].schema->kind, kind))
			return (struct table *)&m->tables[i];
	}
	return NULL;
}

/* Where NAME is, or would be. */
static unsigned int position(const struct table *t, const char *name, bool *found)
{
	unsigned int low = 0, high = t->n;

	*found = false;
	while (low < high) {
		unsigned int mid = (low + high) / 2;
		int order = strcmp(t->v[mid]->name, name);

		if (!order) {
			*found = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct node *node_find(const struct table *t, const char *name)
{
	bool found;
	unsigned int at = position(t, name, &found);

	return found ? t->v[at] : NULL;
}

static struct node *node_make(struct table *t, const char *name)
{
	bool found;
	unsigned int at = position(t, name, &found);
	struct node *node;

	if (found)
		return t->v[at];
	if (t->n == t->room) {
		unsigned int room = t->room ? 2 * t->room : 16;
		struct node **v = reallocarray(t->v, room, sizeof(*v));

		if (!v)
			return NULL;
		t->v = v;
		t->room = room;
	}
	node = calloc(1, sizeof(*node) + strlen(name) + 1);
	if (!node)
		return NULL;
	memcpy(node->name, name, strlen(name) + 1);
	memmove(&t->v[at + 1], &t->v[at], (t->n - at) * sizeof(t->v[0]));
	t->v[at] = node;
	t->n++;
	return node;
}

/* What the spec says in the fields that refer to others. E NULL: only how many there are. */
static unsigned int find_refs(const struct schema *s, const json_t *spec, struct entry *e)
{
	struct field_at at;
	unsigned int n = 0;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		const json_t *v = json_object_get(spec, f->name);
		size_t of = f->type == FIELD_REF ? v != NULL : json_array_size(v);

		if (f->type != FIELD_REF && f->type != FIELD_REFS)
			continue;
		for (size_t i = 0; i < of; i++, n++) {
			const json_t *one = f->type == FIELD_REF ? v : json_array_get(v, i);

			if (e)
				e->refs[n] = (struct ref){ .field = f,
							   .name = json_string_value(one),
							   .user = e };
		}
	}
	return n;
}

struct entry *entry_create(const struct schema *s, const char *name, const char *lab, json_t *spec)
{
	struct entry *e;

	e = calloc(1, sizeof(*e) + find_refs(s, spec, NULL) * sizeof(e->refs[0]));
	if (!e)
		return NULL;
	e->o.schema = s;
	snprintf(e->o.name, sizeof(e->o.name), "%s", name);
	snprintf(e->o.lab, sizeof(e->o.lab), "%s", lab);
	e->o.spec = json_incref(spec);
	e->n_refs = find_refs(s, spec, e);
	return e;
}

void entry_free(struct entry *e)
{
	if (!e)
		return;
	json_decref(e->o.spec);
	free(e->fault);
	free(e);
}

void entry_set_fault(struct entry *e, const char *text)
{
	free(e->fault);
	e->fault = text ? strdup(text) : NULL;
}

void model_put_back(struct model *m, struct entry *e)
{
	(void)m;
	assert(!e->node->entry);
	e->node->entry = e;
	for (unsigned int i = 0; i < e->n_refs; i++) {
		struct ref *r = &e->refs[i];

		r->next = r->target->users;
		r->at = &r->target->users;
		if (r->next)
			r->next->at = &r->next;
		r->target->users = r;
	}
}

int model_insert(struct model *m, struct entry *e)
{
	e->node = node_make(table_of(m, e->o.schema), e->o.name);
	if (!e->node)
		return -ENOMEM;
	for (unsigned int i = 0; i < e->n_refs; i++) {
		struct ref *r = &e->refs[i];

		r->target = node_make(table_of_kind(m, r->field->ref), r->name);
		if (!r->target)
			return -ENOMEM;
	}
	model_put_back(m, e);
	return 0;
}

void model_take(struct model *m, struct entry *e)
{
	(void)m;
	assert(e->node->entry == e);
	e->node->entry = NULL;
	for (unsigned int i = 0; i < e->n_refs; i++) {
		struct ref *r = &e->refs[i];

		*r->at = r->next;
		if (r->next)
			r->next->at = r->at;
	}
}

void model_sweep(struct model *m)
{
	for (unsigned int i = 0; i < m->n_tables; i++) {
		struct table *t = &m->tables[i];
		unsigned int kept = 0;

		for (unsigned int k = 0; k < t->n; k++) {
			if (t->v[k]->entry || t->v[k]->users)
				t->v[kept++] = t->v[k];
			else
				free(t->v[k]);
		}
		t->n = kept;
	}
}

struct entry *model_entry(const struct model *m, const struct schema *s, const char *name)
{
	struct node *node = node_find(table_of(m, s), name);

	return node ? node->entry : NULL;
}

static struct entry *next_in(const struct table *t, const char *after, bool with_faults)
{
	unsigned int at = 0;
	bool found;

	if (after) {
		at = position(t, after, &found);
		at += found;
	}
	for (; at < t->n; at++) {
		struct entry *e = t->v[at]->entry;

		if (e && (with_faults || !e->fault))
			return e;
	}
	return NULL;
}

struct entry *model_entry_next(const struct model *m, const struct schema *s,
			       const struct entry *after)
{
	return next_in(table_of(m, s), after ? after->o.name : NULL, true);
}

unsigned int model_entries(const struct model *m, const struct schema *s)
{
	const struct table *t = table_of(m, s);
	unsigned int n = 0;

	for (unsigned int i = 0; i < t->n; i++)
		n += t->v[i]->entry != NULL;
	return n;
}

const struct object *model_find(const struct model *m, const char *kind, const char *name)
{
	const struct table *t = table_of_kind(m, kind);
	struct node *node = t ? node_find(t, name) : NULL;

	return node && node->entry && !node->entry->fault ? &node->entry->o : NULL;
}

const struct object *model_next(const struct model *m, const char *kind, const struct object *after)
{
	const struct table *t = table_of_kind(m, kind);
	struct entry *e = t ? next_in(t, after ? after->name : NULL, false) : NULL;

	return e ? &e->o : NULL;
}

const struct object *model_user(const struct model *m, const char *kind, const char *name,
				unsigned int n)
{
	const struct table *t = table_of_kind(m, kind);
	const struct node *node = t ? node_find(t, name) : NULL;

	for (const struct ref *r = node ? node->users : NULL; r; r = r->next) {
		if (!r->user->fault && n-- == 0)
			return &r->user->o;
	}
	return NULL;
}

unsigned int model_count(const struct model *m, const char *kind)
{
	const struct table *t = table_of_kind(m, kind);
	unsigned int n = 0;

	for (unsigned int i = 0; t && i < t->n; i++)
		n += t->v[i]->entry && !t->v[i]->entry->fault;
	return n;
}

const char *object_text(const struct object *o, const char *field)
{
	return json_string_value(json_object_get(o->spec, field));
}

long object_int(const struct object *o, const char *field)
{
	return (long)json_integer_value(json_object_get(o->spec, field));
}

bool object_bool(const struct object *o, const char *field)
{
	return json_is_true(json_object_get(o->spec, field));
}

bool object_has(const struct object *o, const char *field)
{
	return json_object_get(o->spec, field) != NULL;
}

const char *object_title(const struct object *o, char *out, size_t room)
{
	snprintf(out, room, "%s %s", o->schema->kind, o->name);
	return out;
}
