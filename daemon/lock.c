/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"

/* An abstract name is the network namespace's, as the devices are, and goes with its owner. */
int lock_instance(const char *instance, struct faults *f)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int len = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "weft/%s", instance);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fault(f, FAULT_SYSTEM, NULL, NULL, "no socket can be made: %s",
			     strerror(errno));
	if (bind(fd, (struct sockaddr *)&name,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0)
		return 0; /* kept open */
	close(fd);
	return fault(f, FAULT_CONFLICT, NULL,
		     "stop it, or give this one --instance, --state-dir and --run-dir of its own",
		     "a weftd of instance %s is running already", instance);
}

int lock_run_dir(const char *run_dir, struct faults *f)
{
	char path[PATH_MAX];
	int fd = -1;

	if (path_join(path, sizeof(path), run_dir, "weftd.lock") == 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fault(f, FAULT_SYSTEM, NULL, "start it as root, or name another --run-dir",
			     "the folder %s cannot be written to", run_dir);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0; /* kept open */
	close(fd);
	return fault(f, FAULT_CONFLICT, NULL, "stop it, or give this one --run-dir of its own",
		     "another weftd uses the folder %s", run_dir);
}
