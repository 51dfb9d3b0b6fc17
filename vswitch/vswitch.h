/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VSWITCH_H
#define VSWITCH_VSWITCH_H

#include "control/metrics.h"
#include "control/route.h"
#include "ports/port.h"

/*
 * The switch's control side: kinds switch, vlan, port, mirror and station, the compiler of the
 * view, the station tables with their aging, and the requests about them.
 *
 * Threads: control thread. Memory: model; borrows ENV, which outlives it.
 */
struct vswitch;

int vswitch_create(struct port_env *, struct vswitch **out);
void vswitch_destroy(struct vswitch *); /* NULL is fine; after control_destroy() */

/* For control_config; valid as long as the vswitch. */
const struct kind *vswitch_switch_kind(struct vswitch *);
const struct kind *vswitch_vlan_kind(struct vswitch *);
const struct kind *vswitch_port_kind(struct vswitch *);
const struct kind *vswitch_mirror_kind(struct vswitch *);
const struct kind *vswitch_station_kind(struct vswitch *);
const struct compiler *vswitch_compiler(struct vswitch *);

/* For control_route(): /v1/fdb; the context is the vswitch. */
extern const struct route vswitch_routes[];
extern const struct route trace_routes[]; /* /v1/trace, /v1/ports/{name}/trace; the same context */
metrics_fn vswitch_metrics; /* for control_metrics(), with the same context */

/*
 * For services that give out addresses (DHCP): behind PORT is the station MAC with the IPv4 address
 * IP, from now on, or no longer. Who has `arp_inspect` lets its ARP pass, beside the `addresses` in
 * the port's spec. It is gone with the port and with the daemon: the service says it again. Each
 * change waits for a grace period; to say what is there already is none. -ENOENT: no such port,
 * or binding; -ENOSPC: BINDINGS_MAX; -ENOMEM.
 */
int vswitch_bind(struct vswitch *, port_id_t port, const struct eth_addr *mac, be32_t ip);
int vswitch_unbind(struct vswitch *, port_id_t port, const struct eth_addr *mac, be32_t ip);

#endif /* VSWITCH_VSWITCH_H */
