/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /v1/events: server-sent events (WHATWG HTML 9.2).
 *
 * A watcher is a place in the ring of events. It copies into its stream's queue what fits and
 * goes on when the client has read; one that falls behind by more than the ring sees numbers
 * missing. So a client that does not read costs its queue and nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "control/control_priv.h"

enum { QUEUE = 64 << 10, BEAT_MS = 15000, TEXT = 2048 };

struct watcher {
	struct events *events;
	struct events_listener listener;
	struct loop_handle *beat;
	struct stream *stream;
	uint64_t seen;
};

static void format(const struct event *ev, char *out, size_t room)
{
	char time[40];
	time_t s = ev->time_ms / 1000;
	struct tm tm;
	json_t *data;
	char *text;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(time + n, sizeof(time) - n, ".%03dZ", (int)(ev->time_ms % 1000));
	data = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "id", (json_int_t)ev->id, "time", time,
			 "type", ev->type, "kind", ev->kind, "name", ev->name, "message",
			 ev->message);
	text = data ? json_dumps(data, JSON_COMPACT) : NULL;
	snprintf(out, room, "id: %llu\nevent: %s\ndata: %s\n\n", (unsigned long long)ev->id,
		 ev->type, text ? text : "{}");
	free(text);
	json_decref(data);
}

static void pump(void *arg)
{
	struct watcher *w = arg;
	const struct event *ev;
	char text[TEXT];

	while ((ev = events_after(w->events, w->seen))) {
		format(ev, text, sizeof(text));
		if (stream_write(w->stream, text, strlen(text)))
			return;
		w->seen = ev->id;
	}
}

static void beat(void *arg)
{
	struct watcher *w = arg;

	stream_write(w->stream, ":\n\n", 3);
}

static void closed(void *arg)
{
	struct watcher *w = arg;

	events_unlisten(&w->listener);
	loop_del(w->beat);
	free(w);
}

static const struct stream_ops ops = { .closed = closed, .drained = pump };

static void get_events(void *ctx, struct request *r)
{
	struct control *c = ctx;
	const char *last = request_header(r, "Last-Event-ID");
	long since = (long)events_last(c->cfg.events);
	struct watcher *w;

	if (last)
		since = strtol(last, NULL, 10);
	if (request_query_int(r, "since", 0, INT64_MAX, &since)) {
		reply_faults(r);
		return;
	}
	/* A number from before a restart of the daemon: all that is remembered is news. */
	if (since < 0 || (uint64_t)since > events_last(c->cfg.events))
		since = 0;
	w = calloc(1, sizeof(*w));
	if (!w || loop_add_timer(c->cfg.loop, BEAT_MS, BEAT_MS, beat, w, &w->beat)) {
		free(w);
		txn_no_memory(&r->faults);
		reply_faults(r);
		return;
	}
	w->events = c->cfg.events;
	w->seen = (uint64_t)since;
	w->stream = reply_stream(r, "text/event-stream", QUEUE, &ops, w);
	if (!w->stream) {
		loop_del(w->beat);
		free(w);
		return;
	}
	w->listener = (struct events_listener){ .posted = pump, .arg = w };
	events_listen(w->events, &w->listener);
	stream_write(w->stream, ":\n\n", 3); /* so that the client knows that it is heard */
	pump(w);
}

static const struct route routes[] = {
	{ "GET", "/v1/events", "since", get_events },
	{ 0 },
};

int event_routes_add(struct control *c)
{
	return router_add(c->router, routes, c);
}
