/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VSWITCH_PRIV_H
#define VSWITCH_VSWITCH_PRIV_H

#include "vswitch/vsw.h"
#include "vswitch/vswitch.h"

/* A switch that is there: object->run of kind switch. Lifetime: model. */
struct vsw {
	struct vsw *next;
	const char *name; /* its object's */
	struct fdb *fdb;
	uint32_t aging_s, next_sweep_s;
	bool told_full;
	bool loops_ok; /* nothing of it is probed or blocked */
	uint64_t moves; /* of stations, when probe_ctl.c last looked */
	/* While compiling. */
	struct vsw_vlans *vlans;
	unsigned int number;
	struct vsw_mirror *mirror; /* MIRRORS_MAX; NULL: never had one */
	unsigned int n_mirrors;
	struct vsw_port_plan *plan;
	unsigned int n_ports, room;
};

struct vswitch {
	const struct port_env *env;
	struct kind switch_kind, vlan_kind, port_kind, mirror_kind;
	struct compiler compiler;
	struct vsw *switches;
	struct port *port[PORT_MAX]; /* by number, for those who read the station tables */
	port_id_t committed[PORT_MAX]; /* whose carrier is still to be brought in line */
	unsigned int n_committed;
	struct vsw *home[PORT_MAX]; /* the switch of each port */
	struct vsw_live *port_live[PORT_MAX]; /* from the port's prepare() on */
	struct port_listener listener;
	struct vsw_view *live, *staged, *old;
	struct ring_blocks *rings, *rings_staged, *rings_old; /* of the views above */
	struct loop_handle *aging, *sweeping;
	struct probes *probes;
	struct mirror *mirrors;
	unsigned int last_who; /* of a mirror: copy_put() */
	uint8_t *scratch; /* GSO_BUF: a frame being finished for a file */
};

struct vsw *vswitch_find(const struct vswitch *, const char *name);

/* Forgets the stations behind PORT, static ones too, but those in a VLAN of KEEP (NULL: none). */
void vswitch_forget(struct vswitch *, port_id_t port, const struct vlan_set *keep);

/* Forgets what was learned behind PORT. */
void vswitch_forget_learned(struct vswitch *, port_id_t port);

/* Forgets what was learned with these FIDs. */
void vswitch_forget_vlans(struct vswitch *, struct vsw *, uint16_t first, uint16_t last);

/* The same for all ports of a type, at once. */
void vswitch_forget_type(struct vswitch *, const char *type);

/* rings_ctl.c: cables that close a ring, beside the view that blocks them. */
int rings_compile(struct vswitch *, const struct model *); /* changes the plans */
void rings_discard(struct vswitch *);
void rings_publish(struct vswitch *);
void rings_retire(struct vswitch *); /* tells what has changed */
/* Of the published view; see rings_island(). */
uint32_t rings_island_of(const struct vswitch *, const struct vsw *, uint16_t vid);

/* probe_ctl.c: rings through guests and NICs. */
int probes_start(struct vswitch *, struct port_env *);
void probes_stop(struct vswitch *);
void probes_compiled(struct vswitch *, struct vsw_view *); /* by which key probes are known */
void probes_retire(struct vswitch *); /* who was blocked by this view is forgotten */

/* vlan_ctl.c: what the model says of VLANs, into each vsw.vlans. */
void vlans_gather(struct vswitch *, const struct model *);

/* mirror_ctl.c, mirror_plan.c */
void mirror_kind_init(struct vswitch *);
void mirror_kind_fini(struct vswitch *);
int mirrors_compile(struct vswitch *, const struct model *); /* fills the switches' tables */

/* switch_ctl.c, vlan_ctl.c, port_ctl.c, fdb_ctl.c */
void switch_kind_init(struct vswitch *);
void vlan_kind_init(struct vswitch *);
void port_kind_init(struct vswitch *);
void compiler_init(struct vswitch *);
int aging_start(struct vswitch *);
void aging_stop(struct vswitch *);

#endif /* VSWITCH_VSWITCH_PRIV_H */
