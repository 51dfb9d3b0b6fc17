/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the first frame after a silence takes, and those of a slow beat.
 *
 *	wake_bench ROUNDS IDLE_US [bare | NETNS_A DEVICE_A NETNS_B DEVICE_B]
 *
 * In each round: nothing for IDLE_US, then one frame, then the time until it is there. Without
 * devices it comes in at a polled port of memory, whose worker sleeps on an eventfd, and is there
 * when the station behind it has it. With devices it is a broadcast that A's host sends, and there
 * is when B's host can read it. "bare" is what the machine takes to wake a thread that does nothing
 * but wait for an eventfd, as a worker does. Whoever takes the frame says when: the station, the
 * thread, the kernel at B's device. When this program, which the worker may have pushed aside, has
 * its turn again does not count. Prints the median, and the best and worst of the middle 90 %.
 */
#include <fcntl.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "base/clock.h"
#include "tests/rig/polled.h"

#define ETHERTYPE 0x88b5 /* local experiments: no IP stack looks at it */
#define LOST_NS   1000000000u

static void need(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

/* ---- two ways in and out -------------------------------------------------------------------- */

struct path {
	struct engine *engine; /* NULL: none */
	struct polled port;
	pthread_t thread; /* bare; counts in port.got */
	int epfd, eventfd;
	int to, from; /* packet sockets, or -1 */
	uint32_t number;
	double us; /* until the last one was there */
	uint64_t put_tsc;
	struct timespec put_at;
};

static int open_device(const char *netns, const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE) };
	int ns = open(netns, O_RDONLY | O_CLOEXEC), fd, on = 1;

	need(ns, netns);
	need(setns(ns, CLONE_NEWNET), "setns");
	close(ns);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	need(fd, "socket");
	at.sll_ifindex = (int)if_nametoindex(device);
	need(at.sll_ifindex ? 0 : -1, device);
	need(bind(fd, (struct sockaddr *)&at, sizeof(at)), "bind");
	need(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)), "time stamps");
	return fd;
}

static void *wait_only(void *arg)
{
	struct path *p = arg;
	struct epoll_event ready;

	for (;;) {
		need(epoll_wait(p->epfd, &ready, 1, -1), "epoll_wait");
		p->port.at = clock_tsc();
		__atomic_store_n(&p->port.got, p->port.got + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void begin_bare(struct path *p)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };

	p->epfd = epoll_create1(EPOLL_CLOEXEC);
	p->eventfd = eventfd(0, EFD_CLOEXEC);
	need(epoll_ctl(p->epfd, EPOLL_CTL_ADD, p->eventfd, &ev), "epoll");
	need(-pthread_create(&p->thread, NULL, wait_only, p), "thread");
}

static void begin(struct path *p, int words, char **word)
{
	*p = (struct path){ .to = -1, .from = -1 };
	if (words == 1) {
		begin_bare(p);
		return;
	}
	if (words) {
		p->to = open_device(word[0], word[1]);
		p->from = open_device(word[2], word[3]);
		return;
	}
	p->engine = polled_engine(1);
	polled_create(p->engine, true, &p->port);
	need(engine_start(p->engine), "engine");
}

static void end(struct path *p)
{
	if (!p->engine)
		return;
	polled_destroy(&p->port);
	engine_destroy(p->engine);
}

static void put(struct path *p)
{
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0xa, 0x88, 0xb5 };

	uint64_t one = 1;

	p->number++;
	clock_gettime(CLOCK_REALTIME, &p->put_at);
	p->put_tsc = clock_tsc();
	if (p->engine) {
		polled_put(&p->port, 1);
		return;
	}
	if (p->thread) {
		need(write(p->eventfd, &one, sizeof(one)), "eventfd");
		return;
	}
	memcpy(frame + 14, &p->number, sizeof(p->number));
	need(send(p->to, frame, sizeof(frame), 0), "send");
}

static double us_between(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) * 1e6 + (double)(b->tv_nsec - a->tv_nsec) / 1e3;
}

static bool is_read(struct path *p)
{
	uint8_t frame[2048], said[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = { frame, sizeof(frame) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct timespec at;

	m.msg_control = said;
	m.msg_controllen = sizeof(said);
	if (recvmsg(p->from, &m, MSG_DONTWAIT) < 18 ||
	    memcmp(frame + 14, &p->number, sizeof(p->number)) != 0)
		return false;
	need(CMSG_FIRSTHDR(&m) ? 0 : -1, "a time stamp");
	memcpy(&at, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(at));
	p->us = us_between(&p->put_at, &at);
	return true;
}

static bool is_there(struct path *p)
{
	if (!p->engine && !p->thread)
		return is_read(p);
	if (__atomic_load_n(&p->port.got, __ATOMIC_ACQUIRE) != p->number)
		return false;
	p->us = (double)(p->port.at - p->put_tsc) / clock_tsc_mhz();
	return true;
}

/* ---- rounds --------------------------------------------------------------------------------- */

static double one_round(struct path *p, unsigned int idle_us)
{
	uint64_t from, until = clock_ns() + idle_us * 1000ull;

	if (idle_us > 100)
		usleep(idle_us);
	while (clock_ns() < until)
		__builtin_ia32_pause();
	from = clock_ns();
	put(p);
	while (!is_there(p)) {
		if (clock_ns() - from > LOST_NS) {
			fprintf(stderr, "wake_bench: a frame did not come\n");
			exit(1);
		}
	}
	return p->us;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned int rounds, idle_us;
	struct path p;
	double *us;

	if (argc != 3 && argc != 7 && (argc != 4 || strcmp(argv[3], "bare") != 0)) {
		fprintf(stderr, "usage: wake_bench ROUNDS IDLE_US "
				"[bare | NETNS_A DEVICE_A NETNS_B DEVICE_B]\n");
		return 2;
	}
	rounds = (unsigned int)atoi(argv[1]);
	idle_us = (unsigned int)atoi(argv[2]);
	us = calloc(rounds, sizeof(*us));
	if (!rounds || !us)
		return 2;
	begin(&p, argc - 3, argv + 3);
	one_round(&p, 1000); /* whatever is done once */
	for (unsigned int i = 0; i < rounds; i++)
		us[i] = one_round(&p, idle_us);
	end(&p);
	qsort(us, rounds, sizeof(*us), ascending);
	printf("%.1f %.1f %.1f us: median, 5 %%, 95 %% of %u frames, %u us apart\n", us[rounds / 2],
	       us[rounds / 20], us[rounds - 1 - rounds / 20], rounds, idle_us);
	free(us);
	return 0;
}
