/* SPDX-License-Identifier: Apache-2.0 */
/* Station tables as people see them: listing, flushing, putting stations and taking them out. */
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "vswitch/stations/station_api.h"
#include "vswitch/stations/stations.h"

/* ---- what is asked for ---------------------------------------------------------------------- */

struct selection {
	struct vswitch *v;
	const struct vsw *sw; /* NULL: all */
	struct fdb_match match; /* vid: as it was asked for; see fid_of() */
	bool by_mac;
	struct eth_addr mac;
	json_t *items; /* while listing */
	const struct vsw *at;
	uint32_t now_s;
};

static bool mac_from(struct request *r, const char *text, struct eth_addr *out)
{
	const struct field *f = schema_field(schema_find("station"), "mac");
	json_t *typed = json_string(text);
	json_t *mac = typed ? field_check(f, typed, request_faults(r)) : NULL;

	if (mac)
		eth_addr_parse(json_string_value(mac), out);
	json_decref(typed);
	json_decref(mac);
	return mac;
}

static const struct object *port_from(struct request *r, const char *name)
{
	const struct object *o = model_find(request_model(r), "port", name);

	if (o && o->run)
		return o;
	fault(request_faults(r), FAULT_NOT_FOUND, NULL, NULL, "there is no port %s", name);
	return NULL;
}

/* What ?switch=&vid=&port=&mac= ask for. */
static bool select_from(struct request *r, struct selection *s)
{
	const char *sw = request_query(r, "switch"), *port = request_query(r, "port");
	const char *mac = request_query(r, "mac");
	struct faults *f = request_faults(r);
	unsigned int faults_before = f->n;
	long vid = 0;

	s->match.port = PORT_NONE;
	if (sw) {
		s->sw = vswitch_find(s->v, sw);
		if (!s->sw)
			fault(f, FAULT_NOT_FOUND, NULL, NULL, "there is no switch %s", sw);
	}
	if (port) {
		const struct object *o = port_from(r, port);

		if (o)
			s->match.port = ((const struct port *)o->run)->id;
	}
	if (mac)
		s->by_mac = mac_from(r, mac, &s->mac);
	if (request_query_int(r, "vid", 1, VLAN_VID_MAX, &vid) == 0)
		s->match.vid = (uint16_t)vid;
	if (f->n == faults_before)
		return true;
	reply_faults(r);
	return false;
}

/* The identifier with which the table knows VLAN VID: VLANs may share one (802.1Q-2018 8.8.8). */
static uint16_t fid_of(const struct vswitch *v, const struct vsw *sw, uint16_t vid)
{
	for (unsigned int i = 0; vid && v->live && i < PORT_MAX; i++) {
		const struct vsw_port *port = v->live->port[i];

		if (port->fdb == sw->fdb && port->sw)
			return port->sw->fid[vid];
	}
	return vid;
}

static bool is_about(const struct selection *s, const struct vsw *sw)
{
	return !s->sw || s->sw == sw;
}

/* ---- listing -------------------------------------------------------------------------------- */

static void set_times(json_t *item, const struct selection *s, const struct fdb_entry *e)
{
	uint32_t age_s = s->now_s - e->seen_s;

	if (e->fixed && !e->seen_s)
		json_object_set_new(item, "age_s", json_null());
	else
		json_object_set_new(item, "age_s", json_integer(age_s));
	if (e->fixed)
		json_object_set_new(item, "expires_s", json_null());
	else
		json_object_set_new(item, "expires_s",
				    json_integer(age_s < s->at->aging_s ? s->at->aging_s - age_s
									: 0));
}

static json_t *entry_json(const struct selection *s, const struct fdb_entry *e)
{
	const struct station *st = e->fixed ? station_find(s->v, s->at->fdb, e->key) : NULL;
	struct eth_addr mac = fdb_key_mac(e->key);
	char text[18];
	json_t *item;

	snprintf(text, sizeof(text), ETH_ADDR_FMT, ETH_ADDR_ARG(mac));
	item = json_pack("{s:s, s:i, s:s, s:s, s:s}", "switch", s->at->name, "vid",
			 (int)fdb_key_vid(e->key), "mac", text, "port", s->v->port[e->port]->name,
			 "kind",
			 st         ? "permanent"
			 : e->fixed ? "static"
				    : "dynamic");
	if (!item)
		return NULL;
	set_times(item, s, e);
	if (st)
		json_object_set_new(item, "station", json_string(st->name));
	return item;
}

