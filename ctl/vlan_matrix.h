/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_VLAN_MATRIX_H
#define CTL_VLAN_MATRIX_H

#include <jansson.h>
#include <stdio.h>

#include "base/compat.h"
#include "ctl/term.h"

/*
 * Which port of a switch is in which VLAN, and how. A column is a VLAN that some port names or that
 * is an object; neighbours of one object, or of none, in which all ports agree share one; what is
 * left to the ports that carry "all" is the column "other".
 *
 * Threads: one. Memory: the JSON that it is made from must outlive it.
 */
enum vlan_member {
	VLAN_NONE = '.',
	VLAN_UNTAGGED = 'U',
	VLAN_TAGGED = 'T',
	VLAN_S_TAGGED = 'S', /* 802.1ad */
	VLAN_TUNNEL = 'Q', /* a customer's port: the VLAN carries the customer's own */
	VLAN_ISOLATED = 'I', /* the port of a host in a private VLAN */
	VLAN_COMMUNITY = 'C',
	VLAN_PROMISCUOUS = 'P', /* in a primary VLAN, and so in all its private ones */
};

/* All but VLAN_NONE, in the order in which they are explained. */
struct vlan_member_word {
	enum vlan_member member;
	const char *key, *words; /* in JSON; in the legend */
};
extern const struct vlan_member_word vlan_member_words[]; /* ended by { 0 } */

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
bool vlan_matrix_has(const struct vlan_matrix *, enum vlan_member);
void vlan_matrix_label(const struct vlan_column *, char out[16]); /* "10", "30-39", "other" */
void vlan_matrix_print(const struct vlan_matrix *, FILE *);
enum style vlan_matrix_style(enum vlan_member);
json_t *vlan_matrix_json(const struct vlan_matrix *); /* the caller owns it */

#endif /* CTL_VLAN_MATRIX_H */
