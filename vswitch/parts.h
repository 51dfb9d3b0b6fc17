/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_PARTS_H
#define VSWITCH_PARTS_H

#include "vswitch/switches.h"

/*
 * What a feature of the switch does with the spec of each port: a file of its own, and a line in
 * port_parts[] (port_ctl.c). Its fields are a table in port_tables[] (port_api.h).
 *
 * Threads: control thread. Any function may be NULL.
 */
struct port_part {
	/* Is the port, as it would be, sensible? Adds faults. */
	void (*check)(const struct vswitch *, const struct model *, const struct object *now,
		      struct faults *);
	/* While a view is made: what workers are to know. OUT is zero but for earlier parts. */
	void (*plan)(const struct vswitch *, const struct model *, const struct object *now,
		     struct vsw_port *out);
	/* The view that was planned is published. */
	void (*commit)(struct vswitch *, struct port *, const struct object *now);
	/* The port's number is about to be free. */
	void (*gone)(struct vswitch *, struct port *);
	/* Adds read-only members to the port's status. */
	void (*status)(const struct vswitch *, const struct port *, json_t *into);
};

extern const struct port_part port_vlans_part, port_rings_part, port_mirrors_part, port_learn_part,
	port_limits_part, port_policy_part;

/* port_vlans_ctl.c: what the spec says of VLANs. */
struct port_vlans;
void port_vlans_of(const struct model *, const struct object *, struct port_vlans *out);

/* All parts, in the order in which they plan. */
void port_plan(const struct vswitch *, const struct model *, const struct object *now,
	       struct vsw_port *out);

#endif /* VSWITCH_PARTS_H */
