/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_TERM_H
#define CTL_TERM_H

#include <stdio.h>

#include "base/compat.h"

/*
 * What a person's terminal is shown. Text that came from the daemon or from a file passes through
 * term_safe(), so that no name, title or message can move the cursor, recolour the screen or turn
 * the direction of writing.
 *
 * Threads: one. Memory: strings that are returned belong to the caller.
 */
enum style { STYLE_PLAIN, STYLE_HEAD, STYLE_GOOD, STYLE_BAD, STYLE_NOTE, STYLE_DIM, STYLES };

void term_setup(void); /* once, before anything is printed */

/* A copy with each control character, broken UTF-8 and direction mark replaced by '?'. */
char *term_safe(const char *);
/* As it is, but for what term_safe() would replace: that as \uXXXX. For JSON, where it is a text.
 */
char *term_escaped(const char *);
bool term_is_safe(const char *);

unsigned int term_columns(const char *); /* that safe text takes on the screen */
char *term_cut(const char *, unsigned int columns); /* at most so many, with a mark at the end */

unsigned int term_width(FILE *); /* of the terminal; 0: it is none */
void term_put(FILE *, enum style, const char *); /* safe text; colour on a terminal only */
void term_print(FILE *, const char *fmt, ...) PRINTF_LIKE(2, 3); /* made safe, but for \n */

/* For tests: as if every stream were a terminal this wide, or none (0), or what it is (-1). */
void term_pretend(int width, bool colour);

#endif /* CTL_TERM_H */
