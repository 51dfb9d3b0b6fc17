/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_DROP_OWNER_H
#define PORTS_DROP_OWNER_H

#include "control/model.h"
#include "dataplane/engine.h"

/*
 * Whose rule a drop was, in words: which object, and what it says there. The table is the graph's
 * (DROP_BY() in dataplane/node.h).
 *
 * Threads: control thread.
 */
struct drop_scene {
	const struct object *port; /* that counts it */
	const struct object *out; /* through which it should have left; NULL: not known */
	uint16_t vid; /* 0: not known */
};

struct drop_owner {
	const char *kind; /* "port"; NULL: nobody's, the frame itself is at fault */
	char name[2 * NAME_MAX_LEN + 2]; /* "": not known */
	char rule[160]; /* "trunk 10,30"; "": no field of it alone */
};

void drop_owner(const struct engine *, const struct model *, unsigned int cause,
		const struct drop_scene *, struct drop_owner *out);

/*
 * The cause with names in place of "ingress port", "the VLAN" and their like, and its owner behind
 * it: "port c is not in VLAN 20 (port c: trunk 10,30)". Returns OUT.
 */
#define DROP_SENTENCE_LEN 640
const char *drop_sentence(const struct engine *, const struct model *, unsigned int cause,
			  const struct drop_scene *, char *out, size_t room);

/* "port c: trunk 10,30"; "" if it is nobody's. Returns OUT. */
#define DROP_OWNER_LEN 320
const char *drop_owner_text(const struct drop_owner *, char *out, size_t room);

/*
 * All that PORT has dropped, by cause: [{cause, node, frames, object, rule}], each with the owner
 * of the last one. M may be NULL: nobody's name is known then. The caller owns it.
 */
struct port;
json_t *port_drops(const struct engine *, const struct model *, const struct object *port);

#endif /* PORTS_DROP_OWNER_H */
