/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/parse.h"

#include <errno.h>

static uint16_t get_16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static int layout_4(const uint8_t *head, size_t len, struct frame_layout *l)
{
	const uint8_t *ip = head + l->l3;
	size_t ihl;

	if (len - l->l3 < IPV4_HDR_LEN || ip[0] >> 4 != 4)
		return -EINVAL;
	ihl = (ip[0] & 0xfu) * 4;
	if (ihl < IPV4_HDR_LEN || ihl > len - l->l3)
		return -EINVAL;
	l->l4 = l->frag_at = (uint16_t)(l->l3 + ihl);
	l->proto = ip[9];
	l->fragment = get_16(ip + 6) & 0x3fff; /* MF or an offset */
	l->frag_off = get_16(ip + 6) & 0x1fff;
	return 0;
}

/* RFC 8200 section 4: what stands between the IPv6 header and the transport's. */
static int layout_6(const uint8_t *head, size_t len, struct frame_layout *l)
{
	size_t at = l->l3 + (size_t)IPV6_HDR_LEN, ext;
	uint8_t next;

	if (len < at || head[l->l3] >> 4 != 6)
		return -EINVAL;
	l->frag_at = (uint16_t)at;
	l->frag_next = (uint16_t)(l->l3 + 6);
	for (next = head[l->l3 + 6];; next = head[at - ext]) {
		switch (next) {
		case IP_HOP_BY_HOP:
		case IP_ROUTING:
		case IP_DEST_OPTS:
		case IP_AUTH:
		case IP_FRAGMENT:
			break;
		default:
			l->l4 = (uint16_t)at;
			l->proto = next;
			return 0;
		}
		if (len - at < 8)
			return -EINVAL;
		if (next == IP_FRAGMENT) {
			l->fragment = true;
			l->frag_off = get_16(head + at + 2) >> 3;
			ext = 8;
		} else if (next == IP_AUTH) {
			ext = (head[at + 1] + 2u) * 4; /* RFC 4302 2.2: in words, less two */
		} else {
			ext = (head[at + 1] + 1u) * 8;
		}
		if (ext > len - at)
			return -EINVAL;
		at += ext;
		if (l->frag_off) { /* what follows is out of the middle of something */
			l->l4 = (uint16_t)at;
			l->proto = head[at - ext];
			return 0;
		}
		if (next == IP_HOP_BY_HOP || next == IP_ROUTING) {
			l->frag_at = (uint16_t)at;
			l->frag_next = (uint16_t)(at - ext);
		}
	}
}

int frame_layout(const uint8_t *head, size_t len, struct frame_layout *out)
{
	struct frame_layout l = { .l3 = ETH_HDR_LEN };
	int err = 0;

	if (len < ETH_HDR_LEN || len > UINT16_MAX)
		return -EINVAL;
	l.type = get_16(head + ETH_HDR_LEN - 2);
	while (l.type == ETH_TYPE_CTAG || l.type == ETH_TYPE_STAG) {
		if (len - l.l3 < VLAN_TAG_LEN)
			return -EINVAL;
		l.l3 += VLAN_TAG_LEN;
		l.type = get_16(head + l.l3 - 2);
	}
	if (l.type == ETH_TYPE_IPV4)
		err = layout_4(head, len, &l);
	else if (l.type == ETH_TYPE_IPV6)
		err = layout_6(head, len, &l);
	if (!err)
		*out = l;
	return err;
}
