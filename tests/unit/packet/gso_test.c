/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/gso.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/rig/gso_frame.h"
#include "tests/rig/reassemble.h"
#include "tests/test.h"

/* What came out, checked piece by piece against what must arrive. */
struct sink {
	const struct gso_frame *expect;
	const uint8_t *tag; /* the one that the frame gets on its way out */
	uint32_t n, payload;
	uint8_t want[GSO_BUF], got[GSO_BUF];
};

static uint8_t flat[PKT_LEN_MAX], buf[GSO_BUF];

static void take(void *arg, const uint8_t *frame, uint32_t len)
{
	struct sink *s = arg;
	uint32_t head = gso_frame_head_len(s->expect);
	uint32_t want = gso_frame_piece(s->expect, s->n, s->want);

	assert_true(len <= sizeof(s->got));
	memcpy(s->got, frame, len);
	if (s->tag) {
		assert_memory_equal(s->got + 12, s->tag, VLAN_TAG_LEN);
		memmove(s->got + 12, s->got + 12 + VLAN_TAG_LEN, len - 12 - VLAN_TAG_LEN);
		len -= VLAN_TAG_LEN;
	}
	assert_int_equal(len, want);
	assert_memory_equal(s->got, s->want, len);
	s->n++;
	s->payload += len - head;
}

static void finish(const struct gso_frame *g, const uint8_t *tag, unsigned int cuts)
{
	static struct sink s;
	struct iovec seg[9];
	struct pkt p;
	struct tx_frame f = { .pkt = &p };
	uint32_t pieces = gso_frame_pieces(g), len;
	struct virtio_net_hdr_v1 h;

	s = (struct sink){ .expect = g, .tag = tag };
	if (tag) {
		memcpy(f.tag, tag, VLAN_TAG_LEN);
		f.tagged = true;
	}
	len = gso_frame_whole(g, flat, &h);
	rig_pkt(&p, flat, len, cuts, seg);
	p.vnet = h;
	assert_int_equal(offload_check(&p), 0);
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), take, &s), pieces ? pieces : 1);
	assert_int_equal(s.payload, g->payload);
}

