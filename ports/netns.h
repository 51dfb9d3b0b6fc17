/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_NETNS_H
#define PORTS_NETNS_H

#include "base/compat.h"

/*
 * Network namespaces, kept by name under RUN_DIR/netns as `ip netns` keeps its own: each is a mount
 * that outlives whoever made it, on a shared mount, so that others see it too.
 *
 * Threads: control thread. 0 or -errno. Descriptors are the caller's.
 */
#define NETNS_SELF (-1) /* as a descriptor: the namespace that the daemon runs in */

/* Where NAME is, for status and for people who want to look inside. */
int netns_path(char *out, size_t room, const char *run_dir, const char *name);

/* A new one, or the one that is there already (*made tells which). */
int netns_make(const char *run_dir, const char *name, bool *made);
int netns_open(const char *run_dir, const char *name, int *fd);
/* It goes for good when its last process and socket do. */
int netns_remove(const char *run_dir, const char *name);

/* Every namespace that is there; FN may remove the one that it is given. */
typedef void netns_fn(void *arg, const char *name);
int netns_each(const char *run_dir, netns_fn *, void *arg);

/* The folder and its mount go if no namespace is left. */
void netns_tidy(const char *run_dir);

/*
 * Runs FN inside the namespace and returns what it did. A daemon that could not come back would
 * work on the wrong network: it aborts.
 */
typedef int netns_run_fn(void *arg);
int netns_run(int fd, netns_run_fn *, void *arg);

#endif /* PORTS_NETNS_H */
