/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/hostile.h"

#include <stdlib.h>

#include "tests/rig/gso_frame.h"

static unsigned int any(unsigned int n)
{
	return (unsigned int)random() % n;
}

static uint32_t any_len(void)
{
	switch (any(64)) {
	case 0:
		return any(20);
	case 1:
		return any(PKT_LEN_MAX + 1);
	case 2:
		return 9216 + any(32);
	case 3:
		return PKT_LEN_MAX - any(3);
	default:
		return 14 + any(300);
	}
}

static void any_mac(uint8_t *mac)
{
	static const uint8_t group[][6] = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
					    { 0x01, 0x80, 0xc2, 0, 0, 3 },
					    { 0x33, 0x33, 0, 0, 0, 1 } };

	if (any(8))
		memcpy(mac, (uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)any(32) }, 6);
	else
		memcpy(mac, group[any(ARRAY_LEN(group))], 6);
}

/* Up to five tags, and a type that promises what may not be there. */
static void any_types(uint8_t *f)
{
	static const uint16_t type[] = { 0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x0005 };
	static const uint16_t vid[] = { 0, 1, 10, 20, 4094, 4095 };
	unsigned int n = 12, tags = any(8) ? any(2) : any(6);
	uint16_t t;

	for (; tags; tags--, n += 4) {
		t = any(8) ? 0x8100 : 0x88a8;
		memcpy(f + n, (uint8_t[]){ t >> 8, (uint8_t)t }, 2);
		t = (uint16_t)(any(16) << 12 | vid[any(ARRAY_LEN(vid))]);
		memcpy(f + n + 2, (uint8_t[]){ t >> 8, (uint8_t)t }, 2);
	}
	t = type[any(ARRAY_LEN(type))];
	memcpy(f + n, (uint8_t[]){ t >> 8, (uint8_t)t }, 2);
	if (any(4) && t == 0x0800)
		f[n + 2] = 0x45 + any(3) * (any(8) == 0);
	if (any(4) && t == 0x86dd)
		f[n + 2] = 0x60;
}

static void good(struct hostile *h)
{
	struct gso_frame g = {
		.tags = any(2),
		.v6 = any(2),
		.udp = any(2),
		.ip_options = 4 * (any(4) ? 0 : any(11)),
		.hop_by_hop = !any(8),
		.tcp_options = 4 * any(11),
		.tcp_flags = (uint8_t)random(),
		.payload = 1 + any(any(4) ? 1400 : 40000),
		.gso_size = (uint16_t)(500 + any(1000)),
	};

	h->len = gso_frame_whole(&g, h->frame, &h->vnet);
	any_mac(h->frame);
	memcpy(h->frame + 6, (uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)any(32) }, 6);
	if (!any(4)) /* and then one thing is not so good */
		((uint8_t *)&h->vnet)[any(sizeof(h->vnet))] = (uint8_t)random();
}

void hostile_frame(struct hostile *h)
{
	uint8_t *v = (uint8_t *)&h->vnet;

	h->vnet = (struct virtio_net_hdr_v1){ 0 };
	h->piece = any(4) ? 0 : 1 + any(3000);
	if (!any(6)) {
		good(h);
		return;
	}
	h->len = any_len();
	for (uint32_t i = 0; i < MIN(h->len, 400u); i++)
		h->frame[i] = (uint8_t)random();
	any_mac(h->frame);
	any_mac(h->frame + 6);
	any_types(h->frame);
	if (any(8))
		return;
	for (size_t i = 0; i < sizeof(h->vnet); i++)
		v[i] = (uint8_t)(any(3) ? any(6) : (unsigned int)random());
}