static void each_shape_is_cut_as_its_protocol_says(void **state)
{
	static const uint8_t tag[] = { 0x81, 0, 0, 42 };
	static const struct {
		const char *why;
		struct gso_frame g;
		const uint8_t *tag;
	} row[] = {
		{ "TCP over IPv4", { .payload = 5000, .gso_size = 1448 }, NULL },
		{ "TCP over IPv6", { .v6 = true, .payload = 5000, .gso_size = 1428 }, NULL },
		{ "UDP over IPv4", { .udp = true, .payload = 5000, .gso_size = 1472 }, NULL },
		{ "UDP over IPv6",
		  { .udp = true, .v6 = true, .payload = 5000, .gso_size = 1452 },
		  NULL },
		{ "one tag", { .tags = 1, .payload = 5000, .gso_size = 1448 }, NULL },
		{ "two tags", { .tags = 2, .payload = 5000, .gso_size = 1448 }, NULL },
		{ "a tag on the way out", { .payload = 5000, .gso_size = 1448 }, tag },
		{ "a third tag on the way out",
		  { .tags = 2, .payload = 5000, .gso_size = 1448 },
		  tag },
		{ "IPv4 options", { .ip_options = 40, .payload = 5000, .gso_size = 1000 }, NULL },
		{ "TCP options", { .tcp_options = 40, .payload = 5000, .gso_size = 1000 }, NULL },
		{ "hop-by-hop options",
		  { .v6 = true, .hop_by_hop = true, .payload = 5000, .gso_size = 1000 },
		  NULL },
		{ "routing header: the pseudo-header has the last address",
		  { .v6 = true, .routing = true, .payload = 5000, .gso_size = 1000 },
		  NULL },
		{ "all extension headers",
		  { .v6 = true,
		    .udp = true,
		    .hop_by_hop = true,
		    .routing = true,
		    .dest_opts = true,
		    .payload = 5000,
		    .gso_size = 1000 },
		  NULL },
		{ "the size divides the payload", { .payload = 4000, .gso_size = 1000 }, NULL },
		{ "a last piece of one octet", { .payload = 4001, .gso_size = 1000 }, NULL },
		{ "odd pieces", { .payload = 4001, .gso_size = 777 }, NULL },
		{ "FIN and PSH on the last piece, CWR on the first",
		  { .tcp_flags = 0xff, .payload = 5000, .gso_size = 1448 },
		  NULL },
		{ "the IPv4 identification wraps",
		  { .ip_id = 0xffff, .payload = 5000, .gso_size = 1448 },
		  NULL },
		{ "the sequence number wraps",
		  { .seq = 0xfffffff0, .payload = 5000, .gso_size = 1448 },
		  NULL },
		{ "one piece is no cut at all", { .payload = 1000, .gso_size = 1448 }, NULL },
		{ "no payload", { .payload = 0, .gso_size = 1448 }, NULL },
		{ "pieces shorter than their header", { .payload = 500, .gso_size = 16 }, NULL },
		{ "the longest frame", { .payload = 65535 - 40, .gso_size = 1448 }, NULL },
		{ "the longest pieces", { .payload = 65535 - 40, .gso_size = 65000 }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		print_message("# %s\n", row[i].why);
		finish(&row[i].g, row[i].tag, 3);
	}
}

static void any_shape_agrees_with_a_dull_writer(void **state)
{
	enum { STEPS = 4000 };

	(void)state;
	srandom(0x6501);
	for (unsigned int step = 0; step < STEPS; step++) {
		static const uint8_t tag[] = { 0x88, 0xa8, 0xe0, 0x07 };
		struct gso_frame g = {
			.tags = random() % 3,
			.v6 = random() % 2,
			.udp = random() % 2,
			.ip_options = random() % 3 ? 0 : random() % 11 * 4,
			.tcp_options = random() % 6 * 4,
			.tcp_flags = (uint8_t)random(),
			.ip_id = (uint16_t)random(),
			.seq = (uint32_t)random() * 2,
			.payload = random() % (random() % 8 ? 9000 : 65000),
		};

		/* Not so many that the head cannot hold them: that is offload_check()'s to refuse.
		 */
		g.hop_by_hop = random() % 4 == 0;
		g.dest_opts = random() % 4 == 0;
		g.routing = !g.hop_by_hop && random() % 4 == 0;
		if (g.v6 && !g.udp)
			g.tcp_options = 0;
		else if (!g.v6 && !g.udp && g.ip_options > 20)
			g.tcp_options = 0;
		g.gso_size = (uint16_t)(40 + random() % (random() % 4 ? 1500 : 9000));
		finish(&g, random() % 2 ? tag : NULL, random() % 9);
	}
}

static void gather_fragment(void *arg, const uint8_t *frame, uint32_t len)
{
	const char *wrong = reassembly_add(arg, frame, len);

	if (wrong)
		fail_msg("%s", wrong);
}

/* The datagram as it must be when it has been put together: sums right, and no DF. */
static uint32_t datagram_of(const struct gso_frame *g, uint8_t *out)
{
	struct gso_frame one = *g;
	uint32_t l3 = 14 + 4 * g->tags, ihl = 20 + g->ip_options, len;
	uint16_t sum;

	one.gso_size = (uint16_t)g->payload;
	len = gso_frame_piece(&one, 0, out);
	if (g->v6)
		return len;
	memset(out + l3 + 6, 0, 6);
	out[l3 + 8] = 64;
	out[l3 + 9] = 17;
	sum = (uint16_t)~rig_sum(0, out + l3, ihl);
	out[l3 + 10] = (uint8_t)(sum >> 8);
	out[l3 + 11] = (uint8_t)sum;
	return len;
}

static void fragment(const struct gso_frame *g, const uint8_t *tag, unsigned int cuts)
{
	static struct reassembly r;
	static uint8_t want[GSO_BUF], got[GSO_BUF];
	uint32_t whole = datagram_of(g, want), data, len;
	uint32_t ext = g->v6 && g->dest_opts ? 16 : 0;
	struct virtio_net_hdr_v1 h;
	struct iovec seg[9];
	struct pkt p;
	struct tx_frame f = { .pkt = &p };

	memset(&r, 0, sizeof(r));
	if (tag) {
		memcpy(f.tag, tag, VLAN_TAG_LEN);
		f.tagged = true;
	}
	len = gso_frame_whole(g, flat, &h);
	rig_pkt(&p, flat, len, cuts, seg);
	p.vnet = h;
	assert_int_equal(offload_check(&p), 0);
	data = ext + 8 + g->payload;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), gather_fragment, &r),
			 (data + (g->gso_size & ~7u) - 1) / (g->gso_size & ~7u));
	len = reassembly_whole(&r, got);
	if (tag) {
		assert_memory_equal(got + 12, tag, VLAN_TAG_LEN);
		memmove(got + 12, got + 12 + VLAN_TAG_LEN, len - 12 - VLAN_TAG_LEN);
		len -= VLAN_TAG_LEN;
	}
	assert_int_equal(len, whole);
	assert_memory_equal(got, want, whole);
}

