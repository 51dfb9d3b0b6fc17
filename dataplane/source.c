/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which worker has which source: the control thread's half of a worker's roster.
 *
 * Linked
 *	First its descriptor joins the worker's epoll set, mute: that may fail. Then the source is
 *	put into a slot, `changes` moves on, the descriptor may speak, and a worker that sleeps is
 *	woken if the source wants to be polled. It begins as SOURCE_NEW, so it is asked at once
 *	and nothing that happened before is missed.
 *
 * Unlinked
 *	The slot is emptied, `changes` moves on, the descriptor leaves epoll. The worker may still
 *	be in the middle of a run of the source, so whoever frees it, or lets another worker have
 *	it, waits for a grace period first. Between two quiescent points a worker takes note of
 *	`changes` before it touches any source: after the grace period it knows of none that is
 *	not in a slot.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/pages.h"
#include "base/rcu.h"
#include "dataplane/balance.h"
#include "dataplane/engine_priv.h"

int roster_init(struct roster *r)
{
	r->slot = pages_take(SOURCES_MAX, sizeof(struct source *));
	r->polled = pages_take(SOURCES_MAX, sizeof(struct source *));
	return r->slot && r->polled ? 0 : -ENOMEM;
}

void roster_fini(struct roster *r)
{
	pages_give(r->polled, SOURCES_MAX, sizeof(struct source *));
	pages_give(r->slot, SOURCES_MAX, sizeof(struct source *));
}

/* ---- one source, one worker ----------------------------------------------------------------- */

/* The lowest, so that the worker has little to look through. */
static int free_slot(const struct roster *r)
{
	unsigned int i = 0;

	if (r->n == SOURCES_MAX)
		return -ENOSPC;
	if (r->n == r->high)
		return (int)r->high;
	while (r->slot[i])
		i++;
	return (int)i;
}

static void set_slot(struct roster *r, unsigned int i, struct source *s)
{
	__atomic_store_n(&r->slot[i], s, __ATOMIC_RELEASE);
	if (i >= r->high)
		__atomic_store_n(&r->high, i + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&r->changes, r->changes + 1, __ATOMIC_RELEASE);
}

/* Its worker will see nothing of it before it is published. */
static int join(struct worker *w, const struct source *s)
{
	struct epoll_event mute = { .events = EPOLLET, .data.u64 = EVENT_WAKE };

	if (w->roster.n == SOURCES_MAX)
		return -ENOSPC;
	if (s->fd < 0)
		return 0;
	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, s->fd, &mute) < 0 ? -errno : 0;
}

static void leave(struct worker *w, const struct source *s)
{
	if (s->fd >= 0)
		epoll_ctl(w->epfd, EPOLL_CTL_DEL, s->fd, NULL);
}

static void publish(struct engine *e, unsigned int to, struct source *s)
{
	struct worker *w = &e->worker[to];
	int slot = free_slot(&w->roster);
	struct epoll_event ev = { .events = EPOLLIN | (s->arm ? (uint32_t)EPOLLET : 0u) };
	uint64_t one = 1;

	assert(slot >= 0);
	s->worker = (uint16_t)to;
	s->slot = (uint16_t)slot;
	s->serial = ++e->serial;
	s->poll = (struct source_poll){ 0 };
	ev.data.u64 = source_event(s);
	set_slot(&w->roster, (unsigned int)slot, s);
	w->roster.n++;
	if (s->fd >= 0)
		epoll_ctl(w->epfd, EPOLL_CTL_MOD, s->fd, &ev);
	if (s->arm && write(w->wake_fd, &one, sizeof(one)) < 0)
		return; /* full: it is awake */
}

static bool is_linked(const struct engine *e, const struct source *s)
{
	return e->worker[s->worker].roster.slot[s->slot] == s;
}

static void unlink_source(struct engine *e, struct source *s)
{
	struct worker *w = &e->worker[s->worker];

	set_slot(&w->roster, s->slot, NULL);
	w->roster.n--;
	leave(w, s);
}

/* ---- which worker --------------------------------------------------------------------------- */

/* Frames of the control thread stay on worker 0. */
static unsigned int place(const struct engine *e, const struct source *s)
{
	unsigned int best = 0;

	if (s->port == PORT_NONE)
		return 0;
	if (e->pinned[s->port])
		return e->pinned[s->port] - 1u;
	for (unsigned int i = 1; i < e->n_workers; i++) {
		bool full = engine_is_full(e, i), best_full = engine_is_full(e, best);

		if (full != best_full ? best_full
				      : e->worker[i].roster.n < e->worker[best].roster.n)
			best = i;
	}
	return best;
}

int engine_add_source(struct engine *e, struct source *s)
{
	unsigned int to = place(e, s);
	int err = join(&e->worker[to], s);

	if (err)
		return err;
	s->load = (struct source_load){ 0 };
	__atomic_store_n(&s->frames, 0, __ATOMIC_RELAXED);
	if (s->port != PORT_NONE) {
		s->next = e->source[s->port];
		e->source[s->port] = s;
	}
	publish(e, to, s);
	return 0;
}

void engine_del_source(struct engine *e, struct source *s)
{
	struct source **at;

	if (!is_linked(e, s))
		return;
	unlink_source(e, s);
	if (s->port == PORT_NONE)
		return;
	for (at = &e->source[s->port]; *at != s;)
		at = &(*at)->next;
	*at = s->next;
}

int engine_move_source(struct engine *e, struct source *s, unsigned int to)
{
	int err;

	assert(to < e->n_workers);
	if (s->worker == to)
		return 0;
	err = join(&e->worker[to], s);
	if (err)
		return err;
	unlink_source(e, s);
	rcu_wait(); /* the run that the old worker may be in has ended */
	publish(e, to, s);
	return 0;
}

int engine_pin(struct engine *e, port_id_t port, int worker)
{
	struct source *s = NULL;
	int err = 0;

	assert(worker < (int)e->n_workers);
	e->pinned[port] = (uint8_t)(worker + 1);
	while (worker >= 0 && !err && (s = port_source(e, port, s)))
		err = engine_move_source(e, s, (unsigned int)worker);
	return err;
}

struct source *port_source(const struct engine *e, port_id_t port, const struct source *before)
{
	return before ? before->next : e->source[port];
}

struct source *engine_source(const struct engine *e, unsigned int worker, unsigned int *at)
{
	const struct roster *r = &e->worker[worker].roster;

	while (*at < r->high) {
		struct source *s = r->slot[(*at)++];

		if (s)
			return s;
	}
	return NULL;
}
