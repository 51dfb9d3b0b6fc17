/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_TXN_PRIV_H
#define CONTROL_TXN_PRIV_H

#include "api/nearest.h"
#include "control/events.h"
#include "control/kind.h"
#include "control/labs_priv.h"
#include "control/model_priv.h"
#include "control/store_priv.h"

/*
 * A transaction: say what shall be, then run it; all of it is done, or nothing. See txn_run.c for
 * the order of things.
 *
 * Threads: control thread, one transaction at a time.
 */
struct txn_env {
	struct model *model;
	struct labs *labs;
	struct store *store;
	struct events *events;
	const struct kind *const *kinds; /* as many as schemas[], in its order; NULL-terminated */
	const struct compiler *const *compilers; /* NULL-terminated */
};

enum op_action { OP_ADD, OP_SET, OP_REPLACE, OP_REMOVE };

/* One object that changes. */
struct op {
	enum op_action action;
	unsigned int kind; /* index into env->kinds */
	struct entry *was, *now; /* NULL: there was none, there will be none */
	struct entry *in; /* which of the two is in the model */
	char *pointer; /* into the request */
	bool whole; /* the pointer is all there is: nothing below it can be pointed at */
	bool interrupts; /* the traffic of what there was before */
	bool prepared;
};

enum txn_shape { SHAPE_OLD, SHAPE_BETWEEN, SHAPE_NEW };

struct txn {
	const struct txn_env *env;
	struct faults *faults;
	unsigned int faults_before;
	struct op **ops; /* sorted before anything is done: by kind, then name */
	unsigned int n, room;
	struct lab *lab; /* to be put */
	char *lab_gone; /* to be removed */
	json_t *faulty, *doubtful; /* txn_put_faulty() */
	bool cascade_helps; /* who asked could ask for more */
	bool went; /* what goes has gone already */
	bool done;
};

void txn_init(struct txn *, const struct txn_env *, struct faults *);
/* If it was not run with success, all is as it was before. */
void txn_fini(struct txn *);

/* How an object is put. */
enum {
	TXN_MAY_REPLACE = 1 << 0, /* a FIELD_FIXED field differs: remove and add, do not refuse */
	TXN_WHOLE = 1 << 1, /* see op.whole */
};

/*
 * SPEC is canonical and gets one more reference. An object that is there keeps the lab that it has.
 * What is wrong is added to the faults, and the run refuses.
 */
void txn_put(struct txn *, const struct schema *, const char *name, const char *lab, json_t *spec,
	     const char *pointer, unsigned int flags);

/*
 * The request names this object as well (NAME "": some of this kind), and what it says of it is
 * wrong; SPEC is as written, or NULL. Only for a check: nobody is blamed for referring to it, and
 * what it refers to is not asked whether it makes sense without it.
 */
void txn_put_faulty(struct txn *, const struct schema *, const char *name, const json_t *spec);

/* What refers to the object that is removed goes too: */
enum txn_cascade {
	TXN_ALONE, /* nothing */
	TXN_CASCADE_FREE, /* by a FIELD_CASCADE reference, and if it belongs to no lab */
	TXN_CASCADE_OWN, /* by a FIELD_CASCADE reference */
	TXN_CASCADE, /* all of it */
};
void txn_remove(struct txn *, struct entry *, enum txn_cascade, const char *pointer);
void txn_put_lab(struct txn *, const char *name, const char *description, bool autostart);
void txn_remove_lab(struct txn *, const char *name);

/* Says what would happen, and does nothing. */
int txn_check(struct txn *);
int txn_run(struct txn *);

/* After a check or run without fault: [{"action","kind","name",...}]. The caller owns it. */
json_t *txn_changes(const struct txn *);

/*
 * Makes real what is in the model and never was, as after a start: one that cannot be gets its
 * fault, the rest comes up. In the order given. Fails only if nothing can be compiled.
 */
int txn_bring_up(const struct txn_env *, struct entry **, unsigned int n, struct faults *);

/* Between the files of the transaction. */
int txn_seal(struct txn *);
int txn_reshape(struct txn *, enum txn_shape);
int txn_judge(struct txn *); /* the new model is in: is it sensible? */
bool txn_goes(const struct op *); /* something real goes, if only to come anew */
/* Traffic through the object; while the old model is in. In txn_interrupts.c. */
bool txn_interrupts(const struct txn *, const struct op *);
int txn_no_memory(struct faults *);
int txn_compile(const struct txn_env *, struct faults *);
void txn_discard(const struct txn_env *);
void txn_publish(const struct txn_env *);
void txn_retire(const struct txn_env *);
void txn_settle(const struct txn_env *);
/* kind->prepare(), and a sentence if it has none. */
int txn_prepare(const struct txn_env *, unsigned int kind, const struct object *was,
		struct object *now, struct faults *);
/*
 * Adds a fault for each reference of E that leads nowhere; WHOLE: at the place of E itself. T: at
 * work, or NULL.
 */
int txn_check_refs(const struct txn_env *, const struct txn *t, const struct entry *, bool whole,
		   struct faults *);
bool txn_is_faulty(const struct txn *, const char *kind, const char *name);
bool txn_is_doubtful(const struct txn *, const struct entry *); /* something faulty refers to it */
void txn_faulty_nearest(const struct txn *, const char *kind, struct nearest *);
void txn_faulty_free(struct txn *);

#endif /* CONTROL_TXN_PRIV_H */
