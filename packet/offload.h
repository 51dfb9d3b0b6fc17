/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_OFFLOAD_H
#define PACKET_OFFLOAD_H

#include "packet/pkt.h"

/*
 * The offload header (virtio 1.2, 5.1.6) that travels with a frame. Any thread.
 *
 * OFFLOAD_* is what a receiver takes as it is. A frame that asks for more is finished for it
 * first, see packet/gso.h. A receiver of TSO takes frames with the ECN bit.
 */
enum {
	OFFLOAD_CSUM = 1u << 0, /* a checksum that is still partial */
	OFFLOAD_TSO4 = 1u << 1,
	OFFLOAD_TSO6 = 1u << 2,
	OFFLOAD_USO = 1u << 3,
	OFFLOAD_UFO = 1u << 4,
	OFFLOAD_ALL = OFFLOAD_CSUM | OFFLOAD_TSO4 | OFFLOAD_TSO6 | OFFLOAD_USO | OFFLOAD_UFO,
};

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5 /* virtio 1.2; newer than Debian 12's headers */
#endif

/*
 * Most frames that one may be cut into: a 64 KiB frame of 32-octet pieces. Less would let a guest
 * turn one descriptor into tens of thousands of frames; TCP's smallest segment is 48 in Linux.
 */
#define OFFLOAD_CUTS_MAX 2048u

/*
 * Bounds of an offload header that a sender wrote, against the frame that it came with. What
 * passes can be finished, and finishing writes nothing but the transport's checksum: no address
 * or port that was decided upon changes afterwards.
 *
 *	partial checksum: within the private head, behind the IP header, in TCP, UDP and ICMP
 *	where their checksum is, not in a fragment
 *	TSO, USO, UFO: all headers within the private head and of that type, with a partial
 *	checksum, at most OFFLOAD_CUTS_MAX pieces; the ECN bit only with TCP
 *	UFO: no more than one IP packet can be, all headers in its first fragment
 *
 * What does not count is set to zero: all of it for a frame that asks for nothing, the flags
 * that only a device may set, a size that cuts nothing. hdr_len is set to what it really is.
 * -EINVAL: the frame must be dropped; its offload header is as it was.
 */
int offload_check(struct pkt *);

/* Which bits of OFFLOAD_* a receiver must take to get this frame as it is; 0: any receiver. */
unsigned int offload_needs(const struct pkt *);

#endif /* PACKET_OFFLOAD_H */
