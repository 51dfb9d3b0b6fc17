/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/punt.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "dataplane/engine_priv.h"
#include "dataplane/graph.h"

#define CAPTURE_RING (4u << 20)
#define PUNT_RING    (1u << 20)
#define INJECT_RING  (1u << 20)

/* ---- the worker's half ---------------------------------------------------------------------- */

bool copy_put(struct worker *w, unsigned int who, port_id_t port, enum capture_dir dir,
	      const struct tx_frame *f)
{
	struct parcel p = { .port = port,
			    .what = (uint16_t)(who << 1 | dir),
			    .time_ns = clock_realtime_ns() };
	struct spsc *ring = __atomic_load_n(&w->captured, __ATOMIC_ACQUIRE);

	w->woke_control = true;
	return parcel_put(ring, p, f);
}

void capture_put(struct worker *w, port_id_t port, enum capture_dir dir, const struct tx_frame *f)
{
	if (!copy_put(w, 0, port, dir, f))
		count_add(&w->missed, 1);
}

/* Once a run, when there was something to put. */
void parcels_wake(struct worker *w)
{
	uint64_t one = 1;

	w->woke_control = false;
	if (write(w->engine->parcels_fd, &one, sizeof(one)) < 0)
		return; /* full: it is readable already */
}

enum punt_edge { PUNT_DONE, PUNT_DROP_FULL };

static void punt(struct node_ctx *ctx, const struct burst *in)
{
	struct worker *w = ctx->worker;

	for (unsigned int i = 0; i < in->n; i++) {
		struct pkt *p = in->pkt[i];
		struct parcel to = { .port = p->in_port, .what = (uint16_t)p->note[0] };
		bool dry = worker_is_dry(w);
		bool put = dry || parcel_put(w->punted, to, &(struct tx_frame){ .pkt = p });

		w->woke_control |= put && !dry;
		node_send(ctx, put ? PUNT_DONE : PUNT_DROP_FULL, p);
	}
}

NODE(punt_node) = {
	.name = "punt",
	.run = punt,
	.edge = {
		[PUNT_DONE] = DONE,
		[PUNT_DROP_FULL] = DROP("service is behind with its work"),
	},
};

/* The direction, in parcel.what of the ring to worker 0. */
enum { INJECT_IN, INJECT_OUT };

/*
 * A source like any other, whose frames say for themselves where they came in; or where they go
 * out, and then the graph does not see them.
 */
static void injected(void *arg, const struct parcel *from)
{
	struct worker *w = arg;
	struct pkt *p = worker_pkt(w);
	unsigned int i = w->n_parcels++;
	uint32_t head = MIN(from->len, PKT_HEAD);

	if (!p)
		return;
	memcpy(p->data, from->data, head);
	memcpy(worker_buffer(w, i), from->data + head, from->len - head);
	w->inject_seg[i] = (struct iovec){ worker_buffer(w, i), from->len - head };
	p->seg = &w->inject_seg[i];
	p->n_seg = from->len > head;
	p->head_len = (uint16_t)head;
	p->len = from->len;
	p->vnet = from->vnet;
	if (from->what == INJECT_OUT) {
		pkt_classify(p);
		tx_put(w, from->port, p, be32_of(0));
		return;
	}
	p->in_port = from->port;
	w->inject_to[w->n_injected++] = p;
}

