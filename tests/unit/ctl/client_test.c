/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/client.h"

static void a_name_stays_one_part_of_the_path(void **state)
{
	static const struct {
		const char *why, *name, *path;
	} row[] = {
		{ "plain", "a.eth0", "/v1/ports/a.eth0" },
		{ "a slash", "a/b", "/v1/ports/a%2Fb" },
		{ "a question", "a?b=c", "/v1/ports/a%3Fb%3Dc" },
		{ "percent", "a%2f", "/v1/ports/a%252f" },
		{ "dots that would climb", "..", "/v1/ports/%2E%2E" },
		{ "one dot", ".", "/v1/ports/%2E" },
		{ "a line end", "a\r\nX: y", "/v1/ports/a%0D%0AX%3A%20y" },
		{ "beyond ASCII", "\xc3\xbc", "/v1/ports/%C3%BC" },
		{ "no name", NULL, "/v1/ports" },
	};
	char path[CLIENT_PATH];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		assert_int_equal(client_path(path, "ports", row[i].name, NULL), 0);
		if (strcmp(path, row[i].path) != 0)
			fail_msg("%s: %s", row[i].why, path);
	}
}

static void a_query_is_added_to_what_is_there(void **state)
{
	char path[CLIENT_PATH];

	(void)state;
	assert_int_equal(client_path(path, "ports", "a", "capture"), 0);
	assert_int_equal(client_query(path, "count", "5"), 0);
	assert_int_equal(client_query(path, "x", "a&b"), 0);
	assert_string_equal(path, "/v1/ports/a/capture?count=5&x=a%26b");
}

static void what_is_too_long_leads_nowhere(void **state)
{
	char path[CLIENT_PATH], name[2 * CLIENT_PATH];

	(void)state;
	for (size_t len = 0; len < sizeof(name) - 1; len++) {
		memset(name, '/', len);
		name[len] = '\0';
		if (client_path(path, "ports", name, NULL))
			assert_string_equal(path, "/v1/-");
		assert_true(strlen(path) < CLIENT_PATH);
		if (client_path(path, "ports", "a", NULL) || client_query(path, "switch", name))
			assert_true(len > 300);
		assert_true(strlen(path) < CLIENT_PATH);
	}
}

static void a_daemon_that_is_not_there_is_told_in_words(void **state)
{
	struct faults faults = { 0 };
	struct client *c;
	json_t *answer = NULL;

	(void)state;
	assert_int_equal(client_create("/nonexistent/weft.sock", &c), 0);
	assert_true(client_get(c, "/v1", &answer, &faults) < 0);
	assert_null(answer);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.v[0].message, "the daemon does not answer on "
						 "/nonexistent/weft.sock: is weftd running?");
	faults_free(&faults);
	client_destroy(c);
}

/* It is there, and as many wait for it as it lets wait. */
static void a_daemon_that_is_overrun_is_told_in_words(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/weft-client-XXXXXX";
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), waits[8];
	struct faults faults = { 0 };
	struct client *c;
	json_t *answer = NULL;
	size_t n = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/sock", dir);
	assert_int_equal(bind(server, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(server, 0), 0);
	do
		waits[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	while (connect(waits[n], (struct sockaddr *)&at, sizeof(at)) == 0 &&
	       ++n < ARRAY_LEN(waits));
	assert_in_range(n, 1, ARRAY_LEN(waits) - 1);
	assert_int_equal(client_create(at.sun_path, &c), 0);
	assert_true(client_get(c, "/v1", &answer, &faults) < 0);
	assert_int_equal(faults.n, 1);
	assert_non_null(strstr(faults.v[0].message, " has more to do than it can take on"));
	faults_free(&faults);
	client_destroy(c);
	for (size_t i = 0; i <= n; i++)
		close(waits[i]);
	close(server);
	unlink(at.sun_path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_stays_one_part_of_the_path),
		cmocka_unit_test(a_query_is_added_to_what_is_there),
		cmocka_unit_test(what_is_too_long_leads_nowhere),
		cmocka_unit_test(a_daemon_that_is_not_there_is_told_in_words),
		cmocka_unit_test(a_daemon_that_is_overrun_is_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
