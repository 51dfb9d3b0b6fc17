/* SPDX-License-Identifier: Apache-2.0 */
#include "virtio/vhost_user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/test.h"

static void only_what_a_request_may_bring_is_let_through(void **state)
{
	enum { OK = 1 };
	static const struct {
		const char *why;
		uint32_t request, flags, size;
		uint64_t first; /* of the payload */
		unsigned int n_fd;
		const char *cause; /* NULL: it passes */
	} row[] = {
		{ "the shortest", VHOST_USER_GET_FEATURES, OK, 0, 0, 0, NULL },
		{ "asks for an answer", VHOST_USER_SET_OWNER, OK | VHOST_USER_NEED_REPLY, 0, 0, 0,
		  NULL },
		{ "version 0", VHOST_USER_GET_FEATURES, 0, 0, 0, 0,
		  "not version 1 of the protocol" },
		{ "version 2", VHOST_USER_GET_FEATURES, 2, 0, 0, 0,
		  "not version 1 of the protocol" },
		{ "an answer", VHOST_USER_GET_FEATURES, OK | VHOST_USER_REPLY, 0, 0, 0,
		  "an answer to nothing that was asked" },
		{ "number 0", 0, OK, 0, 0, 0, "an unknown request" },
		{ "a gap in the numbers", 22, OK, 0, 0, 0, "an unknown request" },
		{ "past the last", VHOST_USER_REQUESTS, OK, 0, 0, 0, "an unknown request" },
		{ "any number", UINT32_MAX, OK, 0, 0, 0, "an unknown request" },
		{ "no payload", VHOST_USER_SET_FEATURES, OK, 0, 0, 0, "too short for its request" },
		{ "half a payload", VHOST_USER_SET_VRING_ADDR, OK, 39, 0, 0,
		  "too short for its request" },
		{ "more than 4 GiB", VHOST_USER_SET_FEATURES, OK, UINT32_MAX, 0, 0,
		  "too long for its request" },
		{ "an unwanted descriptor", VHOST_USER_SET_FEATURES, OK, 8, 0, 1,
		  "too many file descriptors" },
		{ "no log", VHOST_USER_SET_LOG_BASE, OK, 16, 0, 0, "a file descriptor is missing" },
		{ "one region", VHOST_USER_SET_MEM_TABLE, OK, 40, 1, 1, NULL },
		{ "two, as user-mode Linux sends one", VHOST_USER_SET_MEM_TABLE, OK, 72, 1, 1,
		  NULL },
		{ "all regions", VHOST_USER_SET_MEM_TABLE, OK, 8 + 8 * 32, 8, 8, NULL },
		{ "no region", VHOST_USER_SET_MEM_TABLE, OK, 40, 0, 1,
		  "more regions than its size allows, or none" },
		{ "a count that wraps around", VHOST_USER_SET_MEM_TABLE, OK, 40, 0x08000001, 1,
		  "more regions than its size allows, or none" },
		{ "one more than its octets", VHOST_USER_SET_MEM_TABLE, OK, 40, 2, 2,
		  "more regions than its size allows, or none" },
		{ "a region without memory", VHOST_USER_SET_MEM_TABLE, OK, 72, 2, 1,
		  "not one file descriptor a region" },
		{ "a kick", VHOST_USER_SET_VRING_KICK, OK, 8, 3, 1, NULL },
		{ "a kick by polling", VHOST_USER_SET_VRING_KICK, OK, 8, 3 | 0x100, 0, NULL },
		{ "a kick that lacks its descriptor", VHOST_USER_SET_VRING_KICK, OK, 8, 3, 0,
		  "a file descriptor too many or too few" },
		{ "a call that has one in spite of itself", VHOST_USER_SET_VRING_CALL, OK, 8, 0x100,
		  1, "a file descriptor too many or too few" },
		{ "configuration", VHOST_USER_GET_CONFIG, OK, 12 + 8, (uint64_t)8 << 32, 0, NULL },
		{ "configuration that is not there", VHOST_USER_GET_CONFIG, OK, 12,
		  (uint64_t)8 << 32, 0, "its configuration is not as long as it says" },
		{ "configuration without end", VHOST_USER_SET_CONFIG, OK, 12 + 8,
		  (uint64_t)0xfffffff8 << 32, 0, "its configuration is not as long as it says" },
		{ "inflight, packed", VHOST_USER_GET_INFLIGHT_FD, OK, 20, 0, 0, NULL },
		{ "inflight, as C lays it out", VHOST_USER_SET_INFLIGHT_FD, OK, 24, 0, 1, NULL },
		{ "a region with its descriptor", VHOST_USER_REM_MEM_REG, OK, 40, 0, 1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct vhost_user_msg m = { .request = row[i].request,
					    .flags = row[i].flags,
					    .size = row[i].size };
		const char *why = NULL;
		int err;

		m.u64 = row[i].first;
		err = vhost_user_check(&m, row[i].n_fd, &why);
		if (err != (row[i].cause ? -EPROTO : 0))
			fail_msg("%s: %d", row[i].why, err);
		if (row[i].cause && strcmp(why, row[i].cause) != 0)
			fail_msg("%s: %s", row[i].why, why);
	}
}

struct pair {
	int ours, theirs;
	struct vhost_user_reader r;
	const char *why;
};

static int connect_both(void **state)
{
	static struct pair p;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	p = (struct pair){ .ours = fd[0], .theirs = fd[1] };
	vhost_user_reader_init(&p.r);
	*state = &p;
	return 0;
}

static int close_both(void **state)
{
	struct pair *p = *state;

	vhost_user_forget(&p->r);
	fd_close(&p->ours);
	fd_close(&p->theirs);
	return 0;
}

static void send_fds(int sock, const void *data, size_t len, const int *fd, unsigned int n)
{
	char room[CMSG_SPACE(16 * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room };
	struct cmsghdr *c = (struct cmsghdr *)room;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fd, n * sizeof(int));
	h.msg_controllen = CMSG_SPACE(n * sizeof(int));
	assert_int_equal(sendmsg(sock, &h, 0), len);
}

static unsigned int open_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void a_message_may_come_octet_by_octet(void **state)
{
	struct pair *p = *state;
	const struct vhost_user_msg m = { .request = VHOST_USER_SET_VRING_NUM,
					  .flags = VHOST_USER_VERSION,
					  .size = 8,
					  .state = { 3, 256 } };

	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < VHOST_USER_HEADER + 8; i++) {
			assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), 0);
			assert_int_equal(write(p->theirs, (const char *)&m + i, 1), 1);
		}
		assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), 1);
		assert_int_equal(p->r.msg.state.index, 3);
		assert_int_equal(p->r.msg.state.num, 256);
		vhost_user_forget(&p->r);
	}
}

