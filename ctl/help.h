/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include <stdio.h>

#include "ctl/cli.h"

/* Help at each level, made from the tables of nouns, verbs and fields. Threads: one. */
void help_all(FILE *);
void help_noun(FILE *, const struct noun *);
void help_verb(FILE *, const struct noun *, const struct verb *);

/* "weft port add p1 --switch s1 --access 10": the caller owns it. */
char *help_example(const struct noun *, const struct verb *);

#endif /* CTL_HELP_H */
