/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's half of a TAP: one system call a frame each way, whatever its size. A TSO frame of
 * 64 KiB is one frame, because its offload header goes in front of it both ways.
 *
 * A short frame is read and written in one piece and copied here: that is a few ns, the kernel's
 * walk over pieces is 90.
 */
#include "ports/tap_io.h"

#include <errno.h>
#include <unistd.h>

#include "packet/gso.h"

#define VNET_LEN sizeof(struct virtio_net_hdr_v1)
/* A burst of large frames ends early: what was read is still in the cache when it is written. */
#define RX_OCTETS (256u << 10)
#define SHORT     2048u /* from here on a second copy costs more than pieces do */

static_assert(WORKER_BUFFER > VNET_LEN + PKT_LEN_MAX, "a giant is seen as one");
static_assert(WORKER_BUFFER >= VNET_LEN + PKT_LEN_MAX + VLAN_TAG_LEN, "with a tag, too");

static bool read_one(struct tap_queue *q, struct worker *w, unsigned int i, struct pkt *p)
{
	uint8_t *at = worker_buffer(w, i);
	ssize_t n = read(q->source.fd, at, WORKER_BUFFER);

	if (n < (ssize_t)VNET_LEN)
		return false;
	memcpy(&p->vnet, at, VNET_LEN);
	at += VNET_LEN;
	memcpy(p->data, at, PKT_HEAD); /* octets behind a shorter frame are nobody's */
	p->len = (uint32_t)(n - (ssize_t)VNET_LEN);
	p->head_len = (uint16_t)MIN(p->len, PKT_HEAD);
	if (p->len > PKT_HEAD) {
		q->rest[i] = (struct iovec){ at + PKT_HEAD, p->len - PKT_HEAD };
		p->seg = &q->rest[i];
		p->n_seg = 1;
	}
	return true;
}

unsigned int tap_io_rx(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	struct tap_queue *q = s->arg;
	unsigned int n = 0;
	uint32_t octets = 0;

	if (unlikely(q->worker != w))
		__atomic_store_n(&q->worker, w, __ATOMIC_RELAXED);
	max = MIN(max, (unsigned int)BURST_MAX);
	while (n < max && octets < RX_OCTETS) {
		struct pkt *p = worker_pkt(w);

		if (unlikely(!p) || !read_one(q, w, n, p))
			break;
		octets += p->len;
		out[n++] = p;
	}
	return n;
}

/*
 * The queue that this worker reads: the kernel sends a flow's answers to the queue that the flow
 * was last written to, so they come back to the same worker.
 */
static int fd_for(const struct tap_io *io, const struct worker *w)
{
	for (unsigned int i = 0; i < io->n_queue; i++)
		if (__atomic_load_n(&io->queue[i].worker, __ATOMIC_RELAXED) == w)
			return io->queue[i].source.fd;
	return io->queue[0].source.fd;
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

static ssize_t write_piece(int fd, struct worker *w, const struct tx_frame *f,
			   const struct virtio_net_hdr_v1 *vnet)
{
	uint8_t *piece = worker_scratch(w);

	memcpy(piece, vnet, VNET_LEN);
	tx_frame_copy(f, piece + VNET_LEN);
	return write(fd, piece, VNET_LEN + tx_frame_len(f));
}

struct finish {
	int fd;
	enum tx_verdict verdict;
};

static void write_finished(void *arg, const uint8_t *frame, uint32_t len)
{
	static const struct virtio_net_hdr_v1 plain;
	const struct iovec iov[] = { { (void *)&plain, VNET_LEN }, { (void *)frame, len } };
	struct finish *f = arg;

	if (f->verdict == TX_SENT && writev(f->fd, iov, ARRAY_LEN(iov)) < 0)
		f->verdict = verdict_of(errno);
}

/* For a kernel that does not take it as it is. */
static enum tx_verdict finish_one(int fd, struct worker *w, const struct tx_frame *f)
{
	struct finish to = { fd, TX_SENT };

	if (gso_finish(f, worker_scratch(w), GSO_BUF, write_finished, &to) < 0)
		return TX_DROP_OFFLOAD;
	return to.verdict;
}

static enum tx_verdict write_one(int fd, struct worker *w, const struct tx_frame *f)
{
	enum { SEGS = 60 };
	struct virtio_net_hdr_v1 vnet = tx_frame_vnet(f);
	struct iovec iov[1 + TX_FRAME_IOV(SEGS)];
	ssize_t n;

	if (f->pkt->len <= SHORT || f->pkt->n_seg > SEGS) {
		n = write_piece(fd, w, f, &vnet);
	} else {
		iov[0] = (struct iovec){ &vnet, VNET_LEN };
		n = writev(fd, iov, 1 + (int)tx_frame_gather(f, iov + 1));
	}
	return likely(n >= 0) ? TX_SENT : verdict_of(errno);
}

void tap_io_tx(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
	       uint8_t *verdict)
{
	const struct tap_io *io = s->arg;
	int fd = fd_for(io, w);

	for (unsigned int i = 0; i < n; i++) {
		bool takes = !(offload_needs(f[i].pkt) & ~io->offload);
		enum tx_verdict v = takes ? write_one(fd, w, &f[i]) : finish_one(fd, w, &f[i]);

		if (unlikely(v != TX_SENT))
			verdict[i] = (uint8_t)v;
	}
}
