/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/container.h"

static void a_number_is_read_or_refused(void **state)
{
	static const struct {
		const char *why, *printed;
		long pid;
	} row[] = {
		{ "a process", "1234", 1234 },      { "not running", "0", 0 },
		{ "lxc's way to say it", "-1", 0 }, { "says nothing", "", 0 },
		{ "no number", "<no value>", -1 },  { "more behind it", "12 x", -1 },
		{ "negative", "-7", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		if (container_pid(row[i].printed) != row[i].pid)
			fail_msg("%s", row[i].why);
}

/* Programs of ours under the names of runtimes, alone in PATH. */
static char dir[] = "/tmp/weft-container.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weft-container.XXXXXX");
	return mkdtemp(dir) ? setenv("PATH", dir, 1) : -1;
}

static void fake(const char *program, const char *script)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, program);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	fclose(f);
	assert_int_equal(chmod(path, 0700), 0);
}

static int tear_down(void **state)
{
	static const char *const names[] = { "docker", "podman", "lxc-info" };
	char path[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

static void expect(const char *name, const char *runtime, const char *message, const char *hint)
{
	struct faults faults = { 0 };
	char netns[NETNS_REF];

	assert_int_not_equal(container_netns(name, runtime, netns, &faults), 0);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.v[0].message, message);
	assert_string_equal(faults.v[0].hint, hint);
	faults_free(&faults);
}

#define NOT_MINE "echo 'Error: No such container: web' >&2; exit 1"

static void what_a_runtime_says_is_told_in_our_words(void **state)
{
	(void)state;
	expect("web", NULL, "neither docker, podman nor lxc is installed here",
	       "weft attach netns NAME|PID takes any namespace");
	expect("web", "podman", "podman is not installed here", "");
	expect("-v", NULL, "'-v' is no container's name", "");
	fake("docker", NOT_MINE);
	expect("web", NULL, "there is no container web", "");
	fake("docker", "echo 0");
	expect("web", NULL, "container web is not running", "docker start web");
	fake("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
	expect("web", NULL,
	       "docker cannot tell of container web: Cannot connect to the Docker daemon", "");
	fake("docker", "echo 999999999");
	expect("web", NULL, "there is no process 999999999", "");
}

static void the_first_that_has_it_is_asked(void **state)
{
	struct faults faults = { 0 };
	char netns[NETNS_REF], wanted[NETNS_REF];

	(void)state;
	assert_int_equal(container_process(getpid(), wanted), 0);
	fake("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
	fake("podman", NOT_MINE);
	/* The name is the last word, whatever it is, and no shell reads it. */
	fake("lxc-info", "for name; do :; done; [ \"$name\" = 'a;b $c' ] && echo $PPID");
	assert_int_equal(container_netns("a;b $c", NULL, netns, &faults), 0);
	assert_int_equal(faults.n, 0);
	assert_string_equal(netns, wanted);
}

static void a_namespace_has_a_name_a_path_or_a_process(void **state)
{
	char netns[NETNS_REF], wanted[NETNS_REF], text[64];
	struct faults faults = { 0 };

	(void)state;
	assert_int_equal(container_process(getpid(), wanted), 0);
	snprintf(text, sizeof(text), "%d", getpid());
	assert_int_equal(namespace_netns(text, netns, &faults), 0);
	assert_string_equal(netns, wanted);
	snprintf(text, sizeof(text), "/proc/%d/ns/net", getpid());
	assert_int_equal(namespace_netns(text, netns, &faults), 0);
	assert_string_equal(netns, wanted);
	assert_int_equal(namespace_netns("/../etc/./passwd", netns, &faults), 0);
	assert_string_equal(netns, "/etc/passwd");
	assert_int_equal(namespace_netns("999999999", netns, &faults), -ENOENT);
	assert_int_equal(namespace_netns("/nowhere/x", netns, &faults), -ENOENT);
	assert_int_equal(namespace_netns("no-such", netns, &faults), -ENOENT);
	assert_string_equal(faults.v[1].message,
			    "there is no namespace /nowhere/x: No such file or directory");
	assert_string_equal(faults.v[2].message, "there is no namespace no-such");
	faults_free(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_read_or_refused),
		cmocka_unit_test_setup_teardown(what_a_runtime_says_is_told_in_our_words, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_first_that_has_it_is_asked, set_up, tear_down),
		cmocka_unit_test(a_namespace_has_a_name_a_path_or_a_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
