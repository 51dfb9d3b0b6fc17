/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VSW_H
#define VSWITCH_VSW_H

#include "api/vlan_set.h"
#include "dataplane/engine.h"
#include "vswitch/fdb.h"

/*
 * The switch as workers see it: a view that names for each port its switch and VLANs, and for each
 * switch whom a flood reaches. Built by vsw_compile() from the model, never changed once published.
 *
 * Threads: any may read. Memory: snapshot, but for the station table, which lives as long as its
 * switch.
 */
struct vsw_member {
	port_id_t port;
	bool tagged;
};

/* Egress ports of one VLAN; VLANs with the same ports share one. */
struct vsw_flood {
	unsigned int n;
	struct vsw_member member[];
};

struct vsw_switch {
	const struct vsw_flood *flood[4096]; /* by VID; NULL: no member */
	unsigned int n_lists;
	struct vsw_flood *list[]; /* each once, to be freed */
};

struct vsw_port {
	/* These three are filled in when the view is built. */
	const struct vsw_switch *sw; /* NULL: plugged into no switch */
	struct fdb *fdb; /* the switch's */
	uint32_t len_max; /* longest frame that passes, its C-tag not counted */
	uint16_t pvid; /* VLAN of untagged and priority-tagged frames; 0: refused */
	uint16_t untagged; /* VLAN that goes out without tag; 0: none */
	bool tagged_ok; /* admits frames with a VID: trunk */
	bool up;
	struct vlan_set member; /* ingress and egress filter (802.1Q-2018 8.6.2, 8.6.4) */
	struct vlan_set blocked; /* taken out of member: they would close a ring */
};

struct vsw_view {
	const struct vsw_port *port[PORT_MAX]; /* none is NULL */
};

/* What a switch and its ports are to become; plain data, so that rigs and benches can say it. */
struct vsw_port_plan {
	port_id_t port;
	struct vsw_port set;
};
struct vsw_switch_plan {
	struct fdb *fdb;
	uint32_t mtu; /* longest payload behind the Ethernet header */
	unsigned int n_ports;
	const struct vsw_port_plan *port; /* by ascending port number */
};

/* Control thread. The view owns its switches and ports, not the station tables. -ENOMEM. */
int vsw_view_build(const struct vsw_switch_plan *, unsigned int n, struct vsw_view **out);
void vsw_view_free(struct vsw_view *); /* NULL is fine */

/* Stations, in the packet's way, for engine_create(). */
extern const struct node_def vsw_classify_node, vsw_learn_node, vsw_forward_node, vsw_flood_node,
	vsw_output_node;
#define VSW_VIEW "vswitch" /* the part of the published view */

#endif /* VSWITCH_VSW_H */
