/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

#define PATH_ROOM 512
#define OWN_NS    "/proc/thread-self/ns/net"

static int folder(char *out, size_t room, const char *run_dir)
{
	return path_join(out, room, run_dir, "netns");
}

int netns_path(char *out, size_t room, const char *run_dir, const char *name)
{
	char dir[PATH_ROOM];
	int err = folder(dir, sizeof(dir), run_dir);

	return err ? err : path_join(out, room, dir, name);
}

/* A mount of its own that is shared: what is mounted in it appears in every mount namespace. */
static int prepare_folder(const char *run_dir)
{
	char dir[PATH_ROOM];
	int err = folder(dir, sizeof(dir), run_dir);

	if (!err)
		err = dir_make(dir, 0755);
	if (err)
		return err;
	if (!mount("", dir, "none", MS_SHARED, NULL))
		return 0;
	if (errno != EINVAL)
		return -errno;
	/* EINVAL: not yet a mount. */
	if (mount(dir, dir, "none", MS_BIND, NULL) < 0 ||
	    mount("", dir, "none", MS_SHARED, NULL) < 0)
		return -errno;
	return 0;
}

static bool is_namespace(const char *path)
{
	struct statfs st;

	return !statfs(path, &st) && st.f_type == NSFS_MAGIC;
}

static void come_back(int fd)
{
	if (setns(fd, CLONE_NEWNET) == 0)
		return;
	log_err("netns", "cannot come back from a namespace: %s", strerror(errno));
	abort();
}

static int make_and_mount(const char *path)
{
	int own = open(OWN_NS, O_RDONLY | O_CLOEXEC), err = 0;

	if (own < 0)
		return -errno;
	if (unshare(CLONE_NEWNET) < 0) {
		err = -errno;
	} else {
		if (mount(OWN_NS, path, "none", MS_BIND, NULL) < 0)
			err = -errno;
		come_back(own);
	}
	close(own);
	return err;
}

int netns_make(const char *run_dir, const char *name, bool *made)
{
	char path[PATH_ROOM];
	int err = netns_path(path, sizeof(path), run_dir, name), fd;

	if (err)
		return err;
	if (is_namespace(path)) {
		*made = false;
		return 0;
	}
	err = prepare_folder(run_dir);
	if (err)
		return err;
	/* A file without a namespace is what a restart of the machine can leave: it serves again.
	 */
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (fd < 0)
		return -errno;
	close(fd);
	err = make_and_mount(path);
	if (err)
		unlink(path);
	else
		*made = true;
	return err;
}

int netns_open(const char *run_dir, const char *name, int *fd)
{
	char path[PATH_ROOM];
	int err = netns_path(path, sizeof(path), run_dir, name), got;

	if (err)
		return err;
	if (!is_namespace(path))
		return -ENOENT;
	got = open(path, O_RDONLY | O_CLOEXEC);
	if (got < 0)
		return -errno;
	*fd = got;
	return 0;
}

int netns_remove(const char *run_dir, const char *name)
{
	char path[PATH_ROOM];
	int err = netns_path(path, sizeof(path), run_dir, name);

	if (err)
		return err;
	/* EINVAL: no mount; the file goes all the same. */
	if (umount2(path, MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
		return -errno;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int netns_each(const char *run_dir, netns_fn *fn, void *arg)
{
	char dir[PATH_ROOM];
	int err = folder(dir, sizeof(dir), run_dir);
	struct dirent *e;
	DIR *d;

	if (err)
		return err;
	d = opendir(dir);
	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			fn(arg, e->d_name);
	}
	closedir(d);
	return 0;
}

static void count_one(void *arg, const char *name)
{
	unsigned int *n = arg;

	(void)name;
	++*n;
}

void netns_tidy(const char *run_dir)
{
	char dir[PATH_ROOM];
	unsigned int left = 0;

	if (folder(dir, sizeof(dir), run_dir) || netns_each(run_dir, count_one, &left) || left)
		return;
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}

int netns_run(int fd, netns_run_fn *fn, void *arg)
{
	int own, err;

	if (fd == NETNS_SELF)
		return fn(arg);
	own = open(OWN_NS, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET) < 0) {
		err = -errno;
	} else {
		err = fn(arg);
		come_back(own);
	}
	close(own);
	return err;
}
