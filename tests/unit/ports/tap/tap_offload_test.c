/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "packet/offload.h"
#include "ports/memory/memory.h"
#include "ports/netns.h"
#include "tests/rig/gso_frame.h"
#include "tests/rig/tap_rig.h"

static int udp_server(void *arg)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(2222) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*(int *)arg = fd;
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) ? -errno : 0;
}

/* The next datagram is octets FROM to FROM + LEN of gso_frame's payload. */
static void datagram_is(int fd, uint32_t from, uint32_t len)
{
	static uint8_t got[65536], want[65536];
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&wait, 1, 5000), 1);
	for (uint32_t i = 0; i < len; i++)
		want[i] = (uint8_t)((from + i) * 7 + ((from + i) >> 8));
	assert_int_equal(recv(fd, got, sizeof(got), 0), len);
	assert_memory_equal(got, want, len);
}

static void each_datagram_arrives_whatever_the_kernel_takes(void **state)
{
	static const struct gso_frame sent[] = {
		{ .udp = true, .ufo = true, .payload = 20000, .gso_size = 1480 },
		{ .udp = true, .payload = 20000, .gso_size = 1472 },
		{ .udp = true, .payload = 1000, .gso_size = 1472 },
	};
	static const unsigned int takes[] = { OFFLOAD_ALL, OFFLOAD_ALL & ~OFFLOAD_UFO, 0 };
	static uint8_t flat[PKT_LEN_MAX];
	struct tap_rig *f = *state;
	struct memory_port *from;
	struct port *to;
	int server;

	tap_rig_need_root();
	to = tap_rig_plug(f, 1, ",\"mac\":\"02:00:00:00:00:0b\"");
	assert_int_equal(memory_port_create(f->rig->env.engine, NULL, &from), 0);
	f->rig->to[from->id] = to->id;
	assert_int_equal(netns_run(f->ns[1], udp_server, &server), 0);
	for (size_t t = 0; t < ARRAY_LEN(takes); t++) {
		unsigned int *offload = &((struct tap *)to->own)->io.offload, had = *offload;

		*offload &= takes[t];
		for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
			const struct gso_frame *g = &sent[i];
			struct virtio_net_hdr_v1 h;
			uint32_t len = gso_frame_whole(g, flat, &h);
			uint32_t piece = g->ufo ? g->payload : g->gso_size;

			memory_drain(from);
			assert_int_equal(memory_feed(from, flat, len, &h, 4000), 0);
			port_rig_run(f->rig, &from->source);
			for (uint32_t at = 0; at < g->payload; at += piece)
				datagram_is(server, at, MIN(piece, g->payload - at));
		}
		*offload = had;
	}
	close(server);
	memory_port_destroy(from);
	port_rig_close(f->rig, to, false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_datagram_arrives_whatever_the_kernel_takes,
						tap_rig_set_up, tap_rig_tear_down),
	};

	tap_rig_alone();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
