/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_CHANGES_H
#define CTL_CHANGES_H

#include <jansson.h>
#include <stdio.h>

#include "base/compat.h"

/* What the daemon did or would do, as the API's list of changes. Threads: one. */

/* One line each: "+ host a", "~ port a.eth0  access 10 -> 20", "- link x". */
void changes_print(const json_t *changes, FILE *);

/* "access 10 -> 20, up yes -> no" of {"access": {"from", "to"}, ...}; the caller owns it. */
char *changes_fields(const json_t *fields);

/* "3 added, 1 changed, 2 removed"; the caller owns it. */
char *changes_sum(const json_t *changes);

unsigned int changes_that_interrupt(const json_t *changes);

#endif /* CTL_CHANGES_H */
