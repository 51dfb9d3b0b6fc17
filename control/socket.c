/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/unix_listen.h"
#include "control/http_priv.h"

enum { BACKLOG = 1024 }; /* who does not wait himself is told "again" when it is full */

static int refuse(const char *path, const char *hint, const char *why, struct faults *faults)
{
	return fault(faults, FAULT_SYSTEM, NULL, hint, "the socket %s cannot be used: %s", path,
		     why);
}

int socket_listen(const char *path, const char *group, struct faults *faults, int *out)
{
	int err = unix_listen(path, group, BACKLOG, out);

	switch (err) {
	case 0:
		return 0;
	case -ENAMETOOLONG:
		return refuse(path, "use a folder with a shorter name", "its path is too long",
			      faults);
	case -ENOTSOCK:
		return refuse(path, "move that file away", "it is not a socket", faults);
	case -EADDRINUSE:
		return refuse(path, "stop the other one, or use another --instance",
			      "another weftd answers on it", faults);
	default:
		return refuse(path, "look at the rights of its folder", strerror(-err), faults);
	}
}
