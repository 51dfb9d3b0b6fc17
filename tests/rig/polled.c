/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/polled.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/rcu.h"

#define LEN      60u
#define AWAIT_NS 30000000000u

static struct polled *by_port[PORT_MAX];

/* ---- the worker's half ---------------------------------------------------------------------- */

static unsigned int rx(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	struct polled *p = s->arg;
	uint64_t put = __atomic_load_n(&p->put, __ATOMIC_ACQUIRE);
	unsigned int n = 0;

	count_add(&p->asked, 1);
	while (n < max && p->taken + n < put) {
		uint64_t number = p->taken + n;

		out[n] = worker_pkt(w);
		memset(out[n]->data, 0, PKT_HEAD);
		memcpy(out[n]->data, &number, sizeof(number));
		out[n]->len = out[n]->head_len = LEN;
		n++;
	}
	__atomic_store_n(&p->taken, p->taken + n, __ATOMIC_RELEASE);
	return n;
}

/* As the virtio ring does it: ask for signals, then look again, with a full fence in between. */
static bool arm(struct source *s, bool on)
{
	struct polled *p = s->arg;

	count_add(on ? &p->armed : &p->disarmed, 1);
	__atomic_store_n(&p->wanted, on, __ATOMIC_SEQ_CST);
	return on && (p->liar || __atomic_load_n(&p->put, __ATOMIC_SEQ_CST) != p->taken);
}

enum { TALLY_DONE };

static void tally(struct node_ctx *ctx, const struct burst *in)
{
	uint64_t now = clock_tsc();

	for (unsigned int i = 0; i < in->n; i++) {
		struct polled *p = by_port[in->pkt[i]->in_port];
		uint64_t number;

		node_send(ctx, TALLY_DONE, in->pkt[i]);
		if (!p)
			continue; /* a port of another sort */
		memcpy(&number, in->pkt[i]->data, sizeof(number));
		if (number != p->got)
			count_add(&p->wrong, 1);
		__atomic_store_n(&p->at, now, __ATOMIC_RELAXED);
		__atomic_store_n(&p->got, p->got + 1, __ATOMIC_RELEASE);
	}
}

static const struct node_def tally_node = {
	.name = "tally",
	.run = tally,
	.arc = "port-input",
	.edge = { [TALLY_DONE] = DONE },
};

/* ---- the test's half ------------------------------------------------------------------------ */

struct engine *polled_engine(unsigned int workers)
{
	return polled_engine_with(NULL, workers);
}

struct engine *polled_engine_with(const struct node_def *first, unsigned int workers)
{
	const struct node_def *const all[] = { &port_rx_node, first, &tally_node, NULL };
	const struct node_def *const defs[] = { &port_rx_node, &tally_node, NULL };
	struct faults f = { 0 };
	struct engine *e;

	if (engine_create(first ? all : defs, workers, &e, &f))
		abort();
	return e;
}

void polled_create(struct engine *e, bool fd, struct polled *p)
{
	*p = (struct polled){ .engine = e };
	if (port_take(e, &p->id))
		abort();
	by_port[p->id] = p;
	p->source = (struct source){ .port = p->id, .fd = -1, .rx = rx, .arm = arm, .arg = p };
	if (fd)
		p->source.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (engine_add_source(e, &p->source))
		abort();
}

void polled_destroy(struct polled *p)
{
	engine_del_source(p->engine, &p->source);
	rcu_wait();
	by_port[p->id] = NULL;
	fd_close(&p->source.fd);
	port_free(p->engine, p->id);
}

void polled_put(struct polled *p, unsigned int n)
{
	uint64_t one = 1;

	__atomic_store_n(&p->put, p->put + n, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&p->wanted, __ATOMIC_SEQ_CST) || p->source.fd < 0)
		return;
	count_add(&p->signals, 1);
	if (write(p->source.fd, &one, sizeof(one)) < 0)
		abort();
}

bool polled_await(const uint64_t *what, uint64_t n)
{
	uint64_t until = clock_ns() + AWAIT_NS;

	while (__atomic_load_n(what, __ATOMIC_ACQUIRE) < n) {
		if (clock_ns() > until)
			return false;
		sched_yield();
	}
	return true;
}
