/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/reassemble.h"

#include "tests/rig/gso_frame.h"

static unsigned int at_16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static void to_16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t l3_of(const uint8_t *frame, uint32_t len)
{
	uint32_t at = 14;

	while (at < len && (at_16(frame + at - 2) == 0x8100 || at_16(frame + at - 2) == 0x88a8))
		at += 4;
	return at;
}

/* Data at OFF, and that nothing comes twice. */
static const char *keep(struct reassembly *r, uint32_t off, const uint8_t *data, uint32_t len,
			bool more)
{
	if (more && len % 8)
		return "a fragment that is not the last does not end at an eighth octet";
	if (!len || off + len > sizeof(r->data))
		return "data that no packet can hold";
	if (r->end && (off + len > r->end || !more))
		return "data behind the end";
	for (uint32_t i = off / 8; i < (off + len + 7) / 8; i++) {
		if (r->have[i])
			return "data that comes twice";
		r->have[i] = 1;
	}
	memcpy(r->data + off, data, len);
	if (!more)
		r->end = off + len;
	r->n++;
	return NULL;
}

/* Headers that must be the same in each fragment: HEAD, in which all that differs is zero. */
static const char *same(struct reassembly *r, const uint8_t *head, uint32_t len)
{
	if (!r->first_len) {
		memcpy(r->first, head, len);
		r->first_len = len;
	}
	return r->first_len == len && !memcmp(r->first, head, len) ? NULL : "headers differ";
}

static const char *add_4(struct reassembly *r, const uint8_t *frame, uint32_t len, uint32_t l3)
{
	const uint8_t *ip = frame + l3;
	uint32_t ihl = (ip[0] & 15u) * 4, off = (at_16(ip + 6) & 0x1fff) * 8;
	bool more = at_16(ip + 6) & 0x2000;
	uint8_t head[256];
	const char *wrong;

	if (ihl < 20 || l3 + ihl > len || at_16(ip + 2) != len - l3)
		return "a length in the IPv4 header is wrong";
	if (rig_sum(0, ip, ihl) != 0xffff)
		return "the sum of the IPv4 header is wrong";
	if (at_16(ip + 6) & 0xc000)
		return "a fragment that must not be one";
	if (!off) {
		memcpy(r->head, frame, l3 + ihl);
		r->head_len = l3 + ihl;
	}
	memcpy(head, frame, l3 + 20); /* options may differ */
	memset(head + l3 + 2, 0, 2);
	memset(head + l3 + 6, 0, 2);
	memset(head + l3 + 10, 0, 2);
	wrong = same(r, head, l3 + 20);
	return wrong ? wrong : keep(r, off, ip + ihl, len - l3 - ihl, more);
}

static const char *add_6(struct reassembly *r, const uint8_t *frame, uint32_t len, uint32_t l3)
{
	uint32_t at = l3 + 40, next = l3 + 6, off;
	uint8_t head[256];
	const char *wrong;

	if (at_16(frame + l3 + 4) != len - l3 - 40)
		return "the IPv6 payload length is wrong";
	while (frame[next] != 44) {
		uint8_t type = frame[next];

		/* Options for the first destination may be in front of a routing header. */
		if (at + 8 > len || (type != 0 && type != 43 && type != 60 && type != 51))
			return "no fragment header behind the headers that each hop reads";
		next = at;
		at += type == 51 ? (frame[at + 1] + 2u) * 4 : (frame[at + 1] + 1u) * 8;
	}
	if (at + 8 > len || frame[at + 1] || at_16(frame + at + 2) & 6)
		return "the fragment header is wrong";
	off = at_16(frame + at + 2) & 0xfff8;
	memcpy(head, frame, at + 8);
	memset(head + l3 + 4, 0, 2);
	memset(head + at + 2, 0, 2);
	if (!off) {
		memcpy(r->head, frame, at);
		r->head[next] = frame[at];
		r->head_len = at;
	}
	wrong = same(r, head, at + 8);
	return wrong ? wrong
		     : keep(r, off, frame + at + 8, len - at - 8, at_16(frame + at + 2) & 1);
}

const char *reassembly_add(struct reassembly *r, const uint8_t *frame, uint32_t len)
{
	uint32_t l3 = l3_of(frame, len);

	if (len > l3 + 20 && at_16(frame + l3 - 2) == 0x0800)
		return add_4(r, frame, len, l3);
	if (len > l3 + 40 && at_16(frame + l3 - 2) == 0x86dd)
		return add_6(r, frame, len, l3);
	return "not IP";
}

uint32_t reassembly_whole(const struct reassembly *r, uint8_t *out)
{
	uint32_t l3 = l3_of(r->head, r->head_len), len = r->head_len + r->end;

	if (!r->end || !r->head_len)
		return 0;
	for (uint32_t i = 0; i < (r->end + 7) / 8; i++)
		if (!r->have[i])
			return 0;
	memcpy(out, r->head, r->head_len);
	memcpy(out + r->head_len, r->data, r->end);
	if (at_16(out + l3 - 2) == 0x86dd) {
		to_16(out + l3 + 4, len - l3 - 40);
		return len;
	}
	to_16(out + l3 + 2, len - l3);
	to_16(out + l3 + 6, 0);
	to_16(out + l3 + 10, 0);
	to_16(out + l3 + 10, (uint16_t)~rig_sum(0, out + l3, (out[l3] & 15u) * 4));
	return len;
}
