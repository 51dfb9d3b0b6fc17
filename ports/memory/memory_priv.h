/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_MEMORY_MEMORY_PRIV_H
#define PORTS_MEMORY_MEMORY_PRIV_H

#include "ports/memory/memory.h"

/* What nobody keeps goes round in a ring as long as a device's would be. */
#define RING_SLOT   2048u
#define RING_FRAMES 256u

/* One frame to come in, laid out so that rx() only copies the head and points at the rest. */
struct memory_in {
	const uint8_t *data;
	const struct iovec *seg;
	uint32_t len;
	uint16_t n_seg;
	struct virtio_net_hdr_v1 vnet;
};

unsigned int memory_rx(struct source *, struct worker *, struct pkt **out, unsigned int max);
void memory_tx(struct sink *, struct worker *, const struct tx_frame *, unsigned int n,
	       uint8_t *verdict);

#endif /* PORTS_MEMORY_MEMORY_PRIV_H */
