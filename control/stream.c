/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer without an end: a queue between who writes and a client who reads when it likes.
 *
 * An empty queue suspends the connection; the next write resumes it. libmicrohttpd does not watch
 * a suspended connection, so this file watches for its client going away.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "control/http_priv.h"

struct stream {
	struct http_streams *all;
	struct stream *next, **at;
	struct MHD_Connection *conn;
	struct loop_handle *watch;
	const struct stream_ops *ops;
	void *arg;
	int fd; /* the connection's */
	bool suspended, ended, cut;
	size_t limit, len, head, room; /* what waits: buf[head .. head + len) */
	char *buf;
};

static void resume(struct stream *s)
{
	if (!s->suspended)
		return;
	s->suspended = false;
	MHD_resume_connection(s->conn);
	/* The library's own wake-up does not reach an epoll set around its own. */
	loop_set_timer(s->all->timer, 0, 0);
}

static ssize_t on_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;
	size_t n;

	(void)pos;
	if (s->cut)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!s->len && !s->ended && s->ops->drained)
		s->ops->drained(s->arg);
	if (!s->len) {
		if (s->ended)
			return MHD_CONTENT_READER_END_OF_STREAM;
		s->suspended = true;
		MHD_suspend_connection(s->conn);
		return 0;
	}
	n = MIN(max, s->len);
	memcpy(buf, s->buf + s->head, n);
	s->len -= n;
	s->head = s->len ? s->head + n : 0;
	return (ssize_t)n;
}

/* The response is done with, whatever the reason. */
static void on_free(void *cls)
{
	struct stream *s = cls;

	loop_del(s->watch);
	if (s->at) {
		*s->at = s->next;
		s->all->n--;
		if (s->next)
			s->next->at = s->at;
		if (s->ops->closed)
			s->ops->closed(s->arg);
	}
	free(s->buf);
	free(s);
}

static void on_hangup(void *arg, uint32_t events)
{
	struct stream *s = arg;

	(void)events;
	stream_cut(s);
}

static void link_in(struct stream *s)
{
	s->next = s->all->first;
	s->at = &s->all->first;
	if (s->next)
		s->next->at = &s->next;
	s->all->first = s;
	s->all->n++;
}

static bool is_one_too_many(struct request *r)
{
	if (http_streams(r->http)->n < HTTP_STREAMS)
		return false;
	fault(&r->faults, FAULT_SYSTEM, NULL, "end one of them first",
	      "%u events, captures and traces are followed already, and there are no more at once",
	      HTTP_STREAMS);
	reply_faults(r);
	return true;
}

struct stream *reply_stream(struct request *r, const char *content_type, size_t limit,
			    const struct stream_ops *ops, void *arg)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_streams *all = http_streams(r->http);
	struct MHD_Response *resp = NULL;
	struct stream *s;
	bool queued;

	if (is_one_too_many(r))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s || !info)
		goto fail;
	*s = (struct stream){ .all = all,
			      .conn = r->conn,
			      .ops = ops,
			      .arg = arg,
			      .limit = limit,
			      .fd = info->connect_fd };
	resp = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_read, s, on_free);
	if (!resp)
		goto fail;
	/* No events: a hangup is told anyway, and a half-closed client may go on reading. */
	if (loop_add_fd(all->loop, s->fd, 0, on_hangup, s, &s->watch))
		goto fail;
	MHD_add_response_header(resp, "Content-Type", content_type);
	MHD_add_response_header(resp, "Cache-Control", "no-store");
	queued = MHD_queue_response(r->conn, MHD_HTTP_OK, resp) == MHD_YES;
	if (!queued)
		goto fail;
	link_in(s);
	MHD_destroy_response(resp);
	r->answered = true;
	return s;

fail:
	fault(&r->faults, FAULT_SYSTEM, NULL, NULL, "the daemon cannot start the stream");
	if (resp)
		MHD_destroy_response(resp);
	else
		free(s);
	reply_faults(r);
	return NULL;
}

size_t stream_room(const struct stream *s)
{
	return s->limit - s->len;
}

static int make_room(struct stream *s, size_t len)
{
	size_t room = s->room ? s->room : 4096;
	char *buf;

	if (s->head && s->head + s->len + len > s->room) {
		memmove(s->buf, s->buf + s->head, s->len);
		s->head = 0;
	}
	while (room < s->len + len)
		room *= 2;
	if (room == s->room)
		return 0;
	buf = realloc(s->buf, room);
	if (!buf)
		return -ENOMEM;
	s->buf = buf;
	s->room = room;
	return 0;
}

int stream_write(struct stream *s, const void *data, size_t len)
{
	int err;

	if (s->ended || s->cut)
		return -EPIPE;
	if (len > stream_room(s))
		return -ENOSPC;
	err = make_room(s, len);
	if (err)
		return err;
	memcpy(s->buf + s->head + s->len, data, len);
	s->len += len;
	resume(s);
	return 0;
}

void stream_end(struct stream *s)
{
	s->ended = true;
	resume(s);
}

void stream_cut(struct stream *s)
{
	s->cut = true;
	loop_del(s->watch);
	s->watch = NULL;
	/* One that is stuck in sending would not ask for more: its next try to send fails. */
	shutdown(s->fd, SHUT_RDWR);
	resume(s);
}

void streams_cut_all(struct http_streams *all)
{
	for (struct stream *s = all->first; s; s = s->next)
		stream_cut(s);
}