static void list_one(void *arg, const struct fdb_entry *e)
{
	struct selection *s = arg;
	struct eth_addr mac = fdb_key_mac(e->key);

	if (!s->v->port[e->port] || (s->match.port != PORT_NONE && s->match.port != e->port) ||
	    (s->match.vid && s->match.vid != fdb_key_vid(e->key)) ||
	    (s->by_mac && memcmp(&mac, &s->mac, sizeof(mac)) != 0))
		return;
	json_array_append_new(s->items, entry_json(s, e));
}

static void fdb_list(void *ctx, struct request *r)
{
	struct selection s = { .v = ctx, .now_s = clock_s() };
	uint16_t vid;

	if (!select_from(r, &s))
		return;
	s.items = json_array();
	vid = s.match.vid;
	for (const struct vsw *sw = s.v->switches; sw; sw = sw->next) {
		if (!is_about(&s, sw))
			continue;
		s.at = sw;
		s.match.vid = fid_of(s.v, sw, vid);
		fdb_each(sw->fdb, list_one, &s);
	}
	reply_json(r, 200, json_pack("{s:o}", "items", s.items));
}

/* ---- flushing ------------------------------------------------------------------------------- */

static void fdb_forget(void *ctx, struct request *r)
{
	struct selection s = { .v = ctx };
	unsigned int n = 0;
	uint16_t vid;

	if (!select_from(r, &s))
		return;
	vid = s.match.vid;
	for (struct vsw *sw = s.v->switches; sw; sw = sw->next) {
		s.match.vid = fid_of(s.v, sw, vid);
		if (is_about(&s, sw))
			n += fdb_flush(sw->fdb, &s.match);
	}
	vswitch_tidy(s.v);
	reply_json(r, 200, json_pack("{s:I}", "removed", (json_int_t)n));
}

/* ---- static stations ------------------------------------------------------------------------ */

/* The body is a station's spec, and may say the switch, which the port says anyway. */
static json_t *spec_from(struct request *r, const char *mac)
{
	json_t *body = request_json(r), *copy, *spec = NULL;

	if (!body)
		return NULL;
	if (!json_is_object(body)) {
		fault(request_faults(r), FAULT_INVALID, NULL, "send {\"port\": \"a.eth0\"}",
		      "a station is an object of fields");
		return NULL;
	}
	copy = json_copy(body);
	json_object_set_new(copy, "mac", json_string(mac));
	json_object_del(copy, "switch");
	spec = schema_check(schema_find("station"), copy, request_faults(r));
	json_decref(copy);
	return spec;
}

static bool switch_is_right(struct request *r, const struct object *port)
{
	const char *said = json_string_value(json_object_get(request_json(r), "switch"));
	const char *is = object_text(port, "switch");

	if (!said || !is || !strcmp(said, is))
		return true;
	fault(request_faults(r), FAULT_INVALID, "switch", "leave it out, or take another port",
	      "port %s is in switch %s, not in %s", port->name, is, said);
	return false;
}

static bool put_static(struct selection *s, struct request *r, const struct port *p, fdb_key_t key)
{
	const struct station *st = station_find(s->v, s->at->fdb, key);
	struct faults *f = request_faults(r);
	char hint[2 * sizeof(st->name) + 64];

	if (st) {
		snprintf(hint, sizeof(hint), "use `weft station set %s port %s`", st->name,
			 p->name);
		fault(f, FAULT_CONFLICT, NULL, hint,
		      "it is permanent: station %s says that it is behind port %s", st->name,
		      st->port);
		return false;
	}
	if (fdb_set_static(s->at->fdb, key, p->id) == 0)
		return true;
	fault(f, FAULT_CONFLICT, NULL, "flush it, or make a switch with a larger fdb_size",
	      "the station table of switch %s is full with %u stations", s->at->name,
	      fdb_count(s->at->fdb));
	return false;
}

