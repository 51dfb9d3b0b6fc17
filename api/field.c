/* SPDX-License-Identifier: Apache-2.0 */
/* One value of one field: is it right, and what is its one canonical form? */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/address_priv.h"
#include "api/field_priv.h"
#include "api/pcp.h"
#include "api/rate.h"
#include "api/text.h"
#include "api/vlan_words.h"
#include "base/name.h"

enum { VID_LAST = 4094, DEVICE_LEN = 15, FILE_LEN = 255, LIST_LEN = 1000 };

static const char *const type_names[] = {
	[FIELD_BOOL] = "bool",     [FIELD_INT] = "int",     [FIELD_TEXT] = "text",
	[FIELD_NAME] = "name",     [FIELD_REF] = "ref",     [FIELD_CHOICE] = "choice",
	[FIELD_VID] = "vid",       [FIELD_VIDS] = "vids",   [FIELD_MAC] = "mac",
	[FIELD_IP] = "ip",         [FIELD_CIDRS] = "cidrs", [FIELD_ROUTES] = "routes",
	[FIELD_DEVICE] = "device", [FIELD_FILE] = "file",   [FIELD_PCP] = "pcp",
	[FIELD_VLAN] = "vlan",     [FIELD_VLANS] = "vlans", [FIELD_REFS] = "refs",
	[FIELD_RATE] = "rate",     [FIELD_MACS] = "macs",   [FIELD_IPS] = "ips",
};
static_assert(ARRAY_LEN(type_names) == FIELD_TYPES, "every type has a name");

const char *field_type_name(enum field_type type)
{
	return type_names[type];
}

static const char *article(const char *noun)
{
	return strchr("aeiou", noun[0]) ? "an" : "a";
}

static void describe_choices(const struct field *f, char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	for (const char *const *c = f->choices; *c && at < room; c++) {
		const char *joint = c == f->choices ? "" : c[1] ? ", " : " or ";

		at += (size_t)snprintf(out + at, room - at, "%s%s", joint, *c);
	}
}

void field_describe(const struct field *f, char *out, size_t room)
{
	static const char *const texts[FIELD_TYPES] = {
		[FIELD_BOOL] = "true or false",
		[FIELD_NAME] = "letters, digits, '-' and '_', at most 63",
		[FIELD_VID] = "1 to 4094",
		[FIELD_VIDS] = "a list such as 10,20,100-199, or all",
		[FIELD_MAC] = "an address such as 02:00:00:00:00:0a",
		[FIELD_IP] = "an address such as 10.0.10.1 or fd00::1",
		[FIELD_CIDRS] = "addresses such as 10.0.10.1/24",
		[FIELD_ROUTES] = "routes such as 'default via 10.0.10.254'",
		[FIELD_DEVICE] = "a device name of at most 15 letters and digits",
		[FIELD_FILE] = "a plain file name without '/'",
		[FIELD_VLAN] = "1 to 4094, or the title of a VLAN",
		[FIELD_VLANS] = "a list such as 10,20,100-199, or all",
		[FIELD_PCP] = "keep, a priority 0 to 7, or a map such as 0-3:1,5:7",
		[FIELD_RATE] = "a rate such as 10Mbit, 1.5Gbit or 1000fps",
		[FIELD_MACS] = "addresses such as 02:00:00:00:00:0a",
		[FIELD_IPS] = "addresses such as 10.0.10.1",
	};

	switch (f->type) {
	case FIELD_INT:
		snprintf(out, room, "%ld to %ld", f->min, f->max);
		break;
	case FIELD_TEXT:
		snprintf(out, room, "a text of at most %ld characters", f->max);
		break;
	case FIELD_REF:
		snprintf(out, room, "the name of %s %s", article(f->ref), f->ref);
		break;
	case FIELD_REFS:
		snprintf(out, room, "names of %ss", f->ref);
		break;
	case FIELD_CHOICE:
		describe_choices(f, out, room);
		break;
	default:
		snprintf(out, room, "%s", texts[f->type]);
	}
}

