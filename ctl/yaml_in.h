/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_YAML_IN_H
#define CTL_YAML_IN_H

#include <jansson.h>

#include "ctl/report.h"

/*
 * Reads one YAML document as JSON and remembers on which line everything stands.
 *
 * Words are those of YAML 1.2's core schema: true, false, null, numbers; "no" and 10:20 are text,
 * and so is whatever is quoted. Keys are text as they stand. Refused with a sentence: two
 * documents, a key that is there twice, merge keys, tags, anchors that unfold to more than
 * YAML_IN_UNFOLDED nodes, nesting beyond YAML_IN_DEPTH, files beyond YAML_IN_SIZE.
 *
 * Threads: one. Memory: yaml_in_free().
 */
enum { YAML_IN_SIZE = 4 << 20, YAML_IN_UNFOLDED = 100000, YAML_IN_DEPTH = 64 };

struct yaml_in;

/* 0, or -EINVAL and the report has every fault that was found. */
int yaml_in_parse(const char *text, size_t len, struct yaml_in **out, struct report *);
/* The same of a file, "-" is the standard input; or -errno of reading it, with a report too. */
int yaml_in_read(const char *path, struct yaml_in **out, struct report *);
void yaml_in_free(struct yaml_in *); /* NULL is fine */

json_t *yaml_in_json(const struct yaml_in *); /* borrowed */

/*
 * The line (1...) of what an RFC 6901 pointer points to: for a member that of its key. Of what is
 * not there, the line of the nearest thing around it.
 */
unsigned int yaml_in_line(const struct yaml_in *, const char *pointer);

#endif /* CTL_YAML_IN_H */
