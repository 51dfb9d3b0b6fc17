/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_OBJECT_H
#define CTL_OBJECT_H

#include "ctl/args.h"

/* What can be done with an object of any kind, by its schema alone. Threads: one. */
enum status object_do_add(struct cli *, const struct noun *, const char *name, const json_t *body);
enum status object_do_set(struct cli *, const struct noun *, const char *name, const json_t *patch);
enum status object_do_remove(struct cli *, const struct noun *, const char *name, bool cascade);

/* The options of every "remove": --cascade. */
extern const struct field remove_options[];
/* An option of every "show". A macro, because constant tables are initialised with it. */
#define SHOW_ALL                                                                              \
	{                                                                                     \
		.name = "all", .type = FIELD_BOOL, .help = "also the fields that are not set" \
	}

#endif /* CTL_OBJECT_H */
