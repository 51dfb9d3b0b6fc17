/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's half of a memory port: the least that a source and a sink can do, so that a bench
 * of the engine measures the engine.
 */
#include "ports/memory/memory_priv.h"

#include <unistd.h>

#include "packet/gso.h"

static inline void fill(struct pkt *p, const struct memory_in *in)
{
	/* Always as many: what was fed has room for a whole head, and a constant is faster. */
	memcpy(p->data, in->data, PKT_HEAD);
	p->head_len = (uint16_t)MIN(in->len, PKT_HEAD);
	p->len = in->len;
	p->seg = in->seg;
	p->n_seg = in->n_seg;
	p->vnet = in->vnet;
}

unsigned int memory_rx(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	struct memory_port *m = s->arg;
	unsigned int fed = __atomic_load_n(&m->n_in, __ATOMIC_ACQUIRE), n = 0;

	if (s->fd >= 0 && m->at == fed) {
		uint64_t woken;

		/* Cleared before the last look, so that what is fed meanwhile wakes again. */
		(void)!read(s->fd, &woken, sizeof(woken));
		fed = __atomic_load_n(&m->n_in, __ATOMIC_ACQUIRE);
	}
	while (n < max) {
		struct pkt *p;

		if (m->at == fed) {
			if (!m->repeat || !fed)
				break;
			m->at = 0;
		}
		p = worker_pkt(w);
		if (unlikely(!p))
			break;
		fill(p, &m->in[m->at++]);
		out[n++] = p;
	}
	return n;
}

/* Where the next frame of LEN octets goes, or NULL. */
static inline uint8_t *place(struct memory_port *m, uint32_t len)
{
	uint8_t *at;

	if (!m->room_out)
		return m->arena + m->frames % RING_FRAMES * RING_SLOT;
	if (m->n_out == m->room_out || len > m->room - m->used)
		return NULL;
	at = m->arena + m->used;
	m->out[m->n_out] = (struct memory_frame){ .data = at, .len = len };
	m->used += len;
	return at;
}

/* F: the frame as it came, or NULL: it was finished. */
static inline void count(struct memory_port *m, const struct tx_frame *f, uint32_t len)
{
	if (m->room_out)
		m->out[m->n_out++].vnet = f ? tx_frame_vnet(f) : (struct virtio_net_hdr_v1){ 0 };
	__atomic_store_n(&m->frames, m->frames + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&m->octets, m->octets + len, __ATOMIC_RELAXED);
}

struct finish {
	struct memory_port *m;
	bool full;
};

static void take_finished(void *arg, const uint8_t *frame, uint32_t len)
{
	struct finish *f = arg;
	uint8_t *to = place(f->m, len);

	if (!to) {
		f->full = true;
		return;
	}
	memcpy(to, frame, f->m->room_out ? len : MIN(len, RING_SLOT));
	count(f->m, NULL, len);
}

static enum tx_verdict finish(struct memory_port *m, struct worker *w, const struct tx_frame *f)
{
	struct finish to = { .m = m };

	if (gso_finish(f, worker_scratch(w), GSO_BUF, take_finished, &to) < 0)
		return TX_DROP_OFFLOAD;
	return to.full ? TX_DROP_FULL : TX_SENT;
}

/* As a device's ring would be written: piece after piece, at most ROOM octets. */
static inline void copy(uint8_t *to, uint32_t room, const struct tx_frame *f)
{
	const struct pkt *p = f->pkt;
	uint32_t macs = 0, n;

	if (f->tagged) { /* the shortest slot has room for it */
		macs = 2 * sizeof(struct eth_addr);
		memcpy(to, p->data, 2 * sizeof(struct eth_addr));
		memcpy(to + macs, f->tag, VLAN_TAG_LEN);
		to += macs + VLAN_TAG_LEN;
		room -= macs + VLAN_TAG_LEN;
	}
	n = MIN(room, p->head_len - macs);
	memcpy(to, p->data + macs, n);
	for (unsigned int i = 0; i < p->n_seg; i++) {
		to += n;
		room -= n;
		n = MIN(room, (uint32_t)p->seg[i].iov_len);
		memcpy(to, p->seg[i].iov_base, n);
	}
}

static enum tx_verdict take(struct memory_port *m, struct worker *w, const struct tx_frame *f)
{
	uint32_t len = tx_frame_len(f);
	const struct virtio_net_hdr_v1 *h = &f->pkt->vnet;
	uint8_t *to;

	if (unlikely(h->flags | h->gso_type) && offload_needs(f->pkt) & ~m->offload)
		return finish(m, w, f);
	to = place(m, len);
	if (unlikely(!to))
		return TX_DROP_FULL;
	copy(to, m->room_out ? len : RING_SLOT, f);
	count(m, f, len);
	return TX_SENT;
}

void memory_tx(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
	       uint8_t *verdict)
{
	struct memory_port *m = s->arg;

	for (unsigned int i = 0; i < n; i++) {
		enum tx_verdict v = likely(m->refuse == TX_SENT) ? take(m, w, &f[i]) : m->refuse;

		if (unlikely(v != TX_SENT))
			verdict[i] = (uint8_t)v;
	}
}
