/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include "ctl/term.h"

/*
 * Aligned columns. Numbers stand right, all else left; a column that is empty in every row is left
 * out; on a terminal extra columns are left out, from the right, and then the widest are cut until
 * a line fits.
 *
 * Threads: one. Memory: the table owns copies of all texts; each is made safe for the terminal.
 */
struct table;

struct table *table_new(void);
void table_free(struct table *); /* NULL is fine */

/* Columns first, then rows, each filled from the left. */
void table_column(struct table *, const char *title);
void table_columns(struct table *, const char *title, ...) __attribute__((sentinel)); /* NULL */
void table_column_extra(struct table *, const char *title); /* the first to go if room is short */
void table_row(struct table *);
void table_cell(struct table *, enum style, const char *fmt, ...) PRINTF_LIKE(3, 4);

unsigned int table_rows(const struct table *);
void table_indent(struct table *, unsigned int columns); /* in front of each line */
void table_wrap(struct table *); /* the last column goes on below itself, instead of being cut */
void table_print(const struct table *, FILE *);

#endif /* CTL_TABLE_H */
