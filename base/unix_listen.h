/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UNIX_LISTEN_H
#define BASE_UNIX_LISTEN_H

#include "base/compat.h"

/*
 * A listening stream socket at PATH, mode 0660, of GROUP (NULL, or not ours to give: the daemon's
 * own). A socket that nobody listens on any more makes room. Control thread (it sets the umask).
 *
 * -ENAMETOOLONG; -ENOTSOCK: another kind of file is there; -EADDRINUSE: somebody answers on it.
 */
int unix_listen(const char *path, const char *group, int backlog, int *out);

/* Takes away a socket that nobody listens on; what is anything else stays. Any thread. */
void unix_sweep(const char *path);

#endif /* BASE_UNIX_LISTEN_H */
