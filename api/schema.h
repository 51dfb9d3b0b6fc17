/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_SCHEMA_H
#define API_SCHEMA_H

#include <jansson.h>

#include "base/fault.h"

/*
 * What an object is, as a table: its fields, their types, bounds, defaults and words of help.
 * The daemon checks requests against it, the CLI makes its options, help and completion of it, and
 * a test holds openapi.yaml against it. So a new field is one line, in the _api.h of its folder.
 *
 * Threads: any; tables are static and constant. JSON is borrowed unless a line says otherwise.
 */
enum field_type {
	FIELD_BOOL, /* true, false; the CLI also takes yes/no/on/off */
	FIELD_INT, /* within min..max */
	FIELD_TEXT, /* free text of one line, at most max characters */
	FIELD_NAME, /* as name_ok() */
	FIELD_REF, /* name of an object of kind .ref */
	FIELD_REFS, /* array of such names, each once; one string is taken too */
	FIELD_CHOICE, /* one of .choices */
	FIELD_VID, /* 1..4094 */
	FIELD_VIDS, /* set of VIDs: "10,20,100-199" or "all"; an array or a number is taken too */
	FIELD_MAC, /* unicast */
	FIELD_IP, /* IPv4 or IPv6 address */
	FIELD_CIDRS, /* array of addresses with prefix length; one string is taken too */
	FIELD_ROUTES, /* array of "PREFIX via ADDRESS" ("default via ..."); one string is taken too
		       */
	FIELD_DEVICE, /* kernel interface name: 1..15 octets, no '/', no space */
	FIELD_FILE, /* a plain file name, no '/' */
	FIELD_VLAN, /* a VID, or the title that a VLAN has on the object's switch */
	FIELD_VLANS, /* a set of both: "10,staff,100-199" */
	FIELD_PCP, /* priorities: "keep", 0..7 or "0-3:1,5:7"; a number is taken too */
	FIELD_RATE, /* "10Mbit", "1000fps": api/rate.h */
	FIELD_MACS, /* array of unicast addresses, at most max; one string is taken too */
	FIELD_IPS, /* array of IPv4 or IPv6 addresses, at most max; one string is taken too */
	FIELD_TYPES
};

enum {
	FIELD_REQUIRED = 1 << 0,
	FIELD_FIXED = 1 << 1, /* cannot change while the object lives: remove and add it again */
	FIELD_CASCADE = 1 << 2, /* a reference: this object goes with what it refers to */
	FIELD_INTERRUPTS = 1 << 3, /* changing it may interrupt the object's traffic */
};

struct field {
	const char *name;
	enum field_type type;
	unsigned int flags;
	long min, max; /* FIELD_INT; max: FIELD_TEXT, FIELD_MACS, FIELD_IPS */
	const char *ref; /* FIELD_REF, FIELD_REFS: the kind */
	const char *const *choices; /* FIELD_CHOICE: NULL-terminated */
	const char *def; /* default as JSON text, or NULL: absent */
	const char *absent; /* what its absence amounts to, as JSON text, or NULL: nothing */
	const char *help; /* one line, no full stop */
	const char *example; /* a value as typed on the command line */
	const char *only; /* the types that this field belongs to ("tap netdev"), or NULL: any */
};

struct schema {
	const char *kind; /* "switch" */
	const char *plural; /* "switches": in paths and lab files */
	const char *help; /* what it is, one line */
	bool joined; /* names may have a dot: "a.eth0", "s1.10" */
	bool no_traffic; /* nothing passes through it: only its fields can interrupt others */
	const struct field *const *fields; /* NULL-terminated list of tables, each ended by {0} */
};

/* All kinds, in the order in which they are made; NULL-terminated. In api/kinds.c. */
extern const struct schema *const schemas[];
const struct schema *schema_find(const char *kind); /* "switch"; NULL */
const struct schema *schema_find_plural(const char *plural); /* "switches"; NULL */
const struct field *schema_field(const struct schema *, const char *name); /* NULL */
/* Do objects of TYPE have this field? */
bool field_of_type(const struct field *, const char *type);
/* ->only in words: "tap, netdev" for the joint ", ". */
const char *field_types(const struct field *, const char *joint, char *out, size_t room);

/* Iterates all fields: for (f = schema_first(s, &at); f; f = schema_next(&at)). */
struct field_at {
	const struct field *const *table;
	const struct field *f;
};
const struct field *schema_first(const struct schema *, struct field_at *);
const struct field *schema_next(struct field_at *);

/*
 * Checks SPEC (what a client sent, without name) and returns it in its one canonical form: known
 * fields only, values normalised, defaults filled in, keys in the table's order. NULL: faults were
 * added, all of them, each with its pointer. The caller owns the result. "name", "status" and
 * "lab" are left out without a word, so that what was read can be sent back.
 */
json_t *schema_check(const struct schema *, const json_t *spec, struct faults *);

/* One value in canonical form, or NULL with a fault at field->name. The caller owns it. */
json_t *field_check(const struct field *, const json_t *value, struct faults *);

/* What a person typed for this field, as JSON (not checked further); NULL: a fault was added. */
json_t *field_parse(const struct field *, const char *text, struct faults *);

/* "1-4094", "vid", "name of a switch" ...: for help and faults. */
const char *field_type_name(enum field_type);
void field_describe(const struct field *, char *out, size_t room); /* what would be right */

/* May something of that kind have this name? Else that is a fault. JOINED: "a.eth0" is one too. */
bool schema_name(const char *kind, bool joined, const char *name, struct faults *);

#endif /* API_SCHEMA_H */
