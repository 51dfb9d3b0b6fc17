/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unix_listen.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { GROUP_TEXT = 16384 };

/* Does somebody answer there? */
static bool is_served(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served;
	int err;

	if (fd < 0)
		return false;
	served = !connect(fd, (const struct sockaddr *)at, sizeof(*at)) || errno == EAGAIN;
	err = errno;
	close(fd);
	errno = err; /* why not */
	return served;
}

static void give_to_group(const char *path, const char *group)
{
	char text[GROUP_TEXT];
	struct group g, *found = NULL;

	if (!group || getgrnam_r(group, &g, text, sizeof(text), &found) || !found)
		return;
	/* Without the right to do so the socket stays with the daemon's own group. */
	if (chown(path, (uid_t)-1, found->gr_gid) < 0)
		return;
}

void unix_sweep(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;

	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) < (int)sizeof(at.sun_path) &&
	    !lstat(path, &st) && S_ISSOCK(st.st_mode) && !is_served(&at) && errno == ECONNREFUSED)
		unlink(path);
}

int unix_listen(const char *path, const char *group, int backlog, int *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int fd, err;

	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) >= (int)sizeof(at.sun_path))
		return -ENAMETOOLONG;
	if (!lstat(path, &st)) {
		if (!S_ISSOCK(st.st_mode))
			return -ENOTSOCK;
		if (is_served(&at))
			return -EADDRINUSE;
		unlink(path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Nobody else may connect before the group is set. */
	mask = umask(0177);
	err = bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? -errno : 0;
	umask(mask);
	if (!err) {
		give_to_group(path, group);
		err = chmod(path, 0660) < 0 || listen(fd, backlog) < 0 ? -errno : 0;
	}
	if (err) {
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}
