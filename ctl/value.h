/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_VALUE_H
#define CTL_VALUE_H

#include <jansson.h>

#include "api/schema.h"

/* How one value of an object is shown to a person. Threads: one. Texts belong to the caller. */
char *value_text(const json_t *); /* NULL and null: "" */
bool value_is_default(const struct field *, const json_t *);

/* What a status member says: true carrier "up", counters their frames, causes their sum. */
char *value_status(const char *member, const json_t *);

/* "2 switches, 1 link" of {"switches": 2, "links": 1, "hosts": 0} */
char *value_objects(const json_t *counts);

/* "1 frame", "12 frames" */
char *value_count(json_int_t n, const char *what);
/* "2 d 3 h", "41 s" */
char *value_duration(json_int_t seconds);

#endif /* CTL_VALUE_H */
