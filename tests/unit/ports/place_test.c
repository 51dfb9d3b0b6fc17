/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "ports/netns.h"
#include "ports/place.h"
#include "tests/rig/port_rig.h"

static bool alone;

static void need_root(void)
{
	if (alone)
		return;
	printf("needs root for namespaces\n");
	skip();
}

static struct object of(const char *spec)
{
	struct object o = { .spec = json_loads(spec, 0, NULL) };

	assert_non_null(o.spec);
	return o;
}

static void fields_name_a_place(void **state)
{
	static const struct {
		const char *spec, *place, *text;
		bool foreign;
	} row[] = {
		{ "{}", "", "the machine", false },
		{ "{\"host\":\"a\"}", "a", "host a", false },
		{ "{\"netns\":\"blue\"}", "/run/netns/blue", "namespace /run/netns/blue", true },
		{ "{\"netns\":\"/x/y\"}", "/x/y", "namespace /x/y", true },
		{ "{\"netns\":\"pid:7:12345\"}", "pid:7:12345", "process 7", true },
	};
	char place[PLACE_LEN], text[PLACE_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct object o = of(row[i].spec);

		assert_string_equal(place_of(&o, place), row[i].place);
		assert_string_equal(place_text(place, text), row[i].text);
		assert_int_equal(place_is_foreign(place), row[i].foreign);
		json_decref(o.spec);
	}
}

static void one_place_by_two_names_is_the_same(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} row[] = {
		{ "{}", "{}", true },
		{ "{\"host\":\"a\"}", "{}", false },
		{ "{\"host\":\"a\"}", "{\"host\":\"a\"}", true },
		{ "{\"netns\":\"a\"}", "{\"netns\":\"/run/netns/a\"}", true },
		{ "{\"netns\":\"a\"}", "{\"host\":\"a\"}", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct object a = of(row[i].a), b = of(row[i].b);

		assert_int_equal(place_same(&a, &b), row[i].same);
		assert_int_equal(place_same(&b, &a), row[i].same);
		json_decref(a.spec);
		json_decref(b.spec);
	}
}

static void what_names_no_namespace_is_refused(void **state)
{
	static const struct {
		const char *why, *spec, *message;
	} row[] = {
		{ "nothing", "{}", NULL },
		{ "a name", "{\"netns\":\"blue\"}", NULL },
		{ "a path", "{\"netns\":\"/run/netns/a.b\"}", NULL },
		{ "a process and when it began", "{\"netns\":\"pid:1:1\"}", NULL },
		{ "both", "{\"netns\":\"blue\",\"host\":\"a\"}",
		  "a device is either in a host or in a namespace, not in both" },
		{ "a process alone", "{\"netns\":\"pid:1\"}", "'pid:1' names no namespace" },
		{ "more behind it", "{\"netns\":\"pid:1:2x\"}", "'pid:1:2x' names no namespace" },
		{ "a relative path", "{\"netns\":\"a/b\"}", "'a/b' names no namespace" },
		{ "nothing in it", "{\"netns\":\"\"}", "'' names no namespace" },
		{ "a number that is used again", "{\"netns\":\"/proc/1/ns/net\"}",
		  "numbers of processes are used again, so /proc/1/ns/net may be another's one "
		  "day" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		struct object o = of(row[i].spec);

		place_check(&o, &faults);
		assert_int_equal(faults.n, row[i].message != NULL);
		if (faults.n)
			assert_string_equal(faults.v[0].message, row[i].message);
		faults_free(&faults);
		json_decref(o.spec);
	}
}

/* ---- what is there -------------------------------------------------------------------------- */

static const struct port_env env = { .run_dir = "/tmp/weft-place-test" };

static int try_open(const char *place)
{
	int fd = -1, err = place_open(&env, place, &fd);

	fd_close(&fd);
	return err;
}

static void nothing_but_a_network_namespace_is_opened(void **state)
{
	char dir[] = "/tmp/weft-place.XXXXXX", pipe_path[64], dead[64];

	(void)state;
	need_root();
	assert_non_null(mkdtemp(dir));
	snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", dir);
	snprintf(dead, sizeof(dead), "%s/dead", dir);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_int_equal(symlink("nowhere", dead), 0);
	assert_int_equal(try_open("/proc/self/ns/net"), -EXDEV);
	assert_int_equal(try_open("/proc/self/ns/mnt"), -EINVAL);
	assert_int_equal(try_open("/etc/passwd"), -EINVAL);
	assert_int_equal(try_open(dir), -EINVAL);
	assert_int_equal(try_open(pipe_path), -EINVAL); /* and nobody waits for a writer */
	assert_int_equal(try_open(dead), -ENOENT);
	assert_int_equal(try_open("/etc/passwd/x"), -ENOENT);
	assert_int_equal(try_open("/nowhere"), -ENOENT);
	unlink(pipe_path);
	unlink(dead);
	rmdir(dir);
}

/* "pid:NUMBER:START" of a process, OFF ticks beside the truth. */
static void name_process(pid_t pid, long long off, char out[PLACE_LEN])
{
	char path[64], command[128];
	long long start = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	snprintf(command, sizeof(command), "sed 's/.*)//' %s | cut -d' ' -f21", path);
	f = popen(command, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lld", &start), 1);
	pclose(f);
	snprintf(out, PLACE_LEN, "pid:%d:%lld", pid, start + off);
}

static void a_process_is_known_by_when_it_started(void **state)
{
	char place[PLACE_LEN], other[PLACE_LEN];
	struct place_id id;
	int fd, ready[2];
	char octet;
	pid_t pid;

	(void)state;
	need_root();
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		_exit(unshare(CLONE_NEWNET) || write(ready[1], "", 1) != 1 || pause());
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	close(ready[0]);
	close(ready[1]);
	name_process(pid, 0, place);
	name_process(pid, 1, other);
	assert_int_equal(place_open(&env, place, &fd), 0);
	id = place_id(fd);
	assert_true(place_is(&env, place, &id));
	assert_int_equal(try_open(other), -ENOENT);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(place_is(&env, place, &id));
	assert_int_equal(try_open(place), -ENOENT);
	fd_close(&fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_name_a_place),
		cmocka_unit_test(one_place_by_two_names_is_the_same),
		cmocka_unit_test(what_names_no_namespace_is_refused),
		cmocka_unit_test(nothing_but_a_network_namespace_is_opened),
		cmocka_unit_test(a_process_is_known_by_when_it_started),
	};

	alone = port_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
