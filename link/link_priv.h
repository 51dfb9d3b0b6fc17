/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LINK_PRIV_H
#define LINK_LINK_PRIV_H

#include "link/link.h"

struct wires;

struct links {
	struct port_env *env;
	struct kind kind;
	struct compiler compiler;
	struct port_listener listener;
	struct wires *live, *staged, *old; /* NULL: there are no ports without a switch */
};

bool link_is_wire(const struct object *);

/* wires_ctl.c */
void wires_init(struct links *);
void wires_free(struct wires *); /* NULL is fine */
/* Carriers, when all that came takes frames. */
void wires_settle(struct links *);
/* "carrier" and "ends" of the link. */
json_t *wire_status(const struct links *, const struct object *);
bool wire_carrier(const struct links *, const char *link);

/* wire_check_ctl.c */
void wire_check(const struct model *, const struct object *now, struct faults *);

#endif /* LINK_LINK_PRIV_H */
