/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/pkt.h"

#include <stdlib.h>

#include "tests/rig/gso_frame.h"
#include "tests/test.h"

enum { FRAME_MAX = 2000 };

/* The same frame twice: as it is in the product, and flat. */
struct twin {
	uint8_t octets[FRAME_MAX], flat[FRAME_MAX + PKT_ROOM + VLAN_TAG_LEN];
	uint32_t len;
	struct iovec seg[9];
	struct pkt p;
};

static void make(struct twin *t)
{
	t->len = ETH_HDR_LEN + random() % (random() % 2 ? 200 : FRAME_MAX - ETH_HDR_LEN);
	for (uint32_t i = 0; i < t->len; i++)
		t->octets[i] = t->flat[i] = (uint8_t)random();
	rig_pkt(&t->p, t->octets, t->len, random() % 9, t->seg);
}

static void flat_tag(struct twin *t, const uint8_t *tag)
{
	memmove(t->flat + 16, t->flat + 12, t->len - 12);
	memcpy(t->flat + 12, tag, 4);
	t->len += 4;
}

static void flat_untag(struct twin *t)
{
	memmove(t->flat + 12, t->flat + 16, t->len - 16);
	t->len -= 4;
}

static void same(const struct twin *t, const struct pkt *p)
{
	uint8_t got[FRAME_MAX + PKT_ROOM + VLAN_TAG_LEN];
	uint32_t sum = p->head_len;

	assert_int_equal(p->len, t->len);
	assert_true(p->data >= p->head);
	assert_true(p->data + p->head_len <= p->head + sizeof(p->head));
	for (unsigned int i = 0; i < p->n_seg; i++)
		sum += (uint32_t)p->seg[i].iov_len;
	assert_int_equal(sum, t->len);
	pkt_copy_out(p, 0, got, p->len);
	assert_memory_equal(got, t->flat, t->len);
}

static void same_gathered(const struct twin *t, const struct tx_frame *f)
{
	uint8_t got[FRAME_MAX + PKT_ROOM + VLAN_TAG_LEN];
	struct iovec iov[TX_FRAME_IOV(9)];
	unsigned int n = tx_frame_gather(f, iov);
	uint32_t at = 0;

	assert_true(n <= TX_FRAME_IOV(f->pkt->n_seg));
	assert_int_equal(tx_frame_len(f), t->len);
	for (unsigned int i = 0; i < n; i++) {
		assert_true(at + iov[i].iov_len <= t->len);
		assert_memory_equal(t->flat + at, iov[i].iov_base, iov[i].iov_len);
		at += (uint32_t)iov[i].iov_len;
	}
	assert_int_equal(at, t->len);
	tx_frame_copy(f, got);
	assert_memory_equal(got, t->flat, t->len);
}

/* Tags come and go as deep as the room in front allows; the frame stays what the flat one is. */
static void tags_come_and_go_as_on_a_flat_frame(void **state)
{
	static struct twin t;

	(void)state;
	srandom(0x8021);
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int room = PKT_ROOM / VLAN_TAG_LEN;

		make(&t);
		for (unsigned int i = random() % 12; i; i--) {
			uint8_t tag[4] = { 0x81, 0, (uint8_t)random(), (uint8_t)random() };

			if (random() % 2 && room) {
				pkt_tag(&t.p, tag);
				flat_tag(&t, tag);
				room--;
			} else if (t.p.head_len >= ETH_HDR_LEN + VLAN_TAG_LEN) {
				pkt_untag(&t.p);
				flat_untag(&t);
				room++;
			}
			same(&t, &t.p);
		}
	}
}

