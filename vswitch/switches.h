/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_SWITCHES_H
#define VSWITCH_SWITCHES_H

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
	uint64_t stormed; /* stations held by the move limit, as it was told last */
	uint32_t storm_told_s; /* when; 0: never */
	struct vlan_tally *tally; /* of all workers, and one for made frames */
	/* While compiling. */
	struct vsw_vlans *vlans;
	unsigned int number;
	struct vsw_mirror *mirror; /* MIRRORS_MAX; NULL: never had one */
	unsigned int n_mirrors;
	struct vsw_port_plan *plan;
	unsigned int n_ports, room;
};

/* What a port's learn_limit is, and whether it was told that it was met. */
struct learn_limit {
	unsigned int limit; /* 0: none */
	enum vsw_beyond beyond;
	bool told;
};

struct traces;

struct vswitch {
	const struct port_env *env;
	struct kind switch_kind, vlan_kind, port_kind, mirror_kind, station_kind;
	struct compiler compiler;
	struct vsw *switches;
	struct port *port[PORT_MAX]; /* by number, for those who read the station tables */
	port_id_t committed[PORT_MAX]; /* whose carrier is still to be brought in line */
	unsigned int n_committed;
	struct vsw *home[PORT_MAX]; /* the switch of each port */
	struct vsw_live *port_live[PORT_MAX]; /* from the port's prepare() on */
	const struct model *model; /* of the last compilation */
	struct station *stations;
	struct learn_limit learn[PORT_MAX];
	unsigned int n_limits; /* ports that have one */
	struct port_listener listener;
	struct vsw_view *live, *staged, *old;
	struct ring_blocks *rings, *rings_staged, *rings_old; /* of the views above */
	struct traces *traces; /* live ones */
	struct loop_handle *aging, *sweeping;
	struct probes *probes;
	struct mirror *mirrors;
	unsigned int last_who; /* of a mirror: copy_put() */
	uint8_t *scratch; /* GSO_BUF: a frame being finished for a file */
};

struct vsw *vswitch_find(const struct vswitch *, const char *name);

/* Behind a flush: its work is done in the loop. */
void vswitch_tidy(struct vswitch *);

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

/* shut_ctl.c: HELD says why it has no carrier. It opens when its view is made anew. */
enum vsw_shut port_shut_by(const struct vswitch *, const struct port *);
void port_shut(struct vswitch *, struct port *, enum vsw_shut why, const char *held);
void port_open(struct vswitch *, struct port *); /* nothing, but if it was shut by its limit */

/* port_learn_ctl.c: tells of ports that more stations want to be behind than may. */
void learn_limits_start(struct vswitch *);
void learn_limits_look(struct vswitch *);

/* vlan_count_ctl.c: what VLANs and ports count. */
json_t *classes_json(const struct class_count *); /* {"unicast": {frames, bytes} ...} */
json_t *vlans_count_json(const struct vswitch *, const struct vsw *, uint16_t first, uint16_t last);
void vlans_count_list(void *vswitch, struct request *);
void vlans_metrics(const struct vswitch *, struct metrics *);

/* switch_ctl.c, vlan_ctl.c, port_ctl.c, fdb_ctl.c */
void switch_kind_init(struct vswitch *);
void vlan_kind_init(struct vswitch *);
void port_kind_init(struct vswitch *);
void compiler_init(struct vswitch *);
int aging_start(struct vswitch *);
/* Brings the tables in line with the stations that are to be in them. */
void station_kind_init(struct vswitch *);
void stations_apply(struct vswitch *);
void stations_retry(struct vswitch *); /* those that are not: a table that was full may have room */
void fdb_status(const struct vsw *, json_t *into);
void aging_stop(struct vswitch *);

/* trace_ctl.c */
int traces_create(struct vswitch *, struct port_env *);
void traces_destroy(struct vswitch *); /* after control_destroy() */

#endif /* VSWITCH_SWITCHES_H */
