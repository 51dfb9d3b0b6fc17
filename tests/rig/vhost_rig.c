/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/vhost_rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ports/vhost_user/session_priv.h"
#include "tests/rig/drops.h"

static void pump(void *arg)
{
	struct vhost_rig *r = arg;

	loop_once(r->rig->env.loop, 0);
	if (r->by_hand)
		vhost_rig_run(r);
}

void vhost_rig_run(struct vhost_rig *r)
{
	struct engine *e = r->rig->env.engine;
	struct source *s;

	for (unsigned int at = 0; (s = engine_source(e, 0, &at));)
		port_rig_run(r->rig, s);
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "vhost rig: %s\n", what);
	abort();
}

struct vhost_rig *vhost_rig_create(unsigned int workers)
{
	struct vhost_rig *r = calloc(1, sizeof(*r));

	must(r, "memory");
	r->by_hand = !workers;
	r->rig = port_rig_create_with(MAX(workers, 1u));
	must(r->by_hand || !engine_start(r->rig->env.engine), "workers");
	/* As the daemon at its start; the test's frame has handlers of its own. */
	signal(SIGPIPE, SIG_IGN);
	must(!gmem_guard(), "a guard");
	return r;
}

void vhost_rig_destroy(struct vhost_rig *r)
{
	for (unsigned int i = 0; i < r->n; i++) {
		if (r->vm[i].port)
			port_rig_close(r->rig, r->vm[i].port, false);
		guest_destroy(r->vm[i].g);
	}
	port_rig_destroy(r->rig);
	free(r);
}

void vhost_rig_replug(struct vhost_rig *r, struct vhost_vm *vm, const char *more)
{
	char name[16], spec[600];

	snprintf(name, sizeof(name), "vm%u", (unsigned int)(vm - r->vm));
	snprintf(spec, sizeof(spec), "{\"switch\":\"s\",\"type\":\"vhost_user\"%s}", more);
	vm->port = port_rig_start(r->rig, name, spec);
}

struct vhost_vm *vhost_rig_plug(struct vhost_rig *r, const char *more,
				const struct guest_config *cfg)
{
	struct vhost_vm *vm = &r->vm[r->n];
	struct guest_config c;
	char path[128];

	must(r->n < VHOST_RIG_VMS, "that many machines");
	snprintf(path, sizeof(path), "%s/vhost/vm%u.sock", r->rig->dir, r->n++);
	if (cfg) {
		c = *cfg;
		c.path = path;
		c.pump = pump;
		c.arg = r;
		vm->g = guest_create(&c);
	}
	vhost_rig_replug(r, vm, more);
	return vm;
}

void vhost_rig_unplug(struct vhost_rig *r, struct vhost_vm *vm, bool leave)
{
	__atomic_store_n(&r->rig->to[vm->port->id], PORT_NONE, __ATOMIC_RELAXED);
	port_rig_close(r->rig, vm->port, leave);
	vm->port = NULL;
}

void vhost_rig_patch(struct vhost_rig *r, const struct vhost_vm *a, const struct vhost_vm *b)
{
	__atomic_store_n(&r->rig->to[a->port->id], b->port->id, __ATOMIC_RELAXED);
	__atomic_store_n(&r->rig->to[b->port->id], a->port->id, __ATOMIC_RELAXED);
}

void vhost_rig_pair(struct vhost_rig *r, const char *more, const struct guest_config *cfg,
		    struct vhost_vm **a, struct vhost_vm **b)
{
	*a = vhost_rig_plug(r, more, cfg);
	*b = vhost_rig_plug(r, more, cfg);
	vhost_rig_patch(r, *a, *b);
	must(!guest_start((*a)->g) && !guest_start((*b)->g), "two guests");
}

void vhost_rig_reboot(struct vhost_rig *r, struct vhost_vm *vm)
{
	struct guest_config c = vm->g->cfg;
	char path[128];

	(void)r;
	snprintf(path, sizeof(path), "%s", c.path);
	c.path = path;
	guest_destroy(vm->g);
	vm->g = guest_create(&c);
}

void vhost_rig_forgive(struct vhost_vm *vm)
{
	struct vu_session *s = ((struct vhost_user *)vm->port->own)->session;

	s->connections = s->refusals = s->carriers = (struct vu_budget){ 0 };
}

bool vhost_rig_until(struct vhost_rig *r, bool (*yes)(void *), void *arg)
{
	uint64_t end = clock_ns() + GUEST_WAIT_MS * UINT64_C(1000000);

	while (!yes(arg)) {
		if (clock_ns() > end)
			return false;
		loop_once(r->rig->env.loop, 1);
	}
	return true;
}

void vhost_frame(uint8_t *out, uint32_t len, uint32_t number)
{
	static const uint8_t head[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x99, 0x99 };

	for (uint32_t i = 0; i < len; i++)
		out[i] = i < sizeof(head) ? head[i] : (uint8_t)(number * 31 + i * 7 + (i >> 8));
}

bool vhost_frame_is(const uint8_t *frame, uint32_t len, uint32_t want_len, uint32_t number)
{
	static uint8_t want[VHOST_FRAME];

	vhost_frame(want, want_len, number);
	return len == want_len && !memcmp(frame, want, len);
}

static uint32_t length_of(unsigned int i, uint32_t max)
{
	static const uint32_t often[] = { 60, 14, 1514, 128, 129, 127, 64, 9014, 2048, 15 };
	uint32_t len = i % 16 < ARRAY_LEN(often) ? often[i % 16] : 14 + i * 2654435761u % 65536;

	return i % 53 == 52 ? max : len <= max ? len : 14 + len % (max - 13);
}

/* Frames of MAX octets that fit into the receive buffers of G, half of them. */
static unsigned int room_of(const struct guest *g, uint32_t max)
{
	unsigned int each = (max + 12 + g->cfg.rx_len - 1) / g->cfg.rx_len;

	return MAX(guest_rx_buffers(g) / each / 2, 1u);
}

const char *vhost_rig_talk(struct vhost_vm *a, struct vhost_vm *b, unsigned int n, uint32_t max)
{
	static uint8_t frame[VHOST_FRAME];
	unsigned int sent = 0, got = 0;
	uint32_t len;

	while (got < n) {
		/* No more on the way than the other has room for. */
		unsigned int window = room_of(b->g, max);

		while (sent < n && sent - got < window) {
			vhost_frame(frame, length_of(sent, max), sent);
			if (guest_send(a->g, 0, frame, length_of(sent, max), NULL))
				break;
			sent++;
		}
		if (sent == got) { /* all buffers are still with the port */
			if (!guest_await_sent(a->g, 0))
				return "nothing can be sent";
			continue;
		}
		len = guest_await(b->g, 0, frame, sizeof(frame), NULL);
		if (!len)
			return "a frame did not come";
		if (!vhost_frame_is(frame, len, length_of(got, max), got))
			return "another frame came";
		got++;
	}
	len = guest_receive(b->g, 0, frame, sizeof(frame), NULL);
	return len ? "a frame too many came" : NULL;
}

uint64_t vhost_rig_drops(struct vhost_rig *r, const struct port *p, const char *cause)
{
	return drops_at(r->rig->env.engine, p->id, cause);
}
