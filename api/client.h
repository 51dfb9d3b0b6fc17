/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_CLIENT_H
#define API_CLIENT_H

#include <jansson.h>

#include "base/fault.h"

/*
 * The asking side of the HTTP API, over the daemon's Unix socket: one request at a time, and every
 * way in which it can fail told in words.
 *
 * Threads: a client belongs to one thread. Memory: answers belong to the caller. Returns: 0 or
 * -errno, and then at least one fault was added; answers are untouched on failure.
 */
struct client;

#define CLIENT_SOCKET "/run/weft/weft.sock"

/* Longest path with its query that client_path() makes. */
#define CLIENT_PATH 1024

struct client_request {
	const char *method; /* "GET" */
	const char *path; /* "/v1/ports/a.eth0", made by client_path() */
	const json_t *body; /* NULL: none */
	bool only_new; /* PUT: refuse to replace what is there and differs */
};

struct client_answer {
	long status; /* 200, 201, 204 */
	json_t *body; /* NULL: none; owned by the caller */
};

int client_create(const char *socket, struct client **out); /* opens nothing yet */
void client_destroy(struct client *); /* NULL is fine */
void client_set_timeout(struct client *, unsigned int timeout_ms); /* for calls; 2 minutes if not */

/* out may be NULL. Any status but 2xx is a failure, with the daemon's own faults. */
int client_call(struct client *, const struct client_request *, struct client_answer *out,
		struct faults *);

/* GET: the body as JSON; one that is text/plain as a JSON text. */
int client_get(struct client *, const char *path, json_t **out, struct faults *);

/*
 * GET: a body that has no end. FN gets it in pieces as they come and ends it by returning
 * non-zero, which is no failure; IDLE (may be NULL) is asked about once a second, and at once
 * after a signal.
 */
typedef int client_piece_fn(void *arg, const char *data, size_t len);
typedef int client_idle_fn(void *arg);
int client_stream(struct client *, const char *path, client_piece_fn *fn, client_idle_fn *idle,
		  void *arg, struct faults *);

/* "/v1/" PLURAL [ "/" NAME [ "/" SUB ] ], escaped. -ENAMETOOLONG: out is then a path to nothing. */
int client_path(char out[CLIENT_PATH], const char *plural, const char *name, const char *sub);
/* Adds "?KEY=VALUE" or "&KEY=VALUE", escaped. */
int client_query(char path[CLIENT_PATH], const char *key, const char *value);

#endif /* API_CLIENT_H */
