/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control thread's loop: every source is a descriptor (timerfd, signalfd) in one epoll set.
 *
 * A callback may delete any handle, its own and those that are ready in the same round included:
 * a deleted handle is marked, skipped, and freed when the round is over.
 */
#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/fd.h"

struct loop_handle {
	struct loop *loop;
	struct loop_handle *next;
	int fd;
	bool own_fd, dead;
	loop_fd_fn *on_fd;
	loop_timer_fn *on_timer;
	loop_signal_fn *on_signal;
	void *arg;
};

struct loop {
	int epfd;
	bool stop;
	struct loop_handle *handles;
};

int loop_create(struct loop **out)
{
	struct loop *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0) {
		err = -errno;
		free(l);
		return err;
	}
	*out = l;
	return 0;
}

static void sweep(struct loop *l, bool all)
{
	for (struct loop_handle **at = &l->handles; *at;) {
		struct loop_handle *h = *at;

		if (!all && !h->dead) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		if (h->own_fd)
			fd_close(&h->fd);
		free(h);
	}
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	sweep(l, true);
	close(l->epfd);
	free(l);
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}

static void dispatch(struct loop_handle *h, uint32_t events)
{
	struct signalfd_siginfo si;
	uint64_t ticks;

	if (h->on_fd)
		h->on_fd(h->arg, events);
	else if (h->on_timer && read(h->fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		h->on_timer(h->arg);
	else if (h->on_signal && read(h->fd, &si, sizeof(si)) == sizeof(si))
		h->on_signal(h->arg, (int)si.ssi_signo);
}

int loop_once(struct loop *l, int timeout_ms)
{
	struct epoll_event ev[64];
	int n = epoll_wait(l->epfd, ev, ARRAY_LEN(ev), timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		struct loop_handle *h = ev[i].data.ptr;

		if (!h->dead)
			dispatch(h, ev[i].events);
	}
	sweep(l, false);
	return 0;
}

int loop_run(struct loop *l)
{
	int err = 0;

	for (l->stop = false; !l->stop && !err;)
		err = loop_once(l, -1);
	return err;
}

static int add(struct loop *l, struct loop_handle proto, uint32_t events, struct loop_handle **out)
{
	struct loop_handle *h = malloc(sizeof(*h));
	struct epoll_event ev = { .events = events, .data.ptr = h };
	int err;

	if (!h)
		return -ENOMEM;
	*h = proto;
	h->loop = l;
	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, h->fd, &ev) < 0) {
		err = -errno;
		free(h);
		return err;
	}
	h->next = l->handles;
	l->handles = h;
	*out = h;
	return 0;
}

int loop_add_fd(struct loop *l, int fd, uint32_t epoll_events, loop_fd_fn *fn, void *arg,
		struct loop_handle **out)
{
	return add(l, (struct loop_handle){ .fd = fd, .on_fd = fn, .arg = arg }, epoll_events, out);
}

int loop_set_timer(struct loop_handle *h, unsigned int first_ms, unsigned int period_ms)
{
	struct itimerspec t = {
		.it_value = { first_ms / 1000, (long)(first_ms % 1000) * 1000000 },
		.it_interval = { period_ms / 1000, (long)(period_ms % 1000) * 1000000 },
	};

	if (!first_ms)
		t.it_value.tv_nsec = 1; /* zero would disarm it */
	return timerfd_settime(h->fd, 0, &t, NULL) < 0 ? -errno : 0;
}

int loop_add_timer(struct loop *l, unsigned int first_ms, unsigned int period_ms, loop_timer_fn *fn,
		   void *arg, struct loop_handle **out)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct loop_handle *h;
	int err;

	if (fd < 0)
		return -errno;
	err = add(l, (struct loop_handle){ .fd = fd, .own_fd = true, .on_timer = fn, .arg = arg },
		  EPOLLIN, &h);
	if (err) {
		close(fd);
		return err;
	}
	err = loop_set_timer(h, first_ms, period_ms);
	if (err) {
		loop_del(h);
		return err;
	}
	*out = h;
	return 0;
}

int loop_add_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg,
		    struct loop_handle **out)
{
	sigset_t set;
	int fd, err;

	sigemptyset(&set);
	sigaddset(&set, signo);
	err = -pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (err)
		return err;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	err = add(l, (struct loop_handle){ .fd = fd, .own_fd = true, .on_signal = fn, .arg = arg },
		  EPOLLIN, out);
	if (err)
		close(fd);
	return err;
}

void loop_del(struct loop_handle *h)
{
	if (!h || h->dead)
		return;
	h->dead = true;
	epoll_ctl(h->loop->epfd, EPOLL_CTL_DEL, h->fd, NULL);
}
