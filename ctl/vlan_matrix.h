/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_VLAN_MATRIX_H
#define CTL_VLAN_MATRIX_H

#include <jansson.h>
#include <stdio.h>

#include "base/compat.h"

/*
 * Which port of a switch is in which VLAN, and how. A column is a VLAN that some port names or that
 * has a title; neighbours without a title in which all ports agree share one; what is left to the
 * ports that carry "all" is the column "other".
 *
 * Threads: one. Memory: the JSON that it is made from must outlive it.
 */
enum vlan_member { VLAN_NONE = '.', VLAN_UNTAGGED = 'U', VLAN_TAGGED = 'T' };

struct vlan_column {
	uint16_t first, last; /* 0: "other" */
	const char *title;
};

struct vlan_matrix {
	const char *name; /* of the switch */
	unsigned int ports, columns;
	const char **port;
	struct vlan_column *column;
	uint8_t *member; /* enum vlan_member; [vid * ports + port], vid 0 is "other" */
};

/* PORTS and VLANS are all objects of these kinds; only those of the switch count. */
struct vlan_matrix *vlan_matrix_new(const char *name, const json_t *ports, const json_t *vlans);
void vlan_matrix_free(struct vlan_matrix *); /* NULL is fine */

enum vlan_member vlan_matrix_at(const struct vlan_matrix *, unsigned int port, unsigned int column);
void vlan_matrix_label(const struct vlan_column *, char out[16]); /* "10", "30-39", "other" */
void vlan_matrix_print(const struct vlan_matrix *, FILE *);
json_t *vlan_matrix_json(const struct vlan_matrix *); /* the caller owns it */

#endif /* CTL_VLAN_MATRIX_H */
