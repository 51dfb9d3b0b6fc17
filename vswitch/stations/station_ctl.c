/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kind station: an entry of a station table that stays (802.1Q-2018 8.8.1).
 *
 * The object says what is wanted. Whenever a view has been published, each is looked at again and
 * is in the table or not, as its port is in the VLAN or not: a port may be gone for a moment in the
 * middle of a transaction, or a ring may block it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vswitch/parts.h"
#include "vswitch/port_vlans.h"
#include "vswitch/stations/stations.h"

/* ---- what may be ---------------------------------------------------------------------------- */

uint16_t station_vid(const struct model *m, const struct object *port, uint16_t vid,
		     struct faults *f)
{
	struct vsw_port set = { 0 };
	struct port_vlans vlans;

	if (!object_has(port, "switch")) {
		fault(f, FAULT_INVALID, "port", "take a port of a switch",
		      "port %s is in no switch, so no station table knows it", port->name);
		return 0;
	}
	port_vlans_of(m, port, &vlans); /* what is special of the VLAN matters to nobody here */
	port_vlans_plan(&vlans, NULL, &set);
	if (!vid && !set.pvid) {
		fault(f, FAULT_INVALID, "vid", "say which VLAN the station is in",
		      "port %s has no VLAN of untagged frames", port->name);
		return 0;
	}
	vid = vid ? vid : set.pvid;
	if (vlan_set_has(&set.member, vid) || vlan_set_has(&set.ingress, vid))
		return vid;
	fault(f, FAULT_INVALID, "vid", "take a VLAN of the port, or put the port into this one",
	      "port %s is not in VLAN %u, so no station of it can be there", port->name, vid);
	return 0;
}

static bool same_place(const struct model *m, const struct object *a, const struct object *pa,
		       const struct object *b)
{
	const struct object *pb = model_find(m, "port", object_text(b, "port"));
	struct faults nobody = { 0 };
	bool same;

	if (!pb || !object_has(pb, "switch") ||
	    strcmp(object_text(pa, "switch"), object_text(pb, "switch")) != 0 ||
	    strcmp(object_text(a, "mac"), object_text(b, "mac")) != 0)
		return false;
	same = station_vid(m, pa, (uint16_t)object_int(a, "vid"), &nobody) ==
	       station_vid(m, pb, (uint16_t)object_int(b, "vid"), &nobody);
	faults_free(&nobody);
	return same;
}

static void check(void *ctx, const struct model *m, const struct object *now, struct faults *f)
{
	const struct object *port = model_find(m, "port", object_text(now, "port"));

	(void)ctx;
	if (!port || !station_vid(m, port, (uint16_t)object_int(now, "vid"), f))
		return;
	for (const struct object *o = NULL; (o = model_next(m, "station", o));) {
		if (strcmp(o->name, now->name) != 0 && same_place(m, now, port, o)) {
			fault(f, FAULT_INVALID, "mac", "change that one, or remove it",
			      "station %s says already that %s is behind port %s", o->name,
			      object_text(o, "mac"), object_text(o, "port"));
			return;
		}
	}
}

/* ---- the table ------------------------------------------------------------------------------ */

const struct station *station_find(const struct vswitch *v, const struct fdb *fdb, fdb_key_t key)
{
	for (const struct station *s = v->stations; s; s = s->next) {
		if (s->fdb == fdb && s->key.w == key.w)
			return s;
	}
	return NULL;
}

static bool is_there(const struct station *s)
{
	struct fdb_entry e;

	return s->fdb && fdb_get(s->fdb, s->key, &e) && e.fixed && e.port == s->at;
}

static void take_out(struct station *s)
{
	if (is_there(s))
		fdb_remove(s->fdb, s->key);
	s->fdb = NULL;
}

/* Where it belongs now; NULL: nowhere, and why is said. */
static const struct vsw_port *home_of(const struct vswitch *v, struct station *s, port_id_t *at)
{
	const struct object *o = v->model ? model_find(v->model, "port", s->port) : NULL;
	const struct vsw_port *port;
	uint16_t vid;

	s->why = "its port is not there";
	if (!o || !o->run || !v->live)
		return NULL;
	*at = ((const struct port *)o->run)->id;
	port = v->live->port[*at];
	vid = s->vid ? s->vid : port->pvid;
	s->why = "its port is not in the VLAN";
	if (!port->sw || (!vlan_set_has(&port->member, vid) && !vlan_set_has(&port->ingress, vid)))
		return NULL;
	s->why = NULL;
	return port;
}

static void apply(const struct vswitch *v, struct station *s)
{
	port_id_t at;
	const struct vsw_port *port = home_of(v, s, &at);
	fdb_key_t key;

	if (!port) {
		take_out(s);
		return;
	}
	key = fdb_key(port->sw->fid[s->vid ? s->vid : port->pvid], &s->mac);
	if (s->fdb == port->fdb && s->key.w == key.w && s->at == at && is_there(s))
		return;
	take_out(s);
	if (fdb_set_static(port->fdb, key, at) < 0) {
		s->why = "the station table is full";
		return;
	}
	s->fdb = port->fdb;
	s->key = key;
	s->at = at;
}

void stations_apply(struct vswitch *v)
{
	for (struct station *s = v->stations; s; s = s->next)
		apply(v, s);
}

void stations_retry(struct vswitch *v)
{
	for (struct station *s = v->stations; s; s = s->next) {
		if (s->why)
			apply(v, s);
	}
}

/* ---- the kind ------------------------------------------------------------------------------- */

static bool concerns(void *ctx, const struct model *m, const struct object *o)
{
	(void)ctx;
	return model_find(m, "port", object_text(o, "port"));
}

static int prepare(void *ctx, const struct model *m, const struct object *was, struct object *now,
		   struct faults *f)
{
	struct vswitch *v = ctx;
	struct station *s;

	(void)m;
	if (was)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return fault(f, FAULT_SYSTEM, NULL, NULL, "there is no memory for a station");
	s->why = "it is not up yet";
	s->next = v->stations;
	v->stations = s;
	now->run = s;
	return 0;
}

static void forget(struct vswitch *v, struct station *s)
{
	struct station **at = &v->stations;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	take_out(s);
	free(s);
}

static void undo(void *ctx, const struct object *was, struct object *now)
{
	if (!was)
		forget(ctx, now->run);
}

/* The table follows when the view is published. */
static void commit(void *ctx, const struct object *was, struct object *now)
{
	struct station *s = now->run;

	(void)ctx;
	(void)was;
	snprintf(s->name, sizeof(s->name), "%s", now->name);
	snprintf(s->port, sizeof(s->port), "%s", object_text(now, "port"));
	s->vid = (uint16_t)object_int(now, "vid");
	eth_addr_parse(object_text(now, "mac"), &s->mac); /* schema_check() has looked at it */
}

static void release(void *ctx, struct object *was)
{
	forget(ctx, was->run);
}

static json_t *status(void *ctx, const struct object *o)
{
	const struct station *s = o->run;
	json_t *out = json_pack("{s:b}", "active", !s->why);

	(void)ctx;
	if (out && s->why)
		json_object_set_new(out, "why", json_string(s->why));
	return out;
}

void station_kind_init(struct vswitch *v)
{
	v->station_kind = (struct kind){
		.schema = schema_find("station"),
		.ctx = v,
		.check = check,
		.concerns = concerns,
		.prepare = prepare,
		.abort = undo,
		.commit = commit,
		.release = release,
		.leave = release,
		.status = status,
	};
}
