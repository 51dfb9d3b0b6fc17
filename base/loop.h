/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/compat.h"

/*
 * The control thread's event loop: descriptors, timers and signals, one callback at a time.
 *
 * Threads: everything on the control thread, but loop_stop(), which may come from a callback or a
 * signal. Memory: a handle is freed by loop_del(), also from within its own callback.
 */
struct loop;
struct loop_handle;

typedef void loop_fd_fn(void *arg, uint32_t epoll_events);
typedef void loop_timer_fn(void *arg);
typedef void loop_signal_fn(void *arg, int signo);

int loop_create(struct loop **out);
void loop_destroy(struct loop *); /* NULL is fine; frees the handles that are left */
int loop_run(struct loop *); /* until loop_stop() */
void loop_stop(struct loop *);
int loop_once(struct loop *, int timeout_ms); /* for tests: one round */

/* Watches FD (not owned) for EPOLLIN | EPOLLOUT ...; fn runs with what is ready. */
int loop_add_fd(struct loop *, int fd, uint32_t epoll_events, loop_fd_fn *, void *arg,
		struct loop_handle **out);
/* First after first_ms, then each period_ms (0: once; the handle stays until loop_del). */
int loop_add_timer(struct loop *, unsigned int first_ms, unsigned int period_ms, loop_timer_fn *,
		   void *arg, struct loop_handle **out);
int loop_set_timer(struct loop_handle *, unsigned int first_ms, unsigned int period_ms);
int loop_add_signal(struct loop *, int signo, loop_signal_fn *, void *arg,
		    struct loop_handle **out); /* the signal is blocked in this thread */
void loop_del(struct loop_handle *); /* NULL is fine */

#endif /* BASE_LOOP_H */
