/* SPDX-License-Identifier: Apache-2.0 */
#include "api/pcp.h"

#include <errno.h>
#include <stdio.h>

static const struct pcp_map keep = { { 0, 1, 2, 3, 4, 5, 6, 7 } };

static const char *skip_space(const char *c)
{
	while (*c == ' ')
		c++;
	return c;
}

static bool take_digit(const char **at, uint8_t *out)
{
	if (**at < '0' || **at > '7')
		return false;
	*out = (uint8_t)(*(*at)++ - '0');
	return true;
}

/* "5:7" or "0-3:1" at *AT. SEEN: priorities that were said before. */
static bool take_rule(const char **at, struct pcp_map *m, unsigned int *seen)
{
	uint8_t first, last, to;

	if (!take_digit(at, &first))
		return false;
	last = first;
	if (**at == '-') {
		++*at;
		if (!take_digit(at, &last) || last < first)
			return false;
	}
	*at = skip_space(*at);
	if (**at != ':')
		return false;
	*at = skip_space(*at + 1);
	if (!take_digit(at, &to))
		return false;
	for (unsigned int pcp = first; pcp <= last; pcp++) {
		if (*seen >> pcp & 1)
			return false;
		*seen |= 1u << pcp;
		m->to[pcp] = to;
	}
	return true;
}

int pcp_parse(const char *text, struct pcp_map *out)
{
	struct pcp_map m = keep;
	const char *c = skip_space(text);
	unsigned int seen = 0;

	if (!strcmp(c, "keep")) {
		*out = m;
		return 0;
	}
	if (*c >= '0' && *c <= '7' && !*skip_space(c + 1)) {
		memset(out->to, *c - '0', sizeof(out->to));
		return 0;
	}
	for (;; c = skip_space(c + 1)) {
		if (!take_rule(&c, &m, &seen))
			return -EINVAL;
		c = skip_space(c);
		if (!*c)
			break;
		if (*c != ',')
			return -EINVAL;
	}
	*out = m;
	return 0;
}

bool pcp_keeps(const struct pcp_map *m)
{
	return !memcmp(m, &keep, sizeof(keep));
}

void pcp_print(const struct pcp_map *m, char out[PCP_TEXT])
{
	unsigned int same = 1;
	size_t at = 0;

	while (same < ARRAY_LEN(m->to) && m->to[same] == m->to[0])
		same++;
	if (pcp_keeps(m) || same == ARRAY_LEN(m->to)) {
		snprintf(out, PCP_TEXT, same == ARRAY_LEN(m->to) ? "%u" : "keep", m->to[0]);
		return;
	}
	for (unsigned int first = 0, last; first < ARRAY_LEN(m->to); first = last + 1) {
		last = first;
		if (m->to[first] == first)
			continue;
		while (last + 1 < ARRAY_LEN(m->to) && m->to[last + 1] == m->to[first])
			last++;
		while (m->to[last] == last) /* a range does not end with what stays */
			last--;
		at += (size_t)snprintf(out + at, PCP_TEXT - at, "%s%u", at ? "," : "", first);
		if (last > first)
			at += (size_t)snprintf(out + at, PCP_TEXT - at, "-%u", last);
		at += (size_t)snprintf(out + at, PCP_TEXT - at, ":%u", m->to[first]);
	}
}
