/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/port.h"

#include "base/hash.h"

static struct {
	port_host_fn *fn;
	void *ctx;
} on_host_change;

static void tell_changed(struct port *p)
{
	for (struct port_listener *l = p->env->listeners; l; l = l->next) {
		if (l->changed)
			l->changed(l->ctx, p);
	}
}

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
	tell_changed(p);
}

void port_ready_is(struct port *p, bool ready)
{
	if (p->ready == ready)
		return;
	p->ready = ready;
	tell_changed(p);
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

void port_ask_status(const struct port *p, json_t *into)
{
	for (struct port_listener *l = p->env->listeners; l; l = l->next) {
		if (l->status)
			l->status(l->ctx, p, into);
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

void port_mac(const char *instance, const char *port, struct eth_addr *out)
{
	uint64_t h = 0x57656674; /* "Weft" */

	for (const char *c = instance; *c; c++)
		h = hash_fold(h ^ (uint8_t)*c, 0x9e3779b97f4a7c15u);
	h = hash_fold(h ^ '/', 0x9e3779b97f4a7c15u);
	for (const char *c = port; *c; c++)
		h = hash_fold(h ^ (uint8_t)*c, 0x9e3779b97f4a7c15u);
	out->b[0] = 0x02; /* unicast, locally administered */
	for (unsigned int i = 1; i < sizeof(out->b); i++)
		out->b[i] = (uint8_t)(h >> 8 * i);
}
