/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_ROUTE_H
#define CONTROL_ROUTE_H

#include <jansson.h>

#include "base/fault.h"
#include "control/model.h"

/*
 * How a folder adds requests to the HTTP API: a table of routes, handed over in control_route().
 * A handler reads the request, answers it with exactly one reply_...() and returns; it never
 * waits. A handler that has to say no adds faults and calls reply_faults().
 *
 * Threads: control thread. Memory: a request and what is read from it live until the handler
 * returns; a stream lives until its closed().
 */
struct control;
struct request;

typedef void route_fn(void *ctx, struct request *);

struct route {
	const char *method; /* "GET"; HEAD comes with it */
	const char *path; /* "/v1/ports/{name}/capture" */
	const char *query; /* parameters that may be there, "switch vid port"; NULL: none */
	route_fn *handle;
};

/* Adds the routes of a table (borrowed; ends with {0}). A literal word goes before a {name}. */
int control_route(struct control *, const struct route *table, void *ctx);

/* What is asked. Texts are decoded. */
const char *request_path(const struct request *, const char *name); /* of a {name} in the path */
const char *request_query(const struct request *, const char *name); /* NULL: not there */
const char *request_header(const struct request *, const char *name); /* NULL: not there */
/* "true"/"false" and a whole number of min..max; absent leaves *out; else -EINVAL and a fault. */
int request_query_bool(struct request *, const char *name, bool *out);
int request_query_int(struct request *, const char *name, long min, long max, long *out);
/* The body. NULL: it is not JSON; faults were added, call reply_faults(). Borrowed. */
json_t *request_json(struct request *);

const struct model *request_model(const struct request *);
struct faults *request_faults(struct request *);

/* Answers. What is passed in becomes theirs. */
void reply_json(struct request *, unsigned int status, json_t *body);
void reply_text(struct request *, const char *content_type, char *text); /* from malloc */
void reply_nothing(struct request *); /* 204 */
void reply_faults(struct request *); /* status by the first of them */

/*
 * An answer without an end. What is written waits in a queue of at most LIMIT octets that the
 * client empties; nobody else ever waits for a slow client. When the stream is over, whoever
 * ended it, closed() is called once, and STREAM is no more.
 */
struct stream;

struct stream_ops {
	void (*closed)(void *arg);
	void (*drained)(void *arg); /* the queue has become empty; may write, may be NULL */
};

struct stream *reply_stream(struct request *, const char *content_type, size_t limit,
			    const struct stream_ops *, void *arg); /* NULL: not now, answered */
/* All of it or nothing: -ENOSPC if the queue has no room, -EPIPE after stream_end(). */
int stream_write(struct stream *, const void *data, size_t len);
size_t stream_room(const struct stream *);
/* The client still gets what waits. closed() is called later, never from within. */
void stream_end(struct stream *);
/* The client gets no more. closed() is called later, never from within. */
void stream_cut(struct stream *);

#endif /* CONTROL_ROUTE_H */
