/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short forms of a lab document: the only place in control/ that knows kinds by name.
 *
 *	switches.S.vlans {10: staff}	vlan S.10, {100-199: {...}} vlan S.100-199
 *	hosts.H {switch: S, access: 10}	host H, port H.eth0 of type tap
 *	hosts.H {nics: {eth1: ...}}	host H, port H.eth1 ...
 *	links.L {a: S, b: T, trunk: 10}	link L, ports L.a and L.b of type cable
 *	links.L {mode: wire, a: {host: H, device: eth1, address: ...}, b: P}
 *					link L, port H.eth1 of type tap
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/nearest.h"
#include "api/text.h"
#include "control/lab_expand_priv.h"

/* Takes KEY out of BODY. The caller owns it; NULL: it is not there. */
static json_t *take(json_t *body, const char *key)
{
	json_t *v = json_incref(json_object_get(body, key));

	json_object_del(body, key);
	return v;
}

/* Moves the fields of S from BODY to a new object. */
static json_t *take_fields(json_t *body, const struct schema *s)
{
	json_t *out = json_object();
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		json_t *v = take(body, f->name);

		if (v)
			json_object_set_new(out, f->name, v);
	}
	return out;
}

/* The numbers of a VLAN, or of a range of them, as a key: "10", "100-199". LAST 0: it is one. */
static bool vids_of(const char *key, long *first, long *last)
{
	char *end;

	*last = 0;
	if (!isdigit((unsigned char)*key))
		return false;
	*first = strtol(key, &end, 10);
	if (*end == '-' && isdigit((unsigned char)end[1]))
		*last = strtol(end + 1, &end, 10);
	return !*end;
}

/* The number is a key here: a fault of it is at the key. */
static bool is_vid(struct expansion *x, const char *key, long n)
{
	struct field number = *schema_field(schema_find("vlan"), "vid");
	json_t *vid = json_integer(n), *ok;

	number.name = key;
	ok = field_check(&number, vid, x->faults);
	json_decref(vid);
	json_decref(ok);
	return ok;
}

static void expand_vlan(struct expansion *x, const char *sw, const char *key, const json_t *v,
			const char *base)
{
	const struct schema *s = schema_find("vlan");
	char pointer[POINTER_LEN], name[2 * NAME_MAX_LEN + 2], shown[SHOWN_LEN];
	long first, last;
	json_t *spec;

	expand_below(pointer, base, key);
	snprintf(name, sizeof(name), "%.*s.%.*s", NAME_MAX_LEN, sw, NAME_MAX_LEN, key);
	expand_look_at(x, s, name, pointer);
	if (!vids_of(key, &first, &last)) {
		fault(x->faults, FAULT_INVALID, NULL, "use 1 to 4094, or a range such as 100-199",
		      "'%s' is not the number of a VLAN", text_shown(key, shown, sizeof(shown)));
		return;
	}
	snprintf(name, sizeof(name), "%.*s.%ld", NAME_MAX_LEN, sw, first);
	if (last)
		snprintf(name, sizeof(name), "%.*s.%ld-%ld", NAME_MAX_LEN, sw, first, last);
	faults_at(x->faults, NULL, base);
	if (!is_vid(x, key, first) || (last && !is_vid(x, key, last)))
		return;
	spec = json_is_object(v) ? json_copy((json_t *)v) : json_object();
	if (!json_is_object(v) && !json_is_null(v))
		json_object_set(spec, "title", (json_t *)v);
	json_object_set_new(spec, "switch", json_string(sw));
	json_object_set_new(spec, "vid", json_integer(first));
	if (last)
		json_object_set_new(spec, "last", json_integer(last));
	expand_wish(x, s, name, spec, pointer, json_is_string(v));
	json_decref(spec);
}

