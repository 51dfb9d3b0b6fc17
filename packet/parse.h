/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_PARSE_H
#define PACKET_PARSE_H

#include "packet/wire.h"

/*
 * Where the headers of a frame lie. One read of the private head, bounds first: who has a layout
 * may touch every header in it. Any thread; pure.
 */
#define IPV4_HDR_LEN 20u
#define IPV6_HDR_LEN 40u
#define TCP_HDR_LEN  20u
#define UDP_HDR_LEN  8u

/* IP protocol numbers (IANA), of which the first three extend an IPv6 header. */
enum {
	IP_HOP_BY_HOP = 0,
	IP_ROUTING = 43,
	IP_DEST_OPTS = 60,
	IP_FRAGMENT = 44,
	IP_AUTH = 51,
	IP_ICMP = 1,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_ICMP6 = 58,
};

struct frame_layout {
	uint16_t type; /* EtherType behind all tags */
	uint16_t l3; /* offset of what has that type */
	uint16_t l4; /* offset behind the IP header, options and extension headers; 0: not IP */
	uint8_t proto; /* what is at l4 */
	bool fragment; /* one of several, or says so */
	uint16_t frag_off; /* where in the packet it begins, in 8 octets; not 0: no header is at l4
			    */
	/*
	 * What of an IP packet each of its fragments repeats ends here (IPv6: RFC 8200 4.5), and
	 * this octet says what is there (IPv6 only).
	 */
	uint16_t frag_at, frag_next;
};

/*
 * LEN octets of a frame from its destination address on. -EINVAL: a tag, an IP header or its
 * extensions lie about their length, or do not end within LEN. Nothing behind l4 has been looked
 * at.
 */
int frame_layout(const uint8_t *head, size_t len, struct frame_layout *out);

#endif /* PACKET_PARSE_H */
