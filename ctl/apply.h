/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_APPLY_H
#define CTL_APPLY_H

#include "ctl/args.h"

/*
 * Makes an object that brings others with it (a host its port, a link its two ends): one entry of a
 * lab document, in one transaction. FIELDS is borrowed. Threads: one.
 */
enum status apply_new(struct cli *, const struct noun *, const char *name, json_t *fields);

#endif /* CTL_APPLY_H */
