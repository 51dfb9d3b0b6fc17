/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_DOWN_H
#define CTL_DOWN_H

#include "ctl/cli.h"

/* Takes a lab down, or only says what would go. Threads: one. */
enum status down_lab(struct cli *, const char *name, bool dry_run);

#endif /* CTL_DOWN_H */
