/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include "base/loop.h"
#include "control/events.h"
#include "control/kind.h"
#include "control/metrics.h"
#include "control/recompile.h"
#include "control/route.h"

/*
 * The control plane as daemon/ sees it. In the order of a daemon's life:
 *
 *	control_create		opens the state (and holds it alone), knows the kinds
 *	control_route		other folders' requests, any number of times
 *	control_metrics		what they count
 *	control_restore		brings up what the state has
 *	control_serve		listens
 *	loop_run
 *	control_leave		no more requests; lets go of all objects, devices stay
 *	control_destroy
 *
 * Threads: control thread.
 */
struct control;

struct control_config {
	const char *socket_path; /* "/run/weft/weft.sock" */
	const char *state_path; /* "/var/lib/weft/state.db"; its folder exists */
	const char *group; /* of the socket; NULL or unknown: the daemon's own */
	const char *boot_id; /* NULL: the kernel's. Another than last time: the machine rebooted */
	const char *version, *instance, *capture_dir; /* for GET /v1 */
	unsigned int workers; /* for GET /v1 */

	struct loop *loop; /* borrowed, outlives control */
	struct events *events; /* borrowed, outlives control */
	const struct kind *const *kinds; /* NULL-terminated, any order; borrowed */
	const struct compiler *const *compilers; /* NULL-terminated, run in order; borrowed */
};

/* Fails with a sentence in FAULTS: used by another daemon, written by a newer one, broken. */
int control_create(const struct control_config *, struct faults *, struct control **out);
/*
 * An object that cannot be brought up is logged, gets an event and stays as it is wanted, with
 * "status":{"fault":"..."}; kinds and compilers do not see it in the model. Whoever puts it again
 * tries again. Fails only if nothing at all can be compiled.
 */
int control_restore(struct control *, struct faults *);
int control_serve(struct control *, struct faults *);
void control_leave(struct control *);
void control_destroy(struct control *); /* NULL is fine */

const struct model *control_model(const struct control *);

#endif /* CONTROL_CONTROL_H */
