/* SPDX-License-Identifier: Apache-2.0 */
/* The server by itself: requests of all kinds of clients, well-behaved ones and others. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/http_priv.h"

enum { TIMEOUT_S = 1, ANSWER = 1 << 16 };

struct fixture {
	char dir[32], path[64];
	struct loop *loop;
	struct router *router;
	struct http *http;
	struct stream *stream;
	unsigned int closed, drained;
};

/* ---- what is served ---- */

static void get_hello(void *ctx, struct request *r)
{
	(void)ctx;
	reply_json(r, 200,
		   json_pack("{s:s, s:s?}", "name", request_path(r, "name"), "x",
			     request_query(r, "x")));
}

static void put_hello(void *ctx, struct request *r)
{
	json_t *body = request_json(r);

	(void)ctx;
	if (body)
		reply_json(r, 200, json_incref(body));
	else
		reply_faults(r);
}

static void get_silence(void *ctx, struct request *r)
{
	(void)ctx;
	(void)r;
}

static void stream_closed(void *arg)
{
	struct fixture *f = arg;

	f->closed++;
	f->stream = NULL;
}

static void stream_drained(void *arg)
{
	((struct fixture *)arg)->drained++;
}

static void get_stream(void *ctx, struct request *r)
{
	static const struct stream_ops ops = { stream_closed, stream_drained };
	struct fixture *f = ctx;

	f->stream = reply_stream(r, "text/plain", 100000, &ops, f);
}

static void delete_number(void *ctx, struct request *r)
{
	long n = 7;
	bool yes = false;

	(void)ctx;
	request_query_int(r, "n", 1, 10, &n);
	request_query_bool(r, "yes", &yes);
	if (r->faults.n)
		reply_faults(r);
	else
		reply_json(r, 200, json_pack("{s:i, s:b}", "n", (int)n, "yes", yes));
}

