/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of a host: do they make sense, and bring the kernel in line with them. */
#include "host/host_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "ports/netlink.h"
#include "ports/netns.h"

#define ROUTES 256 /* of one host */

static json_t *routes_of(const struct object *o)
{
	return json_object_get(o->spec, "routes");
}

/* Is ADDR on the link of one of the host's NICs, as the model has them? */
static bool on_link(const struct model *m, const char *host, const struct prefix *addr)
{
	const struct object *port = NULL;

	while ((port = model_next(m, "port", port)) != NULL) {
		json_t *text;
		size_t i;

		if (!host_has_nic(port, host))
			continue;
		json_array_foreach (json_object_get(port->spec, "address"), i, text) {
			struct prefix net;

			if (!prefix_parse(json_string_value(text), &net) && prefix_has(&net, addr))
				return true;
		}
	}
	return false;
}

static void check_route(const struct model *m, const struct object *now, size_t i,
			struct faults *faults)
{
	const char *text = json_string_value(json_array_get(routes_of(now), i));
	char field[32], via[PREFIX_TEXT];
	struct ip_route r, other;

	snprintf(field, sizeof(field), "routes/%zu", i);
	if (!text || route_parse(text, &r)) {
		fault(faults, FAULT_INVALID, field, "write it as \"10.0.20.0/24 via 10.0.10.254\"",
		      "\"%s\" is no route", text ? text : "");
		return;
	}
	if (!on_link(m, now->name, &r.via))
		fault(faults, FAULT_INVALID, field, "a gateway is a neighbour",
		      "the gateway %s is in no network of the NICs of host %s",
		      prefix_print(&r.via, via, sizeof(via)), now->name);
	while (i-- > 0) {
		text = json_string_value(json_array_get(routes_of(now), i));
		if (text && !route_parse(text, &other) && prefix_equal(&other.to, &r.to)) {
			fault(faults, FAULT_CONFLICT, field, "take one of them away",
			      "there are two routes to one network");
			return;
		}
	}
}

void host_check_routes(const struct model *m, const struct object *now, struct faults *faults)
{
	size_t n = json_array_size(routes_of(now));

	if (n > ROUTES)
		fault(faults, FAULT_INVALID, "routes", NULL, "%zu routes are more than %u", n,
		      ROUTES);
	for (size_t i = 0; i < n && i < ROUTES; i++)
		check_route(m, now, i, faults);
}

/* Which routes are wanted from now on. No memory: none. */
void host_want_routes(struct host *h, const struct object *now)
{
	size_t n = json_array_size(routes_of(now));

	free(h->route);
	h->n_route = 0;
	h->route = n ? calloc(n, sizeof(*h->route)) : NULL;
	for (size_t i = 0; h->route && i < n; i++) {
		const char *text = json_string_value(json_array_get(routes_of(now), i));

		if (text && !route_parse(text, &h->route[h->n_route]))
			h->n_route++;
	}
}

struct strays {
	const struct host *h;
	struct ip_route v[ROUTES];
	unsigned int n;
};

static void keep_stray(void *arg, const struct ip_route *r)
{
	struct strays *s = arg;

	for (unsigned int i = 0; i < s->h->n_route; i++)
		if (prefix_equal(&s->h->route[i].to, &r->to) &&
		    prefix_equal(&s->h->route[i].via, &r->via))
			return;
	if (s->n < ARRAY_LEN(s->v))
		s->v[s->n++] = *r;
}

/* What is ours by its mark and no longer wanted goes, what is wanted comes. */
void host_set_routes(struct hosts *s, struct host *h, bool stray)
{
	struct strays gone = { .h = h };
	struct netlink *n;
	int netns;

	h->refused = 0;
	if (netns_open(s->env->run_dir, h->name, &netns))
		return;
	if (netlink_open(netns, &n))
		goto out;
	if (stray)
		netlink_route_each(n, keep_stray, &gone);
	for (unsigned int i = 0; i < gone.n; i++)
		netlink_route_del(n, &gone.v[i]);
	for (unsigned int i = 0; i < h->n_route; i++) {
		if (!netlink_route_add(n, &h->route[i]))
			continue;
		h->refused++;
		snprintf(h->why, sizeof(h->why), "%s", netlink_why(n));
	}
	netlink_close(n);
out:
	fd_close(&netns);
}
