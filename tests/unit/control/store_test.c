/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/store_priv.h"

struct fixture {
	char dir[32], path[64];
	struct faults faults;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/weft-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/state.db", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const suffix[] = { "", "-wal", "-shm", "-journal" };
	struct fixture *f = *state;
	char path[80];

	for (size_t i = 0; i < ARRAY_LEN(suffix); i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, suffix[i]);
		unlink(path);
	}
	rmdir(f->dir);
	faults_free(&f->faults);
	free(f);
	return 0;
}

static struct store *reopen(struct fixture *f, const char *boot_id)
{
	struct store *s;

	if (store_open(f->path, boot_id, &f->faults, &s))
		fail_msg("not opened: %s", f->faults.n ? f->faults.v[0].message : "?");
	return s;
}

static int put(struct store *s, const char *name, int value, struct faults *faults)
{
	json_t *spec = json_pack("{s:i}", "value", value);
	int err = store_put_object(s, "switch", name, "", spec, faults);

	json_decref(spec);
	return err;
}

static int collect(void *arg, const char *kind, const char *name, const char *lab, json_t *spec)
{
	(void)kind;
	(void)lab;
	return json_object_set(arg, name, json_object_get(spec, "value"));
}

static json_t *all(struct fixture *f, struct store *s)
{
	json_t *names = json_object();

	assert_int_equal(store_objects(s, collect, names, &f->faults), 0);
	return names;
}

static void what_was_committed_is_there_and_what_was_not_is_not(void **state)
{
	struct fixture *f = *state;
	struct store *s = reopen(f, "boot");
	json_t *names;

	assert_int_equal(store_begin(s, &f->faults), 0);
	assert_int_equal(put(s, "s1", 1, &f->faults), 0);
	assert_int_equal(put(s, "s2", 2, &f->faults), 0);
	assert_int_equal(put(s, "s1", 3, &f->faults), 0);
	assert_int_equal(store_remove_object(s, "switch", "s2", &f->faults), 0);
	assert_int_equal(store_commit(s, &f->faults), 0);
	assert_int_equal(store_begin(s, &f->faults), 0);
	assert_int_equal(put(s, "s3", 1, &f->faults), 0);
	store_rollback(s);
	store_close(s);

	s = reopen(f, "boot");
	names = all(f, s);
	assert_int_equal(json_object_size(names), 1);
	assert_int_equal(json_integer_value(json_object_get(names, "s1")), 3);
	json_decref(names);
	store_close(s);
}

static int one_lab(void *arg, const char *name, const char *description, bool autostart)
{
	assert_string_equal(name, "campus");
	assert_string_equal(description, "two switches");
	assert_false(autostart);
	++*(unsigned int *)arg;
	return 0;
}

static void labs_are_kept_too(void **state)
{
	struct fixture *f = *state;
	struct store *s = reopen(f, "boot");
	unsigned int n = 0;

	assert_int_equal(store_begin(s, &f->faults), 0);
	assert_int_equal(store_put_lab(s, "campus", "two switches", false, &f->faults), 0);
	assert_int_equal(store_put_lab(s, "gone", "", true, &f->faults), 0);
	assert_int_equal(store_remove_lab(s, "gone", &f->faults), 0);
	assert_int_equal(store_commit(s, &f->faults), 0);
	store_close(s);
	s = reopen(f, "boot");
	assert_int_equal(store_labs(s, one_lab, &n, &f->faults), 0);
	assert_int_equal(n, 1);
	store_close(s);
}

static void a_reboot_is_told_from_a_restart(void **state)
{
	struct fixture *f = *state;
	struct store *s = reopen(f, "boot-1");

	assert_true(store_rebooted(s));
	store_close(s);
	s = reopen(f, "boot-1");
	assert_true(store_rebooted(s)); /* nobody has dealt with it yet */
	assert_int_equal(store_begin(s, &f->faults), 0);
	assert_int_equal(store_put_boot(s, &f->faults), 0);
	assert_int_equal(store_commit(s, &f->faults), 0);
	store_close(s);
	s = reopen(f, "boot-1");
	assert_false(store_rebooted(s));
	store_close(s);
	s = reopen(f, "boot-2");
	assert_true(store_rebooted(s));
	store_close(s);
}

static void refused(struct fixture *f, const char *sentence)
{
	struct store *s;

	assert_int_not_equal(store_open(f->path, "boot", &f->faults, &s), 0);
	if (!strstr(f->faults.v[f->faults.n - 1].message, sentence))
		fail_msg("%s", f->faults.v[f->faults.n - 1].message);
}

static void two_daemons_do_not_share_a_state(void **state)
{
	struct fixture *f = *state;
	struct store *s = reopen(f, "boot");
	pid_t child = fork();
	int status;

	/* SQLite's locks are a process's: the other one must be one. */
	if (!child) {
		struct store *other;

		_exit(store_open(f->path, "boot", &f->faults, &other) &&
				      strstr(f->faults.v[0].message, "another weftd uses it")
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	store_close(s);
	store_close(reopen(f, "boot"));
}

static void the_state_of_a_newer_daemon_is_left_alone(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	store_close(reopen(f, "boot"));
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	refused(f, "was written by a newer weftd (version 99, this one reads 1)");
}

static void a_damaged_file_is_refused_in_words(void **state)
{
	struct fixture *f = *state;
	int fd;

	fd = open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, "this is no database ", 20), 20);
	close(fd);
	refused(f, "the file is damaged");

	snprintf(f->path, sizeof(f->path), "%s/no/such/folder", f->dir);
	refused(f, "it cannot be opened for writing");
	snprintf(f->path, sizeof(f->path), "%s/state.db", f->dir);
}

