/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_OFFLOAD_H
#define PACKET_OFFLOAD_H

#include "packet/pkt.h"

/*
 * The offload header (virtio 1.2, 5.1.6) that travels with a frame. Any thread.
 *
 * What a receiver takes as it is. A frame that asks for more is finished for it first: cut by
 * gso_segment(), summed by csum_finish().
 */
enum {
	OFFLOAD_CSUM = 1u << 0, /* a checksum that is still partial */
	OFFLOAD_TSO4 = 1u << 1,
	OFFLOAD_TSO6 = 1u << 2,
	OFFLOAD_USO = 1u << 3,
	OFFLOAD_ALL = OFFLOAD_CSUM | OFFLOAD_TSO4 | OFFLOAD_TSO6 | OFFLOAD_USO,
};

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5 /* virtio 1.2; newer than Debian 12's headers */
#endif

/*
 * Bounds of an offload header that a sender wrote, against the frame that it came with: offsets
 * inside the private head, a size that can be cut, a type that we know. The ECN bit may stand
 * with TCP. What does not count for the type is set to zero. -EINVAL: the frame must be dropped.
 */
int offload_check(struct pkt *);

/* Which bits of OFFLOAD_* a receiver must take to get this frame as it is; 0: any receiver. */
unsigned int offload_needs(const struct pkt *);

#endif /* PACKET_OFFLOAD_H */
