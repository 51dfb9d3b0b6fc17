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
	const struct pkt *pkt; /* the first of it; NULL: none yet */
	uint32_t len_max; /* of its port */
	port_id_t in_port;
};

static inline bool joins(const struct train *t, uint64_t front, uint64_t back, const struct pkt *p)
{
	return front == t->front && back == t->back && t->pkt && p->in_port == t->in_port &&
	       p->len <= t->len_max && p->head_len >= ETH_HDR_LEN + VLAN_TAG_LEN;
}

static inline void follow(const struct pkt *last, struct pkt *p)
{
	if (last->tci != TCI_NONE)
		pkt_untag(p);
	p->q = last->q;
	memcpy(p->note, last->note, sizeof(p->note));
}

#endif /* VSWITCH_TRAIN_PRIV_H */