static void a_file_that_may_only_be_read_is_refused_in_words(void **state)
{
	enum { NOBODY = 65534 };
	struct fixture *f = *state;
	pid_t child;
	int status;

	store_close(reopen(f, "boot"));
	assert_int_equal(chmod(f->dir, 0755) || chmod(f->path, 0444), 0);
	child = fork();
	if (!child) {
		struct store *s;

		if (geteuid() == 0 && setuid(NOBODY) < 0)
			_exit(2);
		_exit(store_open(f->path, "boot", &f->faults, &s) && f->faults.n == 1 &&
				      strstr(f->faults.v[0].message, "cannot be opened for writing")
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void what_is_no_state_of_ours_is_refused_in_words(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	store_close(reopen(f, "boot"));
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE lab", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	refused(f, "it is no state of weftd's");
}

/* A file size limit stands in for a full disk: the write comes back short in the same way. */
static void a_full_disk_leaves_all_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct store *s = reopen(f, "boot");
	const struct rlimit small = { 60000, RLIM_INFINITY },
			    none = { RLIM_INFINITY, RLIM_INFINITY };
	json_t *names;
	int err = 0, done = 0;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (; done < 1000 && !err; done += !err) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", done);
		err = store_begin(s, &f->faults) ?: put(s, name, done, &f->faults) ?:
						    store_commit(s, &f->faults);
		if (err)
			store_rollback(s);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_not_equal(err, 0);
	assert_non_null(strstr(f->faults.v[0].message, "could not be saved"));
	names = all(f, s);
	assert_int_equal(json_object_size(names), done);
	json_decref(names);
	/* There is room again. */
	assert_int_equal(store_begin(s, &f->faults), 0);
	assert_int_equal(put(s, "later", 1, &f->faults), 0);
	assert_int_equal(store_commit(s, &f->faults), 0);
	store_close(s);
	s = reopen(f, "boot");
	names = all(f, s);
	assert_int_equal(json_object_size(names), done + 1);
	json_decref(names);
	store_close(s);
}

/* Each number is written to all of KEYS in one transaction, and told when it is committed. */
static void write_until_killed(struct fixture *f, int told)
{
	enum { KEYS = 5 };
	struct store *s = reopen(f, "boot");
	json_t *names = all(f, s);
	int next = (int)json_integer_value(json_object_get(names, "k0")) + 1;

	for (;; next++) {
		if (store_begin(s, &f->faults))
			_exit(1);
		for (int k = 0; k < KEYS; k++) {
			char name[16];

			snprintf(name, sizeof(name), "k%d", k);
			if (put(s, name, next, &f->faults))
				_exit(1);
		}
		if (store_commit(s, &f->faults) || write(told, &next, sizeof(next)) != sizeof(next))
			_exit(1);
	}
}

static void kill_at_any_moment_loses_nothing_that_was_told(void **state)
{
	enum { ROUNDS = 30 };
	struct fixture *f = *state;
	int last = 0;

	srandom(0x1a);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		int pipes[2], status, number, before = last;
		struct store *s;
		json_t *names, *v;
		const char *key;
		pid_t child;

		assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
		child = fork();
		if (!child)
			write_until_killed(f, pipes[1]);
		close(pipes[1]);
		/* Let it get going, then strike at a random moment of its next transactions. */
		assert_int_equal(read(pipes[0], &last, sizeof(last)), sizeof(last));
		usleep((useconds_t)(random() % 20000));
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		while (read(pipes[0], &number, sizeof(number)) == sizeof(number))
			last = number;
		close(pipes[0]);
		assert_true(last > before);

		s = reopen(f, "boot");
		names = all(f, s);
		number = (int)json_integer_value(json_object_get(names, "k0"));
		/* The last one may have been committed and not told. */
		assert_in_range(number, last, last + 1);
		json_object_foreach (names, key, v) {
			if (json_integer_value(v) != number)
				fail_msg("half a transaction: %s is %d, k0 %d", key,
					 (int)json_integer_value(v), number);
		}
		json_decref(names);
		store_close(s);
	}
}

int main(void)
{
#define WITH_DIR(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_DIR(what_was_committed_is_there_and_what_was_not_is_not),
		WITH_DIR(labs_are_kept_too),
		WITH_DIR(a_reboot_is_told_from_a_restart),
		WITH_DIR(two_daemons_do_not_share_a_state),
		WITH_DIR(the_state_of_a_newer_daemon_is_left_alone),
		WITH_DIR(a_damaged_file_is_refused_in_words),
		WITH_DIR(a_file_that_may_only_be_read_is_refused_in_words),
		WITH_DIR(what_is_no_state_of_ours_is_refused_in_words),
		WITH_DIR(a_full_disk_leaves_all_as_it_was),
		WITH_DIR(kill_at_any_moment_loses_nothing_that_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