static void a_frame_goes_out_with_its_tag_and_stays_what_it_was(void **state)
{
	static struct twin t;
	struct pkt clone;

	(void)state;
	srandom(0x8022);
	for (unsigned int step = 0; step < 20000; step++) {
		struct tx_frame f = { .pkt = &t.p,
				      .tag = { 0x88, 0xa8, (uint8_t)random(), (uint8_t)random() } };
		unsigned int room = 4;

		make(&t);
		for (; room > 1 && random() % 2; room--) {
			pkt_tag(&t.p, f.tag);
			flat_tag(&t, f.tag);
		}
		if (t.p.head_len >= 18 && random() % 3 == 0) {
			pkt_untag(&t.p);
			flat_untag(&t);
		}
		same_gathered(&t, &f);
		memset(&clone, 0xee, sizeof(clone));
		pkt_clone(&clone, &f);
		same(&t, &clone);
		same(&t, &t.p);

		f.tagged = true;
		memset(&clone, 0xee, sizeof(clone));
		pkt_clone(&clone, &f);
		same(&t, &t.p);
		flat_tag(&t, f.tag);
		same_gathered(&t, &f);
		same(&t, &clone);
		/* A clone's head is its own. */
		t.p.data[0] ^= 0xff;
		assert_memory_equal(clone.data, t.flat, 1);
	}
}

static void any_part_is_copied_out(void **state)
{
	static struct twin t;
	uint8_t got[FRAME_MAX + 2];

	(void)state;
	srandom(0x8023);
	for (unsigned int step = 0; step < 20000; step++) {
		uint32_t off, len;

		make(&t);
		off = (uint32_t)random() % (t.len + 1);
		len = (uint32_t)random() % (t.len - off + 1);
		memset(got, 0xaa, sizeof(got));
		pkt_copy_out(&t.p, off, got + 1, len);
		assert_memory_equal(got + 1, t.flat + off, len);
		assert_int_equal(got[0], 0xaa);
		assert_int_equal(got[len + 1], 0xaa);
	}
}

static void offsets_follow_a_tag(void **state)
{
	static const uint8_t tag[4] = { 0x81, 0, 0, 7 };
	static const struct {
		const char *why;
		uint8_t flags, gso;
		unsigned int start, hdr;
	} row[] = {
		{ "nothing asked: nothing moves", 0, 0, 0, 0 },
		{ "a partial checksum", VIRTIO_NET_HDR_F_NEEDS_CSUM, 0, 34, 0 },
		{ "TSO", VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_GSO_TCPV4, 34, 54 },
	};
	static struct twin t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct tx_frame f = { .pkt = &t.p, .tag = { 0x81 } };
		struct virtio_net_hdr_v1 h;
		unsigned int by = row[i].start ? 4 : 0;
		struct pkt clone;

		make(&t);
		t.p.vnet = (struct virtio_net_hdr_v1){ .flags = row[i].flags,
						       .gso_type = row[i].gso,
						       .hdr_len = (uint16_t)row[i].hdr,
						       .csum_start = (uint16_t)row[i].start,
						       .csum_offset = 16 };
		h = tx_frame_vnet(&f);
		assert_memory_equal(&h, &t.p.vnet, sizeof(h));
		f.tagged = true;
		h = tx_frame_vnet(&f);
		assert_int_equal(h.csum_start, row[i].start + by);
		assert_int_equal(h.hdr_len, row[i].hdr + (row[i].gso ? 4 : 0));
		pkt_clone(&clone, &f);
		assert_memory_equal(&clone.vnet, &h, sizeof(h));
		pkt_tag(&t.p, tag);
		assert_memory_equal(&t.p.vnet, &h, sizeof(h));
		pkt_untag(&t.p);
		assert_int_equal(t.p.vnet.csum_start, row[i].start);
		assert_int_equal(t.p.vnet.hdr_len, row[i].hdr);
		assert_int_equal(t.p.vnet.csum_offset, 16);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_come_and_go_as_on_a_flat_frame),
		cmocka_unit_test(a_frame_goes_out_with_its_tag_and_stays_what_it_was),
		cmocka_unit_test(any_part_is_copied_out),
		cmocka_unit_test(offsets_follow_a_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
