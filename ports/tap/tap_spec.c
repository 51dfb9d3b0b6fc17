/* SPDX-License-Identifier: Apache-2.0 */
/* What the spec of a TAP says, and whether it makes sense. */
#include "ports/tap/tap_priv.h"

#include <stdio.h>

const char *tap_device(const struct object *o)
{
	const char *device = object_text(o, "device");

	if (device)
		return device;
	return object_text(o, "host") || object_text(o, "netns") ? "eth0" : "";
}

static bool same_device(const struct object *a, const struct object *b)
{
	return !strcmp(tap_device(a), tap_device(b)) && place_same(a, b);
}

static void check_device(const struct model *m, const struct object *now, struct faults *faults)
{
	const struct object *o = NULL;
	char place[PLACE_LEN], where[PLACE_TEXT];

	if (!*tap_device(now))
		return;
	if (!strcmp(tap_device(now), "lo")) {
		fault(faults, FAULT_INVALID, "device", "give it another \"device\"",
		      "lo is the loopback device, which is there already");
		return;
	}
	while ((o = model_next(m, "port", o)) != NULL) {
		if (!strcmp(o->name, now->name) || strcmp(object_text(o, "type"), "tap") != 0 ||
		    !same_device(o, now))
			continue;
		fault(faults, FAULT_CONFLICT, "device", "give it another \"device\"",
		      "device %s of %s is port %s already", tap_device(now),
		      place_text(place_of(now, place), where), o->name);
		return;
	}
}

unsigned int tap_addresses(const struct object *o, struct prefix out[TAP_ADDRESSES])
{
	json_t *list = json_object_get(o->spec, "address"), *a;
	unsigned int n = 0;
	size_t i;

	json_array_foreach (list, i, a) {
		if (n < TAP_ADDRESSES && !prefix_parse(json_string_value(a), &out[n]))
			n++;
	}
	return n;
}

static void check_mtu(const struct object *now, struct faults *faults)
{
	struct prefix a[TAP_ADDRESSES];
	unsigned int n = tap_addresses(now, a);

	for (unsigned int i = 0; i < n; i++) {
		if (a[i].family != AF_INET6 || object_int(now, "mtu") >= 1280)
			continue;
		/* RFC 8200 5 */
		fault(faults, FAULT_INVALID, "mtu", "give it at least 1280",
		      "mtu %ld is too small for an IPv6 address", object_int(now, "mtu"));
		return;
	}
}

void tap_check(const struct model *m, const struct object *now, struct faults *faults)
{
	size_t n = json_array_size(json_object_get(now->spec, "address"));

	if (n > TAP_ADDRESSES)
		fault(faults, FAULT_INVALID, "address", NULL, "%zu addresses are more than %u", n,
		      TAP_ADDRESSES);
	place_check(now, faults);
	check_device(m, now, faults);
	check_mtu(now, faults);
}
