/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/port.h"

static struct {
	port_host_fn *fn;
	void *ctx;
} on_host_change;

void port_carrier_is(struct port *p, bool up, const char *why)
{
	if (p->carrier == up)
		return;
	p->carrier = up;
	events_post(p->env->events, "port.carrier", "port", p->name, "port %s is %s: %s", p->name,
		    up ? "up" : "down", why);
	for (struct port_listener *l = p->env->listeners; l && !up; l = l->next) {
		if (l->down)
			l->down(l->ctx, p);
	}
}

void port_listen(struct port_env *env, struct port_listener *l)
{
	l->next = env->listeners;
	env->listeners = l;
}

void port_is_gone(struct port *p)
{
	for (struct port_listener *l = p->env->listeners; l; l = l->next) {
		if (l->gone)
			l->gone(l->ctx, p);
	}
}

void port_on_host_change(port_host_fn *fn, void *ctx)
{
	on_host_change.fn = fn;
	on_host_change.ctx = ctx;
}

void port_host_changed(const char *host)
{
	if (on_host_change.fn)
		on_host_change.fn(on_host_change.ctx, host);
}
