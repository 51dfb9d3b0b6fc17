/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_WAKE_H
#define BASE_WAKE_H

#include "base/compat.h"

/*
 * Wakes whoever waits on an eventfd or a Unix socket that another process gave us, and never waits
 * itself. O_NONBLOCK is no help: it belongs to the open file, which that process shares, and so it
 * can take the flag away and fill the eventfd up. Then write() would hold the caller for ever.
 *
 * Threads: any, also a worker: one system call (two, and some memory of the kernel's, the first
 * time in a thread).
 */
enum wake_kind { WAKE_EVENTFD, WAKE_SOCKET };

/* -EINVAL: it is neither, and wake() must not be called with it. */
int wake_kind(int fd, enum wake_kind *out);

/* A signal that finds no room is one that nobody has taken yet. */
void wake(int fd, enum wake_kind);

#endif /* BASE_WAKE_H */
