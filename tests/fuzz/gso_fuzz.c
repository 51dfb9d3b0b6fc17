/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame and its offload header, both from a guest: offload_check() and, if that lets it pass,
 * gso_finish(). Input: the offload header as it is, then one octet that places the cut between
 * head and segments and one that says how many, then the frame.
 */
#include <stdlib.h>
#include <string.h>

#include "packet/gso.h"
#include "packet/parse.h"
#include "tests/rig/reassemble.h"
#include "tests/fuzz/fuzz.h"

struct sink {
	uint32_t frames, octets, l4_end;
	struct reassembly *fragments; /* of a datagram */
};

static void take(void *arg, const uint8_t *frame, uint32_t len)
{
	struct sink *s = arg;
	struct frame_layout l;
	uint8_t seen = 0;

	/* Every octet may be read, and each piece is a frame as good as the whole. */
	for (uint32_t i = 0; i < len; i++)
		seen ^= frame[i];
	__asm__ volatile("" : : "r"(seen));
	if (s->fragments) {
		FUZZ_ASSERT(!reassembly_add(s->fragments, frame, len));
		s->frames++;
		return;
	}
	FUZZ_ASSERT(len >= s->l4_end);
	if (s->l4_end)
		FUZZ_ASSERT(!frame_layout(frame, len, &l));
	s->frames++;
	s->octets += len - s->l4_end;
}

static int finish(const struct tx_frame *f, struct sink *s)
{
	static uint8_t buf[GSO_BUF], whole[PKT_LEN_MAX + VLAN_TAG_LEN];
	static struct reassembly r;
	uint32_t tag = f->tagged ? VLAN_TAG_LEN : 0u;
	int n;

	*s = (struct sink){ .l4_end = f->pkt->vnet.hdr_len ? f->pkt->vnet.hdr_len + tag : 0 };
	if (f->pkt->vnet.gso_type == VIRTIO_NET_HDR_GSO_UDP) {
		memset(&r, 0, sizeof(r));
		s->fragments = &r;
	}
	n = gso_finish(f, buf, sizeof(buf), take, s);
	FUZZ_ASSERT(n >= 1 && (uint32_t)n == s->frames && (uint32_t)n <= OFFLOAD_CUTS_MAX);
	/* No octet of payload is lost or made. */
	if (s->fragments)
		FUZZ_ASSERT(reassembly_whole(&r, whole) == tx_frame_len(f));
	else
		FUZZ_ASSERT(s->octets == tx_frame_len(f) - s->l4_end);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t tag[VLAN_TAG_LEN] = { 0x81, 0, 0, 7 };
	struct virtio_net_hdr_v1 h;
	struct iovec seg[8];
	struct pkt p;
	struct tx_frame f = { .pkt = &p, .tag = { 0x81, 0, 0, 7 } };
	struct sink s;
	uint32_t len, head, cuts;
	int n;

	if (size < sizeof(h) + 2 + ETH_HDR_LEN || size - sizeof(h) - 2 > PKT_LEN_MAX)
		return 0;
	pkt_reset(&p);
	memcpy(&p.vnet, data, sizeof(h));
	f.tagged = data[sizeof(h)] & 1;
	cuts = data[sizeof(h) + 1] % ARRAY_LEN(seg);
	data += sizeof(h) + 2;
	len = (uint32_t)(size - sizeof(h) - 2);

	head = MIN(len, (uint32_t)PKT_HEAD);
	memcpy(p.data, data, head);
	p.head_len = (uint16_t)head;
	p.len = len;
	p.seg = seg;
	while (head < len) {
		uint32_t part = p.n_seg < cuts ? (len - head + 1) / 2 : len - head;

		seg[p.n_seg++] = (struct iovec){ (void *)(data + head), part };
		head += part;
	}

	if (offload_check(&p) < 0)
		return 0;
	n = finish(&f, &s);

	/* What passed with one tag more or less passes still: the switch does that in between. */
	pkt_tag(&p, tag);
	h = p.vnet;
	f.tagged = false;
	FUZZ_ASSERT(finish(&f, &s) == n);
	pkt_untag(&p);
	FUZZ_ASSERT(p.vnet.csum_start + (h.flags ? VLAN_TAG_LEN : 0u) == h.csum_start);
	return 0;
}
