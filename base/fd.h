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

#endif /* BASE_FD_H */