static void a_datagram_becomes_fragments_that_make_it_again(void **state)
{
	static const uint8_t tag[] = { 0x81, 0, 0, 42 };
	static const struct {
		const char *why;
		struct gso_frame g;
		const uint8_t *tag;
	} row[] = {
		{ "IPv4", { .payload = 5000, .gso_size = 1480 }, NULL },
		{ "IPv6", { .v6 = true, .payload = 5000, .gso_size = 1448 }, NULL },
		{ "not in eights", { .payload = 5000, .gso_size = 1479 }, NULL },
		{ "the least", { .payload = 500, .gso_size = 8 }, NULL },
		{ "the longest, in the longest", { .payload = 65507, .gso_size = 65500 }, NULL },
		{ "the longest over IPv6",
		  { .v6 = true, .payload = 65487, .gso_size = 1448 },
		  NULL },
		{ "two tags and one more",
		  { .tags = 2, .v6 = true, .payload = 5000, .gso_size = 1448 },
		  tag },
		{ "a tag on the way out", { .payload = 5000, .gso_size = 1480 }, tag },
		{ "options", { .ip_options = 40, .payload = 5000, .gso_size = 1440 }, NULL },
		{ "headers that each fragment repeats",
		  { .v6 = true,
		    .hop_by_hop = true,
		    .routing = true,
		    .payload = 5000,
		    .gso_size = 1400 },
		  NULL },
		{ "headers that are cut with the data",
		  { .v6 = true, .dest_opts = true, .payload = 5000, .gso_size = 1400 },
		  NULL },
		{ "all of them, the first has no data",
		  { .v6 = true,
		    .hop_by_hop = true,
		    .routing = true,
		    .dest_opts = true,
		    .payload = 5000,
		    .gso_size = 24 },
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct gso_frame g = row[i].g;

		g.udp = g.ufo = true;
		print_message("# %s\n", row[i].why);
		fragment(&g, row[i].tag, 3);
	}
}

static void any_datagram_is_made_again(void **state)
{
	enum { STEPS = 2000 };

	(void)state;
	srandom(0x6503);
	for (unsigned int step = 0; step < STEPS; step++) {
		static const uint8_t tag[] = { 0x88, 0xa8, 0xe0, 0x07 };
		struct gso_frame g = {
			.tags = random() % 3,
			.v6 = random() % 2,
			.udp = true,
			.ufo = true,
			.ip_options = random() % 3 ? 0 : random() % 11 * 4,
			.ip_id = (uint16_t)random(),
			.hop_by_hop = random() % 4 == 0,
			.dest_opts = random() % 4 == 0,
			.gso_size = (uint16_t)(32 + random() % (random() % 4 ? 1500 : 9000)),
		};

		g.routing = !g.hop_by_hop && random() % 4 == 0;
		g.payload = g.gso_size + random() % (random() % 8 ? 9000 : 54000);
		fragment(&g, random() % 2 ? tag : NULL, random() % 9);
	}
}

struct options {
	unsigned int n;
	uint8_t v[8][16];
};

static void keep_options(void *arg, const uint8_t *frame, uint32_t len)
{
	struct options *o = arg;

	assert_true(len > 50 && o->n < ARRAY_LEN(o->v));
	memcpy(o->v[o->n++], frame + 34, 16);
}

/* RFC 791 3.1: what has the copy flag is in each fragment, the rest in the first. */
static void options_are_repeated_as_they_say(void **state)
{
	static const uint8_t options[16] = { 7, 7, 4, 1, 2, 3, 4, 0x83, 3, 4, 1, 0x94, 4, 0, 0, 0 };
	static const uint8_t later[16] = { 1, 1, 1, 1, 1, 1, 1, 0x83, 3, 4, 1, 0x94, 4, 0, 0, 0 };
	static const uint8_t lies[][16] = {
		{ 7, 4, 4, 0, 7, 0, 7, 4, 4, 0, 7, 4, 4, 0, 7, 7 },
		{ 7, 4, 4, 0, 7, 13, 7, 4, 4, 0, 7, 4, 4, 0, 7, 7 },
	};
	static const struct gso_frame g = {
		.udp = true, .ufo = true, .ip_options = 16, .payload = 3000, .gso_size = 1000
	};
	struct options got = { 0 };
	struct virtio_net_hdr_v1 h;
	struct iovec seg[9];
	struct pkt p;
	struct tx_frame f = { .pkt = &p };

	(void)state;
	rig_pkt(&p, flat, gso_frame_whole(&g, flat, &h), 0, seg);
	memcpy(p.data + 34, options, sizeof(options));
	p.vnet = h;
	assert_int_equal(offload_check(&p), 0);
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), keep_options, &got), 4);
	assert_memory_equal(got.v[0], options, sizeof(options));
	for (unsigned int i = 1; i < 4; i++)
		assert_memory_equal(got.v[i], later, sizeof(later));

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		got.n = 0;
		memcpy(p.data + 34, lies[i], 16);
		assert_int_equal(gso_finish(&f, buf, sizeof(buf), keep_options, &got), 4);
		assert_memory_equal(got.v[0], lies[i], 16);
		assert_memory_equal(got.v[1], "\1\1\1\1", 4);
		assert_memory_equal(got.v[1] + 4, lies[i] + 4, 12); /* nobody can read on */
	}
}

