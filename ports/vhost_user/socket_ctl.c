/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where frontends come from. As server: from our listening socket, one at a time. As client: from
 * theirs, to which we connect as soon as it is there, and again when the connection ends. A
 * frontend that comes and goes all the time is served once in a while, so that it costs the others
 * nothing.
 */
#include "ports/vhost_user/session_priv.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/unix_listen.h"

enum {
	BACKLOG = 8,
	CONNECT_FIRST_MS = 25, /* then twice as long each time */
	CONNECT_LAST_MS = 400,
	CONNECTIONS = 20, /* at once */
	CONNECTION_MS = 250, /* and then one each */
};

static const struct port_env *env_of(const struct vu_session *s)
{
	return s->vu->port->env;
}

static void again(struct vu_session *s, unsigned int ms, loop_timer_fn *fn)
{
	if (!s->retry && loop_add_timer(env_of(s)->loop, ms, 0, fn, s, &s->retry))
		s->retry = NULL;
}

static void not_again(struct vu_session *s)
{
	loop_del(s->retry);
	s->retry = NULL;
}

/* ---- server --------------------------------------------------------------------------------- */

static void accept_again(void *arg);

/* Has the frontend that we have gone away unheard? Its successor may be here before the news. */
static bool is_gone(int sock)
{
	char c;
	ssize_t n = recv(sock, &c, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void accept_one(void *arg, uint32_t events)
{
	struct vu_session *s = arg;
	struct sockaddr_un from;
	socklen_t len = sizeof(from);
	int sock;

	(void)events;
	if (!vu_budget_take(&s->connections, CONNECTIONS, CONNECTION_MS)) {
		loop_del(s->accept);
		s->accept = NULL;
		again(s, CONNECTION_MS, accept_again);
		return;
	}
	sock = accept4(s->listening, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (sock < 0)
		return;
	if (s->peer.sock >= 0 && is_gone(s->peer.sock))
		vu_session_end(s);
	if (s->peer.sock < 0) {
		vu_session_begin(s, sock);
		return;
	}
	fd_close(&sock);
	vu_session_taken(s);
}

static void accept_again(void *arg)
{
	struct vu_session *s = arg;

	not_again(s);
	if (s->listening >= 0 && !s->accept &&
	    loop_add_fd(env_of(s)->loop, s->listening, EPOLLIN, accept_one, s, &s->accept))
		again(s, CONNECTION_MS, accept_again);
}

static int make_path(struct vu_session *s)
{
	struct stat st;
	int err = unix_listen(s->path.sun_path, env_of(s)->group, BACKLOG, &s->listening);

	if (err)
		return err;
	if (stat(s->path.sun_path, &st) == 0) {
		s->path_dev = st.st_dev;
		s->path_ino = st.st_ino;
	}
	return 0;
}

static void remove_path(struct vu_session *s)
{
	struct stat st;

	loop_del(s->accept);
	s->accept = NULL;
	if (s->listening < 0)
		return;
	fd_close(&s->listening);
	if (lstat(s->path.sun_path, &st) == 0 && st.st_dev == s->path_dev &&
	    st.st_ino == s->path_ino)
		unlink(s->path.sun_path);
}

static void listen_again(void *arg)
{
	struct vu_session *s = arg;

	not_again(s);
	if (s->listening < 0 && (s->trouble = -make_path(s)))
		again(s, CONNECT_LAST_MS, listen_again);
	else
		accept_again(s);
}

/* ---- client --------------------------------------------------------------------------------- */

static int try_connect(struct vu_session *s, int *out)
{
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (sock < 0)
		return errno;
	if (!connect(sock, (struct sockaddr *)&s->path, sizeof(s->path))) {
		*out = sock;
		return 0;
	}
	err = errno;
	close(sock);
	return err;
}

/* That nobody is there yet is what waiting is about; anything else is told, once. */
static void trouble(struct vu_session *s, int err)
{
	const struct port *p = s->vu->port;

	if (err == ENOENT || err == ECONNREFUSED || err == EAGAIN)
		err = 0;
	if (err && err != s->trouble)
		events_post(p->env->events, "port.failed", "port", p->name,
			    "port %s: no connection can be made to %s: %s", p->name,
			    s->path.sun_path, strerror(err));
	s->trouble = err;
}

static void connect_now(void *arg)
{
	struct vu_session *s = arg;
	unsigned int ms = CONNECT_FIRST_MS << MIN(s->tries, 8u);
	int sock = -1, err = EAGAIN;

	not_again(s);
	if (vu_budget_take(&s->connections, CONNECTIONS, CONNECTION_MS)) {
		err = try_connect(s, &sock);
		trouble(s, err);
	}
	if (!err) {
		s->tries = 0;
		vu_session_begin(s, sock);
		return;
	}
	s->tries++;
	again(s, MIN(ms, (unsigned int)CONNECT_LAST_MS), connect_now);
}

/* ---- both ----------------------------------------------------------------------------------- */

static int cannot_listen(struct vu_session *s, int err, struct faults *f)
{
	const char *path = s->path.sun_path;

	switch (err) {
	case -ENOTSOCK:
		return fault(f, FAULT_CONFLICT, "path", "name another path, or move that file",
			     "%s is there already and is no socket", path);
	case -EADDRINUSE:
		return fault(f, FAULT_CONFLICT, "path", "name another path, or stop the other",
			     "another program listens on %s", path);
	case -ENOENT:
		return fault(f, FAULT_NOT_FOUND, "path", "make its folder first",
			     "there is no folder for %s", path);
	default:
		return fault(f, FAULT_SYSTEM, "path", "look at the rights of its folder",
			     "the socket %s cannot be made: %s", path, strerror(-err));
	}
}

int vu_socket_open(struct vu_session *s, struct faults *f)
{
	int err = s->set.client ? 0 : make_path(s);

	return err ? cannot_listen(s, err, f) : 0;
}

void vu_socket_want(struct vu_session *s, bool wanted)
{
	if (!wanted) {
		not_again(s);
		remove_path(s);
	} else if (!s->set.client) {
		listen_again(s);
	} else if (s->peer.sock < 0) {
		s->tries = 0;
		connect_now(s);
	}
}

void vu_socket_lost(struct vu_session *s)
{
	if (s->set.client && s->started && !s->hung_up)
		again(s, CONNECT_FIRST_MS, connect_now);
}

void vu_socket_close(struct vu_session *s)
{
	not_again(s);
	remove_path(s);
}
