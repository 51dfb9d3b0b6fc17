/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/vsw.h"

#include <errno.h>
#include <stdlib.h>

#include "base/pages.h"
#include "dataplane/engine.h"

/*
 * The view, and what it owns, in one place to be freed. Its large parts are pages: views of a
 * growing switch all differ a little in size, and the heap would be full of holes.
 */
struct owned {
	unsigned int n_switches, n_ports, room_ports;
	struct vsw_switch **sw;
	struct vsw_port *port;
	struct vsw_view view;
};

/* What a port number stands for that is plugged into no switch: it is down. */
static const struct vsw_port nowhere;

/* A switch with as many lists as it can ever have. */
#define SWITCH_OCTETS \
	(sizeof(struct vsw_switch) + VLAN_VID_MAX * sizeof(((struct vsw_switch *)0)->list[0]))

/* Every VID that any port is a member of. */
static void used_vids(const struct vsw_switch_plan *plan, struct vlan_set *out)
{
	*out = (struct vlan_set){ 0 };
	for (unsigned int i = 0; i < plan->n_ports; i++) {
		vlan_set_join(out, &plan->port[i].set.member);
		vlan_set_join(out, &plan->port[i].set.ingress);
	}
}

static uint16_t tpid_of(const struct vsw_port *p)
{
	return p->tpid ? p->tpid : ETH_TYPE_CTAG;
}

/* The ports of VLAN vid that are isolated, or those that are not. */
static unsigned int add_members(const struct vsw_switch_plan *plan, uint16_t vid, bool isolated,
				struct vsw_member *out)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < plan->n_ports; i++) {
		const struct vsw_port *p = &plan->port[i].set;

		if (!p->up || p->shut || p->isolated != isolated || !vlan_set_has(&p->member, vid))
			continue;
		out[n++] =
			(struct vsw_member){ .port = plan->port[i].port,
					     .tpid = vlan_set_has(&p->untagged, vid) ? 0
										     : tpid_of(p),
					     .watched = p->watch_out != 0 };
	}
	return n;
}

static bool same_members(const struct vsw_flood *l, const struct vsw_member *m, unsigned int n_open,
			 unsigned int n)
{
	if (!l || l->n != n || l->n_open != n_open)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		if (l->member[i].port != m[i].port || l->member[i].tpid != m[i].tpid)
			return false;
	}
	return true;
}

/* Neighbouring VIDs mostly reach the same ports ("trunk all"): one list serves them all. */
static int build_floods(struct vsw_switch *sw, const struct vsw_switch_plan *plan,
			struct vsw_member *scratch)
{
	struct vlan_set used;
	struct vsw_flood *last = NULL;

	used_vids(plan, &used);
	for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++) {
		unsigned int n, n_open;

		sw->fid[vid] = plan->fid && plan->fid[vid] ? plan->fid[vid] : vid;
		if (!vlan_set_has(&used, vid))
			continue;
		n_open = add_members(plan, vid, false, scratch);
		n = n_open + add_members(plan, vid, true, scratch + n_open);
		if (!same_members(last, scratch, n_open, n)) {
			last = malloc(sizeof(*last) + n * sizeof(*scratch));
			if (!last)
				return -ENOMEM;
			last->n = n;
			last->n_open = n_open;
			memcpy(last->member, scratch, n * sizeof(*scratch));
			sw->list[sw->n_lists++] = last;
		}
		sw->flood[vid] = last;
	}
	return 0;
}

static uint16_t first_of(const struct vlan_set *s)
{
	uint16_t vid = 1;

	while (vid <= VLAN_VID_MAX && !vlan_set_has(s, vid))
		vid++;
	return vid <= VLAN_VID_MAX ? vid : 0;
}

static int build_mirrors(struct vsw_switch *sw, const struct vsw_switch_plan *plan)
{
	assert(plan->n_mirrors <= MIRRORS_MAX);
	if (!plan->n_mirrors)
		return 0;
	sw->mirror = calloc(plan->n_mirrors, sizeof(*sw->mirror));
	if (!sw->mirror)
		return -ENOMEM;
	memcpy(sw->mirror, plan->mirror, plan->n_mirrors * sizeof(*sw->mirror));
	return 0;
}

