/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker's thread: which source is served next, and when it sleeps.
 *
 * Sleeping
 *	While a worker is offline the control thread may free a source that epoll already reported.
 *	So the wait that blocks only waits; what is ready is asked again when the worker is online.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/rcu.h"
#include "dataplane/engine_priv.h"

#define READY_MAX 64

/* A descriptor whose device is gone is ready for ever: nobody may keep a worker busy with it. */
static void serve(struct worker *w, const struct epoll_event *ready)
{
	struct source *s = ready->data.ptr;

	if (!worker_run(w, s) && unlikely(ready->events & (EPOLLERR | EPOLLHUP)))
		epoll_ctl(w->epfd, EPOLL_CTL_DEL, s->fd, NULL);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct epoll_event ready[READY_MAX];

	rcu_join();
	while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE)) {
		int n = epoll_wait(w->epfd, ready, READY_MAX, 0);

		for (int i = 0; i < n; i++) {
			if (ready[i].data.ptr)
				serve(w, &ready[i]);
		}
		rcu_quiescent();
		if (n <= 0) {
			rcu_offline();
			epoll_wait(w->epfd, ready, 1, -1);
			rcu_online();
		}
	}
	rcu_leave();
	return NULL;
}

int worker_start(struct worker *w)
{
	sigset_t all, was;
	int err;

	w->stop = false;
	sigfillset(&all);
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
		abort(); /* an eventfd at zero takes a one */
	pthread_join(w->thread, NULL);
	if (read(w->wake_fd, &one, sizeof(one)) != sizeof(one))
		abort();
	w->started = false;
}
