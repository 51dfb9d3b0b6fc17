/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/system.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

#define FILES_WANTED 65536
#define FILES_KEPT   96 /* for connections to the API, and a few to work with */

static void raise_files(void)
{
	struct rlimit l, more;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= FILES_WANTED)
		return;
	more = (struct rlimit){ FILES_WANTED,
				l.rlim_max > FILES_WANTED ? l.rlim_max : FILES_WANTED };
	if (setrlimit(RLIMIT_NOFILE, &more) == 0)
		return;
	l.rlim_cur = l.rlim_max; /* who may not have more takes what is there */
	if (setrlimit(RLIMIT_NOFILE, &l) < 0)
		log_warn("weftd", "limit of open files stays as it is: %s", strerror(errno));
}

void system_raise_files(void)
{
	raise_files();
	fd_reserve(FILES_KEPT);
}

void system_join(const char *group)
{
	enum { TEXT = 16384, GROUPS = 64 };
	char text[TEXT];
	gid_t list[GROUPS + 1];
	int n = getgroups(GROUPS, list);
	struct group g, *found = NULL;

	if (n < 0 || getgrnam_r(group, &g, text, sizeof(text), &found))
		return;
	if (!found) {
		log_info("weftd", "there is no group %s: nobody else may use the socket", group);
		return;
	}
	for (int i = 0; i < n; i++) {
		if (list[i] == found->gr_gid)
			return;
	}
	list[n++] = found->gr_gid;
	if (setgroups((size_t)n, list) < 0)
		log_debug("weftd", "not a member of group %s: %s", group, strerror(errno));
}

void system_drop_rights(void)
{
	if (geteuid() != 0)
		return;
	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
		      CAP_SYS_ADMIN, /* namespaces: unshare, setns, mount; programs for devices */
		      CAP_NET_ADMIN, /* devices, addresses, routes */
		      CAP_SYS_PTRACE, /* opens the namespace of a container's process */
		      -1);
	if (capng_apply(CAPNG_SELECT_BOTH) < 0)
		log_warn("weftd", "capabilities that are not needed could not be dropped");
}

void system_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (!path ||
	    snprintf(to.sun_path, sizeof(to.sun_path), "%s", path) >= (int)sizeof(to.sun_path))
		return;
	if (to.sun_path[0] == '@') /* an abstract name */
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) < 0)
		log_warn("weftd", "nobody could be told %s: %s", state, strerror(errno));
	close(fd);
}
