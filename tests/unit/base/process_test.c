/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/process.h"

static void a_process_has_started_since_the_boot(void **state)
{
	uint64_t start = 0, again = 0;
	struct timespec now;

	(void)state;
	assert_int_equal(process_start(getpid(), &start), 0);
	clock_gettime(CLOCK_BOOTTIME, &now);
	assert_true(start > 0);
	assert_true(start / (uint64_t)sysconf(_SC_CLK_TCK) <= (uint64_t)now.tv_sec);
	/* A name that looks like more fields. */
	assert_int_equal(prctl(PR_SET_NAME, "a) S 1 2 (b"), 0);
	assert_int_equal(process_start(getpid(), &again), 0);
	assert_int_equal(again, start);
}

static void who_is_not_there_has_not_started(void **state)
{
	uint64_t start = 7;

	(void)state;
	assert_int_equal(process_start(999999999, &start), -ENOENT);
	assert_int_equal(process_start(-1, &start), -ENOENT);
	assert_int_equal(start, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_has_started_since_the_boot),
		cmocka_unit_test(who_is_not_there_has_not_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
