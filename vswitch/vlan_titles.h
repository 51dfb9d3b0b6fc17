/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VLAN_TITLES_H
#define VSWITCH_VLAN_TITLES_H

#include "api/vlan_words.h"
#include "control/model.h"

/*
 * The VLANs that a port's spec names, by number or by the title that its switch gives them.
 * Threads: control thread.
 */

uint16_t vlan_last(const struct object *vlan); /* of its numbers; the first one is its "vid" */

/* Of FIELD, titles resolved. One that means nothing, or two, adds none. */
struct vlan_set port_vids(const struct model *, const struct object *port, const char *field);
uint16_t port_vid(const struct model *, const struct object *port, const char *field); /* 0: none */

/* Faults for what PORT says that means nothing, or two. */
void port_titles_check(const struct model *, const struct object *port, struct faults *);
/* Faults for each port that uses the title of VLAN, if that does not mean one VLAN any more. */
void vlan_titles_check(const struct model *, const struct object *vlan, struct faults *);

#endif /* VSWITCH_VLAN_TITLES_H */
