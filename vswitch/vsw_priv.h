/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VSW_PRIV_H
#define VSWITCH_VSW_PRIV_H

#include "dataplane/port_io.h"
#include "vswitch/vsw.h"

/* What classify leaves for the stations after it, in pkt->note[]: where the table begins to look.
 */
enum { NOTE_SRC, NOTE_DST };

static inline struct fdb_slot *note_place(const struct pkt *p, unsigned int which)
{
	return (struct fdb_slot *)(uintptr_t)p->note[which];
}

static inline fdb_key_t src_key(const struct pkt *p)
{
	return fdb_key_of(p->vid, eth_src(pkt_eth(p)));
}

static inline fdb_key_t dst_key(const struct pkt *p)
{
	return fdb_key_of(p->vid, eth_dst(pkt_eth(p)));
}

static inline const struct vsw_port *vsw_in_port(const struct vsw_view *v, const struct pkt *p)
{
	return v->port[p->in_port];
}

/* The frame goes out of PORT, tagged or not (802.1Q-2018 8.6.4, 9.6). */
static inline void vsw_send(struct node_turn *t, port_id_t port, bool tagged, const struct pkt *p)
{
	uint32_t tag = (uint32_t)ETH_TYPE_CTAG << 16 | p->pcp_dei | p->vid;

	tx_put(t->worker, port, p, be32_of(tagged ? tag : 0));
}

#endif /* VSWITCH_VSW_PRIV_H */
