/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's half of a TAP: one readv() and one writev() a frame, whatever its size. A TSO frame
 * of 64 KiB is one frame, because its offload header goes in front of it both ways.
 */
#include "ports/tap/tap_priv.h"

#include <errno.h>
#include <unistd.h>

#define VNET_LEN sizeof(struct virtio_net_hdr_v1)

static bool read_one(struct tap_queue *q, struct worker *w, unsigned int i, struct pkt *p)
{
	struct iovec iov[] = {
		{ &p->vnet, VNET_LEN },
		{ p->data, PKT_HEAD },
		{ worker_buffer(w, i), WORKER_BUFFER },
	};
	ssize_t n = readv(q->source.fd, iov, ARRAY_LEN(iov));

	if (n < (ssize_t)VNET_LEN)
		return false;
	p->len = (uint32_t)(n - (ssize_t)VNET_LEN);
	p->head_len = (uint16_t)MIN(p->len, PKT_HEAD);
	if (p->len > PKT_HEAD) {
		q->rest[i] = (struct iovec){ iov[2].iov_base, p->len - PKT_HEAD };
		p->seg = &q->rest[i];
		p->n_seg = 1;
	}
	return true;
}

unsigned int tap_rx(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	struct tap_queue *q = s->arg;
	unsigned int n = 0;

	if (unlikely(q->worker != w))
		__atomic_store_n(&q->worker, w, __ATOMIC_RELAXED);
	for (max = MIN(max, (unsigned int)BURST_MAX); n < max; n++) {
		struct pkt *p = worker_pkt(w);

		if (unlikely(!p) || !read_one(q, w, n, p))
			break;
		out[n] = p;
	}
	return n;
}

/*
 * The queue that this worker reads: the kernel sends a flow's answers to the queue that the flow
 * was last written to, so they come back to the same worker.
 */
static int fd_for(const struct tap *t, const struct worker *w)
{
	for (unsigned int i = 0; i < t->n_queue; i++)
		if (__atomic_load_n(&t->queue[i].worker, __ATOMIC_RELAXED) == w)
			return t->queue[i].source.fd;
	return t->queue[0].source.fd;
}

static enum tx_verdict verdict_of(int error)
{
	switch (error) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
		return TX_DROP_FULL;
	case EIO: /* the device is down */
	case EBADFD: /* or gone */
		return TX_DROP_DOWN;
	default:
		return TX_DROP_REFUSED;
	}
}

/* More pieces than writev() is given room for become one. */
static unsigned int flatten(struct worker *w, const struct tx_frame *f, struct iovec *out)
{
	const uint32_t macs = 2 * sizeof(struct eth_addr);
	uint8_t *to = worker_scratch(w);
	uint32_t front = 0, gap = 0;

	if (f->tagged) {
		front = macs;
		gap = VLAN_TAG_LEN;
		pkt_copy_out(f->pkt, 0, to, macs);
		memcpy(to + macs, f->tag, VLAN_TAG_LEN);
	}
	pkt_copy_out(f->pkt, front, to + front + gap, f->pkt->len - front);
	*out = (struct iovec){ to, tx_frame_len(f) };
	return 1;
}

static enum tx_verdict write_one(int fd, struct worker *w, const struct tx_frame *f)
{
	enum { SEGS = 60 };
	struct virtio_net_hdr_v1 vnet = tx_frame_vnet(f);
	struct iovec iov[1 + TX_FRAME_IOV(SEGS)];
	unsigned int n;

	iov[0] = (struct iovec){ &vnet, VNET_LEN };
	n = likely(f->pkt->n_seg <= SEGS) ? tx_frame_gather(f, iov + 1) : flatten(w, f, iov + 1);
	if (likely(writev(fd, iov, (int)n + 1) >= 0))
		return TX_SENT;
	return verdict_of(errno);
}

void tap_tx(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
	    uint8_t *verdict)
{
	int fd = fd_for(s->arg, w);

	for (unsigned int i = 0; i < n; i++) {
		enum tx_verdict v = write_one(fd, w, &f[i]);

		if (unlikely(v != TX_SENT))
			verdict[i] = (uint8_t)v;
	}
}
