/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into a receive queue, the slow way: a frame over the pieces of a chain, over several chains
 * (mergeable buffers, virtio 1.2, 5.1.6.4), or finished for a driver that takes no offloads.
 *
 * If the chains that were taken for the burst do not reach, what is left of them is given back and
 * as many are taken as one frame may ever need.
 */
#include "packet/gso.h"
#include "ports/vhost_user/deliver_priv.h"

/* How many chains hold NEED octets; 0: *WHY. */
static unsigned int reach(const struct vu_room *r, uint32_t need, enum tx_verdict *why)
{
	uint64_t have = 0;

	for (unsigned int i = r->at; i < r->n; i++) {
		have += r->chain[i].len;
		if (have >= need)
			return i - r->at + 1;
		if (!r->q->port->mergeable) {
			*why = TX_DROP_TOO_LONG;
			return 0;
		}
	}
	*why = r->n - r->at == VU_ROOM_CHAINS ? TX_DROP_TOO_LONG : TX_DROP_FULL;
	return 0;
}

static unsigned int take_enough(struct vu_room *r, uint32_t need, enum tx_verdict *why)
{
	unsigned int n = reach(r, need, why);

	if (n || *why == TX_DROP_TOO_LONG)
		return n;
	ring_untake(&r->q->ring, &r->chain[r->at], r->n - r->at);
	r->at = 0;
	r->n = ring_take(&r->q->ring, RING_WRITE, r->chain, VU_ROOM_CHAINS, r->piece,
			 VU_ROOM_PIECES);
	return reach(r, need, why);
}

/* Where the next octet goes. */
struct place {
	struct ring_chain *chain;
	unsigned int piece;
	size_t off;
};

static void put(struct place *at, const void *from, size_t n)
{
	while (n) {
		const struct iovec *v = &ring_chain_iov(at->chain)[at->piece];
		size_t part;

		if (at->piece == at->chain->n_iov || at->off == v->iov_len) {
			at->off = 0;
			if (at->piece == at->chain->n_iov || ++at->piece == at->chain->n_iov) {
				at->chain++;
				at->piece = 0;
			}
			continue;
		}
		part = MIN(n, v->iov_len - at->off);
		memcpy((uint8_t *)v->iov_base + at->off, from, part);
		at->off += part;
		from = (const uint8_t *)from + part;
		n -= part;
	}
}

static void use(struct vu_room *r, unsigned int chains, uint32_t left)
{
	for (; chains; chains--, r->at++) {
		struct ring_chain *c = &r->chain[r->at];
		uint32_t n = MIN(left, c->len);

		ring_use(&r->q->ring, c, n);
		left -= n;
	}
}

/* The frame's N pieces behind its header. */
static enum tx_verdict put_pieces(struct vu_room *r, struct virtio_net_hdr_v1 vnet,
				  const struct iovec *v, unsigned int n, uint32_t len)
{
	uint32_t hdr_len = r->q->port->hdr_len;
	enum tx_verdict why = TX_SENT;
	unsigned int chains = take_enough(r, hdr_len + len, &why);
	struct place at = { .chain = &r->chain[r->at] };

	if (!chains)
		return why;
	vnet.num_buffers = htole16((uint16_t)chains);
	put(&at, &vnet, hdr_len);
	for (unsigned int i = 0; i < n; i++)
		put(&at, v[i].iov_base, v[i].iov_len);
	use(r, chains, hdr_len + len);
	return TX_SENT;
}

struct finish {
	struct vu_room *room;
	uint8_t flags; /* of the header of each piece */
	enum tx_verdict verdict;
};

static void put_finished(void *arg, const uint8_t *frame, uint32_t len)
{
	struct finish *f = arg;
	struct virtio_net_hdr_v1 vnet = { .flags = f->flags };
	struct iovec v = { (void *)frame, len };
	enum tx_verdict got = put_pieces(f->room, vnet, &v, 1, len);

	if (got != TX_SENT)
		f->verdict = got;
}

/*
 * 5.1.6.4.1: checksums that we have just made are valid, if the driver knows the flag. A fragment
 * has none of its own.
 */
static uint8_t finished_flags(const struct vhost_user *v, const struct pkt *p)
{
	bool fragments = p->vnet.gso_type == VIRTIO_NET_HDR_GSO_UDP;

	return v->offload & OFFLOAD_CSUM && !fragments ? VIRTIO_NET_HDR_F_DATA_VALID : 0;
}

static enum tx_verdict finish(struct vu_room *r, struct worker *w, const struct tx_frame *f)
{
	struct finish to = { .room = r,
			     .flags = finished_flags(r->q->port, f->pkt),
			     .verdict = TX_SENT };

	if (gso_finish(f, worker_scratch(w), GSO_BUF, put_finished, &to) < 0)
		return TX_DROP_OFFLOAD;
	return to.verdict;
}

enum tx_verdict vu_put_slow(struct vu_room *r, struct worker *w, const struct tx_frame *f)
{
	struct iovec v[TX_FRAME_IOV(VU_PIECES)];
	uint32_t len = tx_frame_len(f);

	if (offload_needs(f->pkt) & ~r->q->port->offload)
		return finish(r, w, f);
	if (unlikely(f->pkt->n_seg > VU_PIECES)) {
		tx_frame_copy(f, worker_scratch(w));
		v[0] = (struct iovec){ worker_scratch(w), len };
		return put_pieces(r, tx_frame_vnet(f), v, 1, len);
	}
	return put_pieces(r, tx_frame_vnet(f), v, tx_frame_gather(f, v), len);
}