static void expand_switch(struct expansion *x, const struct schema *s, const char *name,
			  const json_t *body, const char *pointer)
{
	json_t *spec = expand_body(x, s, name, body, pointer), *vlans, *v;
	char base[POINTER_LEN];
	const char *key;

	if (!spec)
		return;
	vlans = take(spec, "vlans");
	expand_wish(x, s, name, spec, pointer, false);
	json_decref(spec);
	if (!vlans)
		return;
	expand_below(base, pointer, "vlans");
	if (name_ok(name) &&
	    expand_is_set(x, vlans, base, "vlans are numbers with a title or fields each",
			  "write {10: staff, 100-199: {learn: false}}")) {
		json_object_foreach (vlans, key, v)
			expand_vlan(x, name, key, v, base);
	}
	json_decref(vlans);
}

/* SPEC as written in the document; what the host itself decides must not be said again. */
static void expand_nic(struct expansion *x, const char *host, const char *device, json_t *spec,
		       const char *pointer)
{
	static const char *const own[] = { "type", "host", "device" };
	const struct schema *s = schema_find("port");
	char name[2 * NAME_MAX_LEN + 2];

	snprintf(name, sizeof(name), "%.*s.%.*s", NAME_MAX_LEN, host, NAME_MAX_LEN, device);
	expand_look_at(x, s, name, pointer);
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		if (json_object_get(spec, own[i]))
			fault(x->faults, FAULT_INVALID, own[i],
			      "leave it out, or write the port below 'ports'",
			      "%s is given by the host already", own[i]);
	}
	json_object_set_new(spec, "type", json_string("tap"));
	json_object_set_new(spec, "host", json_string(host));
	json_object_set_new(spec, "device", json_string(device));
	expand_wish(x, s, name, spec, pointer, false);
}

/* One of which nothing is known but that it is the host's. */
static void lost_nic(struct expansion *x, const char *host, const char *device)
{
	char name[2 * NAME_MAX_LEN + 2];
	json_t *spec = json_pack("{s:s}", "host", host);

	snprintf(name, sizeof(name), "%.*s.%.*s", NAME_MAX_LEN, host, NAME_MAX_LEN, device);
	expand_lost(x, schema_find("port"), name, spec);
	json_decref(spec);
}

static void expand_nics(struct expansion *x, const char *host, const json_t *nics,
			const char *pointer)
{
	char base[POINTER_LEN], at[POINTER_LEN];
	const char *device;
	json_t *v;

	expand_below(base, pointer, "nics");
	if (!expand_is_set(x, nics, base, "nics are devices with the fields of a port each",
			   "write {eth0: {switch: s1}}")) {
		lost_nic(x, host, "eth0");
		return;
	}
	json_object_foreach ((json_t *)nics, device, v) {
		json_t *spec;

		expand_below(at, base, device);
		spec = expand_body(x, schema_find("port"), device, v, at);
		if (!spec) {
			lost_nic(x, host, device);
			continue;
		}
		expand_nic(x, host, device, spec, at);
		json_decref(spec);
	}
}

/* Keys in BODY that are fields neither of OWN nor of a port, nor WORDS. */
static void refuse_unknown(struct expansion *x, json_t *body, const struct schema *own,
			   const char *const *words)
{
	const struct schema *port = schema_find("port");
	const char *key;
	void *next;
	json_t *v;

	json_object_foreach_safe (body, next, key, v) {
		struct nearest near = { .wanted = key };
		char shown[SHOWN_LEN], token[2 * SHOWN_LEN], hint[128];
		struct field_at at;

		if (schema_field(port, key) || schema_field(own, key))
			continue;
		for (const char *const *w = words; *w; w++)
			nearest_offer(&near, *w);
		for (const struct field *f = schema_first(own, &at); f; f = schema_next(&at))
			nearest_offer(&near, f->name);
		for (const struct field *f = schema_first(port, &at); f; f = schema_next(&at))
			nearest_offer(&near, f->name);
		snprintf(hint, sizeof(hint),
			 near.word ? "did you mean '%s'?"
				   : "a %s has its own fields and those of a port",
			 near.word ? near.word : own->kind);
		fault(x->faults, FAULT_INVALID, pointer_token(key, token, sizeof(token)), hint,
		      "unknown field '%s'", text_shown(key, shown, sizeof(shown)));
		json_object_del(body, key);
	}
}

