/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_GSO_FRAME_H
#define TESTS_RIG_GSO_FRAME_H

#include "packet/pkt.h"

/*
 * Writes TCP and UDP frames octet by octet, whole with a partial checksum as a sender that leaves
 * the cutting to others, or one piece as it must arrive. It shares no code with packet/gso.c and
 * packet/csum.c: sums are taken two octets at a time, with the pseudo-header, over the flat frame.
 */
struct gso_frame {
	unsigned int tags; /* 0 to 2 */
	bool v6, udp;
	bool ufo; /* with udp: one datagram, to be cut into fragments */
	unsigned int ip_options; /* IPv4: octets, a multiple of 4, up to 40 */
	bool hop_by_hop, routing, dest_opts; /* IPv6 */
	unsigned int tcp_options; /* octets, a multiple of 4, up to 40 */
	uint8_t tcp_flags;
	uint16_t ip_id;
	uint32_t seq;
	uint32_t payload;
	uint16_t gso_size;
};

/* The frame as it is sent, and its offload header. Returns its length. */
uint32_t gso_frame_whole(const struct gso_frame *, uint8_t *out, struct virtio_net_hdr_v1 *h);

/* How many pieces arrive, and the I-th of them. */
uint32_t gso_frame_pieces(const struct gso_frame *);
uint32_t gso_frame_piece(const struct gso_frame *, uint32_t i, uint8_t *out);

/* What goes in front of each payload. */
uint32_t gso_frame_head_len(const struct gso_frame *);

/* RFC 1071, 4.1, the dull way: two octets at a time, in network order. */
uint16_t rig_sum(uint32_t sum, const uint8_t *octets, uint32_t len);

/*
 * A frame from a flat one: head as long as it may be, the rest cut by CUTS (0 to 8) random places
 * into SEG, which has room for 9 and stays in use.
 */
void rig_pkt(struct pkt *, const uint8_t *flat, uint32_t len, unsigned int cuts, struct iovec *seg);

#endif /* TESTS_RIG_GSO_FRAME_H */