json_t *field_wrong(const struct field *f, const char *where, struct faults *faults,
		    const char *fmt, ...)
{
	char right[192], hint[200], text[256];
	va_list ap;

	field_describe(f, right, sizeof(right));
	snprintf(hint, sizeof(hint), "use %s", right);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fault(faults, FAULT_INVALID, where, hint, "%s", text);
	return NULL;
}

static const char *json_kind(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	default:
		return "null";
	}
}

static json_t *wrong_type(const struct field *f, const char *where, const char *takes,
			  const json_t *v, struct faults *faults)
{
	return field_wrong(f, where, faults, "%s takes %s, not %s", f->name, takes, json_kind(v));
}

static json_t *check_int(const struct field *f, const json_t *v, struct faults *faults)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v))
		return wrong_type(f, f->name, "a whole number", v, faults);
	if (f->type == FIELD_VID || f->type == FIELD_VLAN) {
		if (n == 0 || n == VID_LAST + 1)
			return field_wrong(f, f->name, faults, "vlan %lld is reserved",
					   (long long)n);
		if (n < 0 || n > VID_LAST)
			return field_wrong(f, f->name, faults, "vlan %lld does not exist",
					   (long long)n);
	} else if (n < f->min || n > f->max) {
		return field_wrong(f, f->name, faults, "%s %lld is out of range", f->name,
				   (long long)n);
	}
	return json_integer(n);
}

static bool has_control_character(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 127)
			return true;
	}
	return false;
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static bool device_ok(const char *s)
{
	if (!*s || strlen(s) > DEVICE_LEN || !strcmp(s, ".") || !strcmp(s, ".."))
		return false;
	/* '%' would be a pattern to the kernel, ':' an alias. */
	for (; *s; s++) {
		if (!isgraph((unsigned char)*s) || strchr("/:%", *s))
			return false;
	}
	return true;
}

static bool file_ok(const char *s)
{
	return *s && *s != '.' && strlen(s) <= FILE_LEN && !strchr(s, '/') &&
	       !has_control_character(s);
}

static bool choice_ok(const struct field *f, const char *s)
{
	for (const char *const *c = f->choices; *c; c++) {
		if (!strcmp(*c, s))
			return true;
	}
	return false;
}

static json_t *check_text(const struct field *f, const char *s, struct faults *faults)
{
	char shown[SHOWN_LEN], mac[MAC_TEXT], ip[IP_TEXT], rate[RATE_TEXT];

	text_shown(s, shown, sizeof(shown));
	switch (f->type) {
	case FIELD_TEXT:
		if (has_control_character(s))
			return field_wrong(f, f->name, faults, "%s must be one line", f->name);
		if (characters(s) > (size_t)f->max)
			return field_wrong(f, f->name, faults, "%s is longer than %ld characters",
					   f->name, f->max);
		break;
	case FIELD_NAME:
	case FIELD_REF:
		if (f->type == FIELD_NAME ? !name_ok(s) : !name_ok_joined(s))
			return field_wrong(f, f->name, faults, "'%s' is not a name", shown);
		break;
	case FIELD_CHOICE:
		if (!choice_ok(f, s))
			return field_wrong(f, f->name, faults, "%s '%s' is unknown", f->name,
					   shown);
		break;
	case FIELD_MAC:
		return mac_canonical(s, mac, f->name, faults) ? NULL : json_string(mac);
	case FIELD_IP:
		return ip_canonical(s, ip, f->name, faults) ? NULL : json_string(ip);
	case FIELD_RATE:
		return rate_canonical(s, rate, f->name, faults) ? NULL : json_string(rate);
	case FIELD_DEVICE:
		if (!device_ok(s))
			return field_wrong(f, f->name, faults, "'%s' is not a device name", shown);
		break;
	default:
		if (!file_ok(s))
			return field_wrong(f, f->name, faults, "'%s' is not a plain file name",
					   shown);
	}
	return json_string(s);
}

/* VLANs that are being gathered: numbers, and each title once, where the field takes them. */
struct vlans {
	struct vlan_set vids;
	json_t *titles; /* NULL: the field takes none */
	bool no_title; /* but there was one */
};

