/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_HTTP_PRIV_H
#define CONTROL_HTTP_PRIV_H

#include <microhttpd.h>

#include "base/loop.h"
#include "control/route.h"
#include "control/router_priv.h"

/*
 * HTTP/1.1 on a Unix socket (libmicrohttpd), driven by the control thread's loop.
 *
 * Limits, so that no client costs more than its share: a body of HTTP_BODY_MAX, HTTP_CONNECTIONS
 * at once (more wait to be accepted), of which HTTP_STREAMS may be without an end, so that who
 * only listens keeps nobody out who has something to say, and a connection that neither reads nor
 * writes for the timeout is closed, unless it waits for us.
 */
#define HTTP_BODY_MAX    (8u << 20)
#define HTTP_DRAIN_MAX   (64u << 20) /* of a body that is too large: read, so that 413 is heard */
#define HTTP_CONNECTIONS 64
#define HTTP_STREAMS     48
#define HTTP_TIMEOUT_S   30

struct http;
struct stream;

struct http_config {
	const char *socket_path;
	const char *group; /* NULL or unknown: the daemon's own */
	unsigned int timeout_s;
	struct loop *loop;
	const struct router *router;
	struct control *control;
};

int http_create(const struct http_config *, struct faults *, struct http **out);
void http_destroy(struct http *); /* ends all connections and streams; NULL is fine */

/* A listening socket at PATH. One that is there is taken over only if nobody answers on it. */
int socket_listen(const char *path, const char *group, struct faults *, int *out);

struct request {
	struct http *http;
	struct control *control;
	struct MHD_Connection *conn;
	struct route_match match;
	char *body;
	size_t len, room;
	uint64_t received;
	json_t *json;
	struct faults faults;
	bool answered;
};

/* What streams need of the server. */
struct http_streams {
	struct loop *loop;
	struct loop_handle *timer; /* the server runs when it falls due */
	struct stream *first;
	unsigned int n;
};
struct http_streams *http_streams(struct http *);
void streams_cut_all(struct http_streams *);

/* Answers a problem (application/problem+json) with the list's first fault on top. */
struct MHD_Response *problem_response(const struct faults *, unsigned int *status);

#endif /* CONTROL_HTTP_PRIV_H */
