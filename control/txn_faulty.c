/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request names but cannot put, because what it says of it is wrong. That is told already;
 * what would be wrong only because these are missing is not.
 */
#include "control/txn_priv.h"

/* SET is {KIND: {NAME: true}}; NULL: empty. */
static void note(json_t **set, const char *kind, const char *name)
{
	json_t *names;

	if (!*set)
		*set = json_object();
	names = json_object_get(*set, kind);
	if (!names) {
		names = json_object();
		json_object_set_new(*set, kind, names);
	}
	json_object_set_new(names, name, json_true());
}

static bool noted(const json_t *set, const char *kind, const char *name)
{
	return json_object_get(json_object_get(set, kind), name) != NULL;
}

void txn_put_faulty(struct txn *t, const struct schema *s, const char *name, const json_t *spec)
{
	struct field_at at;

	note(&t->faulty, s->kind, name);
	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		const json_t *v = json_object_get(spec, f->name);

		if (f->type == FIELD_REF && json_is_string(v))
			note(&t->doubtful, f->ref, json_string_value(v));
		for (size_t i = 0; f->type == FIELD_REFS && i < json_array_size(v); i++) {
			if (json_is_string(json_array_get(v, i)))
				note(&t->doubtful, f->ref, json_string_value(json_array_get(v, i)));
		}
	}
}

bool txn_is_faulty(const struct txn *t, const char *kind, const char *name)
{
	return noted(t->faulty, kind, name) || noted(t->faulty, kind, "");
}

bool txn_is_doubtful(const struct txn *t, const struct entry *e)
{
	return noted(t->doubtful, e->o.schema->kind, e->o.name);
}

void txn_faulty_nearest(const struct txn *t, const char *kind, struct nearest *near)
{
	const char *name;
	json_t *v;

	json_object_foreach (json_object_get(t->faulty, kind), name, v)
		nearest_offer(near, name);
}

void txn_faulty_free(struct txn *t)
{
	json_decref(t->faulty);
	json_decref(t->doubtful);
}
