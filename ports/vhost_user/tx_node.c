/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To a guest: which of its receive queues a frame goes to, and whether it wants it at all. The
 * frames of one flow keep to one queue, so they keep their order.
 */
#include "base/hash.h"
#include "packet/parse.h"
#include "ports/vhost_user/vhost_user_priv.h"

/* ---- what the driver listens to: virtio 1.2, 5.1.6.5.1 to 5.1.6.5.3 -------------------------- */

static bool is_in(const struct eth_addr *list, unsigned int n, const struct eth_addr *mac)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!memcmp(&list[i], mac, sizeof(*mac)))
			return true;
	}
	return false;
}

static bool vlan_passes(const struct vu_filter *v, const struct tx_frame *f)
{
	const uint8_t *tag = f->tagged ? f->tag : f->pkt->data + offsetof(struct eth_hdr, type);
	unsigned int vid;

	if (!f->tagged && f->pkt->head_len < ETH_HDR_LEN + VLAN_TAG_LEN)
		return true;
	if ((tag[0] << 8 | tag[1]) != ETH_TYPE_CTAG)
		return true;
	vid = tci_vid((uint16_t)(tag[2] << 8 | tag[3]));
	return v->vlan[vid / 64] >> vid % 64 & 1;
}

static bool passes(const struct vu_filter *v, const struct tx_frame *f)
{
	static const struct eth_addr everybody = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	const struct eth_addr *dst = &pkt_eth(f->pkt)->dst;

	if (v->promisc)
		return true;
	if (v->vlans && !vlan_passes(v, f))
		return false;
	if (!eth_addr_is_group(dst))
		return !v->nouni && (v->alluni || is_in(v->uni, v->n_uni, dst));
	if (!memcmp(dst, &everybody, sizeof(*dst)))
		return !v->nobcast;
	return !v->nomulti && (v->allmulti || is_in(v->multi, v->n_multi, dst));
}

static uint32_t filter(const struct vu_filter *v, const struct tx_frame *f, unsigned int n,
		       uint8_t *verdict)
{
	uint32_t wanted = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (passes(v, &f[i]))
			wanted |= 1u << i;
		else
			verdict[i] = TX_DROP_FILTERED;
	}
	return wanted;
}

/* ---- which queue ---------------------------------------------------------------------------- */

static uint64_t load64(const uint8_t *at)
{
	uint64_t w;

	memcpy(&w, at, sizeof(w));
	return w;
}

/* Addresses and ports, or what there is of them. A guest that makes its own collide has them. */
static uint64_t flow_hash(const struct pkt *p)
{
	static const uint64_t factor = 0x9e3779b97f4a7c15ull;
	struct frame_layout l;
	uint64_t h;

	if (frame_layout(p->data, p->head_len, &l) < 0 || !l.l4) {
		h = load64(p->data) ^ (uint64_t)p->data[8] << 56;
		return hash_fold(h ^ (uint64_t)p->data[11] << 48, factor);
	}
	if (l.type == ETH_TYPE_IPV4) {
		h = load64(p->data + l.l3 + 12);
	} else {
		h = hash_fold(load64(p->data + l.l3 + 8) ^ factor, load64(p->data + l.l3 + 16) | 1);
		h ^= hash_fold(load64(p->data + l.l3 + 24) ^ h, load64(p->data + l.l3 + 32) | 1);
	}
	if ((l.proto == IP_TCP || l.proto == IP_UDP) && !l.fragment && l.l4 + 4u <= p->head_len) {
		uint32_t ports;

		memcpy(&ports, p->data + l.l4, sizeof(ports));
		h ^= (uint64_t)ports << 16;
	}
	return hash_fold(h, factor);
}

static void spread(struct vhost_user *v, struct worker *w, const struct tx_frame *f, uint32_t todo,
		   unsigned int pairs, uint8_t *verdict)
{
	uint32_t of[VU_PAIRS] = { 0 };

	for (uint32_t left = todo; left; left &= left - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(left);

		of[(flow_hash(f[i].pkt) >> 32) * pairs >> 32] |= 1u << i;
	}
	for (unsigned int i = 0; i < pairs; i++) {
		if (of[i])
			vu_deliver(&v->queue[2 * i], w, f, of[i], verdict);
	}
}

void vhost_user_tx(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
		   uint8_t *verdict)
{
	struct vhost_user *v = container_of(s, struct vhost_user, sink);
	const struct vu_filter *wants = __atomic_load_n(&v->filter, __ATOMIC_ACQUIRE);
	unsigned int pairs = __atomic_load_n(&v->n_pairs, __ATOMIC_RELAXED);
	uint32_t todo = (uint32_t)((1ull << n) - 1);

	if (unlikely(wants))
		todo = filter(wants, f, n, verdict);
	if (likely(pairs <= 1))
		vu_deliver(&v->queue[0], w, f, todo, verdict);
	else
		spread(v, w, f, todo, MIN(pairs, VU_PAIRS), verdict);
}
