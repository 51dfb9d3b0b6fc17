/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into one receive queue of a guest: frames of a burst, each into the next chains that the driver
 * has put there, all of them shown and signalled at once.
 *
 * The queue's chains are taken for the whole burst, one a frame, which is all that most need. A
 * frame that needs more takes the slow way (pieces_node.c).
 */
#include "ports/vhost_user/deliver_priv.h"

#define MACS (2 * sizeof(struct eth_addr))

/* ---- one frame, one piece ------------------------------------------------------------------- */

/* No offload asked for: nothing is set in its header but how many chains it lies in. */
static inline uint8_t *put_plain_vnet(uint8_t *to, uint32_t hdr_len)
{
	static const struct virtio_net_hdr_v1 plain = { .num_buffers = 1 }; /* 5.1.6.4.1 */

	if (likely(hdr_len == sizeof(plain)))
		memcpy(to, &plain, sizeof(plain));
	else
		memset(to, 0, offsetof(struct virtio_net_hdr_v1, num_buffers));
	return to + hdr_len;
}

/*
 * What follows a frame's head, asked for while the last frame's is copied: the processor does so
 * by itself only when it has seen some lines in a row. A long one it has found out about by then.
 */
static inline void ask_rest(const struct pkt *p)
{
	enum { MOST = 24 * CACHE_LINE };

	if (!p->n_seg)
		return;
	for (size_t at = 0, n = MIN(p->seg->iov_len, (size_t)MOST); at < n; at += CACHE_LINE)
		__builtin_prefetch((const uint8_t *)p->seg->iov_base + at);
}

/* More frames follow F, up to END. */
static inline __attribute__((always_inline)) void put_single(uint8_t *to, uint32_t hdr_len,
							     const struct tx_frame *f,
							     const struct tx_frame *end,
							     const struct pkt *p)
{
	const uint8_t *from = p->data;
	uint32_t n = p->head_len;

	to = put_plain_vnet(to, hdr_len);
	if (f->tagged) {
		memcpy(to, from, MACS);
		memcpy(to + MACS, f->tag, VLAN_TAG_LEN);
		to += MACS + VLAN_TAG_LEN;
		from += MACS;
		n -= MACS;
	}
	vu_copy_head(to, from, n);
	if (likely(!p->n_seg))
		return;
	to += n;
	if (f + 1 < end)
		ask_rest(f[1].pkt);
	for (unsigned int i = 0; i < p->n_seg; i++) {
		memcpy(to, p->seg[i].iov_base, p->seg[i].iov_len);
		to += p->seg[i].iov_len;
	}
}

/*
 * N frames from F on, each into the next chain as it is, up to the first that does not fit. Returns
 * how many. Everything that each frame needs is here, see struct quick of the rings; a constant
 * PLAIN makes two of it.
 */
static inline __attribute__((always_inline)) unsigned int put_run(struct ring *ring,
								  const struct ring_chain *c,
								  const struct tx_frame *f,
								  unsigned int n, uint32_t hdr_len,
								  bool plain)
{
	struct vring_used_elem *used = ((struct vring_used *)ring->cfg.device)->ring;
	uint32_t place = (uint32_t)ring->used_next + ring->pending, mask = ring->mask;
	const struct tx_frame *t = f;

	for (; t < f + n; t++, c++) {
		const struct pkt *p = t->pkt;
		uint32_t need = hdr_len + tx_frame_len(t);

		if (unlikely(c->len < need) || unlikely(c->n_iov != 1) ||
		    unlikely(!pkt_is_plain(p)))
			break;
		put_single(c->one.iov_base, hdr_len, t, f + n, p);
		if (plain)
			used[place++ & mask] = ring_used_elem(c->id, need);
		else
			ring_use(ring, c, need);
	}
	if (plain)
		ring->pending = (uint16_t)(place - ring->used_next);
	return (unsigned int)(t - f);
}

/* Those of WANTED that fit so, up to the first that does not. Returns what is left. */
static inline uint32_t put_singles(struct vu_room *r, const struct tx_frame *f, uint32_t wanted)
{
	uint32_t hdr_len = r->q->port->hdr_len;
	struct ring *ring = &r->q->ring;

	while (wanted && r->at < r->n) {
		unsigned int from = (unsigned int)__builtin_ctz(wanted);
		unsigned int n = (unsigned int)__builtin_ctzll(~(uint64_t)(wanted >> from)), got;

		n = MIN(n, r->n - r->at); /* as many in a row */
		if (likely(ring_is_plain(ring)))
			got = put_run(ring, &r->chain[r->at], f + from, n, hdr_len, true);
		else
			got = put_run(ring, &r->chain[r->at], f + from, n, hdr_len, false);
		r->at += got;
		wanted &= ~(uint32_t)(((1ull << got) - 1) << from);
		if (got < n)
			break;
	}
	return wanted;
}

/* ---- a burst -------------------------------------------------------------------------------- */

static void refuse(uint32_t wanted, uint8_t *verdict)
{
	for (; wanted; wanted &= wanted - 1)
		verdict[__builtin_ctz(wanted)] = TX_DROP_DOWN;
}

void vu_deliver(struct vu_queue *q, struct worker *w, const struct tx_frame *f, uint32_t wanted,
		uint8_t *verdict)
{
	struct vu_room r;

	if (unlikely(!__atomic_load_n(&q->running, __ATOMIC_ACQUIRE) || q->ring.broken)) {
		refuse(wanted, verdict);
		return;
	}
	r.q = q;
	r.at = 0;
	r.n = ring_take(&q->ring, RING_WRITE, r.chain, (unsigned int)__builtin_popcount(wanted),
			r.piece, VU_ROOM_PIECES);
	while ((wanted = put_singles(&r, f, wanted))) {
		unsigned int i = (unsigned int)__builtin_ctz(wanted);

		verdict[i] = (uint8_t)vu_put_slow(&r, w, &f[i]);
		wanted &= wanted - 1;
	}
	ring_untake(&q->ring, &r.chain[r.at], r.n - r.at);
	ring_return(&q->ring);
}
