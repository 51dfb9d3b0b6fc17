/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frontend that means harm: it hangs up in the middle of each message at each octet, sends wrong
 * descriptors, too many, none, messages of noise, and never reads. It ends its own session; a pair
 * of machines beside it talks all the time, no descriptor is left behind, and the next frontend is
 * served.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define BIT(n) (UINT64_C(1) << (n))

/* X means harm; C and D only want to talk. */
struct net {
	struct vhost_rig *r;
	struct vhost_vm *x, *c, *d;
};

static void set_up(struct net *n, struct guest_config *hostile)
{
	static const struct guest_config good = { .size = 64 };

	n->r = vhost_rig_create(1);
	vhost_rig_pair(n->r, "", &good, &n->c, &n->d);
	n->x = vhost_rig_plug(n->r, "", hostile);
}

static void fine(const char *wrong)
{
	if (wrong)
		fail_msg("%s", wrong);
}

static void beside(struct net *n)
{
	fine(vhost_rig_talk(n->c, n->d, 30, 1514));
	fine(vhost_rig_talk(n->d, n->c, 30, 1514));
}

static unsigned int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* The port hears that X has hung up. */
static void settle(struct net *n)
{
	for (unsigned int i = 0; i < 3; i++)
		loop_once(n->r->rig->env.loop, 0);
	vhost_rig_forgive(n->x);
}

/* ---- in the middle of a message -------------------------------------------------------------- */

struct cut {
	unsigned int at, message; /* hang up in this one */
	size_t octets; /* of it that went out */
	size_t len; /* of it, once it came by */
	bool with_fd;
};

static bool cut_message(struct guest *g, struct vhost_user_msg *m, int *fd, unsigned int *n_fd)
{
	struct cut *c = g->cfg.spoil_arg;

	if (c->at++ != c->message)
		return true;
	c->len = VHOST_USER_HEADER + m->size;
	if (c->octets)
		guest_send_raw(g, m, MIN(c->octets, c->len), fd, c->with_fd ? *n_fd : 0);
	return false;
}

static void a_frontend_may_hang_up_at_each_octet(void **state)
{
	struct cut cut = { 0 };
	struct guest_config c = { .size = 64, .spoil = cut_message, .spoil_arg = &cut };
	unsigned int before, sessions = 0;
	struct net n;

	(void)state;
	set_up(&n, &c);
	beside(&n);
	before = open_files();
	for (cut.message = 0;; cut.message++) {
		for (cut.octets = 0;; cut.octets++) {
			bool done;

			cut.at = 0;
			cut.len = 0;
			cut.with_fd = cut.octets % 2;
			done = guest_start(n.x->g) == 0;
			guest_disconnect(n.x->g);
			settle(&n);
			sessions++;
			if (done) {
				/* No message is left to be cut. */
				assert_true(cut.message > 20);
				beside(&n);
				assert_int_equal(open_files(), before);
				print_message("# %u sessions\n", sessions);
				vhost_rig_destroy(n.r);
				return;
			}
			if (cut.octets == cut.len)
				break;
		}
		beside(&n);
		assert_int_equal(open_files(), before);
	}
}

/* ---- descriptors ----------------------------------------------------------------------------- */

enum {
	NONE,
	TWICE,
	SIXTEEN,
	DEV_NULL,
	DEV_ZERO,
	FOLDER,
	SOCKET,
	PIPE,
	EPOLL,
	TIMER,
	EMPTY,
	SHORT,
	READ_ONLY,
	PATH_ONLY,
	FULL_EVENT,
	SEMAPHORE,
	CYCLE,
	KINDS
};
static const char *const kinds[] = { "none",
				     "one twice",
				     "sixteen",
				     "/dev/null",
				     "/dev/zero",
				     "a folder",
				     "a socket",
				     "a pipe",
				     "an epoll",
				     "a timer",
				     "an empty file",
				     "a short file",
				     "a file that cannot be written",
				     "a path",
				     "an eventfd that is full",
				     "a semaphore",
				     "the session itself" };
static_assert(ARRAY_LEN(kinds) == KINDS, "each has a name");

