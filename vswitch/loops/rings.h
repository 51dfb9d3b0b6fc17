/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_LOOPS_RINGS_H
#define VSWITCH_LOOPS_RINGS_H

#include "vswitch/vsw.h"

/*
 * Rings of our own cables, found before they carry a frame: the model knows every cable between
 * switches of this daemon, so a ring is blocked when it is published.
 *
 * A cable joins a VLAN of one switch to a VLAN of another, mostly with the same number, tagged or
 * not as its ends say. In the order given, a cable that would join what is joined already is
 * blocked in that VLAN, at both ends; so the first of the cables carry, and an edit far away
 * changes nothing here.
 *
 * What a cable itself joins closes no ring with itself: no frame goes back by the port where it
 * came in. So all its VLANs are asked for before any is joined, and a cable may join many VLANs of
 * one side to one of the other (private VLANs at a promiscuous port, a customer's at a tunnel).
 * Pure; control thread.
 */
struct ring_end {
	unsigned int sw; /* number of its switch */
	const struct vsw_port *set;
	struct vlan_set blocked; /* out: VIDs of that switch */
};

struct ring_cable {
	struct ring_end end[2];
	bool closes; /* out: it is blocked in some VLAN */
};

/* -ENOMEM. */
int rings_find(struct ring_cable *, unsigned int n, unsigned int n_switches);

/*
 * The island of a VLAN: the lowest "switch * 4096 + VID" that frames of it reach by these cables,
 * so two VLANs are joined if they have the same. Past RINGS_ISLAND of them it stops looking.
 */
#define RINGS_ISLAND 1024u
uint32_t rings_island(const struct ring_cable *, unsigned int n, unsigned int sw, uint16_t vid);

#endif /* VSWITCH_LOOPS_RINGS_H */
