/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_CONTAINER_H
#define CTL_CONTAINER_H

#include "base/fault.h"

/*
 * Which namespace does a person mean? Container runtimes are asked by their own programs, with the
 * person's rights; the daemon only hears which process it is, and when that started.
 *
 * Threads: one. OUT is what goes into a port's field `netns`. 0, or -errno and a fault.
 */
#define NETNS_REF 256

/* RUNTIME: "docker", "podman", "lxc", or NULL: the first of them that has a container NAME. */
int container_netns(const char *name, const char *runtime, char out[NETNS_REF], struct faults *);
/* A name of `ip netns`, a path, or the number of a process. */
int namespace_netns(const char *what, char out[NETNS_REF], struct faults *);

/* NULL-terminated. */
extern const char *const container_runtimes[];

/* For tests. */
int container_process(long pid, char out[NETNS_REF]); /* -ENOENT: it has ended */
/* What a runtime's program printed: the number of the process; 0: not running; -1: no number. */
long container_pid(const char *printed);

#endif /* CTL_CONTAINER_H */
