/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_ENTER_H
#define CTL_ENTER_H

#include "base/fault.h"

/*
 * Moves this process into a host: its network, a /sys that shows it, and its name for `hostname`.
 * Files stay the machine's. Needs root. 0 or -errno and a fault; the process may then be half way
 * in, so it should end. Threads: one, and no other.
 */
int enter_host(const char *name, const char *netns, struct faults *);

#endif /* CTL_ENTER_H */
