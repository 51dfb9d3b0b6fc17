/* SPDX-License-Identifier: Apache-2.0 */
#include "api/vlan_set.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

enum { VID_FIRST = 1, VID_LAST = 4094 };

static const char *skip_space(const char *c)
{
	while (*c == ' ')
		c++;
	return c;
}

/* A VID at *AT, which moves past it; 0: there is none, and *AT stays. */
static uint16_t take_vid(const char **at)
{
	const char *c = *at;
	unsigned int vid = 0;

	for (; isdigit((unsigned char)*c); c++) {
		vid = vid * 10 + (unsigned int)(*c - '0');
		if (vid > VID_LAST)
			return 0;
	}
	if (vid < VID_FIRST)
		return 0;
	*at = c;
	return (uint16_t)vid;
}

/* "10" or "100-199" at *AT, which on failure stays where the fault is. */
static bool take_range(const char **at, struct vlan_set *s)
{
	uint16_t first = take_vid(at), last = first;

	if (!first)
		return false;
	if (**at == '-') {
		const char *c = *at + 1;

		last = take_vid(&c);
		if (last < first) {
			*at = *at + 1;
			return false;
		}
		*at = c;
	}
	for (unsigned int vid = first; vid <= last; vid++)
		vlan_set_add(s, (uint16_t)vid);
	return true;
}

int vlan_set_parse(const char *text, struct vlan_set *out, const char **bad)
{
	struct vlan_set s = { 0 };
	const char *c = skip_space(text);

	if (!*c || !strcmp(c, "none"))
		goto done;
	if (!strcmp(c, "all")) {
		for (unsigned int vid = VID_FIRST; vid <= VID_LAST; vid++)
			vlan_set_add(&s, (uint16_t)vid);
		goto done;
	}
	for (;; c = skip_space(c + 1)) {
		if (!take_range(&c, &s))
			break;
		c = skip_space(c);
		if (!*c)
			goto done;
		if (*c != ',')
			break;
	}
	if (bad)
		*bad = c;
	return -EINVAL;
done:
	*out = s;
	return 0;
}

unsigned int vlan_set_count(const struct vlan_set *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(s->bits); i++)
		n += (unsigned int)__builtin_popcountll(s->bits[i]);
	return n;
}

void vlan_set_print(const struct vlan_set *s, char *out, size_t room)
{
	unsigned int n = vlan_set_count(s);
	size_t at = 0;

	if (!n || n == VID_LAST) {
		snprintf(out, room, "%s", n ? "all" : "none");
		return;
	}
	out[0] = '\0';
	for (unsigned int vid = VID_FIRST; vid <= VID_LAST; vid++) {
		unsigned int first = vid;
		int len;

		if (!vlan_set_has(s, (uint16_t)vid))
			continue;
		while (vid < VID_LAST && vlan_set_has(s, (uint16_t)(vid + 1)))
			vid++;
		len = vid > first
			      ? snprintf(out + at, room - at, "%s%u-%u", at ? "," : "", first, vid)
			      : snprintf(out + at, room - at, "%s%u", at ? "," : "", vid);
		at += (size_t)len;
		if (at >= room)
			return;
	}
}
