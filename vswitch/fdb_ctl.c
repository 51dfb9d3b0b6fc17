/* SPDX-License-Identifier: Apache-2.0 */
/* Station tables as people see them: aging, forgetting, listing, flushing. */
#include <stdio.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "vswitch/vswitch_priv.h"

/* ---- aging (802.1Q-2018 8.8.3) -------------------------------------------------------------- */

/* Often enough that a station is not kept a sixteenth longer than asked. */
static uint32_t sweep_every_s(const struct vsw *sw)
{
	uint32_t every_s = MIN(sw->aging_s / 16, 15u);

	return every_s ? every_s : 1;
}

static bool sweep(struct vsw *sw, uint32_t now_s)
{
	struct fdb_match old = { .port = PORT_NONE };

	if (now_s < sw->next_sweep_s || now_s <= sw->aging_s)
		return false;
	sw->next_sweep_s = now_s + sweep_every_s(sw);
	old.seen_before = now_s - sw->aging_s;
	return fdb_flush(sw->fdb, &old) > 0;
}

/*
 * Behind a flush the tables are gone through in steps between which the loop serves others. Slots
 * can be used again once no worker may be reading them.
 */
#define SWEEP_SLOTS (1u << 17)
#define SWEEP_MS    2

static void tidy(struct vswitch *v)
{
	loop_set_timer(v->sweeping, SWEEP_MS, 0);
}

static void on_sweep(void *arg)
{
	struct vswitch *v = arg;
	bool more = false, reclaim = false;

	for (struct vsw *sw = v->switches; sw; sw = sw->next) {
		more |= fdb_sweep(sw->fdb, SWEEP_SLOTS);
		reclaim |= fdb_to_reclaim(sw->fdb);
	}
	if (more)
		tidy(v);
	if (more || !reclaim)
		return;
	rcu_wait();
	for (struct vsw *sw = v->switches; sw; sw = sw->next)
		fdb_reclaim(sw->fdb);
}

static void tell_full(struct vswitch *v, struct vsw *sw)
{
	bool full = fdb_full(sw->fdb) > 0;

	if (full && !sw->told_full)
		events_post(v->env->events, "switch.fdb_full", "switch", sw->name,
			    "switch %s: the station table is full with %u; frames for others "
			    "are flooded",
			    sw->name, fdb_count(sw->fdb));
	sw->told_full = full;
}

static void on_second(void *arg)
{
	struct vswitch *v = arg;
	uint32_t now_s = clock_s();
	bool freed = false;

	for (struct vsw *sw = v->switches; sw; sw = sw->next) {
		freed |= sweep(sw, now_s);
		tell_full(v, sw);
	}
	if (freed)
		tidy(v);
}

int aging_start(struct vswitch *v)
{
	int err = loop_add_timer(v->env->loop, 1000, 1000, on_second, v, &v->aging);

	if (!err)
		err = loop_add_timer(v->env->loop, 0, 0, on_sweep, v, &v->sweeping);
	if (err)
		aging_stop(v);
	return err;
}

void aging_stop(struct vswitch *v)
{
	loop_del(v->aging);
	loop_del(v->sweeping);
}

/* ---- forgetting (802.1Q-2018 8.8.3) --------------------------------------------------------- */

static void forget(struct vswitch *v, const struct fdb_match *m)
{
	struct vsw *sw = v->home[m->port];

	if (!sw || !fdb_count(sw->fdb))
		return;
	rcu_wait(); /* a worker with an older view might learn one again behind us */
	if (fdb_port_count(sw->fdb, m->port) && fdb_flush(sw->fdb, m))
		tidy(v);
}

void vswitch_forget(struct vswitch *v, port_id_t port, const struct vlan_set *keep)
{
	struct fdb_match m = { .port = port, .keep = keep ? keep->bits : NULL, .fixed = true };

	forget(v, &m);
}

void vswitch_forget_learned(struct vswitch *v, port_id_t port)
{
	struct fdb_match m = { .port = port };

	forget(v, &m);
}

