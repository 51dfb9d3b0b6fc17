/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/loops/probe.h"

#define TAGS_MAX 2u

/* What is sealed, and the seal; see the drawing in probe.h. */
struct body {
	uint8_t magic[4];
	be16_t port, vid;
	uint64_t number, seal; /* only we read them: no order of octets */
} __attribute__((packed));

static const uint8_t magic[4] = { 'W', 'L', 'P', '1' };
static const struct eth_addr dst = { { 0x03, 0x77, 0x65, 0x66, 0x74, 0x00 } };

static uint64_t seal_of(const struct siphash_key *k, const struct body *b)
{
	return siphash(k, b, offsetof(struct body, seal));
}

unsigned int probe_write(const struct siphash_key *k, const struct probe *p, uint16_t tpid,
			 uint16_t tci, uint8_t *out)
{
	const uint8_t tag[VLAN_TAG_LEN] = { (uint8_t)(tpid >> 8), (uint8_t)tpid,
					    (uint8_t)(tci >> 8), (uint8_t)tci };
	struct eth_hdr eth = { .dst = dst,
			       .src = { { 0x02, 0x77, 0x65, 0x66, (uint8_t)(p->port >> 8),
					  (uint8_t)p->port } },
			       .type = be16_of(PROBE_TYPE) };
	struct body b = { .port = be16_of(p->port), .vid = be16_of(p->vid), .number = p->number };
	unsigned int at = offsetof(struct eth_hdr, type);

	memcpy(b.magic, magic, sizeof(magic));
	b.seal = seal_of(k, &b);
	memset(out, 0, PROBE_ROOM);
	memcpy(out, &eth, at);
	if (tpid) {
		memcpy(out + at, tag, sizeof(tag));
		at += sizeof(tag);
	}
	memcpy(out + at, &eth.type, sizeof(eth.type));
	memcpy(out + at + sizeof(eth.type), &b, sizeof(b));
	return PROBE_LEN + (tpid ? VLAN_TAG_LEN : 0);
}

static uint16_t type_at(const uint8_t *data, unsigned int at)
{
	return (uint16_t)(data[at] << 8 | data[at + 1]);
}

bool probe_read(const struct siphash_key *k, const uint8_t *data, unsigned int len,
		struct probe *out)
{
	unsigned int at = offsetof(struct eth_hdr, type);
	struct body b;

	if (len < ETH_HDR_LEN + sizeof(b) || memcmp(data, &dst, sizeof(dst)) != 0)
		return false;
	for (unsigned int tags = 0; tags < TAGS_MAX; tags++) {
		if (type_at(data, at) != ETH_TYPE_CTAG && type_at(data, at) != ETH_TYPE_STAG)
			break;
		at += VLAN_TAG_LEN;
		if (len < at + sizeof(be16_t) + sizeof(b))
			return false;
	}
	if (type_at(data, at) != PROBE_TYPE)
		return false;
	memcpy(&b, data + at + sizeof(be16_t), sizeof(b));
	if (memcmp(b.magic, magic, sizeof(magic)) != 0 || b.seal != seal_of(k, &b))
		return false;
	*out = (struct probe){ be16_get(b.port), be16_get(b.vid), b.number };
	return true;
}

uint16_t probe_take_vid(uint8_t *data)
{
	uint16_t vid = type_at(data, 0);

	memcpy(data, &dst, sizeof(dst));
	return vid;
}