static void nothing_behind_a_message_is_read(void **state)
{
	struct pair *p = *state;
	struct vhost_user_msg m[2];
	uint8_t both[2 * (VHOST_USER_HEADER + 8)];

	memset(m, 0, sizeof(m));
	for (unsigned int i = 0; i < 2; i++) {
		m[i].request = VHOST_USER_SET_FEATURES;
		m[i].flags = VHOST_USER_VERSION;
		m[i].size = 8;
		m[i].u64 = 100 + i;
		memcpy(both + i * sizeof(both) / 2, &m[i], sizeof(both) / 2);
	}
	assert_int_equal(write(p->theirs, both, sizeof(both)), sizeof(both));
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), 1);
		assert_int_equal(p->r.msg.u64, 100 + i);
		vhost_user_forget(&p->r);
	}
	assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), 0);
}

static void descriptors_come_with_any_piece_and_in_order(void **state)
{
	struct pair *p = *state;
	struct vhost_user_msg m = { .request = VHOST_USER_SET_MEM_TABLE,
				    .flags = VHOST_USER_VERSION,
				    .size = 8 + 2 * sizeof(struct vhost_user_region) };
	int pipes[2][2], fd;

	m.memory.n = 2;
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(pipe(pipes[i]), 0);
	send_fds(p->theirs, &m, 4, &pipes[0][1], 1);
	assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), 0);
	send_fds(p->theirs, (char *)&m + 4, VHOST_USER_HEADER + m.size - 4, &pipes[1][1], 1);
	assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), 1);
	for (unsigned int i = 0; i < 2; i++) {
		char got = 0, sent = (char)('a' + i);

		fd = vhost_user_take_fd(&p->r);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, &sent, 1), 1);
		assert_int_equal(read(pipes[i][0], &got, 1), 1);
		assert_int_equal(got, sent);
		close(fd);
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	assert_int_equal(vhost_user_take_fd(&p->r), -1);
}

