/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VSW_H
#define VSWITCH_VSW_H

#include "api/vlan_set.h"
#include "base/siphash.h"
#include "dataplane/engine.h"
#include "vswitch/policy/bindings.h"
#include "vswitch/fdb.h"
#include "vswitch/limits/meter.h"

/*
 * The switch as workers see it: a view that names for each port its switch and VLANs, and for each
 * switch whom a flood reaches. Built by vsw_view_build() from plans, never changed once published.
 *
 * Threads: any may read. Memory: snapshot, but for the station table, which lives as long as its
 * switch.
 */
struct vsw_member {
	port_id_t port;
	uint16_t tpid; /* of the tag that frames of the VLAN get there; 0: none */
	bool watched; /* vsw_port.watch_out is not 0 */
};

/* Egress ports of one VLAN; VLANs with the same ports share one. */
struct vsw_flood {
	unsigned int n, n_open; /* the first n_open are not isolated */
	struct vsw_member member[];
};

/* What one mirror has counted: MIRROR_TALLIES of them. Memory: table; a line for each worker. */
struct mirror_tally {
	uint64_t copied, missed;
} cache_aligned;
#define MIRROR_TALLIES (WORKERS_MAX + 1u) /* worker_number() */

/* Copies of frames in VIDS, of the ports that have its bit: vsw_port.mirror_in, mirror_out. */
#define MIRRORS_MAX 64u /* of a switch */
struct vsw_mirror {
	port_id_t to; /* PORT_NONE: a file's, by way of copy_put() */
	uint16_t who;
	struct vlan_set vids;
	struct mirror_tally *tally; /* by worker_number() */
};

/* What one VLAN has counted: vlan_tally.h. */
struct vlan_tally {
	struct class_count in[ETH_CLASSES];
	uint64_t drops;
} cache_aligned;
#define VLAN_TALLIES 4096u /* of one worker: by VID */

struct vsw_switch {
	const struct vsw_flood *flood[4096]; /* by VID; NULL: no member */
	uint16_t fid[4096]; /* 802.1Q-2018 8.8.8: by VID; VLANs with one FID know the same stations
			     */
	struct vlan_set no_learn, no_flood; /* VLANs that learn no station, that flood no unicast */
	struct vsw_mirror *mirror; /* NULL: none */
	unsigned int n_listeners;
	port_id_t *listener; /* ports that get what goes to others, too */
	struct vlan_tally *tally[WORKERS_MAX + 1]; /* by worker_number(); NULL: nobody counts */
	unsigned int n_lists;
	struct vsw_flood *list[]; /* each once, to be freed */
};

/* Some unicast addresses, as eth_src() and eth_dst() tell them. */
#define VSW_MACS_MAX 16u
struct vsw_macs {
	unsigned int n;
	uint64_t mac[VSW_MACS_MAX];
};

static inline bool vsw_macs_have(const struct vsw_macs *m, uint64_t mac)
{
	for (unsigned int i = 0; i < m->n; i++) {
		if (m->mac[i] == mac)
			return true;
	}
	return false;
}

/* What a port's rates count: all frames, or those of a class that reach many. */
enum vsw_limit {
	VSW_LIMIT_ALL,
	VSW_LIMIT_BROADCAST,
	VSW_LIMIT_MULTICAST,
	VSW_LIMIT_UNKNOWN, /* unicast that is flooded */
	VSW_LIMITS
};

/* What a port's frames are held against, besides `own`. */
#define VSW_ADDRESSES_MAX 16u
struct vsw_policy {
	bool sources; /* only the addresses in `own` may send; */
	bool listed; /* a person has listed them */
	bool dhcp_guard, arp_inspect;
	unsigned int n_addresses;
	uint32_t
		address[VSW_ADDRESSES_MAX]; /* bound to the port whoever is behind it; host order */
};

/* Why the daemon itself has cut a port. */
enum vsw_shut {
	VSW_OPEN,
	VSW_SHUT_LEARN,
	VSW_SHUT_LOOP,
	VSW_SHUT_MIRROR, /* it gets a mirror's copies; in views only */
};

/* What becomes of frames whose station is one more than the port may have. */
enum vsw_beyond { VSW_BEYOND_DROP, VSW_BEYOND_FLOOD, VSW_BEYOND_SHUT };

/*
 * What of a port outlives views. Workers write it too, atomically. Memory: table; made with its
 * port, gone after a grace period.
 */
struct vsw_live {
	uint32_t shut; /* enum vsw_shut */
	uint64_t probed; /* the number of the last probe of ours that came in; probe_node.c */
	/* Words of its meters: one in use, one for the next rate. */
	uint64_t spent_in[VSW_LIMITS][2], spent_out[VSW_LIMITS][2];
	struct bindings *bindings; /* atomic; NULL: none */
};

