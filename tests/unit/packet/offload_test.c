/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/offload.h"

#include <errno.h>
#include <stdlib.h>

#include "packet/offload_priv.h"
#include "tests/rig/gso_frame.h"
#include "tests/test.h"

#define CSUM VIRTIO_NET_HDR_F_NEEDS_CSUM
#define ECN  VIRTIO_NET_HDR_GSO_ECN
#define USO  VIRTIO_NET_HDR_GSO_UDP_L4

static uint8_t flat[PKT_LEN_MAX];
static struct iovec seg[9];

static void frame_of(const struct gso_frame *g, struct pkt *out)
{
	struct virtio_net_hdr_v1 h;
	uint32_t len = gso_frame_whole(g, flat, &h);

	rig_pkt(out, flat, len, 2, seg);
	out->vnet = h;
}

/* TCP over IPv4 behind 14 + 20 octets, or what the row says. */
static void a_checksum_is_finished_only_where_it_does_no_harm(void **state)
{
	static const struct {
		const char *why;
		struct gso_frame g;
		uint16_t start, offset;
		int at; /* an octet that is changed first, 0: none */
		uint8_t to;
		int err;
	} row[] = {
		{ "TCP", { .payload = 100 }, 34, 16, 0, 0, 0 },
		{ "UDP", { .udp = true, .payload = 100 }, 34, 6, 0, 0, 0 },
		{ "behind a tag", { .tags = 1, .payload = 100 }, 38, 16, 0, 0, 0 },
		{ "behind options", { .ip_options = 8, .payload = 100 }, 42, 16, 0, 0, 0 },
		{ "IPv6", { .v6 = true, .payload = 40 }, 54, 16, 0, 0, 0 },
		{ "ICMP", { .payload = 100 }, 34, 2, 23, 1, 0 },
		{ "ICMPv6", { .v6 = true, .payload = 40 }, 54, 2, 20, 58, 0 },
		{ "unknown protocol", { .payload = 100 }, 34, 0, 23, 253, 0 },
		{ "not IP", { .payload = 100 }, 14, 0, 12, 0x99, 0 },
		{ "a tunnel's inner header", { .udp = true, .payload = 99 }, 80, 16, 0, 0, 0 },
		{ "the head's last octet", { .payload = 200 }, 112, 14, 0, 0, 0 },
		{ "the sum is behind the head", { .payload = 200 }, 112, 15, 0, 0, -EINVAL },
		{ "the sum is behind the frame", { .payload = 0 }, 54, 0, 0, 0, -EINVAL },
		{ "far behind", { .payload = 200 }, 65535, 65535, 0, 0, -EINVAL },
		{ "the Ethernet header", { .payload = 100 }, 0, 6, 12, 0x99, -EINVAL },
		{ "the tag", { .tags = 1, .payload = 100 }, 14, 0, 16, 0x99, -EINVAL },
		{ "the addresses", { .payload = 100 }, 14, 12, 0, 0, -EINVAL },
		{ "the addresses in front of who knows what",
		  { .payload = 100 },
		  14,
		  12,
		  23,
		  253,
		  -EINVAL },
		{ "the IPv6 header", { .v6 = true, .payload = 100 }, 53, 16, 0, 0, -EINVAL },
		{ "the options", { .ip_options = 8, .payload = 100 }, 34, 16, 0, 0, -EINVAL },
		{ "TCP's ports", { .payload = 100 }, 34, 0, 0, 0, -EINVAL },
		{ "UDP's ports, from half of one on",
		  { .udp = true, .payload = 100 },
		  35,
		  1,
		  0,
		  0,
		  -EINVAL },
		{ "UDP's length", { .udp = true, .payload = 100 }, 34, 4, 0, 0, -EINVAL },
		{ "a fragment", { .payload = 100 }, 34, 16, 20, 0x20, -EINVAL },
		{ "a later fragment", { .payload = 100 }, 34, 16, 21, 0x10, -EINVAL },
		{ "an IPv4 header that is no header",
		  { .payload = 99 },
		  34,
		  16,
		  14,
		  0x44,
		  -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct gso_frame g = row[i].g;
		struct virtio_net_hdr_v1 was;
		struct pkt p;
		int err;

		g.gso_size = 1;
		frame_of(&g, &p);
		if (row[i].at)
			p.data[row[i].at] = row[i].to;
		p.vnet = (struct virtio_net_hdr_v1){ .flags = CSUM | VIRTIO_NET_HDR_F_DATA_VALID,
						     .csum_start = row[i].start,
						     .csum_offset = row[i].offset };
		was = p.vnet;
		err = offload_check(&p);
		if (err != row[i].err)
			fail_msg("%s: %d", row[i].why, err);
		if (!err)
			was.flags = CSUM;
		assert_memory_equal(&p.vnet, &was, sizeof(was));
	}
}

static void a_frame_is_cut_only_if_it_is_what_it_says(void **state)
{
	enum { OK = 0, BAD = -EINVAL, KEEP = -1 };
	static const struct gso_frame tcp4 = { .payload = 3000, .gso_size = 1000 },
				      tcp6 = { .v6 = true, .payload = 3000, .gso_size = 1000 },
				      udp4 = { .udp = true, .payload = 3000, .gso_size = 1000 };
	static const struct {
		const char *why;
		const struct gso_frame *g;
		int type, size, flags; /* KEEP: as it should be */
		int at; /* an octet that is changed first, 0: none */
		uint8_t to;
		int err;
	} row[] = {
		{ "TCP over IPv4", &tcp4, KEEP, KEEP, KEEP, 0, 0, OK },
		{ "TCP over IPv6", &tcp6, KEEP, KEEP, KEEP, 0, 0, OK },
		{ "UDP", &udp4, KEEP, KEEP, KEEP, 0, 0, OK },
		{ "ECN with TCP", &tcp4, VIRTIO_NET_HDR_GSO_TCPV4 | ECN, KEEP, KEEP, 0, 0, OK },
		{ "ECN with UDP", &udp4, USO | ECN, KEEP, KEEP, 0, 0, BAD },
		{ "ECN with nothing", &tcp4, ECN, KEEP, KEEP, 0, 0, BAD },
		{ "one datagram", &udp4, VIRTIO_NET_HDR_GSO_UDP, KEEP, KEEP, 0, 0, OK },
		{ "fragments of nothing", &udp4, VIRTIO_NET_HDR_GSO_UDP, 7, KEEP, 0, 0, BAD },
		{ "the least fragments", &udp4, VIRTIO_NET_HDR_GSO_UDP, 8, KEEP, 0, 0, OK },
		{ "TCP as a datagram", &tcp4, VIRTIO_NET_HDR_GSO_UDP, KEEP, KEEP, 0, 0, BAD },
		{ "ECN with a datagram", &udp4, VIRTIO_NET_HDR_GSO_UDP | ECN, KEEP, KEEP, 0, 0,
		  BAD },
		{ "a type to come", &tcp4, 6, KEEP, KEEP, 0, 0, BAD },
		{ "no partial checksum", &tcp4, KEEP, KEEP, 0, 0, 0, BAD },
		{ "IPv4 as IPv6", &tcp4, VIRTIO_NET_HDR_GSO_TCPV6, KEEP, KEEP, 0, 0, BAD },
		{ "IPv6 as IPv4", &tcp6, VIRTIO_NET_HDR_GSO_TCPV4, KEEP, KEEP, 0, 0, BAD },
		{ "TCP as UDP", &tcp4, USO, KEEP, KEEP, 0, 0, BAD },
		{ "UDP as TCP", &udp4, VIRTIO_NET_HDR_GSO_TCPV4, KEEP, KEEP, 46, 0x50, BAD },
		{ "no size", &tcp4, KEEP, 0, KEEP, 0, 0, BAD },
		{ "pieces no datagram can hold", &tcp4, KEEP, 65535, KEEP, 0, 0, BAD },
		{ "too many pieces", &tcp4, KEEP, 1, KEEP, 0, 0, BAD },
		{ "not too many", &tcp4, KEEP, 2, KEEP, 0, 0, OK },
		{ "a fragment", &tcp4, KEEP, KEEP, KEEP, 20, 0x20, BAD },
		{ "a TCP header that is too short", &tcp4, KEEP, KEEP, KEEP, 46, 0x40, BAD },
		{ "as long as it can be", &tcp4, KEEP, KEEP, KEEP, 46, 0xf0, OK },
		{ "an IPv4 header behind the head", &tcp4, KEEP, KEEP, KEEP, 12, 0x81, BAD },
		{ "an extension without an end", &tcp6, KEEP, KEEP, KEEP, 20, 0, BAD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct virtio_net_hdr_v1 was;
		struct pkt p;
		int err;

		frame_of(row[i].g, &p);
		if (row[i].at)
			p.data[row[i].at] = row[i].to;
		if (row[i].type != KEEP)
			p.vnet.gso_type = (uint8_t)row[i].type;
		if (row[i].size != KEEP)
			p.vnet.gso_size = (uint16_t)row[i].size;
		if (row[i].flags != KEEP)
			p.vnet.flags = (uint8_t)row[i].flags;
		was = p.vnet;
		err = offload_check(&p);
		if (err != row[i].err)
			fail_msg("%s: %d", row[i].why, err);
		if (err)
			assert_memory_equal(&p.vnet, &was, sizeof(was));
		else
			assert_int_equal(p.vnet.gso_type, was.gso_type);
	}
}

static void headers_behind_the_head_cannot_be_cut(void **state)
{
	static const struct gso_frame g = {
		.tags = 2, .ip_options = 40, .tcp_options = 40, .payload = 3000, .gso_size = 1000
	};
	struct pkt p;

	(void)state;
	assert_true(gso_frame_head_len(&g) > PKT_HEAD);
	frame_of(&g, &p);
	assert_int_equal(offload_check(&p), -EINVAL);
}

static void a_datagram_is_cut_only_if_its_fragments_can_be(void **state)
{
	static const struct {
		const char *why;
		struct gso_frame g;
		uint32_t longer; /* octets behind what the headers say */
		int err;
	} row[] = {
		{ "all headers in the first fragment",
		  { .v6 = true, .dest_opts = true, .payload = 3000, .gso_size = 24 },
		  0,
		  0 },
		{ "RFC 7112: not all of them",
		  { .v6 = true, .dest_opts = true, .payload = 3000, .gso_size = 23 },
		  0,
		  -EINVAL },
		{ "the longest packet", { .payload = 65507, .gso_size = 1480 }, 0, 0 },
		{ "RFC 791: data that no offset reaches",
		  { .payload = 65507, .gso_size = 1480 },
		  1,
		  -EINVAL },
		{ "not too many fragments", { .payload = 2048 * 8 - 8, .gso_size = 15 }, 0, 0 },
		{ "too many fragments", { .payload = 2048 * 8 - 7, .gso_size = 15 }, 0, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct gso_frame g = row[i].g;
		struct pkt p;

		g.udp = g.ufo = true;
		frame_of(&g, &p);
		p.len += row[i].longer;
		if (offload_check(&p) != row[i].err)
			fail_msg("%s", row[i].why);
	}
}

/* Exactly as many octets as there are, so that a sanitizer sees one more. */
static void headers_that_end_early_cannot_be_cut(void **state)
{
	static const struct gso_frame shape[] = {
		{ .payload = 3000, .gso_size = 1000, .tcp_options = 12 },
		{ .payload = 3000, .gso_size = 1000, .v6 = true },
		{ .payload = 3000, .gso_size = 1000, .udp = true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shape); i++) {
		uint16_t want = (uint16_t)gso_frame_head_len(&shape[i]), hdr_len = 0;
		struct virtio_net_hdr_v1 h;
		struct frame_layout l;

		gso_frame_whole(&shape[i], flat, &h);
		for (uint16_t len = 1; len <= want; len++) {
			uint8_t *exact = malloc(len);

			memcpy(exact, flat, len);
			assert_int_equal(offload_gso_headers(exact, len, &h, &l, &hdr_len),
					 len < want ? -EINVAL : 0);
			assert_int_equal(hdr_len, len < want ? 0 : want);
			free(exact);
		}
	}
}

static void what_does_not_count_is_zero(void **state)
{
	static const struct gso_frame g = { .payload = 3000, .gso_size = 1000 };
	struct virtio_net_hdr_v1 none = { 0 };
	struct pkt p;

	(void)state;
	frame_of(&g, &p);
	memset(&p.vnet, 0xff, sizeof(p.vnet));
	p.vnet.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	p.vnet.gso_type = 0;
	assert_int_equal(offload_check(&p), 0);
	assert_memory_equal(&p.vnet, &none, sizeof(none));
	assert_int_equal(offload_needs(&p), 0);

	frame_of(&g, &p);
	p.vnet.hdr_len = 7;
	p.vnet.num_buffers = 7;
	assert_int_equal(offload_check(&p), 0);
	assert_int_equal(p.vnet.hdr_len, 54);
	assert_int_equal(p.vnet.num_buffers, 0);

	p.vnet.gso_size = 3000; /* cuts nothing */
	assert_int_equal(offload_check(&p), 0);
	assert_int_equal(offload_needs(&p), OFFLOAD_CSUM);
	assert_int_equal(p.vnet.gso_size, 0);
	assert_int_equal(p.vnet.hdr_len, 0);
}

static void each_type_needs_its_receiver(void **state)
{
	static const struct {
		uint8_t flags, type;
		unsigned int needs;
	} row[] = {
		{ 0, 0, 0 },
		{ CSUM, 0, OFFLOAD_CSUM },
		{ CSUM, VIRTIO_NET_HDR_GSO_TCPV4, OFFLOAD_CSUM | OFFLOAD_TSO4 },
		{ CSUM, VIRTIO_NET_HDR_GSO_TCPV4 | ECN, OFFLOAD_CSUM | OFFLOAD_TSO4 },
		{ CSUM, VIRTIO_NET_HDR_GSO_TCPV6, OFFLOAD_CSUM | OFFLOAD_TSO6 },
		{ CSUM, USO, OFFLOAD_CSUM | OFFLOAD_USO },
		{ CSUM, VIRTIO_NET_HDR_GSO_UDP, OFFLOAD_CSUM | OFFLOAD_UFO },
	};
	struct pkt p;

	(void)state;
	pkt_reset(&p);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		p.vnet.flags = row[i].flags;
		p.vnet.gso_type = row[i].type;
		assert_int_equal(offload_needs(&p), row[i].needs);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checksum_is_finished_only_where_it_does_no_harm),
		cmocka_unit_test(a_frame_is_cut_only_if_it_is_what_it_says),
		cmocka_unit_test(headers_behind_the_head_cannot_be_cut),
		cmocka_unit_test(a_datagram_is_cut_only_if_its_fragments_can_be),
		cmocka_unit_test(headers_that_end_early_cannot_be_cut),
		cmocka_unit_test(what_does_not_count_is_zero),
		cmocka_unit_test(each_type_needs_its_receiver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