static void drop_read_only(json_t *body)
{
	json_object_del(body, "name");
	json_object_del(body, "lab");
	json_object_del(body, "status");
}

static void expand_host(struct expansion *x, const struct schema *s, const char *name,
			const json_t *body, const char *pointer)
{
	static const char *const words[] = { "nics", NULL };
	json_t *nic = expand_body(x, s, name, body, pointer), *host, *nics;
	const char *key;

	if (!nic)
		return;
	drop_read_only(nic);
	host = take_fields(nic, s);
	nics = take(nic, "nics");
	expand_wish(x, s, name, host, pointer, false);
	json_decref(host);
	expand_look_at(x, s, name, pointer);
	refuse_unknown(x, nic, s, words);
	if (nics) {
		json_t *v;

		json_object_foreach (nic, key, v)
			fault(x->faults, FAULT_INVALID, key, "write it below one of the nics",
			      "%s belongs to a NIC", key);
		if (name_ok(name))
			expand_nics(x, name, nics, pointer);
	} else if (json_object_size(nic) && name_ok(name)) {
		expand_nic(x, name, "eth0", nic, pointer);
	}
	json_decref(nics);
	json_decref(nic);
}

/* The settings that a link's body has for both of its ends, checked once, where they stand. */
static json_t *common_settings(struct expansion *x, const json_t *body)
{
	const struct schema *port = schema_find("port");
	json_t *out = json_object();
	struct field_at at;

	for (const struct field *f = schema_first(port, &at); f; f = schema_next(&at)) {
		json_t *v = json_object_get(body, f->name);

		if (!v || json_is_null(v))
			continue;
		if (f->only || f->flags & FIELD_FIXED) {
			fault(x->faults, FAULT_INVALID, f->name,
			      "write it at an end, or leave it out",
			      "%s cannot be set for both ends of a link", f->name);
			continue;
		}
		v = field_check(f, v, x->faults);
		if (v)
			json_object_set_new(out, f->name, v);
	}
	return out;
}

static void expand_end(struct expansion *x, const char *link, const char *end, const json_t *v,
		       const json_t *common, const char *base)
{
	static const char *const own[] = { "type", "link", "end" };
	const struct schema *s = schema_find("port");
	char name[2 * NAME_MAX_LEN + 2], pointer[POINTER_LEN];
	json_t *spec;

	snprintf(name, sizeof(name), "%.*s.%s", NAME_MAX_LEN, link, end);
	expand_below(pointer, base, end);
	expand_look_at(x, s, name, v ? pointer : base);
	if (!v || (!json_is_string(v) && !json_is_object(v))) {
		fault(x->faults, FAULT_INVALID, NULL, "write the name of a switch: {a: s1, b: s2}",
		      v ? "end %s of a link is a switch" : "end %s of the link is missing", end);
		return;
	}
	if (json_is_string(v) && !name_ok(json_string_value(v))) {
		char shown[SHOWN_LEN];

		fault(x->faults, FAULT_INVALID, NULL, "use the name of a switch",
		      "'%s' is not a name", text_shown(json_string_value(v), shown, sizeof(shown)));
		return;
	}
	spec = json_copy((json_t *)common);
	if (json_is_object(v))
		json_object_update(spec, (json_t *)v);
	else
		json_object_set(spec, "switch", (json_t *)v);
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		if (json_is_object(v) && json_object_get(v, own[i]))
			fault(x->faults, FAULT_INVALID, own[i], "leave it out",
			      "%s is given by the link already", own[i]);
	}
	json_object_set_new(spec, "type", json_string("cable"));
	json_object_set_new(spec, "link", json_string(link));
	json_object_set_new(spec, "end", json_string(end));
	expand_wish(x, s, name, spec, pointer, json_is_string(v));
	json_decref(spec);
}

