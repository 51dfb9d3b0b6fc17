/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int fd_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int file_write(const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	err = n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
	close(fd);
	return err;
}

int file_read(const char *path, char *out, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	int err = 0;

	if (fd < 0)
		return -errno;
	while (have + 1 < room) {
		ssize_t n = read(fd, out + have, room - 1 - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n < 0 ? -errno : 0;
			break;
		}
		have += (size_t)n;
	}
	out[have] = '\0';
	close(fd);
	return err;
}

/* Creating a directory that is there is done; a file of that name is not. */
static int dir_make_one(const char *path, mode_t mode)
{
	struct stat st;

	if (!mkdir(path, mode))
		return 0;
	if (errno != EEXIST || stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int dir_make(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	int err;

	if (!*path)
		return -ENOENT;
	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (char *c = part + 1;; c++) {
		char was = *c;

		if (was != '/' && was != '\0')
			continue;
		*c = '\0';
		err = dir_make_one(part, was ? 0755 : mode);
		if (err || !was)
			return err;
		*c = was;
	}
}

int path_join(char *out, size_t room, const char *dir, const char *name)
{
	return snprintf(out, room, "%s/%s", dir, name) >= (int)room ? -ENAMETOOLONG : 0;
}

static struct {
	struct rlimit all;
	rlim_t kept;
	bool open;
} reserve = { .open = true };

bool fd_reserve_open(bool open)
{
	struct rlimit l = reserve.all;
	bool was = reserve.open;

	if (was == open || !reserve.kept)
		return was;
	if (!open)
		l.rlim_cur -= reserve.kept;
	/* Nobody needs a right to have less than he may, or as much. */
	if (setrlimit(RLIMIT_NOFILE, &l) == 0)
		reserve.open = open;
	return was;
}

void fd_reserve(unsigned int n)
{
	fd_reserve_open(true);
	if (getrlimit(RLIMIT_NOFILE, &reserve.all) < 0)
		return;
	reserve.kept = MIN(n, reserve.all.rlim_cur / 4);
	fd_reserve_open(false);
}
