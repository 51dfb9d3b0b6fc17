/* SPDX-License-Identifier: Apache-2.0 */
#include "api/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CALL_TIMEOUT_MS = 120 * 1000,
	CONNECT_TIMEOUT_MS = 5000,
	BODY_MAX = 512 << 20, /* a million stations as JSON are a fifth of it */
	PROBLEM_MAX = 16 << 20, /* of an error that answers a stream */
};

struct client {
	CURL *curl;
	char *socket;
	unsigned int timeout_ms;
};

/* What one request is gathering. */
struct transfer {
	struct client *client;
	char *body;
	size_t len, room, max;
	bool too_long;
	bool ended; /* by the receiver of a stream */
	client_piece_fn *fn; /* NULL: gather it */
	client_idle_fn *idle;
	void *arg;
};

int client_create(const char *socket, struct client **out)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->timeout_ms = CALL_TIMEOUT_MS;
	c->socket = strdup(socket);
	c->curl = curl_easy_init();
	if (!c->socket || !c->curl) {
		client_destroy(c);
		return -ENOMEM;
	}
	*out = c;
	return 0;
}

void client_destroy(struct client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->curl);
	free(c->socket);
	free(c);
}

void client_set_timeout(struct client *c, unsigned int timeout_ms)
{
	c->timeout_ms = timeout_ms;
}

/* ---- paths ---- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

/* Adds TEXT to PATH with all but unreserved characters escaped (RFC 3986 2.3). */
static int append(char path[CLIENT_PATH], const char *text)
{
	size_t at = strlen(path);

	/* A name that is nothing but dots would climb (RFC 3986 5.2.4). */
	bool dots = *text && !text[strspn(text, ".")];

	for (; *text; text++) {
		bool plain = is_plain(*text) && !dots;

		if (at + 4 > CLIENT_PATH)
			return -ENAMETOOLONG;
		at += (size_t)snprintf(path + at, CLIENT_PATH - at, plain ? "%c" : "%%%02X",
				       (unsigned char)*text);
	}
	return 0;
}

int client_path(char out[CLIENT_PATH], const char *plural, const char *name, const char *sub)
{
	const char *const part[] = { plural, name, sub };

	snprintf(out, CLIENT_PATH, "/v1");
	for (size_t i = 0; i < ARRAY_LEN(part) && part[i]; i++) {
		size_t at = strlen(out);

		snprintf(out + at, CLIENT_PATH - at, "/");
		if (append(out, part[i])) {
			snprintf(out, CLIENT_PATH, "/v1/-");
			return -ENAMETOOLONG;
		}
	}
	return 0;
}

int client_query(char path[CLIENT_PATH], const char *key, const char *value)
{
	size_t at = strlen(path);

	if (at + strlen(key) + 3 > CLIENT_PATH)
		return -ENAMETOOLONG;
	snprintf(path + at, CLIENT_PATH - at, "%c%s=", strchr(path, '?') ? '&' : '?', key);
	return append(path, value);
}

/* ---- faults ---- */

static enum fault_code code_of(const char *name)
{
	for (enum fault_code c = 0; c < FAULT_CODES; c++) {
		if (name && !strcmp(name, fault_code_name(c)))
			return c;
	}
	return FAULT_SYSTEM;
}

static const char *text_of(const json_t *problem, const char *key)
{
	const char *s = json_string_value(json_object_get(problem, key));

	return s ? s : "";
}

static int add_problem(const json_t *p, struct faults *faults)
{
	int err;

	faults_at(faults, text_of(p, "object"), text_of(p, "pointer"));
	err = fault(faults, code_of(text_of(p, "code")), NULL, text_of(p, "hint"), "%s",
		    text_of(p, "message"));
	faults_at(faults, "", "");
	return err;
}