static void add_title(void *arg, const char *title)
{
	struct vlans *v = arg;
	json_t *other;
	size_t i;

	v->no_title |= !v->titles;
	json_array_foreach (v->titles, i, other) {
		if (!strcmp(json_string_value(other), title))
			return;
	}
	json_array_append_new(v->titles, json_string(title));
}

/* Adds TEXT ("10,20", "all") to the set. WHERE is the place for a fault. */
static bool add_vids(const struct field *f, const char *where, const char *text, struct vlans *set,
		     struct faults *faults)
{
	char shown[SHOWN_LEN];
	const char *bad = text;
	unsigned long vid;
	char *end;

	if (!vlan_words_parse(text, &set->vids, add_title, set, &bad) && !set->no_title)
		return true;
	vid = strtoul(bad, &end, 10);
	if (end > bad && isdigit((unsigned char)*bad)) {
		if (vid == 0 || vid == VID_LAST + 1)
			field_wrong(f, where, faults, "vlan %lu is reserved", vid);
		else if (vid > VID_LAST)
			field_wrong(f, where, faults, "vlan %.20s does not exist",
				    text_shown(bad, shown, sizeof(shown)));
		else
			field_wrong(f, where, faults, "a range in '%s' runs backwards",
				    text_shown(text, shown, sizeof(shown)));
	} else {
		field_wrong(f, where, faults, "'%s' is not a list of VLANs",
			    text_shown(text, shown, sizeof(shown)));
	}
	return false;
}

static bool add_vids_item(const struct field *f, const char *where, const json_t *v,
			  struct vlans *set, struct faults *faults)
{
	char text[24];

	if (json_is_string(v))
		return add_vids(f, where, json_string_value(v), set, faults);
	if (!json_is_integer(v)) {
		wrong_type(f, where, "VLAN numbers", v, faults);
		return false;
	}
	if (json_integer_value(v) < 0) {
		field_wrong(f, where, faults, "vlan %lld does not exist",
			    (long long)json_integer_value(v));
		return false;
	}
	snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(v));
	return add_vids(f, where, text, set, faults);
}

/* Numbers first: "10,100-199,staff". */
static json_t *vlans_canonical(const struct vlans *set)
{
	char text[VLAN_SET_TEXT], *all;
	json_t *title, *out;
	size_t i, len;

	vlan_set_print(&set->vids, text, sizeof(text));
	if (!json_array_size(set->titles))
		return json_string(text);
	len = vlan_set_count(&set->vids) ? strlen(text) : 0;
	all = malloc(len + json_array_size(set->titles) * (VLAN_TITLE_OCTETS + 1));
	if (!all)
		return NULL;
	memcpy(all, text, len);
	json_array_foreach (set->titles, i, title) {
		if (len)
			all[len++] = ',';
		memcpy(all + len, json_string_value(title), json_string_length(title));
		len += json_string_length(title);
	}
	out = json_stringn(all, len);
	free(all);
	return out;
}

static json_t *check_vids(const struct field *f, const json_t *v, struct faults *faults)
{
	char where[128];
	struct vlans set = { .titles = f->type == FIELD_VLANS ? json_array() : NULL };
	json_t *item, *out;
	bool ok = true;
	size_t i;

	if (json_is_array(v)) {
		json_array_foreach ((json_t *)v, i, item) {
			snprintf(where, sizeof(where), "%s/%zu", f->name, i);
			ok &= add_vids_item(f, where, item, &set, faults);
		}
	} else {
		ok = add_vids_item(f, f->name, v, &set, faults);
	}
	out = ok ? vlans_canonical(&set) : NULL;
	json_decref(set.titles);
	return out;
}

static json_t *check_vlan(const struct field *f, const json_t *v, struct faults *faults)
{
	const char *title = json_string_value(v);
	char shown[SHOWN_LEN];

	if (!title)
		return check_int(f, v, faults);
	if (!vlan_word_is_title(title) || has_control_character(title) ||
	    strlen(title) >= VLAN_TITLE_OCTETS)
		return field_wrong(f, f->name, faults, "'%s' is not a VLAN",
				   text_shown(title, shown, sizeof(shown)));
	return json_string(title);
}

