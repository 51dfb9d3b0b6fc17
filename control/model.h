/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_MODEL_H
#define CONTROL_MODEL_H

#include "api/schema.h"
#include "base/name.h"

/*
 * The desired state: objects by kind and name, each with its canonical spec. What the daemon knows
 * of an object beyond that (devices, tables) hangs on it as `run` and belongs to the kind's
 * provider.
 *
 * Threads: control thread. Memory: model; readers borrow.
 */
struct object {
	const struct schema *schema;
	char name[2 * NAME_MAX_LEN + 2];
	char lab[NAME_MAX_LEN + 1]; /* the lab that it came with, or "" */
	json_t *spec; /* canonical (schema_check), never changed in place */
	void *run; /* the provider's; survives a change of the spec */
};

struct model;

/*
 * Those that are up: an object that could not be brought up is not seen here. NULL: there is none.
 * KIND is the singular, "port".
 */
const struct object *model_find(const struct model *, const char *kind, const char *name);
/* The next object of KIND by name after AFTER (NULL: the first), or NULL. */
const struct object *model_next(const struct model *, const char *kind, const struct object *after);
/* Who refers to the object of KIND that is called NAME: the Nth of those, in no order, or NULL. */
const struct object *model_user(const struct model *, const char *kind, const char *name,
				unsigned int n);
unsigned int model_count(const struct model *, const char *kind);

/* Fields of the spec. Text: NULL if absent; numbers and truths: 0 and false if absent. */
const char *object_text(const struct object *, const char *field);
long object_int(const struct object *, const char *field);
bool object_bool(const struct object *, const char *field);
bool object_has(const struct object *, const char *field);
/* "port a.eth0", for faults, events and log lines. */
const char *object_title(const struct object *, char *out, size_t room);
#define OBJECT_TITLE_LEN 160

#endif /* CONTROL_MODEL_H */