/* The daemon said no: all that it found, in its own words. */
static int refused(long status, const struct transfer *t, struct faults *faults)
{
	json_t *problem = json_loadb(t->body ? t->body : "", t->len, 0, NULL), *each;
	int err = 0, first = 0;
	size_t i;

	json_array_foreach (json_object_get(problem, "errors"), i, each) {
		err = add_problem(each, faults);
		if (!first)
			first = err;
	}
	if (!first && *text_of(problem, "message"))
		first = add_problem(problem, faults);
	if (!first)
		first = fault(faults, FAULT_SYSTEM, NULL, NULL,
			      "the daemon refused it without a reason (HTTP status %ld)", status);
	json_decref(problem);
	return first;
}

/* Somebody listens, and as many wait for him as he lets wait. libcurl does not tell. */
static bool is_overrun(const struct client *c)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool overrun;

	if (fd < 0)
		return false;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", c->socket);
	overrun = connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 && errno == EAGAIN;
	close(fd);
	return overrun;
}

static int not_reached(const struct client *c, struct faults *faults)
{
	if (!access(c->socket, F_OK) && access(c->socket, W_OK) && errno == EACCES)
		return fault(faults, FAULT_SYSTEM, NULL,
			     "use sudo, or join the group: sudo usermod -aG weft $USER, then log "
			     "in again",
			     "you may not use %s: it is for root and the group weft", c->socket);
	if (errno == EACCES)
		return fault(faults, FAULT_SYSTEM, NULL, "use sudo",
			     "you may not look into the folder of %s", c->socket);
	if (is_overrun(c))
		return fault(faults, FAULT_SYSTEM, NULL, "try again",
			     "the daemon on %s has more to do than it can take on", c->socket);
	return fault(faults, FAULT_SYSTEM, NULL, "sudo systemctl start weftd",
		     "the daemon does not answer on %s: is weftd running?", c->socket);
}

static int not_transferred(const struct transfer *t, CURLcode code, struct faults *faults)
{
	const struct client *c = t->client;

	if (t->too_long)
		return fault(faults, FAULT_TOO_LARGE, NULL, "ask for less",
			     "the daemon's answer is longer than %zu MiB", t->max >> 20);
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		return not_reached(c, faults);
	case CURLE_OPERATION_TIMEDOUT:
		return fault(faults, FAULT_SYSTEM, NULL, NULL,
			     "the daemon on %s took longer than %u s to answer", c->socket,
			     c->timeout_ms / 1000);
	case CURLE_OUT_OF_MEMORY:
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "there is not enough memory");
	default:
		return fault(faults, FAULT_SYSTEM, NULL, NULL,
			     "the daemon on %s went away in the middle of an answer", c->socket);
	}
}

/* ---- one request ---- */

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n;
	long status = 0;

	curl_easy_getinfo(t->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (t->fn && status >= 200 && status < 300) {
		t->ended = t->fn(t->arg, data, len) != 0;
		return t->ended ? CURL_WRITEFUNC_ERROR : len;
	}
	if (len > t->max - t->len) {
		t->too_long = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (t->len + len > t->room) {
		size_t room = MAX(t->len + len, 2 * t->room);
		char *body = realloc(t->body, room);

		if (!body)
			return CURL_WRITEFUNC_ERROR;
		t->body = body;
		t->room = room;
	}
	memcpy(t->body + t->len, data, len);
	t->len += len;
	return len;
}

static int on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
		       curl_off_t ulnow)
{
	struct transfer *t = arg;

	(void)dltotal, (void)dlnow, (void)ultotal, (void)ulnow;
	t->ended = t->ended || t->idle(t->arg);
	return t->ended;
}

static void prepare(struct client *c, const char *path, struct transfer *t)
{
	char url[CLIENT_PATH + 16];

	snprintf(url, sizeof(url), "http://weft%s", path);
	curl_easy_reset(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->socket);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c->curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, t);
	if (t->idle) {
		curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(c->curl, CURLOPT_XFERINFODATA, t);
	}
}

