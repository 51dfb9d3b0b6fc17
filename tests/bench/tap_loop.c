/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor under Weft's TAPs: a bare loop that carries frames between two of them and does nothing
 * else. It makes each device in the network namespace of a process, takes it up, and then reads one
 * until it is empty and writes to the other.
 *
 *	tap_loop [-o] PID DEVICE PID DEVICE
 *
 * -o: with offload headers and all offloads, so that large frames stay whole; else frames only.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define VNET_LEN  12
#define FRAME_MAX (VNET_LEN + 65536 + 64)
/* Newer than Debian 12's headers. */
#define USO 0x60

static void need(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static void enter(const char *pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(fd, path);
	need(setns(fd, CLONE_NEWNET), "setns");
	close(fd);
}

static int make_tap(const char *pid, const char *device, int offload)
{
	const unsigned int base = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
	struct ifreq req = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd, sock, vnet_len = VNET_LEN;

	enter(pid);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	need(fd, "/dev/net/tun");
	if (offload)
		req.ifr_flags |= IFF_VNET_HDR;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", device);
	need(ioctl(fd, TUNSETIFF, &req), "TUNSETIFF");
	if (offload) {
		need(ioctl(fd, TUNSETVNETHDRSZ, &vnet_len), "TUNSETVNETHDRSZ");
		if (ioctl(fd, TUNSETOFFLOAD, base | USO) < 0)
			need(ioctl(fd, TUNSETOFFLOAD, base), "TUNSETOFFLOAD");
	}
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(sock, "socket");
	req.ifr_flags = IFF_UP;
	need(ioctl(sock, SIOCSIFFLAGS, &req), "SIOCSIFFLAGS");
	close(sock);
	return fd;
}

static void carry(int from, int to)
{
	static char frame[FRAME_MAX];
	ssize_t n;

	while ((n = read(from, frame, sizeof(frame))) > 0) {
		/* What the other side has no room for is lost, as on any wire. */
		if (write(to, frame, (size_t)n) < 0 && errno != EAGAIN && errno != EIO &&
		    errno != ENOBUFS)
			need(-1, "write");
	}
}

int main(int argc, char **argv)
{
	int offload = argc == 6 && !strcmp(argv[1], "-o"), fd[2], epfd;

	if (argc - offload != 5) {
		fprintf(stderr, "usage: tap_loop [-o] PID DEVICE PID DEVICE\n");
		return 2;
	}
	argv += 1 + offload;
	epfd = epoll_create1(EPOLL_CLOEXEC);
	need(epfd, "epoll_create1");
	for (int i = 0; i < 2; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.u32 = (uint32_t)i };

		fd[i] = make_tap(argv[2 * i], argv[2 * i + 1], offload);
		need(epoll_ctl(epfd, EPOLL_CTL_ADD, fd[i], &ev), "epoll_ctl");
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct epoll_event ready[2];
		int n = epoll_wait(epfd, ready, 2, -1);

		need(n, "epoll_wait");
		for (int i = 0; i < n; i++)
			carry(fd[ready[i].data.u32], fd[!ready[i].data.u32]);
	}
}
