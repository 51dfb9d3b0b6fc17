/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "control/http_priv.h"

enum { BACKLOG = 128, GROUP_TEXT = 16384 };

static int refuse(const char *path, const char *hint, const char *why, struct faults *faults)
{
	return fault(faults, FAULT_SYSTEM, NULL, hint, "the socket %s cannot be used: %s", path,
		     why);
}

/* Does somebody answer there? */
static bool is_served(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served;

	if (fd < 0)
		return false;
	served = !connect(fd, (const struct sockaddr *)at, sizeof(*at)) || errno == EAGAIN;
	close(fd);
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

int socket_listen(const char *path, const char *group, struct faults *faults, int *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t mask;
	int fd, err;

	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) >= (int)sizeof(at.sun_path))
		return refuse(path, "use a folder with a shorter name", "its path is too long",
			      faults);
	if (!lstat(path, &st)) {
		if (!S_ISSOCK(st.st_mode))
			return refuse(path, "move that file away", "it is not a socket", faults);
		if (is_served(&at))
			return refuse(path, "stop the other one, or use another --instance",
				      "another weftd answers on it", faults);
		unlink(path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return refuse(path, NULL, strerror(errno), faults);
	/* Nobody else may connect before the group is set. */
	mask = umask(0177);
	err = bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? errno : 0;
	umask(mask);
	if (!err) {
		give_to_group(path, group);
		err = chmod(path, 0660) < 0 || listen(fd, BACKLOG) < 0 ? errno : 0;
	}
	if (err) {
		close(fd);
		return refuse(path, "look at the rights of its folder", strerror(err), faults);
	}
	*out = fd;
	return 0;
}