static int ref_canonical(const struct field *f, const char *s, char *out, const char *where,
			 struct faults *faults)
{
	char shown[SHOWN_LEN];

	if (!name_ok_joined(s)) {
		field_wrong(f, where, faults, "'%s' is not a name",
			    text_shown(s, shown, sizeof(shown)));
		return -EINVAL;
	}
	snprintf(out, ROUTE_TEXT, "%s", s);
	return 0;
}

static int item_canonical(const struct field *f, const char *s, char *out, const char *where,
			  struct faults *faults)
{
	switch (f->type) {
	case FIELD_CIDRS:
		return cidr_canonical(s, out, where, faults);
	case FIELD_REFS:
		return ref_canonical(f, s, out, where, faults);
	case FIELD_MACS:
		return mac_canonical(s, out, where, faults);
	case FIELD_IPS:
		return ip_canonical(s, out, where, faults);
	default:
		return route_canonical(s, out, where, faults);
	}
}

/* One entry of a list of addresses, routes or names, unless it is in LIST already. */
static bool add_item(const struct field *f, const char *where, const json_t *v, json_t *list,
		     struct faults *faults)
{
	char text[ROUTE_TEXT];
	json_t *other;
	size_t i;

	if (!json_is_string(v)) {
		wrong_type(f, where, "text", v, faults);
		return false;
	}
	if (item_canonical(f, json_string_value(v), text, where, faults))
		return false;
	json_array_foreach (list, i, other) {
		if (!strcmp(json_string_value(other), text)) {
			fault(faults, FAULT_INVALID, where, "leave one of them out",
			      "%s is there twice", text);
			return false;
		}
	}
	json_array_append_new(list, json_string(text));
	return true;
}

static json_t *check_list(const struct field *f, const json_t *v, struct faults *faults)
{
	json_t *list = json_array(), *item;
	size_t i, most = f->max ? (size_t)f->max : LIST_LEN;
	char where[128], hint[48];
	bool ok = true;

	if (json_array_size(v) > most) {
		snprintf(hint, sizeof(hint), "use at most %zu", most);
		fault(faults, FAULT_INVALID, f->name, hint, "%s has %zu entries, which is too many",
		      f->name, json_array_size(v));
		ok = false;
	} else if (json_is_array(v)) {
		json_array_foreach ((json_t *)v, i, item) {
			snprintf(where, sizeof(where), "%s/%zu", f->name, i);
			ok &= add_item(f, where, item, list, faults);
		}
	} else {
		ok = add_item(f, f->name, v, list, faults);
	}
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *check_pcp(const struct field *f, const json_t *v, struct faults *faults)
{
	char number[24], shown[SHOWN_LEN], text[PCP_TEXT];
	const char *typed = json_string_value(v);
	struct pcp_map map;

	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		typed = number;
	} else if (!typed) {
		return wrong_type(f, f->name, "priorities", v, faults);
	}
	if (pcp_parse(typed, &map))
		return field_wrong(f, f->name, faults, "'%s' is not a map of priorities",
				   text_shown(typed, shown, sizeof(shown)));
	pcp_print(&map, text);
	return json_string(text);
}

json_t *field_check(const struct field *f, const json_t *v, struct faults *faults)
{
	switch (f->type) {
	case FIELD_BOOL:
		if (!json_is_boolean(v))
			return wrong_type(f, f->name, "true or false", v, faults);
		return json_boolean(json_is_true(v));
	case FIELD_INT:
	case FIELD_VID:
		return check_int(f, v, faults);
	case FIELD_VLAN:
		return check_vlan(f, v, faults);
	case FIELD_VIDS:
	case FIELD_VLANS:
		return check_vids(f, v, faults);
	case FIELD_PCP:
		return check_pcp(f, v, faults);
	case FIELD_CIDRS:
	case FIELD_ROUTES:
	case FIELD_REFS:
	case FIELD_MACS:
	case FIELD_IPS:
		return check_list(f, v, faults);
	default:
		if (!json_is_string(v))
			return wrong_type(f, f->name, "text", v, faults);
		return check_text(f, json_string_value(v), faults);
	}
}
