/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/report.h"

#include <stdarg.h>
#include <stdlib.h>

#include "ctl/cli.h"
#include "ctl/term.h"

void report_free(struct report *r)
{
	for (unsigned int i = 0; i < r->n; i++)
		free(r->v[i].text);
	free(r->v);
	*r = (struct report){ 0 };
}

void report_add(struct report *r, unsigned int line, const char *fmt, ...)
{
	struct remark m = { .line = line, .order = r->n };
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&m.text, fmt, ap) < 0)
		cli_out_of_memory();
	va_end(ap);
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 16;
		r->v = must(reallocarray(r->v, r->room, sizeof(*r->v)));
	}
	r->v[r->n++] = m;
}

static int by_line(const void *a, const void *b)
{
	const struct remark *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void report_print(struct report *r, const char *file, FILE *f)
{
	if (r->n)
		qsort(r->v, r->n, sizeof(*r->v), by_line);
	for (unsigned int i = 0; i < r->n; i++) {
		if (r->v[i].line)
			term_print(f, "%s:%u: %s\n", file, r->v[i].line, r->v[i].text);
		else
			term_print(f, "%s: %s\n", file, r->v[i].text);
	}
	term_print(f, "weft: %s: %u fault%s, nothing was changed\n", file, r->n,
		   r->n == 1 ? "" : "s");
}