/*
 * What some ports want beside switching. In vsw_port.guards: frames that come in take the arc
 * vsw-ingress, where the station of each bit looks at them. In vsw_port.watch_out: copies on their
 * way out are looked at one by one (egress_node.c).
 */
enum vsw_extra {
	VSW_OWN_ONLY = 1 << 0, /* out: only frames for its own addresses, and for groups */
	VSW_PLAINS = 1 << 1, /* out: several VLANs go untagged; set when the view is built */
	VSW_MIRRORED = 1 << 2, /* in, out: mirror_in, mirror_out */
	VSW_LIMITS_IN = 1 << 3, /* in: vsw-police, for all but VSW_LIMIT_UNKNOWN */
	VSW_LIMITS_OUT = 1 << 4, /* out: limit_out[] */
	VSW_POLICY = 1 << 5, /* in: vsw-policy */
	VSW_OVERHEARD = 1 << 6, /* out: listeners of the switch; set when the view is built */
};

struct vsw_port {
	/* Filled in when the view is built. */
	const struct vsw_switch *sw; /* NULL: plugged into no switch */
	struct fdb *fdb; /* the switch's */
	port_id_t number; /* its own */
	uint32_t len_max; /* longest frame that passes, its tag not counted */
	bool shares; /* VLANs of its switch share FIDs */
	bool odd_vlan, odd_in; /* shares, tunnel or marks; one of them or guards */
	bool odd_pair; /* shares or isolated */
	uint16_t plain; /* the VLAN that goes out untagged; 0: none */
	uint16_t pvid; /* VLAN of untagged and priority-tagged frames; 0: refused */
	uint16_t tpid; /* of the tags that it reads and writes; 0 in a plan: ETH_TYPE_CTAG */
	uint16_t passes; /* 8.6.3: bit N: 01:80:C2:00:00:0N is switched, and does not stay on its
			    link */
	bool tagged_ok; /* admits frames with a VID: trunk */
	bool up;
	bool isolated; /* from other isolated ports */
	bool listens; /* gets what goes to others in its VLANs */
	bool tunnel; /* a customer's: a C-tag is payload, but for its priority */
	bool some_customers; /* of the tunnel: only frames with a C-tag of CUSTOMERS come in */
	bool marks; /* priorities change by PCP as frames come in */
	uint8_t guards, watch_out; /* enum vsw_extra */
	uint8_t shut; /* enum vsw_shut: why it is not up */
	uint8_t beyond; /* enum vsw_beyond; the limit is in the station table */
	struct vlan_set ingress; /* VLANs that are let in (802.1Q-2018 8.6.2) */
	struct vlan_set member; /* VLANs that go out (8.6.4) */
	struct vlan_set untagged; /* of them, those that go out without tag */
	struct vlan_set blocked; /* taken out of both: they would close a ring */
	struct vlan_set customers;
	uint8_t pcp[8]; /* 6.9.4: by priority as it came */
	uint64_t mirror_in, mirror_out; /* bit I: of mirror I of its switch */
	struct vsw_macs own; /* addresses of what is plugged in, as far as they were told */
	struct vsw_policy policy;
	struct meter limit_in[VSW_LIMITS], limit_out[VSW_LIMITS]; /* their words are live's */
	struct vsw_live *live; /* NULL in a plan that has none */
};

struct vsw_view {
	const struct vsw_port *port[PORT_MAX]; /* none is NULL */
	const struct siphash_key *probe_key; /* how our probes are known; NULL: there are none */
};

/* What a switch and its ports are to become; plain data, so that rigs and benches can say it. */
struct vsw_port_plan {
	port_id_t port;
	struct vsw_port set;
};
struct vsw_switch_plan {
	struct fdb *fdb;
	uint32_t mtu; /* longest payload behind the Ethernet header */
	const uint16_t *fid; /* by VID, 0: the VID itself; NULL: of all */
	struct vlan_set no_learn, no_flood;
	struct vlan_tally *tally; /* VLAN_TALLIES for each of so many workers; NULL: none */
	unsigned int n_tallies;
	unsigned int n_mirrors; /* at most MIRRORS_MAX */
	const struct vsw_mirror *mirror; /* copied */
	unsigned int n_ports;
	const struct vsw_port_plan *port; /* by ascending port number */
};

/* Control thread. The view owns its switches and ports, not the station tables. -ENOMEM. */
int vsw_view_build(const struct vsw_switch_plan *, unsigned int n, struct vsw_view **out);
void vsw_view_free(struct vsw_view *); /* NULL is fine */

/* Stations, in the packet's way, for engine_create(). */
extern const struct node_def vsw_classify_node, vsw_learn_node, vsw_forward_node, vsw_flood_node,
	vsw_output_node, vsw_egress_node, vsw_probe_node, vsw_mirror_node, vsw_police_node,
	vsw_policy_node;
#define VSW_VIEW "vswitch" /* the part of the published view */

#endif /* VSWITCH_VSW_H */
