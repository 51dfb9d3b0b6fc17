/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char dir[] = "/tmp/weft-fd-test-XXXXXX";
static char path[PATH_MAX];

static const char *in_dir(const char *name)
{
	assert_int_equal(path_join(path, sizeof(path), dir, name), 0);
	return path;
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const made[] = { "file", "a/b/c", "a/b", "a", "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		remove(in_dir(made[i]));
	return 0;
}

static void a_closed_descriptor_is_minus_one(void **state)
{
	int fd = open("/dev/null", O_RDONLY), was = fd;

	(void)state;
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(was, F_GETFD), -1);
	fd_close(&fd);
	assert_int_equal(fd, -1);
}

static void nonblocking_says_so(void **state)
{
	int fd[2];
	char c;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(fd_nonblock(fd[0]), 0);
	assert_int_equal(read(fd[0], &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	close(fd[0]);
	close(fd[1]);
	assert_int_equal(fd_nonblock(fd[0]), -EBADF);
}

static void what_is_written_is_read(void **state)
{
	char text[8];
	int fd = open(in_dir("file"), O_CREAT | O_WRONLY, 0600);

	(void)state;
	close(fd);
	assert_int_equal(file_write(path, "hello\n"), 0);
	assert_int_equal(file_read(path, text, sizeof(text)), 0);
	assert_string_equal(text, "hello\n");
}

static void a_text_that_does_not_fit_is_cut_and_ended(void **state)
{
	char text[4] = "zzz";

	(void)state;
	assert_int_equal(file_read(in_dir("file"), text, sizeof(text)), 0);
	assert_string_equal(text, "hel");
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
	char text[4] = "abc";

	(void)state;
	assert_int_equal(file_read(in_dir("nothing"), text, sizeof(text)), -ENOENT);
	assert_string_equal(text, "abc");
	assert_int_equal(file_write(path, "x"), -ENOENT);
	assert_int_equal(file_read(dir, text, sizeof(text)), -EISDIR);
}

static void a_directory_is_made_with_its_parents(void **state)
{
	struct stat st;
	mode_t mask = umask(022);

	(void)state;
	assert_int_equal(dir_make(in_dir("a/b/c"), 0700), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(in_dir("a/b"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(dir_make(in_dir("a/b/c"), 0700), 0);
	assert_int_equal(dir_make("/", 0700), 0);
	umask(mask);
}

static void a_directory_cannot_be_where_a_file_is(void **state)
{
	char endless[PATH_MAX + 8];

	(void)state;
	assert_int_equal(dir_make(in_dir("file"), 0700), -ENOTDIR);
	assert_int_equal(dir_make(in_dir("file/x"), 0700), -ENOTDIR);
	assert_int_equal(dir_make("", 0700), -ENOENT);
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_int_equal(dir_make(endless, 0700), -ENAMETOOLONG);
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(path_join(out, sizeof(out), "abc", "def"), 0);
	assert_string_equal(out, "abc/def");
	assert_int_equal(path_join(out, sizeof(out), "abc", "defg"), -ENAMETOOLONG);
}

static unsigned int that_go(int *fd, unsigned int max)
{
	unsigned int n = 0;

	while (n < max && (fd[n] = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	for (unsigned int i = 0; i < n; i++)
		close(fd[i]);
	return n;
}

static void the_last_descriptors_are_kept(void **state)
{
	enum { MOST = 64 };
	struct rlimit was, small;
	unsigned int all;
	int fd[MOST];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	small = (struct rlimit){ MOST, was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
	all = that_go(fd, MOST);
	fd_reserve(10);
	assert_int_equal(that_go(fd, MOST), all - 10);
	assert_false(fd_reserve_open(true));
	assert_int_equal(that_go(fd, MOST), all);
	assert_true(fd_reserve_open(true));
	assert_true(fd_reserve_open(false));
	assert_int_equal(that_go(fd, MOST), all - 10);
	fd_reserve(1000); /* a quarter, then: something is to be made, too */
	assert_int_equal(that_go(fd, MOST), all - MOST / 4);
	fd_reserve(0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_descriptor_is_minus_one),
		cmocka_unit_test(nonblocking_says_so),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_text_that_does_not_fit_is_cut_and_ended),
		cmocka_unit_test(a_file_that_is_not_there_is_an_error),
		cmocka_unit_test(a_directory_is_made_with_its_parents),
		cmocka_unit_test(a_directory_cannot_be_where_a_file_is),
		cmocka_unit_test(a_path_that_does_not_fit_is_refused),
		cmocka_unit_test(the_last_descriptors_are_kept),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
