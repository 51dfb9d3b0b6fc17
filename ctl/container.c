/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/container.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/name.h"
#include "base/process.h"

#define NAMED "/run/netns" /* where `ip netns` keeps its own */

extern char **environ;

const char *const container_runtimes[] = { "docker", "podman", "lxc", NULL };

/* What each of them is asked, NAME in place of NULL, and how a container is started. */
static const struct runtime {
	const char *ask[8];
	const char *unknown; /* it says so, in lower or upper case, if it has none of that name */
	const char *start;
} runtimes[] = {
	{ { "docker", "container", "inspect", "--format", "{{.State.Pid}}", "--", "" },
	  "no such container",
	  "docker start" },
	{ { "podman", "container", "inspect", "--format", "{{.State.Pid}}", "--", "" },
	  "no such container",
	  "podman start" },
	{ { "lxc-info", "--pid", "--no-humanize", "--name", "" }, "doesn't exist", "lxc-start -n" },
};

struct said {
	char out[256], err[512];
	int status; /* 127: there is no such program */
};

/* Runs ARGV without a shell; its last word is NAME. */
static int run(const struct runtime *r, const char *name, int out, int err)
{
	char *argv[ARRAY_LEN(r->ask) + 1] = { NULL };
	posix_spawn_file_actions_t actions;
	int status, code;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_LEN(r->ask); i++)
		argv[i] = (char *)(r->ask[i] && !*r->ask[i] ? name : r->ask[i]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	code = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (code)
		return code == ENOENT || code == EACCES ? 127 : 126;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

/* What was written to a file without a name. */
static void take(int fd, char *text, size_t room)
{
	ssize_t n = pread(fd, text, room - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static int ask(const struct runtime *r, const char *name, struct said *s)
{
	int out = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int err = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	*s = (struct said){ .status = 126 };
	if (out >= 0 && err >= 0) {
		s->status = run(r, name, out, err);
		take(out, s->out, sizeof(s->out));
		take(err, s->err, sizeof(s->err));
	}
	fd_close(&out);
	fd_close(&err);
	return s->status;
}

long container_pid(const char *printed)
{
	char *end;
	long pid;

	if (!*printed || !strcmp(printed, "-1"))
		return 0;
	errno = 0;
	pid = strtol(printed, &end, 10);
	return errno || *end || pid < 0 ? -1 : pid;
}

int container_process(long pid, char out[NETNS_REF])
{
	uint64_t start;

	if (process_start(pid, &start))
		return -ENOENT;
	snprintf(out, NETNS_REF, "pid:%ld:%" PRIu64, pid, start);
	return 0;
}

static int process(long pid, char out[NETNS_REF], struct faults *faults)
{
	if (!container_process(pid, out))
		return 0;
	return fault(faults, FAULT_NOT_FOUND, NULL, NULL, "there is no process %ld", pid);
}

enum found { FOUND, NONE, NOT_INSTALLED, FAILED, REFUSED };

/* FAILED and REFUSED add a fault: another runtime may have what this one cannot tell of. */
static enum found ask_one(const struct runtime *r, const char *name, char out[NETNS_REF],
			  struct faults *faults)
{
	char hint[NETNS_REF];
	struct said s;
	long pid;

	if (ask(r, name, &s) == 127)
		return NOT_INSTALLED;
	if (s.status && strcasestr(s.err, r->unknown))
		return NONE;
	pid = s.status ? -1 : container_pid(s.out);
	if (pid < 0) {
		fault(faults, FAULT_SYSTEM, NULL, NULL, "%s cannot tell of container %s: %s",
		      r->ask[0], name, *s.err ? s.err : s.out);
		return FAILED;
	}
	if (pid > 0)
		return process(pid, out, faults) ? REFUSED : FOUND;
	snprintf(hint, sizeof(hint), "%s %.200s", r->start, name);
	fault(faults, FAULT_CONFLICT, NULL, hint, "container %s is not running", name);
	return REFUSED;
}

static int no_container(const char *name, const char *runtime, bool installed,
			struct faults *faults)
{
	if (installed)
		return fault(faults, FAULT_NOT_FOUND, NULL, NULL, "there is no container %s", name);
	if (runtime)
		return fault(faults, FAULT_NOT_FOUND, NULL, NULL, "%s is not installed here",
			     runtime);
	return fault(faults, FAULT_NOT_FOUND, NULL,
		     "weft attach netns NAME|PID takes any namespace",
		     "neither docker, podman nor lxc is installed here");
}

int container_netns(const char *name, const char *runtime, char out[NETNS_REF],
		    struct faults *faults)
{
	unsigned int before = faults->n;
	bool installed = false;

	if (name[0] == '-')
		return fault(faults, FAULT_INVALID, NULL, NULL, "'%s' is no container's name",
			     name);
	for (size_t i = 0; i < ARRAY_LEN(runtimes); i++) {
		enum found found;

		if (runtime && strcmp(runtime, container_runtimes[i]) != 0)
			continue;
		found = ask_one(&runtimes[i], name, out, faults);
		if (found == FOUND) {
			faults_free(faults);
			return 0;
		}
		if (found == REFUSED)
			return -ENOENT;
		installed |= found != NOT_INSTALLED;
	}
	return faults->n > before ? -EIO : no_container(name, runtime, installed, faults);
}

int namespace_netns(const char *what, char out[NETNS_REF], struct faults *faults)
{
	bool in_proc = !strncmp(what, "/proc/", 6);
	const char *number = in_proc ? what + 6 : what;
	char *whole, *end;
	long pid = strtol(number, &end, 10);

	if (end > number && pid > 0 && !strcmp(end, in_proc ? "/ns/net" : ""))
		return process(pid, out, faults);
	if (strchr(what, '/')) {
		whole = realpath(what, NULL);
		if (!whole)
			return fault(faults, FAULT_NOT_FOUND, NULL, NULL,
				     "there is no namespace %s: %s", what, strerror(errno));
		snprintf(out, NETNS_REF, "%s", whole);
		free(whole);
		return 0;
	}
	snprintf(out, NETNS_REF, NAMED "/%s", what);
	if (access(out, F_OK))
		return fault(faults, FAULT_NOT_FOUND, NULL, "see ip netns list",
			     "there is no namespace %s", what);
	if (name_ok(what))
		snprintf(out, NETNS_REF, "%s", what);
	return 0;
}
