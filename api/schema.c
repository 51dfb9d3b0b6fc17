/* SPDX-License-Identifier: Apache-2.0 */
#include "api/schema.h"

#include <stdio.h>

#include "api/nearest.h"
#include "api/text.h"
#include "base/name.h"

enum { TEXT_LEN = 512 };

const struct schema *schema_find(const char *kind)
{
	for (const struct schema *const *s = schemas; *s; s++) {
		if (!strcmp((*s)->kind, kind))
			return *s;
	}
	return NULL;
}

const struct schema *schema_find_plural(const char *plural)
{
	for (const struct schema *const *s = schemas; *s; s++) {
		if (!strcmp((*s)->plural, plural))
			return *s;
	}
	return NULL;
}

bool field_of_type(const struct field *f, const char *type)
{
	size_t len = strlen(type);

	for (const char *at = f->only; at && len; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (!strncmp(at, type, len) && (!at[len] || at[len] == ' '))
			return true;
	}
	return !f->only;
}

const char *field_types(const struct field *f, const char *joint, char *out, size_t room)
{
	size_t n = 0, len;

	for (const char *at = f->only; n < room; at += len + 1) {
		len = strcspn(at, " ");
		n += (size_t)snprintf(out + n, room - n, "%.*s%s", (int)len, at,
				      at[len] ? joint : "");
		if (!at[len])
			break;
	}
	return out;
}

static const struct field *settle(struct field_at *at)
{
	while (*at->table) {
		if (at->f && at->f->name)
			return at->f;
		at->f = *++at->table;
	}
	return NULL;
}

const struct field *schema_first(const struct schema *s, struct field_at *at)
{
	at->table = s->fields;
	at->f = *at->table;
	return settle(at);
}

const struct field *schema_next(struct field_at *at)
{
	at->f++;
	return settle(at);
}

const struct field *schema_field(const struct schema *s, const char *name)
{
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		if (!strcmp(f->name, name))
			return f;
	}
	return NULL;
}

static json_t *default_of(const struct field *f)
{
	return f->def ? json_loads(f->def, JSON_DECODE_ANY, NULL) : NULL;
}

/* The type that decides which fields belong to the object; "" if it cannot be told. */
static void type_of(const struct schema *s, const json_t *spec, char *out, size_t room)
{
	const struct field *f = schema_field(s, "type");
	struct faults ignored = { 0 };
	json_t *given, *type = NULL;

	out[0] = '\0';
	if (!f)
		return;
	given = json_object_get(spec, "type");
	type = given && !json_is_null(given) ? field_check(f, given, &ignored) : default_of(f);
	if (type)
		snprintf(out, room, "%s", json_string_value(type));
	json_decref(type);
	faults_free(&ignored);
}

static void not_of_this_type(const struct schema *s, const struct field *f, const char *type,
			     struct faults *faults)
{
	char hint[128], types[SHOWN_LEN];

	if (!*type)
		return; /* the type itself is the fault */
	snprintf(hint, sizeof(hint), "this one is of type %s", type);
	fault(faults, FAULT_INVALID, f->name, hint, "'%s' belongs to %s of type %s", f->name,
	      s->plural, field_types(f, " or ", types, sizeof(types)));
}

/* Is it read, but never written? */
static bool is_read_only(const char *key)
{
	return !strcmp(key, "name") || !strcmp(key, "status") || !strcmp(key, "lab");
}

static void list_fields(const struct schema *s, const char *type, char *out, size_t room)
{
	struct field_at at;
	size_t n = (size_t)snprintf(out, room, "known are ");
	const char *joint = "";

	for (const struct field *f = schema_first(s, &at); f && n < room; f = schema_next(&at)) {
		if (!field_of_type(f, type))
			continue;
		n += (size_t)snprintf(out + n, room - n, "%s%s", joint, f->name);
		joint = ", ";
	}
}

static void unknown_field(const struct schema *s, const char *type, const char *key,
			  struct faults *faults)
{
	char shown[SHOWN_LEN], token[TEXT_LEN], hint[TEXT_LEN];
	struct nearest near = { .wanted = key };
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		if (field_of_type(f, type))
			nearest_offer(&near, f->name);
	}
	if (near.word)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near.word);
	else
		list_fields(s, type, hint, sizeof(hint));
	pointer_token(key, token, sizeof(token));
	fault(faults, FAULT_INVALID, token, hint, "unknown field '%s'",
	      text_shown(key, shown, sizeof(shown)));
}

static void missing_field(const struct field *f, struct faults *faults)
{
	char right[192], hint[256];

	field_describe(f, right, sizeof(right));
	snprintf(hint, sizeof(hint), "add %s: %s", f->name, right);
	/* There is no place in the document for what is not there: the object itself is pointed at.
	 */
	fault(faults, FAULT_INVALID, NULL, hint, "'%s' is missing", f->name);
}

/* The value of F that SPEC leads to; NULL: none, or a fault. */
static json_t *value_of(const struct schema *s, const struct field *f, const json_t *spec,
			const char *type, struct faults *faults)
{
	json_t *given = json_object_get(spec, f->name);

	if (given && json_is_null(given)) /* null asks for the default, as in a merge patch */
		given = NULL;
	if (!field_of_type(f, type)) {
		if (given)
			not_of_this_type(s, f, type, faults);
		return NULL;
	}
	if (given)
		return field_check(f, given, faults);
	if (f->flags & FIELD_REQUIRED) {
		missing_field(f, faults);
		return NULL;
	}
	return default_of(f);
}

json_t *schema_check(const struct schema *s, const json_t *spec, struct faults *faults)
{
	unsigned int before = faults->n;
	char type[SHOWN_LEN];
	struct field_at at;
	const char *key;
	json_t *out, *v;

	if (!json_is_object(spec)) {
		fault(faults, FAULT_INVALID, NULL, "write an object of fields",
		      "a %s is an object of fields", s->kind);
		return NULL;
	}
	type_of(s, spec, type, sizeof(type));
	out = json_object();
	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		v = value_of(s, f, spec, type, faults);
		if (v)
			json_object_set_new(out, f->name, v);
	}
	json_object_foreach ((json_t *)spec, key, v) {
		if (!schema_field(s, key) && !is_read_only(key))
			unknown_field(s, type, key, faults);
	}
	if (faults->n == before)
		return out;
	json_decref(out);
	return NULL;
}

bool schema_name(const char *kind, bool joined, const char *name, struct faults *faults)
{
	char shown[SHOWN_LEN], begin[SHOWN_LEN / 2];
	size_t len = strlen(name);

	if (joined ? name_ok_joined(name) : name_ok(name))
		return true;
	if (len > NAME_MAX_LEN)
		fault(faults, FAULT_INVALID, NULL,
		      joined ? "use at most 63, with the name in front of the dot"
			     : "use at most 63",
		      "'%s...' has %zu letters, too many for the name of a %s",
		      text_shown(name, begin, sizeof(begin)), len, kind);
	else
		fault(faults, FAULT_INVALID, NULL, "use letters, digits, '-' and '_', at most 63",
		      "'%s' is not a name of a %s", text_shown(name, shown, sizeof(shown)), kind);
	return false;
}