static unsigned int inject_rx(struct source *s, struct worker *w, struct pkt **out,
			      unsigned int max)
{
	uint64_t n;

	if (read(s->fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		return 0;
	w->n_injected = w->n_parcels = 0;
	w->inject_to = out;
	n = parcel_take(w->engine->injected, injected, w, max);
	if (n == max) { /* perhaps more: come again */
		n = 1;
		n = write(s->fd, &n, sizeof(n)) < 0 ? 0 : n;
	}
	return w->n_injected;
}

/* ---- the control thread's half -------------------------------------------------------------- */

int parcels_init(struct engine *e)
{
	e->parcels_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return e->parcels_fd < 0 ? -errno : 0;
}

int punt_init(struct worker *w)
{
	return spsc_create(PUNT_RING, &w->punted);
}

void punt_fini(struct worker *w)
{
	spsc_destroy(w->punted);
	spsc_destroy(w->captured);
}

int inject_init(struct engine *e)
{
	int err = spsc_create(INJECT_RING, &e->injected);

	if (err)
		return err;
	e->injector = (struct source){ .port = PORT_NONE, .rx = inject_rx };
	e->injector.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return e->injector.fd < 0 ? -errno : engine_add_source(e, &e->injector);
}

void inject_fini(struct engine *e)
{
	if (!e->injected) /* then nothing was begun */
		return;
	fd_close(&e->injector.fd);
	spsc_destroy(e->injected);
}

int parcels_fd(const struct engine *e)
{
	return e->parcels_fd;
}

static void deliver_punted(void *arg, const struct parcel *p)
{
	struct engine *e = arg;

	if (p->what < PUNT_SERVICES && e->service[p->what].fn)
		e->service[p->what].fn(e->service[p->what].arg, p);
}

static void deliver_captured(void *arg, const struct parcel *p)
{
	struct engine *e = arg;

	if (copy_who(p) && e->copier.fn)
		e->copier.fn(e->copier.arg, p);
	else if (!copy_who(p) && e->capturer.fn)
		e->capturer.fn(e->capturer.arg, p);
}

bool parcels_take(struct engine *e, unsigned int max)
{
	uint64_t n;
	bool all = true;

	if (read(e->parcels_fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		return true;
	for (unsigned int i = 0; i < e->n_workers; i++) {
		struct worker *w = &e->worker[i];

		all &= parcel_take(w->punted, deliver_punted, e, max) < max;
		if (w->captured)
			all &= parcel_take(w->captured, deliver_captured, e, max) < max;
	}
	all &= trace_take(e, max);
	n = 1;
	if (!all && write(e->parcels_fd, &n, sizeof(n)) < 0)
		return false; /* full, so readable: the caller comes again */
	return all;
}

/* The rings are made when somebody first captures, and stay. */
int copies_ready(struct engine *e)
{
	for (unsigned int i = 0; i < e->n_workers; i++) {
		struct spsc *ring;

		if (e->worker[i].captured)
			continue;
		if (spsc_create(CAPTURE_RING, &ring) < 0)
			return -ENOMEM;
		__atomic_store_n(&e->worker[i].captured, ring, __ATOMIC_RELEASE);
	}
	return 0;
}

int capture_port(struct engine *e, port_id_t id, bool on)
{
	if (on && copies_ready(e) < 0)
		return -ENOMEM;
	engine_watch(e, id, WATCH_CAPTURE, on);
	return 0;
}

void capture_to(struct engine *e, parcel_fn *fn, void *arg)
{
	e->capturer.fn = fn;
	e->capturer.arg = arg;
}

void copies_to(struct engine *e, parcel_fn *fn, void *arg)
{
	e->copier.fn = fn;
	e->copier.arg = arg;
}

uint64_t capture_missed(const struct engine *e)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < e->n_workers; i++)
		n += __atomic_load_n(&e->worker[i].missed, __ATOMIC_RELAXED);
	return n;
}

void punt_to(struct engine *e, unsigned int service, parcel_fn *fn, void *arg)
{
	assert(service < PUNT_SERVICES);
	e->service[service].fn = fn;
	e->service[service].arg = arg;
}

static int put(struct engine *e, uint16_t direction, port_id_t port, const uint8_t *frame,
	       uint32_t len, const struct virtio_net_hdr_v1 *vnet)
{
	struct parcel p = { .port = port, .what = direction, .len = len, .data = frame };
	uint64_t one = 1;

	if (len > PKT_LEN_MAX)
		return -EMSGSIZE;
	if (vnet)
		p.vnet = *vnet;
	if (!parcel_put_flat(e->injected, &p))
		return -ENOBUFS;
	return write(e->injector.fd, &one, sizeof(one)) < 0 && errno != EAGAIN ? -errno : 0;
}

int inject(struct engine *e, port_id_t port, const uint8_t *frame, uint32_t len,
	   const struct virtio_net_hdr_v1 *vnet)
{
	return put(e, INJECT_IN, port, frame, len, vnet);
}

int emit(struct engine *e, port_id_t port, const uint8_t *frame, uint32_t len,
	 const struct virtio_net_hdr_v1 *vnet)
{
	return put(e, INJECT_OUT, port, frame, len, vnet);
}
