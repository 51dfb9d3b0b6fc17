/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_LAB_PRIV_H
#define CONTROL_LAB_PRIV_H

#include "control/txn_priv.h"

/*
 * A lab document, and the objects that it stands for.
 *
 * It is written for people: a host brings its NICs along, a link its two ends, a switch its VLANs.
 * lab_expand() is the one place that knows these short forms; what comes out are objects as
 * anybody could have put them, each with its place in the document.
 */
struct wish {
	const struct schema *schema;
	char name[2 * NAME_MAX_LEN + 2];
	json_t *spec; /* canonical; NULL: it has faults */
	json_t *written; /* if it has faults: what there is of it, or NULL */
	char *pointer;
	bool whole; /* the pointer is all there is (a: s1) */
};

struct lab_doc {
	struct wish *v; /* by kind in the order of schemas[], then by name */
	unsigned int n, room;
	char *description; /* never NULL after success */
	bool autostart;
};

/*
 * Pure: any thread, no effects. A fragment has objects only. With faults (all of them are added)
 * -EINVAL, and OUT still has the names ("": some of that kind), so that who refers to them is not
 * blamed as well: it can be planned and checked, for what else is wrong, unless its description is
 * NULL. lab_doc_free() in either case.
 */
int lab_expand(const json_t *doc, bool fragment, struct lab_doc *out, struct faults *);
void lab_doc_free(struct lab_doc *);
const struct wish *lab_doc_find(const struct lab_doc *, const struct schema *, const char *name);

/*
 * The ends of wires that are hosts become NICs of theirs, in DOC (control/lab_plug.c). LAB: whose
 * document it is; "": a fragment. Part of what plans do.
 */
void lab_plug(struct lab_doc *doc, const struct model *, const char *lab, struct faults *);

/* Fills T so that LAB becomes exactly this document. */
void lab_plan(struct txn *t, const char *lab, struct lab_doc *);
/* Fills T so that LAB is gone. */
void lab_plan_removal(struct txn *t, const char *lab);
/* Fills T so that what the document names is there; CREATE: and was not there, or the same. */
void lab_plan_fragment(struct txn *t, struct lab_doc *, bool create);

/* "switch s1 exists already, with aging 300", at the faults' place. */
void lab_fault_exists(const struct entry *, const json_t *spec, struct faults *);

#endif /* CONTROL_LAB_PRIV_H */
