/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int capture_file_open(const char *dir, const char *name, int flags, int *out)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd, err;
	struct stat st;

	if (at < 0)
		return -errno;
	fd = openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0640);
	err = -errno;
	close(at);
	if (fd < 0)
		return err;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	*out = fd;
	return 0;
}

int capture_file_fault(const char *dir, const char *field, const char *name, int err,
		       struct faults *faults)
{
	switch (err) {
	case -ENOENT:
		return fault(faults, FAULT_NOT_FOUND, field, "put it there first",
			     "there is no file %s in %s", name, dir);
	case -ELOOP:
	case -EINVAL:
	case -EISDIR:
		return fault(faults, FAULT_INVALID, field, NULL, "%s in %s is no plain file", name,
			     dir);
	case -EEXIST:
		return fault(faults, FAULT_CONFLICT, field, "name another file",
			     "%s in %s is there already and is no recording of Weft's", name, dir);
	default:
		return fault(faults, FAULT_SYSTEM, field, NULL, "%s in %s cannot be opened: %s",
			     name, dir, strerror(-err));
	}
}
