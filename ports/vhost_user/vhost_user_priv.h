/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_VHOST_USER_PRIV_H
#define PORTS_VHOST_USER_PRIV_H

#include "ports/types.h"
#include "virtio/ring.h"

/*
 * A port whose far side is a virtio-net driver in a virtual machine, reached through a vhost-user
 * socket and the guest's own memory. We are the backend.
 *
 * Two halves. The control thread talks to the frontend (session), sets rings up and takes them
 * down. Workers take frames from the guest's transmit queues and put frames into its receive
 * queues. A worker sees a queue only between vu_rings_go() and vu_rings_halt(), and nothing that it
 * reads changes in between, but for the slots marked atomic.
 */
#define VU_PAIRS  16u
#define VU_QUEUES (2 * VU_PAIRS + 1) /* and the control queue */

/* What the driver asked not to be given (virtio 1.2, 5.1.6.5). Immutable once published. */
struct vu_filter {
	bool promisc, allmulti, alluni, nomulti, nouni, nobcast;
	bool vlans; /* VIRTIO_NET_F_CTRL_VLAN: only those of vlan[] */
	unsigned int n_uni, n_multi;
	struct eth_addr uni[64], multi[64]; /* uni[0]: the NIC's own */
	uint64_t vlan[4096 / 64];
};

/*
 * What a run has taken out of a transmit queue: the chains, and their pieces, to which its frames
 * refer. A chain of 1,024 descriptors, the most that a queue offered by QEMU holds, fits.
 */
#define VU_PIECES 1088u
struct vu_lent {
	unsigned int n;
	struct ring_chain chain[BURST_MAX];
	struct iovec piece[VU_PIECES];
};

/* One virtqueue. Even numbers receive (we put), odd ones transmit (we take): 5.1.2. */
struct vu_queue {
	struct source source; /* odd ones: fd is the kick */
	struct vhost_user *port;
	struct ring ring;
	struct vu_lent *lent; /* odd ones: what this run has taken and not returned */
	bool running;
};

struct vhost_user {
	struct port *port;
	struct sink sink;
	/* Workers read: fixed between vu_rings_go() and vu_rings_halt(). */
	uint32_t hdr_len; /* 10 or 12 octets in front of each frame */
	unsigned int offload; /* OFFLOAD_* that the driver takes */
	bool mergeable;
	unsigned int n_pairs; /* that the driver uses (atomic) */
	const struct vu_filter *filter; /* NULL: give it everything (atomic) */
	struct vu_queue queue[VU_QUEUES];
	struct vu_session *session; /* control thread's: session_ctl.c */
};

#define VU_BUDGET (256u << 10) /* ring_config.budget of an odd queue: it stays in the cache */

/*
 * The N octets of a head, a block or more, in blocks of which the last two may overlap: constants
 * are copied faster, and not one octet too many is read or written.
 */
#define VU_BLOCK 32u
static inline void vu_copy_blocks(uint8_t *to, const uint8_t *from, uint32_t n)
{
	if (n > 2 * VU_BLOCK) {
		for (uint32_t at = 0; at + VU_BLOCK < n - VU_BLOCK; at += VU_BLOCK)
			memcpy(to + at, from + at, VU_BLOCK);
		memcpy(to + n - 2 * VU_BLOCK, from + n - 2 * VU_BLOCK, VU_BLOCK);
	} else {
		memcpy(to, from, VU_BLOCK);
	}
	memcpy(to + n - VU_BLOCK, from + n - VU_BLOCK, VU_BLOCK);
}

static inline void vu_copy_head(uint8_t *to, const uint8_t *from, uint32_t n)
{
	if (likely(n >= VU_BLOCK))
		vu_copy_blocks(to, from, n);
	else
		memcpy(to, from, n);
}

/* rx_node.c, worker threads */
unsigned int vhost_user_rx(struct source *, struct worker *, struct pkt **out, unsigned int max);
void vhost_user_done(struct source *, struct worker *);
bool vhost_user_arm(struct source *, bool on);
/* tx_node.c, deliver_node.c, worker threads */
void vhost_user_tx(struct sink *, struct worker *, const struct tx_frame *, unsigned int n,
		   uint8_t *verdict);
/* Those of F[0] to F[31] whose bit is in WANTED; VERDICT as in sink.tx(). */
void vu_deliver(struct vu_queue *, struct worker *, const struct tx_frame *f, uint32_t wanted,
		uint8_t *verdict);

#endif /* PORTS_VHOST_USER_PRIV_H */
