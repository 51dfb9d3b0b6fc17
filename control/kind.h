/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_KIND_H
#define CONTROL_KIND_H

#include "control/model.h"

/*
 * How a kind of object becomes real. A folder that serves a kind fills one of these in and hands
 * it over in its *_ctl.c; control/ knows no kind by name.
 *
 * A transaction goes through every object that changes, in the order of schemas[]:
 *
 *	1. check	is the model, as it would be, sensible? No effects. All faults at once.
 *	2. prepare	make what is new or different. May fail: then abort in reverse order.
 *	3. compile	(struct compiler) build the read-only view of the new model. May fail.
 *	4.		the store commits: from here on the change is true
 *	5. publish	swap the view; then commit: what cannot fail (carriers, start of traffic)
 *	6.		grace period: no worker holds anything of the old model
 *	7. release	tear down what was removed, in reverse order; then events, then the answer
 *
 * A transaction with both what goes and what comes (an object whose FIELD_FIXED field changes is
 * both) goes through 3, 5, 6, 7 for what goes before it prepares: see control/txn_run.c.
 *
 * WAS is NULL for an object that is new, NOW is NULL for one that goes. For a change now->run is
 * already was->run. What an object refers to is up when it is prepared; when it is checked, it may
 * be missing, which is told already. Of other objects in the model that holds only outside of a
 * transaction, and their run may be NULL in it.
 * A struct object is not kept: after the commit of a change there is another one.
 * Every function runs on the control thread; all but schema may be NULL.
 */
struct kind {
	const struct schema *schema;
	void *ctx; /* handed to each function */

	void (*check)(void *ctx, const struct model *, const struct object *now, struct faults *);
	/* Of one that goes or changes: would what stays miss what it was? */
	void (*check_gone)(void *ctx, const struct model *, const struct object *was,
			   struct faults *);
	/*
	 * Of one without traffic of its own (schema->no_traffic) that comes, goes or changes: is
	 * there traffic now, in the model as it was, that could notice? NULL: there is.
	 */
	bool (*concerns)(void *ctx, const struct model *, const struct object *);
	int (*prepare)(void *ctx, const struct model *, const struct object *was,
		       struct object *now, struct faults *);
	void (*abort)(void *ctx, const struct object *was, struct object *now);
	void (*commit)(void *ctx, const struct object *was, struct object *now);
	void (*unpublish)(void *ctx, struct object *was); /* step 5 for what goes: stop traffic */
	void (*release)(void *ctx, struct object *was);
	/* After the last commit, release or abort: what they put off, all at once. */
	void (*settle)(void *ctx);

	/* Somebody has set these fields of one object, whether that changed them or not. */
	void (*said)(void *ctx, const struct object *, const json_t *fields);

	/* The daemon stops: let go of the object, but leave its devices for the next daemon. */
	void (*leave)(void *ctx, struct object *);

	/* What is, beside what is wanted: read-only members for "status". The caller owns it. */
	json_t *(*status)(void *ctx, const struct object *);
};

/* Who turns the model into what workers read. */
struct compiler {
	void *ctx;
	int (*compile)(void *ctx, const struct model *, struct faults *);
	void (*publish)(void *ctx);
	void (*discard)(void *ctx); /* a compiled view that is not published after all */
	void (*retire)(void *ctx); /* after the grace period: the view before */
};

#endif /* CONTROL_KIND_H */
