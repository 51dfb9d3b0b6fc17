/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_CAPTURE_FILE_H
#define PORTS_CAPTURE_FILE_H

#include "base/fault.h"

/*
 * Files in the daemon's capture folder: those that ports of type pcap and mirrors read and write,
 * and no others. Control thread.
 */

/* A plain file of that name in the folder DIR: no link leads out of it. FLAGS as open(). -errno. */
int capture_file_open(const char *dir, const char *name, int flags, int *out);

/* The sentence for what it returned, or for -EEXIST: it is there and no recording of ours. */
int capture_file_fault(const char *dir, const char *field, const char *name, int err,
		       struct faults *);

#endif /* PORTS_CAPTURE_FILE_H */
