/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of port types: a new one is a folder, a line here and one in port_types[]. */
#include "ports/types.h"

static const struct port_type *const types[] = { &tap_type, &vhost_user_type, &netdev_type,
						 &cable_type, &pcap_type };

const struct port_type *port_type_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(types[i]->name, name))
			return types[i];
	return NULL;
}

void ports_sweep(const struct port_env *env)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i]->sweep)
			types[i]->sweep(env);
}

void ports_settle(const struct port_env *env)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i]->settle)
			types[i]->settle(env);
}
