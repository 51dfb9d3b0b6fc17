/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "api/nearest.h"
#include "api/text.h"
#include "base/fd.h"
#include "base/log.h"
#include "control/http_priv.h"

enum { QUIET_MS = 3600 * 1000 };

struct http {
	struct http_config cfg;
	struct MHD_Daemon *mhd;
	struct loop_handle *watch;
	struct http_streams streams;
	int fd; /* listens; closed by libmicrohttpd */
	bool ending; /* no request is taken any more */
};

struct http_streams *http_streams(struct http *h)
{
	return &h->streams;
}

static void on_log(void *cls, const char *fmt, va_list ap)
{
	char line[256];

	(void)cls;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	log_debug("http", "%s", line);
}

/* The library's own timeouts are one timer of the loop. */
static void run(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;
	bool was = fd_reserve_open(true);

	MHD_run(h->mhd);
	fd_reserve_open(was);
	if (MHD_get_timeout(h->mhd, &ms) != MHD_YES || ms > QUIET_MS)
		ms = QUIET_MS;
	loop_set_timer(h->streams.timer, (unsigned int)ms, 0);
}

static void on_ready(void *arg, uint32_t events)
{
	(void)events;
	run(arg);
}

static void on_timer(void *arg)
{
	run(arg);
}

static uint64_t announced(struct MHD_Connection *conn)
{
	const char *text = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Content-Length");

	return text ? strtoull(text, NULL, 10) : 0;
}

static void too_large(struct request *r)
{
	fault(&r->faults, FAULT_TOO_LARGE, NULL, "send it in parts",
	      "the body is larger than %u MiB", HTTP_BODY_MAX >> 20);
	reply_faults(r);
}

static enum MHD_Result first_call(struct http *h, struct MHD_Connection *conn, void **con_cls)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r)
		return MHD_NO;
	r->http = h;
	r->control = h->cfg.control;
	r->conn = conn;
	*con_cls = r;
	if (announced(conn) > HTTP_DRAIN_MAX)
		too_large(r);
	return MHD_YES;
}

static bool take_body(struct request *r, const char *data, size_t len)
{
	size_t room = r->room ? r->room : 4096;
	char *body;

	r->received += len;
	if (r->received > HTTP_DRAIN_MAX)
		return false;
	if (r->received > HTTP_BODY_MAX) {
		free(r->body);
		r->body = NULL;
		r->room = r->len = 0;
		return true;
	}
	while (room < r->len + len)
		room *= 2;
	if (room != r->room) {
		body = realloc(r->body, room);
		if (!body)
			return false;
		r->body = body;
		r->room = room;
	}
	memcpy(r->body + r->len, data, len);
	r->len += len;
	return true;
}

static enum MHD_Result check_query(void *cls, enum MHD_ValueKind kind, const char *key,
				   const char *value)
{
	struct request *r = cls;
	char shown[SHOWN_LEN], hint[128];

	(void)kind;
	(void)value;
	if (route_has_query(r->match.route, key))
		return MHD_YES;
	snprintf(hint, sizeof(hint), r->match.route->query ? "known are: %s" : "it takes none%s",
		 r->match.route->query ? r->match.route->query : "");
	fault(&r->faults, FAULT_INVALID, NULL, hint, "there is no parameter '%s' here",
	      text_shown(key, shown, sizeof(shown)));
	return MHD_YES;
}

static void refuse_method(struct request *r, const char *method, const char *path)
{
	char shown[SHOWN_LEN], hint[80];

	snprintf(hint, sizeof(hint), "use %s", r->match.allow);
	fault(&r->faults, FAULT_METHOD, NULL, hint, "%s does not take %s", path,
	      text_shown(method, shown, sizeof(shown)));
}

static void answer(struct http *h, struct request *r, const char *method, const char *path)
{
	char shown[2 * SHOWN_LEN];
	int err;

	if (r->received > HTTP_BODY_MAX) {
		too_large(r);
		return;
	}
	err = router_match(h->cfg.router, method, path, &r->match);
	text_shown(path, shown, sizeof(shown));
	if (err == -ENOENT)
		fault(&r->faults, FAULT_NOT_FOUND, NULL, "GET /v1 tells what there is",
		      "there is nothing at %s", shown);
	else if (err)
		refuse_method(r, method, shown);
	else
		MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, check_query, r);
	if (r->faults.n) {
		reply_faults(r);
		return;
	}
	r->match.route->handle(r->match.ctx, r);
	if (r->answered)
		return;
	log_err("http", "%s: not answered", r->match.route->path);
	fault(&r->faults, FAULT_SYSTEM, NULL, NULL, "the daemon has no answer");
	reply_faults(r);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **con_cls)
{
	struct request *r = *con_cls;
	const struct http *h = cls;

	(void)version;
	if (h->ending)
		return MHD_NO;
	if (!r)
		return first_call(cls, conn, con_cls);
	if (*len) {
		bool taken = take_body(r, data, *len);

		*len = 0;
		return taken ? MHD_YES : MHD_NO;
	}
	if (!r->answered)
		answer(cls, r, method, url);
	return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **con_cls,
			 enum MHD_RequestTerminationCode why)
{
	struct request *r = *con_cls;

	(void)cls;
	(void)conn;
	(void)why;
	if (!r)
		return;
	json_decref(r->json);
	faults_free(&r->faults);
	free(r->body);
	free(r);
	*con_cls = NULL;
}

static int start(struct http *h, struct faults *faults)
{
	const union MHD_DaemonInfo *info;
	int err;

	h->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
				  NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log,
				  NULL, MHD_OPTION_LISTEN_SOCKET, h->fd,
				  MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS,
				  MHD_OPTION_CONNECTION_TIMEOUT, h->cfg.timeout_s,
				  MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
	if (!h->mhd)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "the HTTP server does not start");
	info = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	err = loop_add_timer(h->cfg.loop, QUIET_MS, 0, on_timer, h, &h->streams.timer);
	if (!err)
		err = loop_add_fd(h->cfg.loop, info->epoll_fd, EPOLLIN, on_ready, h, &h->watch);
	if (err)
		fault(faults, FAULT_SYSTEM, NULL, NULL, "the HTTP server does not start: %s",
		      strerror(-err));
	return err;
}

int http_create(const struct http_config *cfg, struct faults *faults, struct http **out)
{
	struct http *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->cfg = *cfg;
	h->streams.loop = cfg->loop;
	err = socket_listen(cfg->socket_path, cfg->group, faults, &h->fd);
	if (err) {
		free(h);
		return err;
	}
	err = start(h, faults);
	if (err) {
		if (!h->mhd)
			close(h->fd);
		http_destroy(h);
		return err;
	}
	*out = h;
	return 0;
}

/*
 * 1. nothing calls the library any more
 * 2. streams are cut: a suspended connection must not be left to the library's end, and no request
 *    that it still reads may begin another one, or change what is being let go of
 * 3. the library ends all connections, which frees requests and streams, and closes the socket
 * 4. the timer goes, which resumed streams had set
 */
void http_destroy(struct http *h)
{
	if (!h)
		return;
	loop_del(h->watch);
	if (h->mhd) {
		unlink(h->cfg.socket_path);
		h->ending = true;
		streams_cut_all(&h->streams);
		MHD_run(h->mhd);
		MHD_stop_daemon(h->mhd);
	}
	loop_del(h->streams.timer);
	free(h);
}