static void put_on(struct selection *s, struct request *r, const json_t *spec)
{
	const char *name = json_string_value(json_object_get(spec, "port"));
	const struct object *o = port_from(r, name);
	uint16_t vid = (uint16_t)json_integer_value(json_object_get(spec, "vid"));
	const struct port *p = o ? o->run : NULL;
	struct fdb_entry e;
	fdb_key_t key;

	if (o && switch_is_right(r, o))
		vid = station_vid(request_model(r), o, vid, request_faults(r));
	if (request_faults(r)->n) {
		reply_faults(r);
		return;
	}
	s->at = s->v->home[p->id];
	key = fdb_key(fid_of(s->v, s->at, vid), &s->mac);
	if (put_static(s, r, p, key) && fdb_get(s->at->fdb, key, &e))
		reply_json(r, 200, entry_json(s, &e));
	else
		reply_faults(r);
}

static void fdb_put(void *ctx, struct request *r)
{
	struct selection s = { .v = ctx, .now_s = clock_s() };
	const char *mac = request_path(r, "mac");
	json_t *spec = NULL;

	if (mac_from(r, mac, &s.mac))
		spec = spec_from(r, mac);
	if (spec)
		put_on(&s, r, spec);
	else
		reply_faults(r);
	json_decref(spec);
}

/* ---- taking one out ------------------------------------------------------------------------- */

typedef void entry_fn(const struct selection *, const struct vsw *, const struct fdb_entry *,
		      struct faults *);

/* Those with the address in one table. Returns how many. */
static unsigned int each_in(const struct selection *s, const struct vsw *sw, entry_fn *fn,
			    struct faults *f)
{
	unsigned int fid = fid_of(s->v, sw, s->match.vid), last = fid ? fid : VLAN_VID_MAX;
	unsigned int n = 0;

	for (unsigned int vid = fid ? fid : 1; vid <= last; vid++) {
		struct fdb_entry e;

		if (!fdb_get(sw->fdb, fdb_key((uint16_t)vid, &s->mac), &e) ||
		    (s->match.port != PORT_NONE && s->match.port != e.port))
			continue;
		fn(s, sw, &e, f);
		n++;
	}
	return n;
}

static unsigned int each_of(const struct selection *s, entry_fn *fn, struct faults *f)
{
	unsigned int n = 0;

	for (const struct vsw *sw = s->v->switches; sw; sw = sw->next) {
		if (is_about(s, sw))
			n += each_in(s, sw, fn, f);
	}
	return n;
}

static void refuse_permanent(const struct selection *s, const struct vsw *sw,
			     const struct fdb_entry *e, struct faults *f)
{
	const struct station *st = e->fixed ? station_find(s->v, sw->fdb, e->key) : NULL;
	char hint[sizeof(st->name) + 64];

	if (!st)
		return;
	snprintf(hint, sizeof(hint), "use `weft station remove %s`", st->name);
	fault(f, FAULT_CONFLICT, NULL, hint, "it is permanent: it is station %s", st->name);
}

static void take_out(const struct selection *s, const struct vsw *sw, const struct fdb_entry *e,
		     struct faults *f)
{
	(void)s;
	(void)f;
	fdb_remove(sw->fdb, e->key);
}

static void fdb_remove_one(void *ctx, struct request *r)
{
	struct selection s = { .v = ctx };
	const char *mac = request_path(r, "mac");
	struct faults *f = request_faults(r);

	if (!mac_from(r, mac, &s.mac)) {
		reply_faults(r);
		return;
	}
	if (!select_from(r, &s))
		return;
	if (!each_of(&s, refuse_permanent, f))
		fault(f, FAULT_NOT_FOUND, NULL, NULL, "no station table has " ETH_ADDR_FMT " there",
		      ETH_ADDR_ARG(s.mac));
	if (f->n) {
		reply_faults(r);
		return;
	}
	reply_json(r, 200, json_pack("{s:I}", "removed", (json_int_t)each_of(&s, take_out, f)));
	vswitch_tidy(s.v);
}

const struct route vswitch_routes[] = {
	{ "GET", "/v1/fdb", "switch vid port mac", fdb_list },
	{ "DELETE", "/v1/fdb", "switch vid port", fdb_forget },
	{ "GET", "/v1/vlan-counters", "switch", vlans_count_list },
	{ "PUT", "/v1/fdb/{mac}", NULL, fdb_put },
	{ "DELETE", "/v1/fdb/{mac}", "switch vid port", fdb_remove_one },
	{ 0 },
};