static void whole(void *arg, const uint8_t *frame, uint32_t len)
{
	uint32_t *got = arg;

	assert_ptr_equal(frame, buf);
	*got = len;
}

static void a_partial_checksum_is_finished_for_any_protocol(void **state)
{
	uint8_t frame[300] = { 0 };
	struct iovec seg[9];
	uint32_t got;
	struct pkt p;
	struct tx_frame f = { .pkt = &p };

	(void)state;
	srandom(0x6502);
	frame[12] = 0x08; /* IPv4, and a protocol that nobody knows */
	frame[14] = 0x45;
	frame[23] = 253;
	for (unsigned int step = 0; step < 2000; step++) {
		uint32_t len = 60 + random() % 240, start = 34 + random() % 20;
		uint32_t at = start + random() % 20;
		uint16_t sum;

		for (uint32_t i = 34; i < sizeof(frame); i++)
			frame[i] = (uint8_t)random();
		rig_pkt(&p, frame, len, random() % 9, seg);
		p.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		p.vnet.csum_start = (uint16_t)start;
		p.vnet.csum_offset = (uint16_t)(at - start);
		if (at + 2 > p.head_len) {
			assert_int_equal(offload_check(&p), -EINVAL);
			continue;
		}
		assert_int_equal(offload_check(&p), 0);
		assert_int_equal(offload_needs(&p), OFFLOAD_CSUM);
		assert_int_equal(gso_finish(&f, buf, sizeof(buf), whole, &got), 1);
		assert_int_equal(got, len);
		sum = (uint16_t)~rig_sum(0, frame + start, len - start);
		if (!sum)
			sum = 0xffff;
		frame[at] = (uint8_t)(sum >> 8);
		frame[at + 1] = (uint8_t)sum;
		assert_memory_equal(buf, frame, len);
	}
}

static void a_sum_of_zero_is_written_as_all_ones(void **state)
{
	uint8_t frame[60] = { [12] = 0x08, [14] = 0x45, [23] = 17, [40] = 0xff, [41] = 0xff };
	struct iovec seg[9];
	uint32_t got;
	struct pkt p;
	struct tx_frame f = { .pkt = &p };

	(void)state;
	rig_pkt(&p, frame, sizeof(frame), 0, seg);
	p.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	p.vnet.csum_start = 34;
	p.vnet.csum_offset = 6;
	assert_int_equal(offload_check(&p), 0);
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), whole, &got), 1);
	assert_int_equal(buf[40], 0xff);
	assert_int_equal(buf[41], 0xff);
}

static void nothing(void *arg, const uint8_t *frame, uint32_t len)
{
	(void)arg;
	(void)frame;
	fail_msg("%u octets came out", len);
}

static void a_frame_that_lies_gives_nothing(void **state)
{
	static const struct gso_frame tso = { .payload = 3000, .gso_size = 1448 };
	struct iovec seg[9], lie;
	struct virtio_net_hdr_v1 h;
	struct pkt p;
	struct tx_frame f = { .pkt = &p };
	uint32_t len = gso_frame_whole(&tso, flat, &h);

	(void)state;
	rig_pkt(&p, flat, len, 0, seg);
	p.vnet = h; /* a type that its headers are not */
	p.vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);

	p.vnet = h; /* a checksum that is not TCP's */
	p.vnet.csum_start += 20;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);
	p.vnet = h;
	p.vnet.csum_offset = 6;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);

	p.vnet = h; /* no size */
	p.vnet.gso_size = 0;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);

	p.vnet = h; /* a fragment */
	p.data[20] = 0x20;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);
	p.data[20] = 0x40;

	/* segments that are longer than the frame, and than the room */
	lie = (struct iovec){ flat, 65500 };
	p.seg = &lie;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);

	lie.iov_len = 10; /* or shorter */
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);

	p.seg = seg; /* no room */
	assert_int_equal(gso_finish(&f, buf, p.len - 1, nothing, NULL), -EINVAL);

	p.vnet.gso_type = VIRTIO_NET_HDR_GSO_NONE; /* a checksum behind the end */
	p.vnet.csum_start = 65535;
	assert_int_equal(gso_finish(&f, buf, sizeof(buf), nothing, NULL), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shape_is_cut_as_its_protocol_says),
		cmocka_unit_test(any_shape_agrees_with_a_dull_writer),
		cmocka_unit_test(a_datagram_becomes_fragments_that_make_it_again),
		cmocka_unit_test(any_datagram_is_made_again),
		cmocka_unit_test(options_are_repeated_as_they_say),
		cmocka_unit_test(a_partial_checksum_is_finished_for_any_protocol),
		cmocka_unit_test(a_sum_of_zero_is_written_as_all_ones),
		cmocka_unit_test(a_frame_that_lies_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
