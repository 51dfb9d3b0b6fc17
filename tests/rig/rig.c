/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/vlan_set.h"
#include "base/pages.h"
#include "base/rcu.h"
#include "daemon/graph.h"
#include "link/wire.h"
#include "ports/cable/cable.h"

#define MTU      9216
#define STATIONS 4096
#define KEEP     256
#define START_S  1000

static void need(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "rig: %s\n", what);
	abort();
}

static void step(void *arg, const char *node, unsigned int edge, const struct pkt *p)
{
	struct rig *r = arg;

	if (r->n_steps < RIG_STEPS)
		r->step[r->n_steps++] = (struct rig_step){ node, edge, p, p->in_port, p->out_port };
}

/* ---- plan to view --------------------------------------------------------------------------- */

static struct vlan_set set_of(const char *text)
{
	struct vlan_set s = { 0 };

	need(!text || vlan_set_parse(text, &s, NULL) == 0, "set of VLANs");
	return s;
}

/* By the same function as the daemon: what a test says of a port is what a person says. */
static struct vsw_port port_of(const struct rig *r, const struct rig_port *p)
{
	struct vsw_port to = { .up = !p->down };
	struct port_vlans vlans = {
		.access = p->access,
		.tunnel = p->tunnel,
		.trunk = set_of(p->trunk),
		.native = p->native,
		.native_tagged = p->native_tagged,
		.untagged = set_of(p->untagged),
		.s_tags = p->s_tags,
		.some_customers = p->customers != NULL,
		.customers = set_of(p->customers),
		.isolated = p->isolated,
	};

	need(pcp_parse(p->pcp ? p->pcp : "keep", &vlans.pcp) == 0, "map of priorities");
	port_vlans_plan(&vlans, &r->vlans[p->sw], &to);
	return to;
}

static void vlan_of(struct rig *r, const struct rig_vlan *v)
{
	struct vsw_vlans *to = &r->vlans[v->sw];

	if (v->primary) {
		to->private = true;
		to->fid[v->vid] = v->primary;
	}
	if (v->isolated)
		vlan_set_add(&to->isolated, v->vid);
	if (v->no_learn)
		vlan_set_add(&to->no_learn, v->vid);
	if (v->no_flood)
		vlan_set_add(&to->no_flood, v->vid);
}

static int by_id(const void *a, const void *b)
{
	return ((const struct vsw_port_plan *)a)->port - ((const struct vsw_port_plan *)b)->port;
}

static struct wire_way way_of(const struct rig *r, unsigned int i)
{
	const struct rig_port *p = &r->plan[i];

	if (p->down)
		return (struct wire_way){ PORT_NONE, WIRE_DROP_DOWN };
	for (unsigned int k = 0; k < r->n_ports && p->wire; k++) {
		if (k != i && r->plan[k].wire == p->wire)
			return (struct wire_way){ r->id[k], WIRE_CROSSED };
	}
	return (struct wire_way){ PORT_NONE, p->wire ? WIRE_DROP_CUT : WIRE_DROP_UNPLUGGED };
}

static struct wire_view *lay_wires(const struct rig *r)
{
	struct wire_view *v = calloc(1, sizeof(*v));

	need(v, "memory");
	for (unsigned int i = 0; i < r->n_ports; i++)
		v->way[r->id[i]] = way_of(r, i);
	return v;
}

void rig_publish(struct rig *r)
{
	struct wire_view *old_wires = r->wires;
	static struct vsw_port_plan port[RIG_SWITCHES][RIG_PORTS];
	struct vsw_switch_plan sw[RIG_SWITCHES];
	struct vsw_view *old = r->view;

	for (unsigned int s = 0; s < r->n_switches; s++)
		sw[s] = (struct vsw_switch_plan){ .fdb = r->fdb[s],
						  .mtu = r->mtu,
						  .fid = r->vlans[s].private ? r->vlans[s].fid
									     : NULL,
						  .no_learn = r->vlans[s].no_learn,
						  .no_flood = r->vlans[s].no_flood,
						  .tally = r->tally[s],
						  .n_tallies = 1,
						  .mirror = r->mirror[s],
						  .n_mirrors = r->n_mirrors[s],
						  .port = port[s] };
	for (unsigned int i = 0; i < r->n_ports; i++) {
		unsigned int s = r->plan[i].sw;
		struct vsw_port_plan *to = &port[s][sw[s].n_ports];

		if (r->plan[i].unplugged || r->plan[i].wire)
			continue;
		*to = (struct vsw_port_plan){ r->id[i], port_of(r, &r->plan[i]) };
		if (r->edit)
			r->edit(r, i, &to->set);
		sw[s].n_ports++;
	}
	for (unsigned int s = 0; s < r->n_switches; s++)
		qsort(port[s], sw[s].n_ports, sizeof(port[s][0]), by_id);
	need(vsw_view_build(sw, r->n_switches, &r->view) == 0, "view");
	r->wires = lay_wires(r);
	engine_stage(r->engine, VSW_VIEW, r->view);
	engine_stage(r->engine, WIRE_VIEW, r->wires);
	engine_publish(r->engine);
	rcu_wait();
	vsw_view_free(old);
	free(old_wires);
}

/* ---- made and unmade ------------------------------------------------------------------------ */