static int odd(struct guest *g, unsigned int kind)
{
	const uint64_t full = UINT64_MAX - 1;
	int fd = -1, pair[2];

	switch (kind) {
	case DEV_NULL:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case DEV_ZERO:
		return open("/dev/zero", O_RDWR | O_CLOEXEC);
	case FOLDER:
		return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case SOCKET:
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			return -1;
		close(pair[1]);
		return pair[0];
	case PIPE:
		if (pipe2(pair, O_CLOEXEC))
			return -1;
		close(pair[0]);
		return pair[1];
	case EPOLL:
		return epoll_create1(EPOLL_CLOEXEC);
	case TIMER:
		return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	case EMPTY:
		return memfd_create("empty", MFD_CLOEXEC);
	case SHORT:
		fd = memfd_create("short", MFD_CLOEXEC);
		return ftruncate(fd, 4096) ? -1 : fd;
	case READ_ONLY:
		return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	case PATH_ONLY:
		return open("/tmp", O_PATH | O_CLOEXEC);
	case FULL_EVENT:
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		return write(fd, &full, sizeof(full)) < 0 ? -1 : fd;
	case SEMAPHORE:
		return eventfd(1000, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	default:
		return dup(g->sock);
	}
}

struct swap {
	unsigned int at, message, kind;
	bool came;
	int fd; /* to be closed */
};

/* In each message that brings descriptors, others: in the one that is chosen. */
static bool swap_fd(struct guest *g, struct vhost_user_msg *m, int *fd, unsigned int *n_fd)
{
	struct swap *s = g->cfg.spoil_arg;

	(void)m;
	if (!*n_fd || s->at++ != s->message)
		return true;
	s->came = true;
	switch (s->kind) {
	case NONE:
		*n_fd = 0;
		break;
	case TWICE:
		fd[(*n_fd)++] = fd[0];
		break;
	case SIXTEEN:
		for (; *n_fd < 16; ++*n_fd)
			fd[*n_fd] = fd[0];
		break;
	default:
		fd[0] = s->fd = odd(g, s->kind);
		assert_true(s->fd >= 0);
	}
	return true;
}

static void wrong_descriptors_end_only_their_session(void **state)
{
	struct swap swap = { .fd = -1 };
	struct guest_config c = { .size = 64, .spoil = swap_fd, .spoil_arg = &swap };
	unsigned int before, messages = 0;
	struct net n;

	(void)state;
	for (unsigned int slots = 0; slots < 2; slots++) {
		c.slots = slots;
		set_up(&n, &c);
		beside(&n);
		before = open_files();
		for (swap.kind = 0; swap.kind < KINDS; swap.kind++) {
			for (swap.message = 0;; swap.message++) {
				bool came;

				swap.at = 0;
				swap.came = false;
				vhost_rig_reboot(n.r, n.x);
				if (!guest_start(n.x->g)) {
					guest_log_start(n.x->g);
					guest_inflight_ask(n.x->g);
					/* It may be that nothing was wrong with it. */
					for (unsigned int i = 0; i < 70; i++)
						guest_send(n.x->g, 0, "01234567890123456789", 20,
							   NULL);
					fine(vhost_rig_talk(n.c, n.d, 5, 1514));
				}
				came = swap.came;
				guest_disconnect(n.x->g);
				settle(&n);
				if (swap.fd >= 0)
					close(swap.fd);
				swap.fd = -1;
				if (!came)
					break;
				messages++;
			}
			print_message("# %s\n", kinds[swap.kind]);
			beside(&n);
			vhost_rig_reboot(n.r, n.x);
			/* Who hands its own end over stays: it has not hung up. */
			if (swap.kind != CYCLE)
				assert_int_equal(open_files(), before);
		}
		vhost_rig_destroy(n.r);
	}
	assert_true(messages > KINDS * 20);
}

/* ---- noise ----------------------------------------------------------------------------------- */

static bool noise(struct guest *g, struct vhost_user_msg *m, int *fd, unsigned int *n_fd)
{
	unsigned int *rate = g->cfg.spoil_arg;
	uint8_t *at = (uint8_t *)m;

	(void)fd;
	if ((unsigned int)random() % *rate)
		return true;
	for (unsigned int i = 1 + (unsigned int)random() % 3; i; i--) {
		uint32_t len = VHOST_USER_HEADER + MIN(m->size, sizeof(m->payload));
		uint32_t where = (uint32_t)random() % len;

		at[where] = (uint8_t)(random() % 2 ? random() : (random() % 2 ? 0xff : 0));
	}
	if (m->size > sizeof(m->payload))
		m->size = random() % 2 ? sizeof(m->payload) : m->size;
	if (random() % 8 == 0)
		*n_fd = 0;
	return true;
}

static void messages_of_noise_end_only_their_session(void **state)
{
	unsigned int rate = 12, before;
	struct guest_config c = { .size = 64, .spoil = noise, .spoil_arg = &rate, .no_acks = true };
	struct net n;

	(void)state;
	srandom(0x1ee7);
	set_up(&n, &c);
	beside(&n);
	before = open_files();
	for (unsigned int i = 0; i < 800; i++) {
		vhost_rig_reboot(n.r, n.x);
		n.x->g->impatient = true;
		rate = 5 + i % 20;
		if (!guest_start(n.x->g)) {
			guest_log_start(n.x->g);
			guest_send(n.x->g, 0, "01234567890123456789", 20, NULL);
		}
		guest_disconnect(n.x->g);
		settle(&n);
		if (i % 100 == 99)
			beside(&n);
	}
	vhost_rig_reboot(n.r, n.x);
	beside(&n);
	assert_int_equal(open_files(), before);
	rate = 1u << 30;
	assert_int_equal(guest_start(n.x->g), 0);
	vhost_rig_destroy(n.r);
}

/* ---- patience -------------------------------------------------------------------------------- */

static void a_frontend_that_never_reads_is_sent_away(void **state)
{
	const struct vhost_user_msg m = guest_msg(VHOST_USER_GET_FEATURES);
	struct guest_config c = { .size = 64 };
	int least = 1;
	struct net n;

	(void)state;
	set_up(&n, &c);
	assert_int_equal(guest_connect(n.x->g), 0);
	setsockopt(n.x->g->sock, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	assert_int_equal(fcntl(n.x->g->sock, F_SETFL, O_NONBLOCK), 0);
	for (unsigned int i = 0; i < 20000; i++) {
		if (!guest_send_raw(n.x->g, &m, VHOST_USER_HEADER, NULL, 0) && errno == EPIPE)
			break;
		loop_once(n.r->rig->env.loop, 0);
	}
	assert_int_equal(errno, EPIPE);
	guest_disconnect(n.x->g);
	beside(&n);
	vhost_rig_reboot(n.r, n.x);
	assert_int_equal(guest_start(n.x->g), 0);
	vhost_rig_destroy(n.r);
}

static void a_frontend_that_comes_all_the_time_waits(void **state)
{
	struct guest_config c = { .size = 64 };
	unsigned int before;
	struct net n;

	(void)state;
	set_up(&n, &c);
	before = open_files();
	for (unsigned int i = 0; i < 200; i++) {
		guest_connect(n.x->g);
		guest_disconnect(n.x->g);
		loop_once(n.r->rig->env.loop, 0);
	}
	beside(&n);
	for (unsigned int i = 0; i < 20; i++)
		loop_once(n.r->rig->env.loop, 0);
	assert_true(open_files() <= before + 1);
	vhost_rig_destroy(n.r);
}

/*
 * Whether a write waits is the open file's, which the frontend has as well: it fills its signals
 * and takes O_NONBLOCK away behind our backs.
 */
static void a_signal_that_would_wait_keeps_nobody_waiting(void **state)
{
	const uint64_t full = UINT64_MAX - 1;
	static uint8_t frame[VHOST_FRAME];
	struct guest_config c = { .size = 64 };
	uint64_t took;
	struct net n;

	(void)state;
	set_up(&n, &c);
	vhost_rig_patch(n.r, n.x, n.c);
	assert_int_equal(guest_start(n.x->g), 0);
	for (unsigned int q = 0; q < 2; q++) {
		struct guest_queue *v = &n.x->g->queue[q];

		(void)!read(v->call, &took, sizeof(took));
		(void)!read(v->kick, &took, sizeof(took));
		assert_int_equal(write(v->call, &full, sizeof(full)), sizeof(full));
		assert_int_equal(fcntl(v->call, F_SETFL, 0), 0);
		assert_int_equal(fcntl(v->kick, F_SETFL, 0), 0);
		assert_int_equal(fcntl(v->err, F_SETFL, 0), 0);
	}
	vhost_frame(frame, 60, 1);
	for (unsigned int i = 0; i < 10; i++) {
		vring_driver_listen(&n.x->g->queue[1].ring, true);
		guest_send(n.x->g, 0, frame, 60, NULL);
		guest_await(n.c->g, 0, frame, sizeof(frame), NULL);
		vring_driver_listen(&n.x->g->queue[0].ring, true);
		guest_send(n.c->g, 0, frame, 60, NULL);
	}
	guest_disconnect(n.x->g);
	settle(&n);
	assert_true(guest_await_all_sent(n.c->g, 0)); /* to X: none of it is D's */
	while (guest_receive(n.c->g, 0, frame, sizeof(frame), NULL))
		continue; /* what was still on its way */
	vhost_rig_patch(n.r, n.c, n.d);
	beside(&n);
	vhost_rig_destroy(n.r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frontend_may_hang_up_at_each_octet),
		cmocka_unit_test(wrong_descriptors_end_only_their_session),
		cmocka_unit_test(messages_of_noise_end_only_their_session),
		cmocka_unit_test(a_frontend_that_never_reads_is_sent_away),
		cmocka_unit_test(a_frontend_that_comes_all_the_time_waits),
		cmocka_unit_test(a_signal_that_would_wait_keeps_nobody_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
