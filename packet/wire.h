/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_WIRE_H
#define PACKET_WIRE_H

#include <endian.h>

#include "base/compat.h"

/*
 * Wire formats. What comes in network order has a type of its own, so that it cannot be used as a
 * number by mistake. Any thread.
 */
typedef struct {
	uint16_t raw;
} be16_t;
typedef struct {
	uint32_t raw;
} be32_t;

static inline uint16_t be16_get(be16_t v)
{
	return be16toh(v.raw);
}

static inline be16_t be16_of(uint16_t v)
{
	return (be16_t){ htobe16(v) };
}

static inline uint32_t be32_get(be32_t v)
{
	return be32toh(v.raw);
}

static inline be32_t be32_of(uint32_t v)
{
	return (be32_t){ htobe32(v) };
}

struct eth_addr {
	uint8_t b[6];
} __attribute__((packed));

#define ETH_ADDR_FMT    "%02x:%02x:%02x:%02x:%02x:%02x"
#define ETH_ADDR_ARG(a) (a).b[0], (a).b[1], (a).b[2], (a).b[3], (a).b[4], (a).b[5]

static inline bool eth_addr_is_group(const struct eth_addr *a)
{
	return a->b[0] & 1;
}

/* 802.1Q-2018 table 8-1: 01-80-C2-00-00-00 to -0F stay on their link. */
static inline bool eth_addr_is_reserved(const struct eth_addr *a)
{
	static const uint8_t front[5] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };

	return !memcmp(a->b, front, sizeof(front)) && a->b[5] <= 0x0f;
}

int eth_addr_parse(const char *text, struct eth_addr *out); /* "02:00:00:00:00:01" */

/* Whom a frame is for. */
enum eth_class { ETH_UNICAST, ETH_MULTICAST, ETH_BROADCAST, ETH_CLASSES };
extern const char *const eth_class_names[ETH_CLASSES]; /* "unicast" ... */

static inline enum eth_class eth_addr_class(const struct eth_addr *a)
{
	static const struct eth_addr all = { { 255, 255, 255, 255, 255, 255 } };

	if (likely(!eth_addr_is_group(a)))
		return ETH_UNICAST;
	return memcmp(a, &all, sizeof(all)) ? ETH_MULTICAST : ETH_BROADCAST;
}

struct eth_hdr {
	struct eth_addr dst, src;
	be16_t type;
} __attribute__((packed));

/*
 * The addresses of a header as the upper 48 bits of a word, first octet lowest: one load each,
 * because a word that is put together from pieces costs more than all that is done with it.
 */
static inline uint64_t eth_dst(const struct eth_hdr *h)
{
	uint64_t w;

	memcpy(&w, h, sizeof(w));
	return le64toh(w) << 16;
}

static inline uint64_t eth_src(const struct eth_hdr *h)
{
	uint64_t w;

	memcpy(&w, (const uint8_t *)h + sizeof(h->dst), sizeof(w));
	return le64toh(w) << 16;
}

#define ETH_HDR_LEN   14u
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP  0x0806
#define ETH_TYPE_IPV6 0x86dd
#define ETH_TYPE_CTAG 0x8100 /* 802.1Q-2018 table 9-1 */
#define ETH_TYPE_STAG 0x88a8

/* 802.1Q-2018 9.6: TCI = PCP (3) DEI (1) VID (12). */
#define VLAN_TAG_LEN      4u
#define VLAN_VID_NONE     0 /* priority-tagged: the tag carries no VLAN */
#define VLAN_VID_MAX      4094
#define VLAN_VID_RESERVED 4095 /* shall not be configured or transmitted */

#define TCI_PRIORITY 0xf000u /* PCP and DEI */
static inline uint16_t tci_vid(uint16_t tci)
{
	return tci & 0xfff;
}

#endif /* PACKET_WIRE_H */