/* Runs it; *status is the answer's. An answer that is a refusal is a failure. */
static int run(struct client *c, struct transfer *t, long *status, struct faults *faults)
{
	struct sockaddr_un limit;
	CURLcode code;

	if (strlen(c->socket) >= sizeof(limit.sun_path))
		return fault(faults, FAULT_INVALID, NULL, "use a shorter one",
			     "the socket's path %s is longer than %zu octets", c->socket,
			     sizeof(limit.sun_path) - 1);
	*status = 0;
	code = curl_easy_perform(c->curl);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, status);
	if (t->ended)
		return 0;
	if (code)
		return not_transferred(t, code, faults);
	if (*status < 200 || *status >= 300)
		return refused(*status, t, faults);
	return 0;
}

static int body_of(const struct client *c, const struct transfer *t, json_t **out,
		   struct faults *faults)
{
	const char *type = NULL;
	json_t *body;

	if (!t->len) {
		*out = NULL;
		return 0;
	}
	curl_easy_getinfo(c->curl, CURLINFO_CONTENT_TYPE, &type);
	/* A text becomes a JSON text, so that a command can print it as what was asked for. */
	if (type && !strncmp(type, "text/plain", strlen("text/plain")))
		body = json_stringn(t->body, t->len);
	else
		body = json_loadb(t->body, t->len, 0, NULL);
	if (!body)
		return fault(faults, FAULT_SYSTEM, NULL, "is it weftd that listens there?",
			     "the answer on %s makes no sense", c->socket);
	*out = body;
	return 0;
}

static int call(struct client *c, const struct client_request *r, const char *text,
		struct curl_slist *headers, struct client_answer *out, struct faults *faults)
{
	struct transfer t = { .client = c, .max = BODY_MAX };
	struct client_answer answer = { 0 };
	int err;

	prepare(c, r->path, &t);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	if (text) {
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(text));
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, text);
	}
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, r->method);
	err = run(c, &t, &answer.status, faults);
	if (!err)
		err = body_of(c, &t, &answer.body, faults);
	free(t.body);
	if (err)
		return err;
	if (out)
		*out = answer;
	else
		json_decref(answer.body);
	return 0;
}

int client_call(struct client *c, const struct client_request *r, struct client_answer *out,
		struct faults *faults)
{
	static const char *const lines[] = { "Content-Type: application/json",
					     "Expect:", "If-None-Match: *" };
	size_t n = ARRAY_LEN(lines) - !r->only_new;
	struct curl_slist *headers = NULL;
	char *text = NULL;
	int err = -ENOMEM;

	for (size_t i = 0; i < n; i++) {
		struct curl_slist *more = curl_slist_append(headers, lines[i]);

		if (!more)
			goto out;
		headers = more;
	}
	if (r->body) {
		text = json_dumps(r->body, JSON_COMPACT);
		if (!text)
			goto out;
	}
	err = call(c, r, text, headers, out, faults);
out:
	if (err == -ENOMEM)
		fault(faults, FAULT_SYSTEM, NULL, NULL, "there is not enough memory");
	free(text);
	curl_slist_free_all(headers);
	return err;
}

int client_get(struct client *c, const char *path, json_t **out, struct faults *faults)
{
	struct client_request r = { .method = "GET", .path = path };
	struct client_answer answer;
	int err = client_call(c, &r, &answer, faults);

	if (err)
		return err;
	if (!answer.body)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "the daemon's answer is empty");
	*out = answer.body;
	return 0;
}

int client_stream(struct client *c, const char *path, client_piece_fn *fn, client_idle_fn *idle,
		  void *arg, struct faults *faults)
{
	struct transfer t = { .client = c, .max = PROBLEM_MAX, .fn = fn, .idle = idle, .arg = arg };
	long status;
	int err;

	prepare(c, path, &t);
	err = run(c, &t, &status, faults);
	free(t.body);
	return err;
}
