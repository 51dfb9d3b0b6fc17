/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_ROUTER_PRIV_H
#define CONTROL_ROUTER_PRIV_H

#include "control/route.h"

/* Which route is meant by a method and a path? Control thread. */
#define ROUTE_PARAMS 3
#define PARAM_LEN    192

struct router;

struct route_match {
	const struct route *route;
	void *ctx;
	unsigned int n_params;
	struct {
		const char *name; /* in the route's text, up to its '}' */
		size_t name_len;
		char value[PARAM_LEN];
	} params[ROUTE_PARAMS];
	char allow[64]; /* after -EPERM: "GET, PUT" */
};

int router_create(struct router **out);
void router_destroy(struct router *); /* NULL is fine */
int router_add(struct router *, const struct route *table, void *ctx);
/* PATH is decoded. -ENOENT: no such path; -EPERM: not with this method. */
int router_match(const struct router *, const char *method, const char *path,
		 struct route_match *out);
const char *route_match_param(const struct route_match *, const char *name); /* "" if none */
/* Is NAME one of the words of LIST (NULL: none)? */
bool route_has_query(const struct route *, const char *name);

#endif /* CONTROL_ROUTER_PRIV_H */
