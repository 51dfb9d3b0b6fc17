/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/table.h"

#include <stdarg.h>
#include <stdlib.h>

#include "ctl/cli.h"

enum { GAP = 2, LEAST_WIDTH = 6, WRAP_WIDTH = 20 };

struct cell {
	char *text;
	enum style style;
};

struct column {
	char *title;
	bool extra;
};

struct table {
	struct column *column;
	unsigned int columns, columns_room;
	struct cell *cell; /* rows * columns */
	unsigned int rows, room; /* of rows */
	unsigned int at; /* column that is filled next */
	unsigned int indent;
	bool wrap;
};

/* How a column is drawn. */
struct shape {
	unsigned int width;
	bool shown, right;
};

struct table *table_new(void)
{
	return must(calloc(1, sizeof(struct table)));
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (unsigned int i = 0; i < t->rows * t->columns; i++)
		free(t->cell[i].text);
	for (unsigned int i = 0; i < t->columns; i++)
		free(t->column[i].title);
	free(t->column);
	free(t->cell);
	free(t);
}

void table_column(struct table *t, const char *title)
{
	assert(!t->rows);
	if (t->columns == t->columns_room) {
		t->columns_room = t->columns_room ? 2 * t->columns_room : 16;
		t->column = must(reallocarray(t->column, t->columns_room, sizeof(struct column)));
	}
	t->column[t->columns++] = (struct column){ .title = term_safe(title) };
}

void table_columns(struct table *t, const char *title, ...)
{
	va_list ap;

	va_start(ap, title);
	for (; title; title = va_arg(ap, const char *))
		table_column(t, title);
	va_end(ap);
}

void table_column_extra(struct table *t, const char *title)
{
	table_column(t, title);
	t->column[t->columns - 1].extra = true;
}

void table_row(struct table *t)
{
	if (t->rows == t->room) {
		t->room = t->room ? 2 * t->room : 32;
		t->cell = must(
			reallocarray(t->cell, (size_t)t->room * t->columns, sizeof(struct cell)));
	}
	memset(&t->cell[t->rows * t->columns], 0, t->columns * sizeof(struct cell));
	t->rows++;
	t->at = 0;
}

void table_cell(struct table *t, enum style style, const char *fmt, ...)
{
	struct cell *c;
	char *text;
	va_list ap;

	assert(t->rows && t->at < t->columns);
	c = &t->cell[(t->rows - 1) * t->columns + t->at];
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		cli_out_of_memory();
	va_end(ap);
	*c = (struct cell){ .text = term_safe(text), .style = style };
	free(text);
	t->at++;
}

unsigned int table_rows(const struct table *t)
{
	return t->rows;
}

void table_indent(struct table *t, unsigned int columns)
{
	t->indent = columns;
}

void table_wrap(struct table *t)
{
	t->wrap = true;
}

static const struct cell *cell_at(const struct table *t, unsigned int row, unsigned int column)
{
	return &t->cell[row * t->columns + column];
}

static bool is_number(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	if (digits && s[digits] == '.')
		digits += 1 + strspn(s + digits + 1, "0123456789");
	return digits && !s[digits];
}

static struct shape shape_of(const struct table *t, unsigned int column)
{
	struct shape s = { .width = term_columns(t->column[column].title),
			   .shown = !t->rows,
			   .right = true };
	bool numbers = false;

	for (unsigned int row = 0; row < t->rows; row++) {
		const char *text = cell_at(t, row, column)->text;

		if (!text || !*text)
			continue;
		s.shown = true;
		s.width = MAX(s.width, term_columns(text));
		numbers |= is_number(text);
		s.right &= is_number(text) || !strcmp(text, "-");
	}
	s.right &= numbers;
	return s;
}

static unsigned int line_width(const struct shape *shape, unsigned int n)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += shape[i].shown ? shape[i].width + (sum ? GAP : 0) : 0;
	return sum;
}

static void drop_extras(const struct table *t, struct shape *shape, unsigned int room)
{
	for (unsigned int i = t->columns; i-- > 0 && line_width(shape, t->columns) > room;)
		shape[i].shown &= !t->column[i].extra;
}

