/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/sse.h"

#include <errno.h>
#include <stdlib.h>

#include "ctl/cli.h"

static int append(char **text, size_t *at, size_t *room, const char *more, size_t len)
{
	if (*at + len + 1 > SSE_MAX)
		return -E2BIG;
	if (*at + len + 1 > *room) {
		*room = MAX(2 * *room, *at + len + 1);
		*text = must(realloc(*text, *room));
	}
	memcpy(*text + *at, more, len);
	*at += len;
	(*text)[*at] = '\0';
	return 0;
}

/* An empty line ends an event; a second data line goes below the first. */
static int end_line(struct sse *s, sse_event_fn *fn, void *arg)
{
	const char *value;
	int err;

	if (s->line_len && s->line[s->line_len - 1] == '\r')
		s->line[--s->line_len] = '\0';
	if (!s->line_len) {
		if (s->data_len)
			fn(arg, s->data);
		s->data_len = 0;
		return 0;
	}
	if (strncmp(s->line, "data:", 5) != 0)
		return 0;
	value = s->line + 5 + (s->line[5] == ' ');
	if (s->data_len) {
		err = append(&s->data, &s->data_len, &s->data_room, "\n", 1);
		if (err)
			return err;
	}
	return append(&s->data, &s->data_len, &s->data_room, value, strlen(value));
}

int sse_feed(struct sse *s, const char *piece, size_t len, sse_event_fn *fn, void *arg)
{
	while (len) {
		const char *end = memchr(piece, '\n', len);
		size_t n = end ? (size_t)(end - piece) : len;
		int err = append(&s->line, &s->line_len, &s->line_room, piece, n);

		if (!err && end) {
			err = end_line(s, fn, arg);
			s->line_len = 0;
		}
		if (err)
			return err;
		n += end != NULL;
		piece += n;
		len -= n;
	}
	return 0;
}

void sse_free(struct sse *s)
{
	free(s->line);
	free(s->data);
	*s = (struct sse){ 0 };
}
