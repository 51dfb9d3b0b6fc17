/* SPDX-License-Identifier: Apache-2.0 */
/* Ports that the daemon itself has cut: down for everybody until somebody says otherwise. */
#include "vswitch/parts.h"

enum vsw_shut port_shut_by(const struct vswitch *v, const struct port *p)
{
	const struct vsw_live *live = v->port_live[p->id];

	return live ? (enum vsw_shut)__atomic_load_n(&live->shut, __ATOMIC_RELAXED) : VSW_OPEN;
}

static void set(struct vswitch *v, struct port *p, enum vsw_shut why, const char *held)
{
	__atomic_store_n(&v->port_live[p->id]->shut, why, __ATOMIC_RELAXED);
	p->held = held;
	if (p->type->carrier)
		p->type->carrier(p);
	control_recompile(v->env->control);
}

void port_shut(struct vswitch *v, struct port *p, enum vsw_shut why, const char *held)
{
	set(v, p, why, held);
}

void port_open(struct vswitch *v, struct port *p)
{
	if (port_shut_by(v, p) == VSW_SHUT_LEARN)
		set(v, p, VSW_OPEN, NULL);
}