/*
 * An end of a wire that is a NIC made for it: {host: r1, device: eth1, ...}. Returns the name of
 * its port in OUT; the caller owns it.
 */
static json_t *expand_plug(struct expansion *x, const struct schema *s, const char *link,
			   const json_t *v, const char *pointer)
{
	json_t *spec = json_copy((json_t *)v), *host = take(spec, "host"), *out = NULL;
	json_t *device = take(spec, "device");
	const char *of = json_string_value(host);
	const char *is = device ? json_string_value(device) : "eth0";

	expand_look_at(x, s, link, pointer);
	if (!of || !name_ok(of) || !is || !name_ok(is)) {
		fault(x->faults, FAULT_INVALID, NULL,
		      "write the name of a port or a host, or {host: r1, device: eth1}",
		      "an end of a wire is a port, or a host and a device of it");
	} else {
		expand_nic(x, of, is, spec, pointer);
		out = json_sprintf("%s.%s", of, is);
	}
	json_decref(device);
	json_decref(host);
	json_decref(spec);
	return out;
}

/* ENDS go into LINK. What else is said is no business of a wire, which lets everything pass. */
static void expand_wire(struct expansion *x, const struct schema *s, const char *name, json_t *link,
			const json_t *ends, const json_t *rest, const char *pointer)
{
	char at[POINTER_LEN];
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)rest, key, v)
		fault(x->faults, FAULT_INVALID, key, "leave it out, or let the link join switches",
		      "a wire has no %s: all frames cross it as they are", key);
	json_object_foreach ((json_t *)ends, key, v) {
		if (json_is_object(v)) {
			v = expand_plug(x, s, name, v, expand_below(at, pointer, key));
			if (v)
				json_object_set_new(link, key, v);
		} else {
			json_object_set(link, key, v);
		}
	}
	expand_wish(x, s, name, link, pointer, false);
}

static void expand_cable(struct expansion *x, const char *name, const json_t *ends,
			 const json_t *rest, const char *pointer)
{
	json_t *common = common_settings(x, rest);

	/* Without a word about ends it is the cable alone; its ends are ports elsewhere. */
	if (name_ok(name) && (json_object_size(ends) || json_object_size(rest))) {
		expand_end(x, name, "a", json_object_get(ends, "a"), common, pointer);
		expand_end(x, name, "b", json_object_get(ends, "b"), common, pointer);
	}
	json_decref(common);
}

static void expand_link(struct expansion *x, const struct schema *s, const char *name,
			const json_t *body, const char *pointer)
{
	static const char *const words[] = { "a", "b", NULL };
	json_t *rest = expand_body(x, s, name, body, pointer), *link, *ends = json_object();
	const char *mode;

	for (const char *const *w = words; rest && *w; w++) {
		json_t *end = take(rest, *w);

		if (end)
			json_object_set_new(ends, *w, end);
	}
	if (rest) {
		drop_read_only(rest);
		link = take_fields(rest, s);
		mode = json_string_value(json_object_get(link, "mode"));
		if (!mode || strcmp(mode, "wire") != 0)
			expand_wish(x, s, name, link, pointer, false);
		expand_look_at(x, s, name, pointer);
		refuse_unknown(x, rest, s, words);
		if (mode && !strcmp(mode, "wire"))
			expand_wire(x, s, name, link, ends, rest, pointer);
		else
			expand_cable(x, name, ends, rest, pointer);
		json_decref(link);
	}
	json_decref(ends);
	json_decref(rest);
}

expand_fn *expand_form(const struct schema *s)
{
	static const struct {
		const char *kind;
		expand_fn *fn;
	} forms[] = {
		{ "switch", expand_switch },
		{ "host", expand_host },
		{ "link", expand_link },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (!strcmp(forms[i].kind, s->kind))
			return forms[i].fn;
	}
	return NULL;
}