static void what_is_refused_leaves_no_descriptor_open(void **state)
{
	struct pair *p = *state;
	const struct vhost_user_msg m = { .request = VHOST_USER_SET_OWNER,
					  .flags = VHOST_USER_VERSION };
	unsigned int before = open_fds();
	int fd[12];

	for (unsigned int i = 0; i < ARRAY_LEN(fd); i++)
		fd[i] = p->theirs;
	send_fds(p->theirs, &m, VHOST_USER_HEADER, fd, 1);
	assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), -EPROTO);
	assert_string_equal(p->why, "too many file descriptors");
	vhost_user_forget(&p->r);
	assert_int_equal(open_fds(), before);
	send_fds(p->theirs, &m, VHOST_USER_HEADER, fd, ARRAY_LEN(fd));
	assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), -EPROTO);
	assert_string_equal(p->why, "too many file descriptors");
	vhost_user_forget(&p->r);
	assert_int_equal(open_fds(), before);
}

static void a_header_that_is_wrong_is_refused_before_its_payload_comes(void **state)
{
	struct pair *p = *state;
	const uint32_t header[] = { VHOST_USER_SET_FEATURES, VHOST_USER_VERSION, 0x7fffffff };

	assert_int_equal(write(p->theirs, header, sizeof(header)), sizeof(header));
	assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), -EPROTO);
	assert_string_equal(p->why, "too long for its request");
}

static void who_leaves_between_messages_is_gone_and_in_one_is_refused(void **state)
{
	struct pair *p = *state;
	const uint32_t header[] = { VHOST_USER_SET_FEATURES, VHOST_USER_VERSION, 8 };

	for (int in_one = 0; in_one < 2; in_one++) {
		int fd[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
		if (in_one)
			assert_int_equal(write(fd[0], header, sizeof(header)), sizeof(header));
		close(fd[0]);
		assert_int_equal(vhost_user_read(&p->r, fd[1], &p->why),
				 in_one ? -EPROTO : -ECONNRESET);
		vhost_user_forget(&p->r);
		close(fd[1]);
	}
	assert_string_equal(p->why, "the frontend left in the middle of a message");
}

static void a_peer_that_reads_no_answers_is_an_error_not_a_wait(void **state)
{
	struct pair *p = *state;
	const struct vhost_user_msg m = { .request = VHOST_USER_GET_CONFIG,
					  .flags = VHOST_USER_VERSION | VHOST_USER_REPLY,
					  .size = 12 + VHOST_USER_CONFIG };
	int err = 0;

	for (int i = 0; !err && i < 100000; i++)
		err = vhost_user_send(p->ours, &m, -1);
	assert_int_equal(err, -EAGAIN);
}

static void an_answer_arrives_whole_with_its_descriptor(void **state)
{
	struct pair *p = *state;
	const struct vhost_user_msg m = { .request = VHOST_USER_SET_LOG_BASE,
					  .flags = VHOST_USER_VERSION,
					  .size = 16,
					  .log = { 4096, 8 } };

	assert_int_equal(vhost_user_send(p->theirs, &m, p->theirs), 0);
	assert_int_equal(vhost_user_read(&p->r, p->ours, &p->why), 1);
	assert_memory_equal(&p->r.msg, &m, VHOST_USER_HEADER + 16);
	assert_int_equal(p->r.n_fd, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_a_request_may_bring_is_let_through),
		cmocka_unit_test_setup_teardown(a_message_may_come_octet_by_octet, connect_both,
						close_both),
		cmocka_unit_test_setup_teardown(nothing_behind_a_message_is_read, connect_both,
						close_both),
		cmocka_unit_test_setup_teardown(descriptors_come_with_any_piece_and_in_order,
						connect_both, close_both),
		cmocka_unit_test_setup_teardown(what_is_refused_leaves_no_descriptor_open,
						connect_both, close_both),
		cmocka_unit_test_setup_teardown(
			a_header_that_is_wrong_is_refused_before_its_payload_comes, connect_both,
			close_both),
		cmocka_unit_test_setup_teardown(
			who_leaves_between_messages_is_gone_and_in_one_is_refused, connect_both,
			close_both),
		cmocka_unit_test_setup_teardown(a_peer_that_reads_no_answers_is_an_error_not_a_wait,
						connect_both, close_both),
		cmocka_unit_test_setup_teardown(an_answer_arrives_whole_with_its_descriptor,
						connect_both, close_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
