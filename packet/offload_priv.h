/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_OFFLOAD_PRIV_H
#define PACKET_OFFLOAD_PRIV_H

#include "packet/offload.h"
#include "packet/parse.h"

/*
 * The headers of a TSO, USO or UFO frame, LEN octets of it in HEAD, are what its offload header H
 * says: fills LAYOUT and HDR_LEN, where the transport's payload begins. Else -EINVAL. Any thread;
 * pure.
 */
int offload_gso_headers(const uint8_t *head, size_t len, const struct virtio_net_hdr_v1 *h,
			struct frame_layout *layout, uint16_t *hdr_len);

#define FRAG_HDR_LEN 8u /* RFC 8200 4.5 */

/* What a fragment of a UFO frame has of the datagram, but for the last: they count in eights. */
static inline uint32_t offload_fragment(const struct virtio_net_hdr_v1 *h)
{
	return h->gso_size & ~7u;
}

/* Where a protocol has its checksum and how long its header is at least. */
struct transport {
	uint8_t proto, csum_offset, len;
};

const struct transport *transport_of(uint8_t proto); /* NULL: not one that we know */

#endif /* PACKET_OFFLOAD_PRIV_H */
