/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_FOLLOW_H
#define CTL_FOLLOW_H

#include "ctl/cli.h"

/*
 * Prints a stream of server-sent events as they come: in JSON a line each and in YAML a document
 * each, so that a program can read them one by one; for people as PRINT says it. An event that
 * only tells what was {"missed"} is printed, too, and counts as none.
 *
 * Threads: one.
 */
typedef void follow_print_fn(const json_t *event, bool first);

/* COUNT: end after so many; 0: never. *ended: the daemon ended it. Non-zero: a fault was added. */
int follow(struct cli *, const char *path, long count, follow_print_fn *print, bool *ended);

#endif /* CTL_FOLLOW_H */
