/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_SSE_H
#define CTL_SSE_H

#include "base/compat.h"

/*
 * Splits a stream of server-sent events (WHATWG HTML 9.2.6) into what their data lines hold.
 * Comments and all other fields are passed over: an event of ours says everything in its data.
 *
 * Threads: one. {0} is the start; sse_free() at the end.
 */
struct sse {
	char *line, *data;
	size_t line_len, line_room, data_len, data_room;
};

typedef void sse_event_fn(void *arg, const char *data);

/* -E2BIG: an event is longer than SSE_MAX; nothing after it is understood. */
enum { SSE_MAX = 1 << 20 };
int sse_feed(struct sse *, const char *piece, size_t len, sse_event_fn *, void *arg);
void sse_free(struct sse *);

#endif /* CTL_SSE_H */
