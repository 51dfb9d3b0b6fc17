/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_FIELD_PRIV_H
#define API_FIELD_PRIV_H

#include "api/schema.h"

/* A fault at WHERE (f->name or an item below it) with "use <what would be right>". NULL always. */
json_t *field_wrong(const struct field *, const char *where, struct faults *, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

#endif /* API_FIELD_PRIV_H */
