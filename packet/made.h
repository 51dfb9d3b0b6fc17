/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_MADE_H
#define PACKET_MADE_H

#include "packet/pkt.h"

/*
 * A frame as a host would send it, made of what is known of two ends. For questions about the
 * network ("would a ping arrive?"), so it is complete, checksums and all. Any thread; pure.
 */
enum made_kind { MADE_ICMP, MADE_TCP, MADE_UDP, MADE_ARP };

struct made_frame {
	enum made_kind kind;
	bool ip6; /* ICMPv6; ARP is then a neighbour solicitation (RFC 4861) */
	struct eth_addr src, dst; /* ARP: dst is not used */
	uint8_t src_ip[16], dst_ip[16]; /* four octets of them without ip6 */
	uint16_t port; /* TCP, UDP: where it wants to go */
	uint16_t tpid, vid; /* tpid 0: no tag */
};

/* Returns its length, at most PKT_HEAD. */
uint32_t frame_make(const struct made_frame *, uint8_t out[PKT_HEAD]);

#endif /* PACKET_MADE_H */
