/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/compat.h"

/*
 * When a process started, in the kernel's ticks since it booted. Numbers of processes are used
 * again; number and start together are one process for as long as the machine runs. Any thread.
 * -ENOENT: there is none.
 */
int process_start(long pid, uint64_t *out);

#endif /* BASE_PROCESS_H */
