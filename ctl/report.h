/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include <stdio.h>

#include "base/compat.h"

/*
 * What is wrong with a file, line by line. {0} is an empty one. Threads: one. Memory: it owns its
 * texts.
 */
struct remark {
	unsigned int line; /* from 1; 0: the file as a whole */
	unsigned int order; /* of arrival, among those of one line */
	char *text;
};

struct report {
	struct remark *v;
	unsigned int n, room;
};

void report_free(struct report *);
void report_add(struct report *, unsigned int line, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* "FILE:LINE: text", by line, then how many they are and that nothing was changed. */
void report_print(struct report *, const char *file, FILE *);

#endif /* CTL_REPORT_H */
