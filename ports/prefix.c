/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int parse_len(const char *text, unsigned int max, unsigned int *out)
{
	unsigned int n = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		n = n * 10 + (unsigned int)(*text - '0');
		if (n > max)
			return -EINVAL;
	}
	*out = n;
	return 0;
}

int prefix_parse(const char *text, struct prefix *out)
{
	char addr[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, "/");
	struct prefix p = { .family = memchr(text, ':', n) ? AF_INET6 : AF_INET };

	if (n >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, n);
	addr[n] = '\0';
	if (inet_pton(p.family, addr, p.addr) != 1)
		return -EINVAL;
	p.len = prefix_octets(&p) * 8;
	if (text[n] && parse_len(text + n + 1, p.len, &p.len))
		return -EINVAL;
	*out = p;
	return 0;
}

bool prefix_has(const struct prefix *net, const struct prefix *addr)
{
	unsigned int whole = net->len / 8, rest = net->len % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (net->family != addr->family || memcmp(net->addr, addr->addr, whole) != 0)
		return false;
	return !rest || !((net->addr[whole] ^ addr->addr[whole]) & mask);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->family == b->family && a->len == b->len &&
	       !memcmp(a->addr, b->addr, prefix_octets(a));
}

const char *prefix_print(const struct prefix *p, char *out, size_t room)
{
	char addr[INET6_ADDRSTRLEN] = "";

	inet_ntop(p->family, p->addr, addr, sizeof(addr));
	if (p->len == prefix_octets(p) * 8)
		snprintf(out, room, "%s", addr);
	else
		snprintf(out, room, "%s/%u", addr, p->len);
	return out;
}

int route_parse(const char *text, struct ip_route *out)
{
	char to[64], via[64];
	int end = 0;
	struct ip_route r;

	if (sscanf(text, "%63s via %63s%n", to, via, &end) != 2 || text[end])
		return -EINVAL;
	if (strchr(via, '/') || prefix_parse(via, &r.via))
		return -EINVAL;
	if (!strcmp(to, "default"))
		r.to = (struct prefix){ .family = r.via.family };
	else if (prefix_parse(to, &r.to) || r.to.family != r.via.family)
		return -EINVAL;
	*out = r;
	return 0;
}
