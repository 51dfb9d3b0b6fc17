/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a guest's transmit queues. The first octets of each frame are copied into its head; to the
 * rest it refers where it lies, in guest memory, until the run has ended and the chain goes back.
 */
#include "ports/vhost_user/vhost_user_priv.h"

/* What counts of the offload header: num_buffers is only for frames that we give. */
#define VNET_LEN offsetof(struct virtio_net_hdr_v1, num_buffers)

/*
 * Everything in one piece, LEN octets behind its header; it stays where the frame refers to. False:
 * too short or too long for that.
 */
static inline bool fill(struct pkt *p, struct iovec *piece, uint32_t hdr_len, uint32_t len,
			port_id_t port)
{
	const uint8_t *vnet = piece->iov_base, *at = vnet + hdr_len;

	if (likely(len - VU_BLOCK <= PKT_HEAD - VU_BLOCK)) { /* all in the head */
		pkt_begin(p, vnet, len, (uint16_t)len, port);
		vu_copy_blocks(p->head + PKT_ROOM, at, len);
		return true;
	}
	if (unlikely(len - PKT_HEAD > PKT_LEN_MAX - PKT_HEAD))
		return false;
	pkt_begin(p, vnet, len, PKT_HEAD, port);
	memcpy(p->head + PKT_ROOM, at, PKT_HEAD);
	*piece = (struct iovec){ (uint8_t *)at + PKT_HEAD, len - PKT_HEAD };
	p->seg = piece;
	p->n_seg = 1;
	return true;
}

/* What is left of a chain. */
struct rest {
	struct iovec *iov;
	unsigned int n;
};

/* The next LEN octets, at most what is there, out of *R; TO may be NULL. */
static uint32_t pull(struct rest *r, void *to, uint32_t len)
{
	uint32_t done = 0;

	while (done < len && r->n) {
		uint32_t n = MIN(len - done, (uint32_t)r->iov->iov_len);

		if (to)
			memcpy((uint8_t *)to + done, r->iov->iov_base, n);
		r->iov->iov_base = (uint8_t *)r->iov->iov_base + n;
		r->iov->iov_len -= n;
		done += n;
		if (!r->iov->iov_len) {
			r->iov++;
			r->n--;
		}
	}
	return done;
}

/* Pieces anyhow (VIRTIO_F_ANY_LAYOUT), a header alone, a frame that is none: port-rx names it. */
static void fill_slow(struct pkt *p, struct ring_chain *c, uint32_t hdr_len, port_id_t port)
{
	struct rest r = { ring_chain_iov(c), c->n_iov };
	uint32_t len;

	pkt_reset(p);
	p->in_port = port;
	if (pull(&r, &p->vnet, VNET_LEN) < VNET_LEN ||
	    pull(&r, NULL, hdr_len - VNET_LEN) < hdr_len - VNET_LEN) {
		memset(&p->vnet, 0, sizeof(p->vnet));
		return;
	}
	len = MIN(c->len - hdr_len, PKT_LEN_MAX + 1);
	p->head_len = (uint16_t)pull(&r, p->data, MIN(len, PKT_HEAD));
	p->len = p->head_len;
	p->seg = r.iov;
	/* Of a giant no more is shown than what makes it one. */
	for (; p->n_seg < r.n && p->len < len; p->n_seg++) {
		r.iov[p->n_seg].iov_len = MIN(r.iov[p->n_seg].iov_len, (size_t)(len - p->len));
		p->len += (uint32_t)r.iov[p->n_seg].iov_len;
	}
}

unsigned int vhost_user_rx(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	struct vu_queue *q = container_of(s, struct vu_queue, source);
	struct vu_lent *lent = q->lent;
	uint32_t hdr_len = q->port->hdr_len;
	port_id_t port = s->port;

	unsigned int n = ring_take(&q->ring, RING_READ, lent->chain, MIN(max, BURST_MAX),
				   lent->piece, VU_PIECES);
	struct ring_chain *c = lent->chain;
	struct pkt *p = worker_pkts(w, n);

	assert(p); /* a run begins with room for a burst */
	lent->n = n;
	for (struct pkt **end = out + n; out < end; c++, p++) {
		*out++ = p;
		/* A chain that is shorter than the header makes a very long frame here. */
		if (unlikely(c->n_iov != 1) ||
		    unlikely(!fill(p, &c->one, hdr_len, c->len - hdr_len, port)))
			fill_slow(p, c, hdr_len, port);
	}
	return n;
}

void vhost_user_done(struct source *s, struct worker *w)
{
	struct vu_queue *q = container_of(s, struct vu_queue, source);

	(void)w;
	ring_use_all(&q->ring, q->lent->chain, q->lent->n);
	q->lent->n = 0;
	ring_return(&q->ring);
}

bool vhost_user_arm(struct source *s, bool on)
{
	struct vu_queue *q = container_of(s, struct vu_queue, source);

	return ring_arm(&q->ring, on);
}
