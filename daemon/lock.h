/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_LOCK_H
#define DAEMON_LOCK_H

#include "base/fault.h"

/*
 * One daemon for an instance name and one for a run folder: a second one would take the devices and
 * namespaces of the first for strays. Held until the process ends, however it ends.
 */
int lock_instance(const char *instance, struct faults *);
int lock_run_dir(const char *run_dir, struct faults *);

#endif /* DAEMON_LOCK_H */
