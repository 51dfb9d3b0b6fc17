/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_MODEL_PRIV_H
#define CONTROL_MODEL_PRIV_H

#include "control/model.h"

/*
 * How control/ itself sees the model: entries, and nodes that say who refers to a name.
 *
 * A node stands for a name of a kind as long as there is an object of that name or a reference to
 * it, so "who uses switch s1" is a walk along a list, however many objects there are. A
 * transaction takes entries out and puts entries in; while it may still have to undo, the nodes of
 * what it took out stay, so that model_put_back() cannot fail. model_sweep() ends that.
 */
struct entry;
struct op;

struct ref {
	const struct field *field;
	const char *name; /* that is referred to, in the user's spec */
	struct node *target;
	struct entry *user;
	struct ref *next, **at; /* in target->users, while the user is in the model */
};

struct node {
	struct entry *entry; /* NULL: only referred to */
	struct ref *users;
	char name[]; /* of the object */
};

struct entry {
	struct object o;
	struct node *node;
	char *fault; /* why it is not up; NULL: it is. Kinds do not see one with a fault */
	struct op *op; /* what the transaction at work does with it */
	unsigned int round; /* a mark: seen by that round of a walk */
	unsigned int n_refs;
	struct ref refs[];
};

int model_create(struct model **out);
void model_destroy(struct model *); /* frees the entries as well; NULL is fine */

/* SPEC is canonical and gets one more reference. NULL: no memory. */
struct entry *entry_create(const struct schema *, const char *name, const char *lab, json_t *spec);
void entry_free(struct entry *); /* not in a model; NULL is fine */

int model_insert(struct model *, struct entry *); /* no entry of that name is in; -ENOMEM */
void model_take(struct model *, struct entry *); /* the caller owns it then */
void model_put_back(struct model *, struct entry *); /* one that was in since the last sweep */
void model_sweep(struct model *);

/* With those that have a fault. */
struct entry *model_entry(const struct model *, const struct schema *, const char *name);
struct entry *model_entry_next(const struct model *, const struct schema *,
			       const struct entry *after);
unsigned int model_entries(const struct model *, const struct schema *);

/* TEXT is copied; NULL: it is up. */
void entry_set_fault(struct entry *, const char *text);

static inline struct entry *entry_of(const struct object *o)
{
	return container_of(o, struct entry, o);
}

#endif /* CONTROL_MODEL_PRIV_H */
