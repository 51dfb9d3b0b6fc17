/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static char said[4096];

/* Standard error into a pipe while one line is logged. */
static int old_stderr, pipe_fd[2];

static void listen_begin(void)
{
	assert_int_equal(pipe(pipe_fd), 0);
	old_stderr = dup(STDERR_FILENO);
	dup2(pipe_fd[1], STDERR_FILENO);
	close(pipe_fd[1]);
}

static void listen_end(void)
{
	size_t have = 0;
	ssize_t n;

	dup2(old_stderr, STDERR_FILENO);
	close(old_stderr);
	while ((n = read(pipe_fd[0], said + have, sizeof(said) - 1 - have)) > 0)
		have += (size_t)n;
	said[have] = '\0';
	close(pipe_fd[0]);
}

static int quiet(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static void a_line_has_its_module_in_front(void **state)
{
	(void)state;
	listen_begin();
	log_warn("ports", "port %s: %s", "a", "gone");
	listen_end();
	assert_string_equal(said, "ports: port a: gone\n");
}

static void the_journal_gets_a_priority(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	listen_begin();
	log_err("m", "x");
	log_info("m", "y");
	listen_end();
	assert_string_equal(said, "<3>m: x\n<6>m: y\n");
}

static void only_what_matters_enough_is_said(void **state)
{
	static const struct {
		enum log_level level;
		const char *want;
	} row[] = {
		{ LOG_LEVEL_ERR, "m: err\n" },
		{ LOG_LEVEL_WARN, "m: err\nm: warn\n" },
		{ LOG_LEVEL_INFO, "m: err\nm: warn\nm: info\n" },
		{ LOG_LEVEL_DEBUG, "m: err\nm: warn\nm: info\nm: debug\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		log_set_level(row[i].level);
		listen_begin();
		log_err("m", "err");
		log_warn("m", "warn");
		log_info("m", "info");
		log_debug("m", "debug");
		listen_end();
		assert_string_equal(said, row[i].want);
	}
}

static void nothing_that_is_logged_steers_a_terminal(void **state)
{
	(void)state;
	listen_begin();
	log_err("m", "%s", "a\033[2Jb\nc\td\177e");
	listen_end();
	assert_string_equal(said, "m: a?[2Jb?c?d?e\n");
}

static void a_long_line_is_cut(void **state)
{
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	listen_begin();
	log_err("m", "%s", text);
	log_err(text, "y");
	listen_end();
	assert_true(strlen(said) < 2 * 1025 + 2);
	assert_non_null(strstr(said, "xx\n"));
}

static void levels_are_known_by_name(void **state)
{
	static const struct {
		const char *name;
		int err;
		enum log_level level;
	} row[] = {
		{ "err", 0, LOG_LEVEL_ERR },   { "warn", 0, LOG_LEVEL_WARN },
		{ "info", 0, LOG_LEVEL_INFO }, { "debug", 0, LOG_LEVEL_DEBUG },
		{ "error", -EINVAL, 99 },      { "", -EINVAL, 99 },
		{ "ERR", -EINVAL, 99 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		enum log_level level = 99;

		assert_int_equal(log_level_parse(row[i].name, &level), row[i].err);
		assert_int_equal(level, row[i].level);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_has_its_module_in_front, quiet),
		cmocka_unit_test_setup(the_journal_gets_a_priority, quiet),
		cmocka_unit_test_setup(only_what_matters_enough_is_said, quiet),
		cmocka_unit_test_setup(nothing_that_is_logged_steers_a_terminal, quiet),
		cmocka_unit_test_setup(a_long_line_is_cut, quiet),
		cmocka_unit_test(levels_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
