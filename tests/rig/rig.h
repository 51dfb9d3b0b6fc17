/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_RIG_H
#define TESTS_RIG_RIG_H

#include "ports/memory/memory.h"
#include "vswitch/port_vlans.h"

/*
 * The whole switch in a test: an engine with the daemon's graph, memory ports, cables between
 * switches, all from a table that says what plugs in where. Workers run by hand, at a time that the
 * test sets. What cannot be made ends the test program.
 */
#define RIG_PORTS    64
#define RIG_SWITCHES 8
#define RIG_STEPS    4096

struct rig_port {
	unsigned int sw; /* its switch, from 0 */
	uint16_t access; /* untagged member of this VLAN; 0: a trunk */
	const char *trunk; /* VLANs as a person writes them; NULL: none */
	uint16_t native;
	bool native_tagged;
	const char *untagged; /* of the trunk's VLANs */
	bool s_tags; /* of the trunk: 802.1ad */
	uint16_t tunnel; /* a customer's port in this VLAN */
	const char *customers; /* VLANs that may come in there; NULL: any */
	const char *pcp; /* NULL: kept */
	bool isolated;
	bool down;
	unsigned int cable; /* the two ports with this number are its ends; 0: a memory port */
	bool unplugged; /* it exists, but in no switch */
	unsigned int wire; /* the two ports with this number are its ends, in no switch; 0: none */
};

/* What is special of a VLAN. */
struct rig_vlan {
	unsigned int sw;
	uint16_t vid, primary; /* primary 0: it is not private */
	bool isolated; /* else a community */
	bool no_learn, no_flood;
};

struct rig_config {
	const struct rig_port *port;
	unsigned int n_ports;
	const struct rig_vlan *vlan; /* NULL: none */
	unsigned int n_vlans;
	unsigned int stations; /* a switch can remember; 0: 4096 */
	uint32_t mtu; /* 0: 9216 */
	struct memory_config memory; /* keep_frames 0: 256 */
	bool keep_none; /* what comes out is only counted */
	bool trace; /* fill step[] */
};

/* One edge that one frame took. */
struct rig_step {
	const char *node;
	unsigned int edge;
	const struct pkt *pkt;
	port_id_t in_port, out_port;
};

struct cable_end;
struct wire_view;

struct rig {
	struct engine *engine;
	/* Set by the test, then rig_publish(): a word to each port's set, and mirrors by switch. */
	void (*edit)(struct rig *, unsigned int port, struct vsw_port *);
	struct vlan_tally *tally[RIG_SWITCHES]; /* by VID, of the one worker */
	const struct vsw_mirror *mirror[RIG_SWITCHES];
	unsigned int n_mirrors[RIG_SWITCHES];
	struct fdb *fdb[RIG_SWITCHES];
	unsigned int n_ports, n_switches;
	struct rig_port plan[RIG_PORTS]; /* changed by the test, then rig_publish() */
	struct vsw_vlans vlans[RIG_SWITCHES]; /* likewise */
	struct memory_port *port[RIG_PORTS]; /* NULL: a cable's end */
	port_id_t id[RIG_PORTS];
	struct cable_end *end;
	struct vsw_view *view;
	struct wire_view *wires;
	uint32_t mtu, now_s;
	struct rig_step step[RIG_STEPS]; /* since the last rig_run() began */
	unsigned int n_steps;
};

struct rig *rig_create(const struct rig_config *);
void rig_destroy(struct rig *);

/* Builds the view from plan[] and publishes it. Workers may run. */
void rig_publish(struct rig *);

/* Runs what was fed, port by port, until nothing more comes in. Forgets it. */
void rig_run(struct rig *);

/* Feeds one frame to one port. */
void rig_feed(struct rig *, unsigned int port, const void *frame, uint32_t len);

/* One frame in, run to its end. What came out before is forgotten. */
void rig_send(struct rig *, unsigned int port, const void *frame, uint32_t len);
void rig_forget(struct rig *);

/* Forgets and reclaims as the daemon does. */
unsigned int rig_flush(struct rig *, unsigned int sw, const struct fdb_match *);

/* The cause by which the last frame of a traced run was dropped, or NULL. */
const char *rig_dropped(const struct rig *);
/* The one cause that the counters of PORT name, or NULL: none; ends the test if there are more. */
const char *rig_cause(const struct rig *, unsigned int port);

/* Where port id is in plan[]. */
unsigned int rig_port_of(const struct rig *, port_id_t);

/* All in, out and dropped, cables included, over all ports. */
struct rig_total {
	uint64_t in, out, dropped;
};
struct rig_total rig_total(const struct rig *);

#endif /* TESTS_RIG_RIG_H */
