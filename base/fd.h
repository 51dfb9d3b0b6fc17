/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include "base/compat.h"

/* Small things around file descriptors and files. Any thread. 0 or -errno. */
void fd_close(int *fd); /* closes unless -1, leaves -1 */
int fd_nonblock(int fd);
int file_write(const char *path, const char *text); /* an existing file, e.g. in /proc */
int file_read(const char *path, char *out, size_t room); /* text, always terminated */
int dir_make(const char *path, mode_t mode); /* with its parents */
int path_join(char *out, size_t room, const char *dir, const char *name); /* -ENAMETOOLONG */

/*
 * The last N descriptors (at most a quarter of all) are kept for those who ask the daemon
 * something, and for taking things away: who has made as much as there is room for must still be
 * able to say so. Open is where they may be used; that tells what was. Control thread.
 */
void fd_reserve(unsigned int n); /* closed from now on; without it there is no reserve */
bool fd_reserve_open(bool);

#endif /* BASE_FD_H */
