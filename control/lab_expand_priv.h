/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_LAB_EXPAND_PRIV_H
#define CONTROL_LAB_EXPAND_PRIV_H

#include "control/lab_priv.h"

/* Between lab_expand.c (the document, its sections) and lab_forms.c (the short forms in them). */
#define POINTER_LEN 448

struct expansion {
	struct lab_doc *doc;
	struct faults *faults;
};

/* Faults from now on are about this object, at this place. */
void expand_look_at(struct expansion *, const struct schema *, const char *name,
		    const char *pointer);
/* One more object. SPEC is as written and is checked here; borrowed. */
void expand_wish(struct expansion *, const struct schema *, const char *name, const json_t *spec,
		 const char *pointer, bool whole);
/* One more that has faults; NAME "": some. WRITTEN (borrowed, or NULL): what there is of it. */
void expand_lost(struct expansion *, const struct schema *, const char *name,
		 const json_t *written);
/* By kind and name again, after more were wished. */
void expand_sort(struct lab_doc *);
/* A body as an object, null as an empty one. NULL: a fault. The caller owns it. */
json_t *expand_body(struct expansion *, const struct schema *, const char *name, const json_t *body,
		    const char *pointer);
/* Is V an object or null? Else a fault at POINTER: WHAT is expected, HINT how to write it. */
bool expand_is_set(struct expansion *, const json_t *v, const char *pointer, const char *what,
		   const char *hint);
/* BASE/KEY, with the key escaped. */
const char *expand_below(char out[POINTER_LEN], const char *base, const char *key);

/* How the body of a kind with short forms becomes objects; NULL: it has none. */
typedef void expand_fn(struct expansion *, const struct schema *, const char *name,
		       const json_t *body, const char *pointer);
expand_fn *expand_form(const struct schema *);

#endif /* CONTROL_LAB_EXPAND_PRIV_H */
