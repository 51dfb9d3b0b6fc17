/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker's thread: which source is served next, and when it sleeps.
 *
 * Rounds
 *	In a round every polled source is asked once, for one burst, and so is every source that
 *	epoll reports: each has its turn, nobody a second one. A source whose last turn cost too
 *	much waits (share.c): a polled one is passed by, one that epoll reported is reported again,
 *	because what cannot be polled is level-triggered. Epoll is asked when polled sources had
 *	nothing, and every LOOK_US at least.
 *
 * Polled or at rest
 *	A source without arm() is epoll's alone. One with arm() is polled while it is busy: that
 *	costs some ns a round and its other side no signals. After REST_US of silence, or when the
 *	worker is about to sleep, it is armed and rests: its descriptor wakes the worker, and a
 *	worker that is busy with others does not look at a thousand silent rings.
 *
 *	     add           arm(false)                 arm(true) saw nothing
 *	  ---------> NEW ------------> POLLED ----------------------------> RESTS
 *	                                  ^      arm(false), it signalled     |
 *	                                  +-----------------------------------+
 *
 * Why no signal is lost
 *	The descriptor of a source is in the epoll set at all times, edge-triggered if it can be
 *	armed, so that nobody has to read it. arm(true) first asks for signals, then looks again:
 *	what came before is seen by that look, what comes after it signals, and epoll keeps that
 *	signal until it is asked, also while the worker is not waiting yet. New sources write to
 *	wake_fd after they are in their slot.
 *
 * Sleeping
 *	When nothing is polled, or nothing came for as long as pace.c says.
 *
 *	While a worker is offline the control thread may free a source whose event it was just
 *	given. So an event says slot and serial number, not a pointer, and is looked up when the
 *	worker is online. polled[] holds pointers, and between a quiescent point and take_note()
 *	it is not touched.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/rcu.h"
#include "dataplane/engine_priv.h"

#define LOOK_US    10u
#define REST_US    1000u
#define QUIET_US   100u /* who waits is alone after that */
#define NAP_MS     1 /* of a worker that somebody cannot wake */
#define ALARMS_MAX 16u /* an arm() that sees what rx() never gives is not believed for ever */

/* ---- one burst ------------------------------------------------------------------------------ */

static unsigned int take(struct worker *w, struct source *s)
{
	unsigned int n = worker_run_at(w, s, w->now_s);

	if (n) {
		struct share_run run = { n, (unsigned int)(w->io.next - w->arena), w->sent };

		s->poll.due = share_due(&w->share, &run, w->pace.now);
		count_add(&s->frames, n);
		count_add(&w->count.frames, n);
		count_add(&w->count.burst[31 - __builtin_clz(n)], 1);
	}
	return n;
}

/* ---- polled sources ------------------------------------------------------------------------- */

static void poll_on(struct worker *w, struct source *s)
{
	s->arm(s, false);
	s->poll.state = SOURCE_POLLED;
	s->poll.heard = w->pace.now;
	w->roster.polled[w->roster.n_polled++] = s;
}

/* Puts polled[I] to rest. False: there is something after all, or nobody could wake us for it. */
static bool rest(struct worker *w, unsigned int i)
{
	struct source *s = w->roster.polled[i];

	if (s->fd < 0)
		return false;
	if (s->arm(s, true) && s->poll.alarms < ALARMS_MAX) {
		s->poll.alarms++;
		s->arm(s, false);
		return false;
	}
	s->poll.state = SOURCE_RESTS;
	w->roster.polled[i] = w->roster.polled[--w->roster.n_polled];
	return true;
}

/* Slots have changed: what is polled now? */
static void take_note(struct worker *w)
{
	struct roster *r = &w->roster;
	uint32_t changes = __atomic_load_n(&r->changes, __ATOMIC_ACQUIRE);
	unsigned int high;

	if (likely(changes == r->seen))
		return;
	r->seen = changes;
	r->n_polled = 0;
	high = __atomic_load_n(&r->high, __ATOMIC_ACQUIRE);
	for (unsigned int i = 0; i < high; i++) {
		struct source *s = __atomic_load_n(&r->slot[i], __ATOMIC_ACQUIRE);

		if (!s || !s->arm)
			continue;
		if (s->poll.state == SOURCE_NEW)
			poll_on(w, s);
		else if (s->poll.state == SOURCE_POLLED)
			r->polled[r->n_polled++] = s;
	}
}

static unsigned int serve_polled(struct worker *w)
{
	struct roster *r = &w->roster;
	unsigned int got = 0;

	for (unsigned int i = 0; i < r->n_polled;) {
		struct source *s = r->polled[i];
		unsigned int n;

		if (unlikely(share_waits(&w->share, s->poll.due))) {
			i++;
			continue;
		}
		n = take(w, s);
		got += n;
		if (n) {
			s->poll.heard = w->pace.now;
			s->poll.alarms = 0;
		} else if (w->pace.now - s->poll.heard > pace_ticks(&w->pace, REST_US) &&
			   rest(w, i)) {
			continue; /* another one is at I now */
		}
		i++;
	}
	return got;
}

/* ---- what epoll reports --------------------------------------------------------------------- */

static struct source *source_of(const struct worker *w, uint64_t event)
{
	uint32_t slot = (uint32_t)event;
	struct source *s;