static void plug(struct rig *r, unsigned int i, const struct memory_config *c)
{
	struct cable_end *end = &r->end[i];

	if (!r->plan[i].cable) {
		need(memory_port_create(r->engine, c, &r->port[i]) == 0, "memory port");
		r->id[i] = r->port[i]->id;
		return;
	}
	need(port_take(r->engine, &r->id[i]) == 0, "port");
	*end = (struct cable_end){ .peer = PORT_NONE };
	end->sink = (struct sink){ .port = r->id[i], .tx = cable_tx, .relays = true, .arg = end };
	engine_set_sink(r->engine, r->id[i], &end->sink);
	for (unsigned int k = 0; k < i; k++) {
		if (r->plan[k].cable != r->plan[i].cable)
			continue;
		r->end[k].peer = r->id[i];
		end->peer = r->id[k];
	}
}

struct rig *rig_create(const struct rig_config *c)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct memory_config memory = c->memory;
	struct faults f = { 0 };

	need(r && c->n_ports <= RIG_PORTS, "room");
	r->end = calloc(c->n_ports + 1, sizeof(*r->end));
	need(r->end && engine_create(weft_graph, 1, &r->engine, &f) == 0, "engine");
	faults_free(&f);
	if (!memory.keep_frames && !c->keep_none)
		memory.keep_frames = KEEP;
	r->mtu = c->mtu ? c->mtu : MTU;
	r->now_s = START_S;
	r->n_ports = c->n_ports;
	for (unsigned int i = 0; i < c->n_ports; i++) {
		r->plan[i] = c->port[i];
		need(c->port[i].sw < RIG_SWITCHES, "number of a switch");
		r->n_switches = MAX(r->n_switches, c->port[i].sw + 1);
		plug(r, i, &memory);
	}
	for (unsigned int s = 0; s < r->n_switches; s++) {
		need(fdb_create(c->stations ? c->stations : STATIONS, &r->fdb[s]) == 0, "table");
		r->tally[s] = pages_take(VLAN_TALLIES, sizeof(struct vlan_tally));
		need(r->tally[s], "counters");
	}
	for (unsigned int i = 0; i < c->n_vlans; i++)
		vlan_of(r, &c->vlan[i]);
	if (c->trace)
		engine_trace(r->engine, step, r);
	rig_publish(r);
	return r;
}

void rig_destroy(struct rig *r)
{
	if (!r)
		return;
	for (unsigned int i = 0; i < r->n_ports; i++)
		memory_port_destroy(r->port[i]);
	engine_destroy(r->engine);
	vsw_view_free(r->view);
	free(r->wires);
	for (unsigned int s = 0; s < r->n_switches; s++) {
		fdb_destroy(r->fdb[s]);
		pages_give(r->tally[s], VLAN_TALLIES, sizeof(struct vlan_tally));
	}
	free(r->end);
	free(r);
}

/* ---- frames --------------------------------------------------------------------------------- */

void rig_feed(struct rig *r, unsigned int port, const void *frame, uint32_t len)
{
	need(memory_feed(r->port[port], frame, len, NULL, 0) == 0, "feed");
}

void rig_run(struct rig *r)
{
	struct worker *w = engine_worker(r->engine, 0);

	r->n_steps = 0;
	for (unsigned int i = 0; i < r->n_ports; i++) {
		if (!r->port[i])
			continue;
		while (worker_run_at(w, &r->port[i]->source, r->now_s) == BURST_MAX)
			;
		memory_drain(r->port[i]);
	}
}

void rig_forget(struct rig *r)
{
	for (unsigned int i = 0; i < r->n_ports; i++) {
		if (r->port[i])
			memory_forget(r->port[i]);
	}
}

void rig_send(struct rig *r, unsigned int port, const void *frame, uint32_t len)
{
	rig_forget(r);
	rig_feed(r, port, frame, len);
	rig_run(r);
}

unsigned int rig_flush(struct rig *r, unsigned int sw, const struct fdb_match *m)
{
	unsigned int n = fdb_flush(r->fdb[sw], m);

	fdb_sweep(r->fdb[sw], UINT64_MAX);
	rcu_wait();
	fdb_reclaim(r->fdb[sw]);
	return n;
}

/* ---- what became of them -------------------------------------------------------------------- */

const char *rig_dropped(const struct rig *r)
{
	for (unsigned int i = r->n_steps; i-- > 0;) {
		unsigned int cause = engine_cause_of(r->engine, r->step[i].node, r->step[i].edge);

		if (cause != DROP_NONE)
			return engine_cause(r->engine, cause, NULL);
	}
	return NULL;
}

const char *rig_cause(const struct rig *r, unsigned int port)
{
	struct port_count c;
	const char *cause = NULL, *text;

	port_counters(r->engine, r->id[port], &c);
	for (unsigned int i = 0; (text = engine_cause(r->engine, i, NULL)); i++) {
		if (!c.drop[i])
			continue;
		need(!cause, "more than one cause");
		cause = text;
	}
	return cause;
}

unsigned int rig_port_of(const struct rig *r, port_id_t id)
{
	for (unsigned int i = 0; i < r->n_ports; i++) {
		if (r->id[i] == id)
			return i;
	}
	need(false, "no such port");
	return 0;
}

struct rig_total rig_total(const struct rig *r)
{
	struct rig_total s = { 0 };

	for (unsigned int i = 0; i < r->n_ports; i++) {
		struct port_count c;

		port_counters(r->engine, r->id[i], &c);
		s.in += c.in_frames;
		s.out += c.out_frames;
		for (unsigned int k = 0; engine_cause(r->engine, k, NULL); k++)
			s.dropped += c.drop[k];
	}
	return s;
}