/*
 * Cuts the widest column again and again, until a line fits or nothing is left to cut. The first
 * is never cut: it says what the line is about.
 */
static void cut_widest(struct shape *shape, unsigned int n, unsigned int room)
{
	while (line_width(shape, n) > room) {
		unsigned int widest = 0;

		for (unsigned int i = 1; i < n; i++) {
			if (shape[i].shown && (!widest || shape[i].width > shape[widest].width))
				widest = i;
		}
		if (!widest || shape[widest].width <= LEAST_WIDTH)
			return;
		shape[widest].width--;
	}
}

/* The last column gets what the others leave, if that is enough to read. */
static void fit_last(struct shape *shape, unsigned int n, unsigned int room)
{
	unsigned int used = 0;

	for (unsigned int i = 0; i + 1 < n; i++)
		used += shape[i].shown ? shape[i].width + GAP : 0;
	if (n && room >= used + WRAP_WIDTH)
		shape[n - 1].width = MIN(shape[n - 1].width, room - used);
}

/* Words of TEXT, as many to a line as fit, each line but the first below column AT. */
static void put_wrapped(FILE *f, enum style style, const char *text, unsigned int at,
			unsigned int width)
{
	while (term_columns(text) > width) {
		const char *end = NULL;
		char *line;

		for (const char *c = strchr(text, ' '); c; c = strchr(c + 1, ' ')) {
			line = must(strndup(text, (size_t)(c - text)));
			if (!end || term_columns(line) <= width)
				end = c;
			free(line);
		}
		if (!end)
			break;
		line = must(strndup(text, (size_t)(end - text)));
		term_put(f, style, line);
		fprintf(f, "\n%*s", (int)at, "");
		free(line);
		text = end + 1;
	}
	term_put(f, style, text);
}

static void put_cell(FILE *f, const struct shape *s, enum style style, const char *text, bool last)
{
	char *cut = term_cut(text ? text : "", s->width);
	int pad = (int)(s->width - term_columns(cut));

	if (s->right)
		fprintf(f, "%*s", pad, "");
	term_put(f, style, cut);
	if (!s->right && !last)
		fprintf(f, "%*s", pad, "");
	free(cut);
}

static void put_line(const struct table *t, FILE *f, const struct shape *shape, unsigned int row,
		     bool head)
{
	unsigned int last = 0, gap = t->indent, at = 0;

	for (unsigned int i = 0; i < t->columns; i++) {
		const char *text = head ? t->column[i].title : cell_at(t, row, i)->text;

		if (shape[i].shown && text && *text)
			last = i;
	}
	for (unsigned int i = 0; i <= last && t->columns; i++) {
		const struct cell *c = head ? NULL : cell_at(t, row, i);

		if (!shape[i].shown)
			continue;
		fprintf(f, "%*s", (int)gap, "");
		at += gap;
		gap = GAP;
		if (t->wrap && !head && i + 1 == t->columns) {
			put_wrapped(f, c->style, c->text ? c->text : "", at, shape[i].width);
			break;
		}
		at += shape[i].width;
		put_cell(f, &shape[i], head ? STYLE_HEAD : c->style,
			 head ? t->column[i].title : c->text, i == last);
	}
	fputc('\n', f);
}

void table_print(const struct table *t, FILE *f)
{
	struct shape *shape = must(calloc(t->columns + 1, sizeof(*shape)));
	unsigned int width = term_width(f);
	bool titled = false;

	for (unsigned int i = 0; i < t->columns; i++) {
		shape[i] = shape_of(t, i);
		titled |= *t->column[i].title != '\0';
	}
	if (t->wrap && width > t->indent) {
		fit_last(shape, t->columns, width - t->indent);
	} else if (width > t->indent) {
		drop_extras(t, shape, width - t->indent);
		cut_widest(shape, t->columns, width - t->indent);
	}
	if (titled)
		put_line(t, f, shape, 0, true);
	for (unsigned int row = 0; row < t->rows; row++)
		put_line(t, f, shape, row, false);
	free(shape);
}