	if (slot >= SOURCES_MAX)
		return NULL;
	s = __atomic_load_n(&w->roster.slot[slot], __ATOMIC_ACQUIRE);
	return s && source_event(s) == event ? s : NULL;
}

/* A descriptor whose device is gone is ready for ever: nobody may keep a worker busy with it. */
static unsigned int serve(struct worker *w, const struct epoll_event *ready)
{
	struct source *s = source_of(w, ready->data.u64);
	unsigned int n;

	if (!s)
		return 0; /* gone meanwhile */
	if (s->arm) {
		if (s->poll.state == SOURCE_RESTS)
			poll_on(w, s);
		return 0; /* its turn comes with the others that are polled */
	}
	if (unlikely(share_waits(&w->share, s->poll.due)))
		return 0;
	n = take(w, s);
	if (!n && unlikely(ready->events & (EPOLLERR | EPOLLHUP)))
		epoll_ctl(w->epfd, EPOLL_CTL_DEL, s->fd, NULL);
	return n;
}

static unsigned int serve_ready(struct worker *w)
{
	unsigned int got = 0;

	for (int i = 0; i < w->reports.n; i++)
		got += serve(w, &w->reports.ready[i]);
	w->reports.n = 0;
	return got;
}

/* What is ready is served in the next round. */
static void ask_epoll(struct worker *w, int timeout_ms)
{
	w->reports.n =
		epoll_wait(w->epfd, w->reports.ready, ARRAY_LEN(w->reports.ready), timeout_ms);
}

/* ---- sleeping ------------------------------------------------------------------------------- */

/* Everything is silent. False: not quite, as was seen in the last moment. */
static bool all_rest(struct worker *w)
{
	for (unsigned int i = 0; i < w->roster.n_polled;) {
		if (rest(w, i))
			continue;
		if (w->roster.polled[i]->fd >= 0)
			return false;
		i++; /* who cannot wake us has to wait until we look */
	}
	return true;
}

static bool is_tired(struct worker *w)
{
	return (!w->roster.n_polled || pace_is_over(&w->pace)) && all_rest(w);
}

static bool woken_by_polled(const struct worker *w)
{
	for (int i = 0; i < w->reports.n; i++) {
		const struct source *s = source_of(w, w->reports.ready[i].data.u64);

		if (s && s->arm)
			return true;
	}
	return false;
}

static void doze(struct worker *w)
{
	pace_sleeps(&w->pace);
	rcu_offline();
	count_add(&w->count.sleeps, 1);
	ask_epoll(w, w->roster.n_polled ? NAP_MS : -1);
	rcu_online();
	count_add(&w->count.wakes, w->reports.n > 0);
	pace_wakes(&w->pace, woken_by_polled(w));
}

/* ---- rounds --------------------------------------------------------------------------------- */

static void end_round(struct worker *w, unsigned int fed, unsigned int got)
{
	uint64_t now = clock_tsc();

	count_add(fed + got ? &w->count.busy : &w->count.polling, now - w->pace.now);
	pace_round(&w->pace, now, fed);
}

static void run_round(struct worker *w)
{
	unsigned int fed, got;
	bool tired;

	take_note(w);
	w->now_s = clock_s();
	share_begin_round(&w->share);
	got = serve_ready(w);
	fed = serve_polled(w);
	if (unlikely(w->share.waits) && !(fed + got) &&
	    share_skip(&w->share, w->pace.now, pace_ticks(&w->pace, QUIET_US)))
		fed = serve_polled(w);
	if (!fed || w->pace.now - w->reports.looked > pace_ticks(&w->pace, LOOK_US)) {
		w->reports.looked = w->pace.now;
		ask_epoll(w, 0);
	}
	end_round(w, fed, got);
	tired = !fed && !w->share.waits && w->reports.n <= 0 && is_tired(w);
	rcu_quiescent();
	if (tired)
		doze(w);
}

/* Nothing is known of what an earlier thread of this worker left behind. */
static void begin(struct worker *w)
{
	struct roster *r = &w->roster;

	for (unsigned int i = 0; i < r->high; i++) {
		if (r->slot[i])
			r->slot[i]->poll.state = SOURCE_NEW;
	}
	r->seen = r->changes - 1;
	w->reports.n = 0;
	pace_begin(&w->pace);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	rcu_join();
	while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE))
		run_round(w);
	rcu_leave();
	return NULL;
}

int worker_start(struct worker *w)
{
	sigset_t all, was;
	int err;

	w->stop = false;
	begin(w);
	sigfillset(&all);
	sigdelset(&all, SIGBUS); /* a guest's file that ends raises it here: gmem_guard() */
	pthread_sigmask(SIG_SETMASK, &all, &was); /* signals are the control thread's */
	err = -pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (!err) {
		char name[16] = "weft-worker";

		pthread_setname_np(w->thread, name);
		w->started = true;
	}
	return err;
}

void worker_stop(struct worker *w)
{
	uint64_t one = 1;

	if (!w->started)
		return;
	__atomic_store_n(&w->stop, true, __ATOMIC_RELEASE);
	if (write(w->wake_fd, &one, sizeof(one)) != sizeof(one))
		abort(); /* nobody counts as far as an eventfd does */
	pthread_join(w->thread, NULL);
	w->started = false;
}
