/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"

static int no_way(struct faults *faults, const char *name, const char *what)
{
	int err = -errno;

	if (err == -EPERM)
		fault(faults, FAULT_SYSTEM, NULL, "use sudo",
		      "to run a command in host %s needs root", name);
	else
		fault(faults, FAULT_SYSTEM, NULL, NULL, "host %s: %s: %s", name, what,
		      strerror(-err));
	return err;
}

/*
 * /sys shows the network of who mounted it. Ours is mounted over it where only this process and
 * its children see that, as `ip netns exec` does; read-only if the machine's is.
 */
static int mount_sys(void)
{
	struct statvfs s;
	unsigned long flags = 0;

	if (mount("", "/", "none", MS_SLAVE | MS_REC, NULL))
		return -1;
	if (!statvfs("/sys", &s) && s.f_flag & ST_RDONLY)
		flags = MS_RDONLY;
	umount2("/sys", MNT_DETACH);
	return mount("sysfs", "/sys", "sysfs", flags | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

int enter_host(const char *name, const char *netns, struct faults *faults)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 && errno == EACCES)
		errno = EPERM;
	if (fd < 0)
		return no_way(faults, name, "its namespace cannot be opened");
	if (setns(fd, CLONE_NEWNET))
		err = no_way(faults, name, "its namespace cannot be entered");
	fd_close(&fd);
	if (err)
		return err;
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS))
		return no_way(faults, name, "no namespace for it can be made");
	if (mount_sys())
		return no_way(faults, name, "/sys cannot be shown");
	if (sethostname(name, strlen(name)))
		return no_way(faults, name, "its name cannot be set");
	return 0;
}
