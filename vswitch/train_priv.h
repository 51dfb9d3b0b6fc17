/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_TRAIN_PRIV_H
#define VSWITCH_TRAIN_PRIV_H

#include "vswitch/vsw_node.h"

/*
 * Most frames come in trains: what let the last one in lets the next one in, if it is from the same
 * port and begins with the same octets, tag included. Its length is its own.
 */
struct train {
	uint64_t front, back; /* the octets, as they came in */
	const struct pkt *pkt; /* NULL: none yet */
};

static inline bool joins(const struct train *now, const struct train *last, uint32_t len_max)
{
	return now->front == last->front && now->back == last->back && last->pkt &&
	       now->pkt->in_port == last->pkt->in_port && now->pkt->len <= len_max &&
	       now->pkt->head_len >= ETH_HDR_LEN + VLAN_TAG_LEN;
}

static inline void follow(const struct pkt *last, struct pkt *p)
{
	if (last->tci != TCI_NONE)
		pkt_untag(p);
	p->q = last->q;
	p->note[NOTE_SRC] = last->note[NOTE_SRC];
	p->note[NOTE_DST] = last->note[NOTE_DST];
}

#endif /* VSWITCH_TRAIN_PRIV_H */
