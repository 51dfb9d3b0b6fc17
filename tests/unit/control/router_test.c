/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "control/router_priv.h"

/* A route is known by its query here. */
static const struct route first[] = {
	{ "GET", "/v1", "root", NULL },
	{ "GET", "/v1/{plural}", "any", NULL },
	{ "GET", "/v1/labs", "labs", NULL },
	{ "PUT", "/v1/{plural}/{name}", "one", NULL },
	{ 0 },
};
static const struct route second[] = {
	{ "GET", "/v1/ports/{name}", "port", NULL },
	{ "DELETE", "/v1/ports/{name}", "port", NULL },
	{ "GET", "/v1/ports/{name}/capture", "capture", NULL },
	{ "GET", "/v1/{x}/{y}/{z}", "three words", NULL },
	{ 0 },
};

static struct router *make(void)
{
	struct router *r;

	assert_int_equal(router_create(&r), 0);
	assert_int_equal(router_add(r, first, NULL), 0);
	assert_int_equal(router_add(r, second, (void *)second), 0);
	return r;
}

static void the_most_literal_route_is_meant(void **state)
{
	static const struct {
		const char *why, *method, *path, *route;
		int err;
		const char *param, *value;
	} row[] = {
		{ "root", "GET", "/v1", "root", 0, "plural", "" },
		{ "a parameter", "GET", "/v1/hosts", "any", 0, "plural", "hosts" },
		{ "a word before a parameter", "GET", "/v1/labs", "labs", 0, "plural", "" },
		{ "words in another table", "GET", "/v1/ports/a.eth0", "port", 0, "name",
		  "a.eth0" },
		{ "HEAD is GET", "HEAD", "/v1/ports/p", "port", 0, "name", "p" },
		{ "three words", "GET", "/v1/ports/p/capture", "capture", 0, "name", "p" },
		{ "three parameters", "GET", "/v1/a/b/c", "three words", 0, "z", "c" },
		{ "the path decides, then the method", "PUT", "/v1/ports/p", NULL, -EPERM, NULL,
		  "GET, DELETE" },
		{ "method of a parameter", "PUT", "/v1/hosts/a", "one", 0, "name", "a" },
		{ "method is exact", "get", "/v1", NULL, -EPERM, NULL, "GET" },
		{ "no such path", "GET", "/v2", NULL, -ENOENT, NULL, "" },
		{ "nothing", "GET", "", NULL, -ENOENT, NULL, "" },
		{ "slash only", "GET", "/", NULL, -ENOENT, NULL, "" },
		{ "slash at the end", "GET", "/v1/", NULL, -ENOENT, NULL, "" },
		{ "two slashes", "GET", "/v1//ports", NULL, -ENOENT, NULL, "" },
		{ "too many words", "GET", "/v1/a/b/c/d", NULL, -ENOENT, NULL, "" },
		{ "begin of a word", "GET", "/v1/ports/p/capt", "three words", 0, "z", "capt" },
	};
	struct router *r = make();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct route_match m;
		int err = router_match(r, row[i].method, row[i].path, &m);

		if (err != row[i].err)
			fail_msg("%s: %d", row[i].why, err);
		if (!err && strcmp(m.route->query, row[i].route))
			fail_msg("%s: %s", row[i].why, m.route->query);
		if (!err && strcmp(route_match_param(&m, row[i].param), row[i].value))
			fail_msg("%s: %s", row[i].why, route_match_param(&m, row[i].param));
		if (err == -EPERM && strcmp(m.allow, row[i].value))
			fail_msg("%s: %s", row[i].why, m.allow);
	}
	router_destroy(r);
}

static void a_word_that_is_too_long_is_no_parameter(void **state)
{
	char path[PARAM_LEN + 16] = "/v1/";
	struct router *r = make();
	struct route_match m;

	(void)state;
	memset(path + 4, 'a', PARAM_LEN - 1);
	assert_int_equal(router_match(r, "GET", path, &m), 0);
	assert_int_equal(strlen(route_match_param(&m, "plural")), PARAM_LEN - 1);
	path[4 + PARAM_LEN - 1] = 'a';
	assert_int_equal(router_match(r, "GET", path, &m), -ENOENT);
	router_destroy(r);
}

static void a_query_is_one_of_the_words(void **state)
{
	static const struct route route = { "GET", "/x", "switch vid port", NULL };
	static const struct route none = { "GET", "/x", NULL, NULL };

	(void)state;
	assert_true(route_has_query(&route, "switch"));
	assert_true(route_has_query(&route, "vid"));
	assert_true(route_has_query(&route, "port"));
	assert_false(route_has_query(&route, "por"));
	assert_false(route_has_query(&route, "ports"));
	assert_false(route_has_query(&route, "vid port"));
	assert_false(route_has_query(&route, ""));
	assert_false(route_has_query(&none, "vid"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_literal_route_is_meant),
		cmocka_unit_test(a_word_that_is_too_long_is_no_parameter),
		cmocka_unit_test(a_query_is_one_of_the_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
