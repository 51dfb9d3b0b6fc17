/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream between two ports of a daemon, both ways, that notices each frame that is lost, doubled,
 * changed or out of order. Two vhost-user guests, of which this is the driver; each sends so few
 * frames ahead of what has come that no ring is ever full, so whatever is lost the daemon lost.
 *
 *	live_stream SOCKET SOCKET
 *
 * Each line that it reads is answered with the number of frames that have come so far. At the end
 * of its input it stops sending, waits for what is under way, and says what it saw, as JSON.
 */
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "packet/pkt.h"
#include "tests/rig/guest.h"

enum {
	SIDES = 2,
	WINDOW = 64, /* of 256 buffers: what others flood finds room too */
	HEAD = 14,
	LEN_MIN = HEAD + 8,
	LEN_MAX = 1514,
	TURNS = 256, /* between two looks at the input */
	STALL_S = 30,
};

struct side {
	struct guest *g;
	uint64_t sent, next, got; /* next: the number that has to come */
	uint64_t lost, late, strange;
};

static struct side side[SIDES];
static uint8_t frame[SIDES][LEN_MAX], came[PKT_LEN_MAX];

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "live_stream: %s\n", what);
	exit(1);
}

static uint32_t len_of(uint64_t number)
{
	return number % 61 ? LEN_MIN + (uint32_t)(number % 53) : LEN_MAX;
}

static uint8_t octet_of(uint64_t number)
{
	return (uint8_t)(number * 0x9e3779b97f4a7c15u >> 56);
}

static void address(uint8_t *at, unsigned int i)
{
	const uint8_t mac[] = { 2, 0x4c, 0x69, 0x76, 0x65, (uint8_t)i };

	memcpy(at, mac, sizeof(mac));
}

static void plug(unsigned int i, const char *path)
{
	const struct guest_config c = { .path = path, .rx_len = 2048 };

	side[i].g = guest_create(&c);
	must(side[i].g && !guest_start(side[i].g), "a guest does not start");
	address(frame[i], !i);
	address(frame[i] + 6, i);
	frame[i][12] = 0x88;
	frame[i][13] = 0xb5;
}

static void send_some(unsigned int i)
{
	struct side *s = &side[i];

	while (s->sent - side[!i].next < WINDOW) {
		memset(frame[i] + HEAD, octet_of(s->sent), LEN_MAX - HEAD);
		memcpy(frame[i] + HEAD, &s->sent, sizeof(s->sent));
		if (guest_send(s->g, 0, frame[i], len_of(s->sent), NULL))
			return;
		s->sent++;
	}
}

static bool is_right(unsigned int i, uint64_t number, uint32_t len)
{
	uint8_t head[HEAD];

	memcpy(head, frame[!i], HEAD);
	if (len != len_of(number) || memcmp(came, head, HEAD) != 0)
		return false;
	for (uint32_t k = HEAD + sizeof(number); k < len; k++) {
		if (came[k] != octet_of(number))
			return false;
	}
	return true;
}

static void receive_some(unsigned int i)
{
	struct side *s = &side[i];
	uint64_t number;
	uint32_t len;

	while ((len = guest_receive(s->g, 0, came, sizeof(came), NULL))) {
		if (len < LEN_MIN || memcmp(came + 6, frame[!i] + 6, 6) != 0)
			continue; /* what hosts say that come up beside us, and the switch itself */
		memcpy(&number, came + HEAD, sizeof(number));
		if (number >= side[!i].sent || !is_right(i, number, len)) {
			s->strange++;
			continue;
		}
		if (number < s->next) {
			s->late++;
			continue;
		}
		s->lost += number - s->next;
		s->next = number + 1;
		s->got++;
	}
}

/* False: the input has ended. */
static bool obey(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char text[64];
	ssize_t n;

	if (poll(&p, 1, 0) <= 0)
		return true;
	n = read(STDIN_FILENO, text, sizeof(text));
	for (ssize_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			printf("%lu\n", side[0].got + side[1].got);
	}
	fflush(stdout);
	return n > 0;
}

static bool under_way(void)
{
	return side[0].sent > side[1].next || side[1].sent > side[0].next;
}

/* One turn; false: nothing has come for so long that nothing will. */
static bool turn(bool more, uint64_t *heard_ns)
{
	uint64_t before = side[0].got + side[1].got;

	for (unsigned int i = 0; i < SIDES; i++) {
		if (more)
			send_some(i);
		receive_some(i);
	}
	if (before != side[0].got + side[1].got) {
		*heard_ns = clock_ns();
		return true;
	}
	sched_yield();
	return clock_ns() - *heard_ns < STALL_S * UINT64_C(1000000000);
}

int main(int argc, char **argv)
{
	uint64_t begin, heard;
	bool flows = true;

	must(argc == 3, "two sockets are needed");
	for (unsigned int i = 0; i < SIDES; i++)
		plug(i, argv[1 + i]);
	begin = heard = clock_ns();
	while (flows && obey()) {
		for (unsigned int i = 0; i < TURNS && flows; i++)
			flows = turn(true, &heard);
	}
	while (flows && under_way())
		flows = turn(false, &heard);
	for (unsigned int i = 0; i < SIDES; i++)
		side[i].lost += side[!i].sent - side[i].next;
	printf("{\"frames\": %lu, \"lost\": %lu, \"late\": %lu, \"strange\": %lu, \"seconds\": %.3f}\n",
	       side[0].got + side[1].got, side[0].lost + side[1].lost, side[0].late + side[1].late,
	       side[0].strange + side[1].strange, (double)(clock_ns() - begin) / 1e9);
	for (unsigned int i = 0; i < SIDES; i++)
		guest_destroy(side[i].g);
	return 0;
}
