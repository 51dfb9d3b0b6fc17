/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_POLICY_POLICY_PARSE_H
#define VSWITCH_POLICY_POLICY_PARSE_H

#include "packet/pkt.h"

/*
 * What a port's policy must read of frames: is it something that only a DHCP server or a router
 * sends, and who does an ARP packet say that it is from?
 *
 * Any thread; pure. Reads nothing but the private head, bounds first. Tags that are still in the
 * frame are passed over, whatever there are of them.
 */
enum policy_sent_by {
	POLICY_BY_ANYONE,
	POLICY_BY_DHCP_SERVER, /* DHCPv4 or DHCPv6 */
	POLICY_BY_ROUTER, /* a router advertisement */
	POLICY_HIDDEN, /* it is IP, but its headers lie, are cut off or hide behind LLC/SNAP */
};
enum policy_sent_by policy_sent_by(const struct pkt *);

struct policy_arp {
	uint64_t mac; /* of its sender, as eth_src() tells it */
	uint32_t ip; /* host order; 0: it does not say (RFC 5227 2.1.1) */
};
enum policy_is_arp { POLICY_NO_ARP, POLICY_ARP, POLICY_BAD_ARP };
enum policy_is_arp policy_arp(const struct pkt *, struct policy_arp *out);

#endif /* VSWITCH_POLICY_POLICY_PARSE_H */
