/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/name.h"
#include "base/process.h"
#include "ports/netns.h"

#define IP_RUN "/run"
#define NAMED  IP_RUN "/netns" /* where `ip netns` keeps its own */

const char *place_of(const struct object *o, char out[PLACE_LEN])
{
	const char *host = object_text(o, "host"), *netns = object_text(o, "netns");

	if (netns && name_ok(netns))
		snprintf(out, PLACE_LEN, NAMED "/%s", netns);
	else
		snprintf(out, PLACE_LEN, "%s", netns ? netns : host ? host : "");
	return out;
}

/* A model of thousands of ports asks this of each pair. */
bool place_same(const struct object *a, const struct object *b)
{
	const char *x = object_text(a, "host"), *y = object_text(b, "host");
	char here[PLACE_LEN], there[PLACE_LEN];

	if (object_text(a, "netns") || object_text(b, "netns"))
		return !strcmp(place_of(a, here), place_of(b, there));
	return !strcmp(x ? x : "", y ? y : "");
}

bool place_is_foreign(const char *place)
{
	return strpbrk(place, "/:") != NULL;
}

/* "pid:1234:567890" */
static bool read_process(const char *place, unsigned long *pid, uint64_t *start)
{
	char *end;

	if (strncmp(place, "pid:", 4) != 0 || place[4] < '1' || place[4] > '9')
		return false;
	*pid = strtoul(place + 4, &end, 10);
	if (*end != ':' || end[1] < '0' || end[1] > '9')
		return false;
	*start = strtoull(end + 1, &end, 10);
	return !*end;
}

const char *place_text(const char *place, char out[PLACE_TEXT])
{
	uint64_t start;
	unsigned long pid;

	if (!*place)
		snprintf(out, PLACE_TEXT, "the machine");
	else if (!place_is_foreign(place))
		snprintf(out, PLACE_TEXT, "host %s", place);
	else if (read_process(place, &pid, &start))
		snprintf(out, PLACE_TEXT, "process %lu", pid);
	else
		snprintf(out, PLACE_TEXT, "namespace %s", place);
	return out;
}

void place_check(const struct object *now, struct faults *faults)
{
	const char *netns = object_text(now, "netns");
	uint64_t start;
	unsigned long pid;

	if (!netns)
		return;
	if (object_text(now, "host"))
		fault(faults, FAULT_INVALID, "netns", "take one of the two away",
		      "a device is either in a host or in a namespace, not in both");
	if (!strncmp(netns, "/proc/", 6))
		fault(faults, FAULT_INVALID, "netns",
		      "use `weft attach netns PID`, which also notes when the process started",
		      "numbers of processes are used again, so %s may be another's one day", netns);
	else if (netns[0] != '/' && !name_ok(netns) && !read_process(netns, &pid, &start))
		fault(faults, FAULT_INVALID, "netns",
		      "write a name of `ip netns`, or the whole path of a namespace",
		      "'%s' names no namespace", netns);
}

static bool is_netns(int fd)
{
	return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

/*
 * With O_PATH nothing happens to what is named, be it a pipe or a watchdog; only what is found to
 * be a namespace is opened.
 */
static int open_path(const char *path, int *out)
{
	int at = open(path, O_PATH | O_CLOEXEC), fd;
	char self[32];
	struct statfs st;

	if (at < 0)
		return errno == ENOTDIR || errno == ESRCH ? -ENOENT : -errno;
	if (fstatfs(at, &st) || st.f_type != NSFS_MAGIC) {
		close(at);
		return -EINVAL;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", at);
	fd = open(self, O_RDONLY | O_CLOEXEC);
	close(at);
	if (fd < 0)
		return -errno;
	if (!is_netns(fd)) {
		close(fd);
		return -EINVAL;
	}
	*out = fd;
	return 0;
}

static bool started_at(unsigned long pid, uint64_t start)
{
	uint64_t is;

	return !process_start((long)pid, &is) && is == start;
}

static int open_process(unsigned long pid, uint64_t start, int *out)
{
	char path[32];
	int fd = -1, err;

	if (!started_at(pid, start))
		return -ENOENT;
	snprintf(path, sizeof(path), "/proc/%lu/ns/net", pid);
	err = open_path(path, &fd);
	if (err)
		return err;
	/* Still the same, so what was opened is its own. */
	if (!started_at(pid, start)) {
		close(fd);
		return -ENOENT;
	}
	*out = fd;
	return 0;
}

static int open_foreign(const char *place, int *out)
{
	struct place_id own = place_id(NETNS_SELF), id;
	uint64_t start;
	unsigned long pid;
	int fd = -1, err;

	err = read_process(place, &pid, &start) ? open_process(pid, start, &fd)
						: open_path(place, &fd);
	if (err)
		return err;
	id = place_id(fd);
	if (place_id_equal(&id, &own)) {
		close(fd);
		return -EXDEV;
	}
	*out = fd;
	return 0;
}

int place_open(const struct port_env *env, const char *place, int *fd)
{
	if (place_is_foreign(place))
		return open_foreign(place, fd);
	if (*place)
		return netns_open(env->run_dir, place, fd);
	*fd = NETNS_SELF;
	return 0;
}

int place_fault(const char *place, int error, struct faults *faults)
{
	char text[PLACE_TEXT];

	place_text(place, text);
	if (!place_is_foreign(place))
		return fault(faults, FAULT_SYSTEM, "host", NULL,
			     "the namespace of %s cannot be opened: %s", text, strerror(-error));
	switch (error) {
	case -ENOENT:
		if (*place == '/')
			return fault(faults, FAULT_INVALID, "netns", NULL, "there is no %s", text);
		return fault(faults, FAULT_INVALID, "netns", NULL, "%s has ended", text);
	case -EXDEV:
		return fault(faults, FAULT_INVALID, "netns",
			     "leave `netns` out to mean the machine",
			     "%s has no network of its own, only the machine's", text);
	case -EINVAL:
		return fault(faults, FAULT_INVALID, "netns", NULL, "%s is no network namespace",
			     *place == '/' ? place : text);
	default:
		return fault(faults, FAULT_SYSTEM, "netns", NULL, "%s cannot be opened: %s", text,
			     strerror(-error));
	}
}

struct place_id place_id(int fd)
{
	struct stat st;

	if (fd == NETNS_SELF ? stat("/proc/thread-self/ns/net", &st) : fstat(fd, &st))
		return (struct place_id){ 0 };
	return (struct place_id){ st.st_dev, st.st_ino };
}

bool place_is(const struct port_env *env, const char *place, const struct place_id *id)
{
	struct place_id is;
	int fd;

	if (place_open(env, place, &fd))
		return false;
	is = place_id(fd);
	fd_close(&fd);
	return place_id_equal(&is, id);
}

struct each {
	place_each_fn *fn;
	void *arg;
};

static void each_foreign(void *arg, const char *name)
{
	const struct each *e = arg;
	char place[PLACE_LEN];

	snprintf(place, sizeof(place), NAMED "/%.*s", NAME_MAX_LEN, name);
	e->fn(e->arg, place);
}

void place_each(const struct port_env *env, place_each_fn *fn, void *arg)
{
	struct each e = { fn, arg };

	fn(arg, "");
	netns_each(env->run_dir, fn, arg);
	netns_each(IP_RUN, each_foreign, &e);
}
