/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_DESCRIBE_H
#define PACKET_DESCRIBE_H

#include "packet/wire.h"

/*
 * A frame in one line, for people: addresses, VLAN, protocol, length. Any octets will do: what does
 * not parse is told as far as it does. Any thread; pure.
 */
struct frame_summary {
	struct eth_addr src, dst;
	uint16_t tpid, tci; /* of the outer tag; tpid 0: it has none */
	char protocol[24]; /* "icmp", "tcp", "arp", "ether 0x88cc" */
	char text[320];
};

/* HEAD is the first HEAD_LEN octets of a frame of LEN. */
void frame_describe(const uint8_t *head, size_t head_len, uint32_t len, struct frame_summary *out);

#endif /* PACKET_DESCRIBE_H */