static int build_listeners(struct vsw_switch *sw, const struct vsw_switch_plan *plan)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < plan->n_ports; i++)
		n += plan->port[i].set.listens;
	if (!n)
		return 0;
	sw->listener = calloc(n, sizeof(*sw->listener));
	if (!sw->listener)
		return -ENOMEM;
	for (unsigned int i = 0; i < plan->n_ports; i++) {
		if (plan->port[i].set.listens)
			sw->listener[sw->n_listeners++] = plan->port[i].port;
	}
	return 0;
}

static int build_switch(struct owned *o, const struct vsw_switch_plan *plan)
{
	struct vsw_switch *sw = pages_take(1, SWITCH_OCTETS);
	struct vsw_member *scratch = calloc(plan->n_ports + 1, sizeof(*scratch));
	int err = sw && scratch ? 0 : -ENOMEM;

	if (sw) {
		o->sw[o->n_switches++] = sw;
		sw->no_learn = plan->no_learn;
		sw->no_flood = plan->no_flood;
		for (unsigned int i = 0; plan->tally && i < plan->n_tallies; i++)
			sw->tally[i] = plan->tally + i * (size_t)VLAN_TALLIES;
	}
	if (!err)
		err = build_floods(sw, plan, scratch) ?: build_mirrors(sw, plan) ?: build_listeners(sw, plan);
	free(scratch);
	for (unsigned int i = 0; i < plan->n_ports && !err; i++) {
		struct vsw_port *p = &o->port[o->n_ports++];

		*p = plan->port[i].set;
		p->sw = sw;
		p->fdb = plan->fdb;
		p->number = plan->port[i].port;
		p->len_max = plan->mtu + ETH_HDR_LEN;
		p->up = p->up && !p->shut;
		p->tpid = tpid_of(p);
		p->shares = plan->fid != NULL;
		p->odd_vlan = p->shares || p->tunnel || p->marks;
		p->odd_in = p->odd_vlan || p->guards;
		p->odd_pair = p->shares || p->isolated;
		p->plain = first_of(&p->untagged);
		if (vlan_set_count(&p->untagged) > 1)
			p->watch_out |= VSW_PLAINS;
		if (sw->n_listeners)
			p->watch_out |= VSW_OVERHEARD;
		o->view.port[plan->port[i].port] = p;
	}
	return err;
}

int vsw_view_build(const struct vsw_switch_plan *plan, unsigned int n, struct vsw_view **out)
{
	struct owned *o = pages_take(1, sizeof(*o));
	int err = 0;

	if (!o)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++)
		o->room_ports += plan[i].n_ports;
	for (unsigned int i = 0; i < PORT_MAX; i++)
		o->view.port[i] = &nowhere;
	o->sw = calloc(n + 1, sizeof(*o->sw));
	o->port = pages_take(o->room_ports + 1, sizeof(*o->port));
	if (!o->sw || !o->port)
		err = -ENOMEM;
	for (unsigned int i = 0; i < n && !err; i++)
		err = build_switch(o, &plan[i]);
	if (err) {
		vsw_view_free(&o->view);
		return err;
	}
	*out = &o->view;
	return 0;
}

void vsw_view_free(struct vsw_view *view)
{
	struct owned *o = view ? container_of(view, struct owned, view) : NULL;

	if (!o)
		return;
	for (unsigned int i = 0; i < o->n_switches; i++) {
		struct vsw_switch *sw = o->sw[i];

		assert(sw);
		for (unsigned int l = 0; l < sw->n_lists; l++)
			free(sw->list[l]);
		free(sw->mirror);
		free(sw->listener);
		pages_give(sw, 1, SWITCH_OCTETS);
	}
	free(o->sw);
	pages_give(o->port, o->room_ports + 1, sizeof(*o->port));
	pages_give(o, 1, sizeof(*o));
}
