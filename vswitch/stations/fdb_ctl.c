/* SPDX-License-Identifier: Apache-2.0 */
/* Station tables by themselves: aging, forgetting, and what is told of them. */
#include <stdio.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "vswitch/switches.h"

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

void vswitch_tidy(struct vswitch *v)
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
		vswitch_tidy(v);
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

/* Not oftener than this, however long it lasts. */
#define STORM_TELL_S 10

static void tell_storm(struct vswitch *v, struct vsw *sw, uint32_t now_s)
{
	struct fdb_counters c;
	const struct port *from, *to;
	struct fdb_move last;
	struct eth_addr mac;
	uint64_t before = sw->stormed;

	fdb_counters(sw->fdb, &c);
	sw->stormed = c.refused[FDB_STORM];
	if (sw->stormed == before || (sw->storm_told_s && now_s - sw->storm_told_s < STORM_TELL_S))
		return;
	sw->storm_told_s = now_s;
	last = fdb_last_move(sw->fdb);
	from = v->port[last.from];
	to = v->port[last.to];
	mac = fdb_key_mac((fdb_key_t){ last.key });
	events_post(v->env->events, "switch.move_storm", "switch", sw->name,
		    "switch %s: more than %u stations a second move (move_limit), so they stay "
		    "where they are; the last one was " ETH_ADDR_FMT
		    " in VLAN %u, from port %s to port %s",
		    sw->name, sw->fdb->move_limit, ETH_ADDR_ARG(mac),
		    fdb_key_vid((fdb_key_t){ last.key }), from ? from->name : "(gone)",
		    to ? to->name : "(gone)");
}

static void on_second(void *arg)
{
	struct vswitch *v = arg;
	uint32_t now_s = clock_s();
	bool freed = false;

	for (struct vsw *sw = v->switches; sw; sw = sw->next) {
		freed |= sweep(sw, now_s);
		tell_full(v, sw);
		tell_storm(v, sw, now_s);
	}
	if (freed)
		vswitch_tidy(v);
	learn_limits_look(v);
	stations_retry(v);
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
		vswitch_tidy(v);
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
		vswitch_tidy(v);
}

void vswitch_forget_type(struct vswitch *v, const char *type)
{
	rcu_wait();
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		struct fdb_match m = { .port = (port_id_t)i };

		if (v->port[i] && v->home[i] && !strcmp(v->port[i]->type->name, type))
			fdb_flush(v->home[i]->fdb, &m);
	}
	vswitch_tidy(v);
}

/* ---- numbers -------------------------------------------------------------------------------- */

void fdb_status(const struct vsw *sw, json_t *into)
{
	struct fdb_counters c;
	json_t *s;

	fdb_counters(sw->fdb, &c);
	s = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "stations",
		      (json_int_t)c.live, "stations_most", (json_int_t)c.peak, "static",
		      (json_int_t)c.fixed, "learned", (json_int_t)c.learned, "moved",
		      (json_int_t)c.moved, "aged", (json_int_t)c.aged, "flushed",
		      (json_int_t)c.flushed, "fdb_full", (json_int_t)c.refused[FDB_FULL],
		      "beyond_limit", (json_int_t)c.refused[FDB_BEYOND], "held_static",
		      (json_int_t)c.refused[FDB_STATIC], "held_moves",
		      (json_int_t)c.refused[FDB_STORM]);
	json_object_update(into, s);
	json_decref(s);
}
