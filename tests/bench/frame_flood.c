/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods a device with frames of 60 octets from one address to another, for some seconds.
 *
 *	frame_flood DEVICE DESTINATION SOURCE SECONDS
 *
 * Prints how many the device took and the nanoseconds that it lasted. The destination is spoken to
 * in EtherType 0x88b5 (local experiments), which no IP stack looks at.
 */
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

#define FRAME 60
#define BATCH 64

static void need(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static unsigned long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000 + (unsigned long long)t.tv_nsec;
}

static void take_mac(const char *text, unsigned char *to)
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &to[0], &to[1], &to[2], &to[3], &to[4],
		   &to[5]) != 6) {
		fprintf(stderr, "frame_flood: %s is no address\n", text);
		exit(2);
	}
}

static int open_device(const char *device)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1;

	need(fd, "socket");
	to.sll_ifindex = (int)if_nametoindex(device);
	need(to.sll_ifindex ? 0 : -1, device);
	need(setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)), "bypass");
	need(bind(fd, (struct sockaddr *)&to, sizeof(to)), "bind");
	return fd;
}

int main(int argc, char **argv)
{
	static unsigned char frame[FRAME];
	struct iovec iov = { frame, FRAME };
	struct mmsghdr batch[BATCH] = { 0 };
	unsigned long long began, end, now, sent = 0;
	int fd;

	if (argc != 5) {
		fprintf(stderr, "usage: frame_flood DEVICE DESTINATION SOURCE SECONDS\n");
		return 2;
	}
	fd = open_device(argv[1]);
	take_mac(argv[2], frame);
	take_mac(argv[3], frame + 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	for (int i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	now = began = now_ns();
	end = began + (unsigned long long)(atof(argv[4]) * 1e9);
	for (; now < end; now = now_ns()) {
		int n = sendmmsg(fd, batch, BATCH, 0);

		/* A full queue: what it did not take is lost, and the next batch may do better. */
		if (n < 0 && errno != ENOBUFS && errno != EAGAIN)
			need(-1, "sendmmsg");
		sent += n > 0 ? (unsigned long long)n : 0;
	}
	printf("%llu %llu\n", sent, now - began);
	return 0;
}
