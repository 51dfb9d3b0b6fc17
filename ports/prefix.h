/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PREFIX_H
#define PORTS_PREFIX_H

#include <sys/socket.h>

#include "base/compat.h"

/* IPv4 and IPv6 addresses with a prefix length, as the specs spell them. Any thread; plain data. */
struct prefix {
	int family; /* AF_INET, AF_INET6 */
	unsigned int len; /* in bits */
	uint8_t addr[16]; /* network order; four octets of it for IPv4 */
};

static inline unsigned int prefix_octets(const struct prefix *p)
{
	return p->family == AF_INET ? 4 : 16;
}

/* "10.0.10.1/24"; without a length it is a whole address. -EINVAL: neither. */
int prefix_parse(const char *text, struct prefix *out);
/* Is ADDR, whatever its length, in the network of NET? */
bool prefix_has(const struct prefix *net, const struct prefix *addr);
bool prefix_equal(const struct prefix *, const struct prefix *);
#define PREFIX_TEXT 52
const char *prefix_print(const struct prefix *, char *out, size_t room);

/* "10.0.20.0/24 via 10.0.10.254", "default via fd00::1". */
struct ip_route {
	struct prefix to, via;
};
int route_parse(const char *text, struct ip_route *out);

#endif /* PORTS_PREFIX_H */
