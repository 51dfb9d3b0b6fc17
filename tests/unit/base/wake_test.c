/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/test.h"

static uint64_t take(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void only_eventfds_and_unix_sockets_are_taken(void **state)
{
	int pair[2], fd;
	enum wake_kind kind;

	(void)state;
	fd = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(wake_kind(fd, &kind), 0);
	assert_int_equal(kind, WAKE_EVENTFD);
	close(fd);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(wake_kind(pair[0], &kind), 0);
	assert_int_equal(kind, WAKE_SOCKET);
	close(pair[0]);
	close(pair[1]);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(wake_kind(fd, &kind), -EINVAL);
	close(fd);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(wake_kind(pair[1], &kind), -EINVAL);
	close(pair[0]);
	close(pair[1]);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(wake_kind(fd, &kind), -EINVAL);
	close(fd);
	assert_int_equal(wake_kind(-1, &kind), -EINVAL);
}

static void each_signal_counts_one(void **state)
{
	enum { MANY = 100000 }; /* many times the kernel's ring of completions */
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		wake(fd, WAKE_EVENTFD);
	assert_int_equal(take(fd), MANY);
	wake(fd, WAKE_EVENTFD);
	assert_int_equal(take(fd), 1);
	close(fd);
}

/* write() would wait for ever: the alarm would end the test. */
static void a_full_eventfd_that_blocks_holds_nobody(void **state)
{
	const uint64_t most = UINT64_MAX - 1;
	int fd = eventfd(0, EFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, &most, sizeof(most)), sizeof(most));
	alarm(20);
	for (unsigned int i = 0; i < 1000; i++)
		wake(fd, WAKE_EVENTFD);
	alarm(0);
	assert_true(take(fd) >= most);
	close(fd);
}

static void a_full_socket_holds_nobody_and_a_closed_one_is_no_end(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	alarm(20);
	for (unsigned int i = 0; i < 100000; i++)
		wake(pair[0], WAKE_SOCKET);
	alarm(0);
	assert_int_equal(take(pair[1]), 1);
	close(pair[1]);
	wake(pair[0], WAKE_SOCKET);
	close(pair[0]);
}

static void *from_another_thread(void *arg)
{
	wake(*(int *)arg, WAKE_EVENTFD);
	return NULL;
}

static void each_thread_may_signal_and_end(void **state)
{
	enum { THREADS = 20 };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	(void)state;
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_t t;

		assert_int_equal(pthread_create(&t, NULL, from_another_thread, &fd), 0);
		pthread_join(t, NULL);
	}
	assert_int_equal(take(fd), THREADS);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_eventfds_and_unix_sockets_are_taken),
		cmocka_unit_test(each_signal_counts_one),
		cmocka_unit_test(a_full_eventfd_that_blocks_holds_nobody),
		cmocka_unit_test(a_full_socket_holds_nobody_and_a_closed_one_is_no_end),
		cmocka_unit_test(each_thread_may_signal_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
