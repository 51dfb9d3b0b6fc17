/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_HOST_PRIV_H
#define HOST_HOST_PRIV_H

#include "host/host.h"
#include "ports/prefix.h"

struct host {
	struct host *next;
	char name[NAME_MAX_LEN + 1];
	bool made; /* by us and now; else it was there already */
	struct ip_route *route; /* wanted */
	unsigned int n_route;
	unsigned int refused; /* of them, by the kernel, last time */
	char why[160]; /* and the last one's reason */
};

struct hosts {
	const struct port_env *env;
	const struct model *model; /* the one there is, once something was checked */
	struct host *hosts;
};

bool host_has_nic(const struct object *port, const char *host);

/* routes_ctl.c */
void host_check_routes(const struct model *, const struct object *now, struct faults *);
void host_want_routes(struct host *, const struct object *now);
/* STRAY: also take away those of ours that are no longer wanted. */
void host_set_routes(struct hosts *, struct host *, bool stray);

#endif /* HOST_HOST_PRIV_H */
