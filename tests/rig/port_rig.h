/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_PORT_RIG_H
#define TESTS_RIG_PORT_RIG_H

#include "ports/types.h"

/*
 * Ports of any type in a test, without a switch: what comes in at one goes out at another, as the
 * test says. Objects are checked against their schemas and are in a model, as in the daemon. The
 * engine is stopped and run by hand (port_rig_run), unless the test starts it.
 *
 * What cannot be made ends the test program.
 */
struct port_rig {
	struct port_env env;
	struct model *model;
	char dir[64]; /* its own; run_dir and capture_dir */
	port_id_t to[PORT_MAX]; /* in_port -> where its frames go; PORT_NONE: dropped (atomic) */
	be32_t tag; /* that goes out with each, 0: none; set while the engine is stopped */
};

/*
 * First of all in main(): from here on the program has a network and mounts of its own, so nothing
 * that it makes is seen or stays. False: it may not, for which it needs root.
 */
bool port_rig_alone(void);

struct port_rig *port_rig_create(void);
struct port_rig *port_rig_create_with(unsigned int workers);
void port_rig_destroy(struct port_rig *);

/* An object in the model; SPEC is JSON. */
struct object *port_rig_object(struct port_rig *, const char *kind, const char *name,
			       const char *spec);
/* Another spec for it: *was gets one with the old spec, for port_type.set(). */
void port_rig_respec(struct port_rig *, struct object *, const char *spec, struct object *was);
/* Checks and opens it. NULL: FAULTS say why. */
struct port *port_rig_open(struct port_rig *, struct object *, struct faults *);
/* The same, and starts it; a fault ends the test. */
struct port *port_rig_start(struct port_rig *, const char *name, const char *spec);
/* In the daemon's order: stop, grace period, close; LEAVE: as when the daemon ends. */
void port_rig_close(struct port_rig *, struct port *, bool leave);

/* All that the sources of PORT have, by hand. */
void port_rig_run(struct port_rig *, struct source *);
/* Was there an event with this sentence? */
bool port_rig_said(const struct port_rig *, const char *sentence);

#endif /* TESTS_RIG_PORT_RIG_H */
