/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/test.h"

struct fixture {
	struct loop *loop;
	int pipe[2];
	unsigned int calls;
	struct loop_handle *h[3];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(loop_create(&f->loop), 0);
	assert_int_equal(pipe2(f->pipe, O_NONBLOCK | O_CLOEXEC), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	loop_destroy(f->loop);
	close(f->pipe[0]);
	close(f->pipe[1]);
	free(f);
	return 0;
}

static void on_readable(void *arg, uint32_t events)
{
	struct fixture *f = arg;
	char c;

	assert_int_equal(events & EPOLLIN, EPOLLIN);
	assert_int_equal(read(f->pipe[0], &c, 1), 1);
	f->calls++;
}

static void on_tick(void *arg)
{
	struct fixture *f = arg;

	f->calls++;
}

static void on_tick_stop_at_3(void *arg)
{
	struct fixture *f = arg;

	if (++f->calls == 3)
		loop_stop(f->loop);
}

static void on_signal_stop(void *arg, int signo)
{
	struct fixture *f = arg;

	assert_int_equal(signo, SIGUSR1);
	f->calls++;
	loop_stop(f->loop);
}

/* Deletes every handle, its own first, and one of them twice. */
static void on_writable_delete_all(void *arg, uint32_t events)
{
	struct fixture *f = arg;

	(void)events;
	f->calls++;
	for (size_t i = 0; i < ARRAY_LEN(f->h); i++)
		loop_del(f->h[i]);
	loop_del(f->h[0]);
}

static void a_ready_descriptor_is_told_once_a_round(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loop_add_fd(f->loop, f->pipe[0], EPOLLIN, on_readable, f, &f->h[0]), 0);
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 0);
	assert_int_equal(write(f->pipe[1], "ab", 2), 2);
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 1);
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 2);
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 2);
}

static void a_deleted_descriptor_is_silent_and_stays_open(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loop_add_fd(f->loop, f->pipe[0], EPOLLIN, on_readable, f, &f->h[0]), 0);
	assert_int_equal(write(f->pipe[1], "a", 1), 1);
	loop_del(f->h[0]);
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 0);
	assert_true(fcntl(f->pipe[0], F_GETFD) >= 0);
	assert_int_equal(loop_add_fd(f->loop, f->pipe[0], EPOLLIN, on_readable, f, &f->h[0]), 0);
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 1);
}

static void a_callback_may_delete_all_that_are_ready(void **state)
{
	struct fixture *f = *state;
	int fd[3];

	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		fd[i] = dup(f->pipe[1]);
		assert_int_equal(loop_add_fd(f->loop, fd[i], EPOLLOUT, on_writable_delete_all, f,
					     &f->h[i]),
				 0);
	}
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 1);
	assert_int_equal(loop_once(f->loop, 0), 0);
	assert_int_equal(f->calls, 1);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++)
		close(fd[i]);
}

static void a_period_goes_on_until_the_loop_is_stopped(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_ns();

	assert_int_equal(loop_add_timer(f->loop, 5, 10, on_tick_stop_at_3, f, &f->h[0]), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->calls, 3);
	assert_true(clock_ns() - began >= 24 * 1000000);
}

static void once_is_once_and_can_be_set_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loop_add_timer(f->loop, 0, 0, on_tick, f, &f->h[0]), 0);
	assert_int_equal(loop_once(f->loop, 1000), 0);
	assert_int_equal(f->calls, 1);
	assert_int_equal(loop_once(f->loop, 20), 0);
	assert_int_equal(f->calls, 1);
	assert_int_equal(loop_set_timer(f->h[0], 1, 0), 0);
	assert_int_equal(loop_once(f->loop, 1000), 0);
	assert_int_equal(f->calls, 2);
}

static void a_timer_that_is_set_later_is_not_early(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loop_add_timer(f->loop, 1, 0, on_tick, f, &f->h[0]), 0);
	assert_int_equal(loop_set_timer(f->h[0], 60000, 0), 0);
	assert_int_equal(loop_once(f->loop, 20), 0);
	assert_int_equal(f->calls, 0);
}

static void a_signal_comes_as_a_callback(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loop_add_signal(f->loop, SIGUSR1, on_signal_stop, f, &f->h[0]), 0);
	raise(SIGUSR1);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->calls, 1);
}

static void what_cannot_be_watched_leaves_no_handle(void **state)
{
	struct fixture *f = *state;
	struct loop_handle *h = (void *)f;
	int file = open("/dev/null", O_RDONLY);

	assert_int_equal(loop_add_fd(f->loop, -1, EPOLLIN, on_readable, f, &h), -EBADF);
	close(file);
	assert_int_equal(loop_add_fd(f->loop, file, EPOLLIN, on_readable, f, &h), -EBADF);
	assert_ptr_equal(h, f);
	loop_del(NULL);
	loop_destroy(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_ready_descriptor_is_told_once_a_round),
		TEST(a_deleted_descriptor_is_silent_and_stays_open),
		TEST(a_callback_may_delete_all_that_are_ready),
		TEST(a_period_goes_on_until_the_loop_is_stopped),
		TEST(once_is_once_and_can_be_set_again),
		TEST(a_timer_that_is_set_later_is_not_early),
		TEST(a_signal_comes_as_a_callback),
		TEST(what_cannot_be_watched_leaves_no_handle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