void vswitch_forget_vlans(struct vswitch *v, struct vsw *sw, uint16_t first, uint16_t last)
{
	struct fdb_match m = { .port = PORT_NONE };
	unsigned int n = 0;

	rcu_wait();
	for (m.vid = first; m.vid <= last; m.vid++)
		n += fdb_flush(sw->fdb, &m);
	if (n)
		tidy(v);
}

void vswitch_forget_type(struct vswitch *v, const char *type)
{
	rcu_wait();
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		struct fdb_match m = { .port = (port_id_t)i };

		if (v->port[i] && v->home[i] && !strcmp(v->port[i]->type->name, type))
			fdb_flush(v->home[i]->fdb, &m);
	}
	tidy(v);
}

/* ---- requests ------------------------------------------------------------------------------- */

struct selection {
	struct vswitch *v;
	const struct vsw *sw; /* NULL: all */
	struct fdb_match match;
	json_t *items;
	const char *switch_name; /* while listing */
	uint32_t now_s;
};

/* What ?switch=&vid=&port= ask for. */
static bool select_from(struct request *r, struct selection *s)
{
	const char *sw = request_query(r, "switch"), *port = request_query(r, "port");
	struct faults *f = request_faults(r);
	long vid = 0;
	unsigned int faults_before = f->n;

	s->match.port = PORT_NONE;
	if (sw) {
		s->sw = vswitch_find(s->v, sw);
		if (!s->sw)
			fault(f, FAULT_NOT_FOUND, NULL, NULL, "there is no switch %s", sw);
	}
	if (port) {
		const struct object *o = model_find(request_model(r), "port", port);

		if (!o || !o->run)
			fault(f, FAULT_NOT_FOUND, NULL, NULL, "there is no port %s", port);
		else
			s->match.port = ((const struct port *)o->run)->id;
	}
	if (request_query_int(r, "vid", 1, VLAN_VID_MAX, &vid) == 0)
		s->match.vid = (uint16_t)vid;
	if (f->n == faults_before)
		return true;
	reply_faults(r);
	return false;
}

static void list_one(void *arg, const struct fdb_entry *e)
{
	struct selection *s = arg;
	const struct port *p = s->v->port[e->port];
	struct eth_addr mac = fdb_key_mac(e->key);
	char text[18];

	if (!p || (s->match.port != PORT_NONE && s->match.port != e->port) ||
	    (s->match.vid && s->match.vid != fdb_key_vid(e->key)))
		return;
	snprintf(text, sizeof(text), ETH_ADDR_FMT, ETH_ADDR_ARG(mac));
	json_array_append_new(s->items, json_pack("{s:s, s:i, s:s, s:s, s:I}", "switch",
						  s->switch_name, "vid", (int)fdb_key_vid(e->key),
						  "mac", text, "port", p->name, "age_s",
						  (json_int_t)(uint32_t)(s->now_s - e->seen_s)));
}

static void fdb_list(void *ctx, struct request *r)
{
	struct selection s = { .v = ctx, .now_s = clock_s() };

	if (!select_from(r, &s))
		return;
	s.items = json_array();
	for (const struct vsw *sw = s.v->switches; sw; sw = sw->next) {
		if (s.sw && s.sw != sw)
			continue;
		s.switch_name = sw->name;
		fdb_each(sw->fdb, list_one, &s);
	}
	reply_json(r, 200, json_pack("{s:o}", "items", s.items));
}

static void fdb_forget(void *ctx, struct request *r)
{
	struct selection s = { .v = ctx };
	unsigned int n = 0;

	if (!select_from(r, &s))
		return;
	for (struct vsw *sw = s.v->switches; sw; sw = sw->next) {
		if (!s.sw || s.sw == sw)
			n += fdb_flush(sw->fdb, &s.match);
	}
	if (n)
		tidy(s.v);
	reply_json(r, 200, json_pack("{s:I}", "removed", (json_int_t)n));
}

const struct route vswitch_routes[] = {
	{ "GET", "/v1/fdb", "switch vid port", fdb_list },
	{ "DELETE", "/v1/fdb", "switch vid port", fdb_forget },
	{ 0 },
};