static const struct route routes[] = {
	{ "GET", "/v1/hello/{name}", "x", get_hello },
	{ "PUT", "/v1/hello/{name}", NULL, put_hello },
	{ "GET", "/v1/hello/world", NULL, get_silence },
	{ "GET", "/v1/stream", NULL, get_stream },
	{ "DELETE", "/v1/number", "n yes", delete_number },
	{ 0 },
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct faults faults = { 0 };
	struct http_config cfg = { .timeout_s = TIMEOUT_S, .group = "no-such-group" };

	snprintf(f->dir, sizeof(f->dir), "/tmp/weft-http-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/sock", f->dir);
	assert_int_equal(loop_create(&f->loop), 0);
	assert_int_equal(router_create(&f->router), 0);
	assert_int_equal(router_add(f->router, routes, f), 0);
	cfg.socket_path = f->path;
	cfg.loop = f->loop;
	cfg.router = f->router;
	assert_int_equal(http_create(&cfg, &faults, &f->http), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_destroy(f->http);
	router_destroy(f->router);
	loop_destroy(f->loop);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* ---- clients ---- */

static int dial(const struct fixture *f)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void turn(struct fixture *f, unsigned int ms)
{
	uint64_t end = clock_ns() + (uint64_t)ms * 1000000;

	/* Who waits for a core still gets the rounds that the time stands for. */
	for (unsigned int i = 0; i <= ms / 5 || clock_ns() < end; i++)
		assert_int_equal(loop_once(f->loop, 5), 0);
}

/* Writes all of it while the server runs; false: the server has closed. */
static bool say(struct fixture *f, int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
		loop_once(f->loop, 0);
	}
	return true;
}

static void say_text(struct fixture *f, int fd, const char *text)
{
	assert_true(say(f, fd, text, strlen(text)));
}

/* Reads until TEXT has come or the server has closed; returns what came. */
static char *hear(struct fixture *f, int fd, const char *text)
{
	static char heard[ANSWER];
	uint64_t end = clock_ns() + 60000000000ull;
	size_t have = 0;

	heard[0] = '\0';
	while (clock_ns() < end && !(text && strstr(heard, text))) {
		ssize_t n;

		loop_once(f->loop, 1);
		n = recv(fd, heard + have, sizeof(heard) - 1 - have, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
		if (n > 0)
			have += (size_t)n;
		heard[have] = '\0';
	}
	return heard;
}

static char *ask(struct fixture *f, const char *request, const char *until)
{
	int fd = dial(f);
	char *heard;

	say_text(f, fd, request);
	heard = hear(f, fd, until);
	close(fd);
	turn(f, 5);
	return heard;
}

static void still_serves(struct fixture *f, const char *when)
{
	const char *heard = ask(f, "GET /v1/hello/you HTTP/1.1\r\nHost: x\r\n\r\n", "you");

	if (!strstr(heard, " 200 "))
		fail_msg("%s: %s", when, heard);
}

/* ---- tests ---- */

#define HEAD " HTTP/1.1\r\nHost: x\r\n"

static void each_request_has_its_answer(void **state)
{
	static const struct {
		const char *why, *request, *status, *holds;
	} row[] = {
		{ "a parameter in the path", "GET /v1/hello/you" HEAD "\r\n", " 200 ", "\"you\"" },
		{ "a query", "GET /v1/hello/you?x=a%20b" HEAD "\r\n", " 200 ", "\"a b\"" },
		{ "encoded path", "GET /v1/hello/a%2eb" HEAD "\r\n", " 200 ", "\"a.b\"" },
		{ "HEAD", "HEAD /v1/hello/you" HEAD "\r\n", " 200 ", "application/json" },
		{ "unknown path", "GET /v2" HEAD "\r\n", " 404 ", "there is nothing at /v2" },
		{ "a slash too many", "GET /v1/hello/you/" HEAD "\r\n", " 404 ", "problem+json" },
		{ "encoded slash", "GET /v1/hello/a%2fb" HEAD "\r\n", " 404 ", "not-found" },
		{ "path is no text", "GET /v1/%ff%fe" HEAD "\r\n", " 404 ", "/v1/??" },
		{ "unknown method", "DELETE /v1/hello/you" HEAD "\r\n", " 405 ",
		  "Allow: GET, PUT" },
		{ "made-up method", "BREW /v1/hello/you" HEAD "\r\n", " 405 ", "use GET, PUT" },
		{ "unknown parameter", "GET /v1/hello/you?y=1" HEAD "\r\n", " 422 ",
		  "known are: x" },
		{ "no parameter at all", "GET /v1/stream?y=1" HEAD "\r\n", " 422 ",
		  "it takes none" },
		{ "number", "DELETE /v1/number?n=10&yes=true" HEAD "\r\n", " 200 ",
		  "10,\"yes\":true" },
		{ "number out of range", "DELETE /v1/number?n=11" HEAD "\r\n", " 422 ",
		  "use 1 to 10" },
		{ "no truth", "DELETE /v1/number?yes=1" HEAD "\r\n", " 422 ", "use true or false" },
		{ "a body", "PUT /v1/hello/you" HEAD "Content-Length: 7\r\n\r\n{\"a\":1}", " 200 ",
		  "{\"a\":1}" },
		{ "no body", "PUT /v1/hello/you" HEAD "\r\n", " 200 ", "{}" },
		{ "chunked",
		  "PUT /v1/hello/you" HEAD "Transfer-Encoding: chunked\r\n\r\n"
		  "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
		  " 200 ", "{\"a\":1}" },
		{ "not JSON", "PUT /v1/hello/you" HEAD "Content-Length: 4\r\n\r\n{\"a\"", " 400 ",
		  "line 1, column 4" },
		{ "the same key twice",
		  "PUT /v1/hello/you" HEAD "Content-Length: 13\r\n\r\n"
		  "{\"a\":1,\"a\":2}",
		  " 400 ", "duplicate" },
		{ "not UTF-8", "PUT /v1/hello/you" HEAD "Content-Length: 3\r\n\r\n\"\xff\"",
		  " 400 ", "UTF-8" },
		{ "a NUL", "PUT /v1/hello/you" HEAD "Content-Length: 8\r\n\r\n\"\\u0000\"", " 400 ",
		  "syntax" },
		{ "a handler without an answer", "GET /v1/hello/world" HEAD "\r\n", " 500 ",
		  "no answer" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const char *heard = ask(*state, row[i].request, row[i].holds);

		if (!strstr(heard, row[i].status) || !strstr(heard, row[i].holds))
			fail_msg("%s: %s", row[i].why, heard);
	}
}

static void an_announced_body_above_the_limit_is_refused(void **state)
{
	static const char part[64 << 10];
	struct fixture *f = *state;
	char head[128];
	int fd = dial(f);

	snprintf(head, sizeof(head), "PUT /v1/hello/you" HEAD "Content-Length: %u\r\n\r\n",
		 HTTP_BODY_MAX + 1);
	say_text(f, fd, head);
	for (size_t n = 0; n < HTTP_BODY_MAX; n += sizeof(part))
		assert_true(say(f, fd, part, sizeof(part)));
	assert_true(say(f, fd, part, 1));
	assert_non_null(strstr(hear(f, fd, "8 MiB"), " 413 "));
	close(fd);
	still_serves(f, "after a large body");
}

static void a_monstrous_body_is_refused_before_it_comes(void **state)
{
	static const char head[] = "PUT /v1/hello/you" HEAD "Content-Length: 99999999999\r\n\r\n";

	assert_non_null(strstr(ask(*state, head, "8 MiB"), " 413 "));
	still_serves(*state, "after it");
}

static void a_body_without_an_end_is_cut_off(void **state)
{
	static char part[(1 << 16) + 16];
	struct fixture *f = *state;
	int fd = dial(f), n = snprintf(part, sizeof(part), "%x\r\n", 1 << 16);
	static const char head[] = "PUT /v1/hello/you" HEAD "Transfer-Encoding: chunked\r\n\r\n";
	unsigned int sent = 0;

	memset(part + n, ' ', 1 << 16);
	memcpy(part + n + (1 << 16), "\r\n", 2);
	say_text(f, fd, head);
	while (sent < 2 * HTTP_DRAIN_MAX && say(f, fd, part, (size_t)n + (1 << 16) + 2))
		sent += 1 << 16;
	assert_in_range(sent, HTTP_BODY_MAX, HTTP_DRAIN_MAX + (1 << 20));
	close(fd);
	still_serves(f, "after it");
}

static void requests_sent_together_are_answered_in_order(void **state)
{
	const char *heard = ask(*state,
				"GET /v1/hello/one" HEAD "\r\nGET /v1/hello/two" HEAD "\r\n"
				"PUT /v1/hello/x" HEAD "Content-Length: 11\r\n\r\n{\"three\":1}",
				"three");
	const char *one = strstr(heard, "one"), *two = strstr(heard, "two");

	assert_true(one && two && one < two && two < strstr(heard, "three"));
}

static void a_request_that_stops_halfway_harms_nobody(void **state)
{
	static const char *const halves[] = {
		"",
		"G",
		"GET /v1/hello/you HTTP/1.1\r\nHo",
		"PUT /v1/hello/you" HEAD "Content-Length: 100\r\n\r\n{\"a\":",
		"PUT /v1/hello/you" HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
		"\r\n\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
		int fd = dial(f);

		say_text(f, fd, halves[i]);
		turn(f, 10);
		still_serves(f, "while it waits");
		close(fd);
		still_serves(f, "after it left");
	}
}

static void a_client_that_says_nothing_more_is_cut_off(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);
	char byte;

	say_text(f, fd, "PUT /v1/hello/you" HEAD "Content-Length: 9\r\n\r\n{");
	turn(f, TIMEOUT_S * 1000 + 1500);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

/* More connections than are served at once wait; when one goes the next one's turn comes. */
static void one_client_too_many_waits(void **state)
{
	struct fixture *f = *state;
	int fd[HTTP_CONNECTIONS + 1];
	const char *heard;

	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		fd[i] = dial(f);
		turn(f, 1);
	}
	say_text(f, fd[HTTP_CONNECTIONS], "GET /v1/hello/you" HEAD "\r\n");
	turn(f, 50);
	close(fd[0]);
	heard = hear(f, fd[HTTP_CONNECTIONS], "you");
	assert_non_null(strstr(heard, " 200 "));
	for (size_t i = 1; i < ARRAY_LEN(fd); i++)
		close(fd[i]);
	turn(f, 10);
}

static int open_stream(struct fixture *f)
{
	int fd = dial(f);

	say_text(f, fd, "GET /v1/stream" HEAD "\r\n");
	hear(f, fd, "\r\n\r\n");
	assert_non_null(f->stream);
	return fd;
}

/* Who only listens leaves room for who has something to say. */
static void streams_leave_room_for_others(void **state)
{
	struct fixture *f = *state;
	int fd[HTTP_STREAMS + 1];
	const char *heard;

	for (size_t i = 0; i < HTTP_STREAMS; i++)
		fd[i] = open_stream(f);
	fd[HTTP_STREAMS] = dial(f);
	say_text(f, fd[HTTP_STREAMS], "GET /v1/stream" HEAD "\r\n");
	heard = hear(f, fd[HTTP_STREAMS], "end one of them first");
	assert_non_null(strstr(heard, " 500 "));
	still_serves(f, "beside all streams that may be");
	close(fd[HTTP_STREAMS]);
	close(fd[0]);
	turn(f, 50);
	fd[0] = open_stream(f);
	for (size_t i = 0; i < HTTP_STREAMS; i++)
		close(fd[i]);
	turn(f, 50);
	assert_int_equal(f->closed, HTTP_STREAMS + 1);
}

/* A client that does not block would be refused, as if nobody were there. */
static void hundreds_may_dial_at_once(void **state)
{
	enum { CLIENTS = 500 };
	struct fixture *f = *state;
	int fd[CLIENTS];

	for (size_t i = 0; i < CLIENTS; i++)
		fd[i] = dial(f);
	for (size_t i = 0; i < CLIENTS; i++)
		close(fd[i]);
	for (size_t i = 0; i < CLIENTS / HTTP_CONNECTIONS + 1; i++)
		turn(f, 10);
	still_serves(f, "after hundreds");
}

static void a_stream_brings_what_is_written_and_ends(void **state)
{
	struct fixture *f = *state;
	int fd = open_stream(f);

	assert_int_equal(stream_write(f->stream, "hello ", 6), 0);
	assert_int_equal(stream_write(f->stream, "world", 5), 0);
	assert_non_null(strstr(hear(f, fd, "world"), "hello world"));
	assert_true(f->drained > 0);
	assert_int_equal(stream_write(f->stream, "bye", 3), 0);
	stream_end(f->stream);
	assert_int_equal(stream_write(f->stream, "more", 4), -EPIPE);
	assert_non_null(strstr(hear(f, fd, "0\r\n\r\n"), "bye"));
	turn(f, 10);
	assert_int_equal(f->closed, 1);
	close(fd);
}

/* The chunks' own lines out of TEXT; what is left is what was written. */
static void take_chunks_out(char *text, size_t len)
{
	char *to = text, *end = text + len;

	while (text < end) {
		size_t n = strtoul(text, &text, 16);

		text += 2;
		n = MIN(n, (size_t)(end - text));
		memmove(to, text, n);
		to += n;
		text += n + 2;
	}
	*to = '\0';
}

static void a_stream_keeps_the_order_however_its_client_reads(void **state)
{
	enum { LINES = 20000, LINE = 9 };
	static char heard[2 * LINES * LINE];
	struct fixture *f = *state;
	unsigned int line = 0, turns = 0;
	size_t have = 0;
	char text[16];
	int fd = open_stream(f);

	srandom(0x1a);
	while (!strstr(heard + (have > 64 ? have - 64 : 0), "end.")) {
		ssize_t n;

		for (long burst = random() % 9000; burst && line < LINES; burst--) {
			snprintf(text, sizeof(text), "%08u\n", line);
			if (stream_write(f->stream, text, LINE))
				break;
			line++;
		}
		if (line == LINES && !stream_write(f->stream, "end.", 4))
			line++;
		loop_once(f->loop, 0);
		/* Often less than was sent, so that the queue is emptied in parts. */
		n = recv(fd, heard + have, MIN(sizeof(heard) - 1 - have, (size_t)random() % 9000),
			 0);
		have += n > 0 ? (size_t)n : 0;
		assert_true(turns++ < 100000);
	}
	take_chunks_out(heard, have);
	for (line = 0; line < LINES; line++) {
		snprintf(text, sizeof(text), "%08u\n", line);
		if (memcmp(heard + (size_t)line * LINE, text, LINE))
			fail_msg("line %u is not what was written: %.20s", line,
				 heard + (size_t)line * LINE);
	}
	close(fd);
	turn(f, 20);
}

static void an_idle_stream_outlives_the_timeout(void **state)
{
	struct fixture *f = *state;
	int fd = open_stream(f);

	turn(f, TIMEOUT_S * 1000 + 1500);
	assert_int_equal(f->closed, 0);
	assert_int_equal(stream_write(f->stream, "still", 5), 0);
	assert_non_null(strstr(hear(f, fd, "still"), "still"));
	close(fd);
	turn(f, 20);
	assert_int_equal(f->closed, 1);
}

static void a_client_that_leaves_an_idle_stream_is_noticed(void **state)
{
	struct fixture *f = *state;
	int fd = open_stream(f);

	turn(f, 10);
	close(fd);
	turn(f, 20);
	assert_int_equal(f->closed, 1);
	still_serves(f, "after it");
}

static void a_client_that_does_not_read_holds_nothing(void **state)
{
	struct fixture *f = *state;
	char part[1024] = { 0 };
	int fd = open_stream(f), err = 0;

	/* The socket takes its share, then the queue is full. */
	for (unsigned int i = 0; i < 2000 && !err; i++) {
		err = stream_write(f->stream, part, sizeof(part));
		loop_once(f->loop, 0);
	}
	assert_int_equal(err, -ENOSPC);
	assert_true(stream_room(f->stream) < sizeof(part));
	still_serves(f, "beside it");
	stream_cut(f->stream);
	turn(f, 20);
	assert_int_equal(f->closed, 1);
	close(fd);

	/* Not cut, it goes by itself when it has taken nothing for the timeout. */
	fd = open_stream(f);
	for (err = 0; !err;) {
		err = stream_write(f->stream, part, sizeof(part));
		loop_once(f->loop, 0);
	}
	turn(f, TIMEOUT_S * 1000 + 1500);
	assert_int_equal(f->closed, 2);
	close(fd);
}

static void streams_end_with_the_server(void **state)
{
	struct fixture *f = *state;
	int fd = open_stream(f), other = dial(f);

	say_text(f, other, "GET /v1/he");
	turn(f, 10);
	http_destroy(f->http);
	f->http = NULL;
	assert_int_equal(f->closed, 1);
	close(fd);
	close(other);
}

/* Its words are there, and are read for the first time when all is ending. */
static void who_asks_at_the_end_is_hung_up_on(void **state)
{
	struct fixture *f = *state;
	static const char words[] = "GET /v1/stream" HEAD "\r\n";
	int fd[2] = { dial(f), dial(f) };
	char byte;

	turn(f, 5);
	assert_true(send(fd[0], words, strlen(words), MSG_NOSIGNAL) > 0);
	http_destroy(f->http);
	f->http = NULL;
	assert_null(f->stream);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		assert_true(recv(fd[i], &byte, 1, 0) <= 0);
		close(fd[i]);
	}
}

static void a_socket_is_taken_over_only_from_the_dead(void **state)
{
	struct fixture *f = *state;
	struct faults faults = { 0 };
	struct stat st;
	char other[80];
	int fd;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_not_equal(socket_listen(f->path, NULL, &faults, &fd), 0);
	assert_non_null(strstr(faults.v[0].message, "another weftd answers on it"));
	still_serves(f, "after somebody tried to take its socket");

	snprintf(other, sizeof(other), "%s/other", f->dir);
	assert_int_equal(socket_listen(other, NULL, &faults, &fd), 0);
	close(fd); /* dies without a word: the file stays */
	assert_int_equal(socket_listen(other, NULL, &faults, &fd), 0);
	close(fd);
	unlink(other);

	fd = open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	assert_int_not_equal(socket_listen(other, NULL, &faults, &fd), 0);
	assert_non_null(strstr(faults.v[1].message, "it is not a socket"));
	unlink(other);
	faults_free(&faults);
}

int main(void)
{
#define WITH_SERVER(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_SERVER(each_request_has_its_answer),
		WITH_SERVER(an_announced_body_above_the_limit_is_refused),
		WITH_SERVER(a_monstrous_body_is_refused_before_it_comes),
		WITH_SERVER(a_body_without_an_end_is_cut_off),
		WITH_SERVER(requests_sent_together_are_answered_in_order),
		WITH_SERVER(a_request_that_stops_halfway_harms_nobody),
		WITH_SERVER(a_client_that_says_nothing_more_is_cut_off),
		WITH_SERVER(one_client_too_many_waits),
		WITH_SERVER(streams_leave_room_for_others),
		WITH_SERVER(hundreds_may_dial_at_once),
		WITH_SERVER(a_stream_brings_what_is_written_and_ends),
		WITH_SERVER(a_stream_keeps_the_order_however_its_client_reads),
		WITH_SERVER(an_idle_stream_outlives_the_timeout),
		WITH_SERVER(a_client_that_leaves_an_idle_stream_is_noticed),
		WITH_SERVER(a_client_that_does_not_read_holds_nothing),
		WITH_SERVER(streams_end_with_the_server),
		WITH_SERVER(who_asks_at_the_end_is_hung_up_on),
		WITH_SERVER(a_socket_is_taken_over_only_from_the_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
