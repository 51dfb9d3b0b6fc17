/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VSW_NODE_H
#define VSWITCH_VSW_NODE_H

#include "dataplane/punt.h"
#include "vswitch/vsw.h"

/* Services on the control thread (dataplane/punt.h). */
enum { PUNT_PROBE, PUNT_LEARN };

/*
 * What classify leaves for the stations after it, in pkt->note[]: where the table begins to look,
 * and in the upper 16 bits of the first which train the frame is in (train_priv.h). So that note
 * is the same for all of a train, and no other's in its run: what was decided for one of them holds
 * for the next.
 */
enum { NOTE_SRC, NOTE_DST };
#define NOTE_PLACE_BITS 48 /* of an address */

/* The frame begins a train. */
static inline void note_take(struct pkt *p, const struct fdb_slot *src, const struct fdb_slot *dst)
{
	static_assert(RUN_FRAMES <= UINT16_MAX, "frames of a run have numbers of 16 bits");
	uint64_t number = (uintptr_t)p / sizeof(*p);

	p->note[NOTE_SRC] = (uintptr_t)src | number << NOTE_PLACE_BITS;
	p->note[NOTE_DST] = (uintptr_t)dst;
}

static inline struct fdb_slot *note_src(const struct pkt *p)
{
	uint64_t place = p->note[NOTE_SRC] & ((1ull << NOTE_PLACE_BITS) - 1);

	return (struct fdb_slot *)(uintptr_t)place;
}

static inline struct fdb_slot *note_dst(const struct pkt *p)
{
	return (struct fdb_slot *)(uintptr_t)p->note[NOTE_DST];
}

static inline uint64_t note_train(const struct pkt *p)
{
	return p->note[NOTE_SRC];
}

static inline fdb_key_t src_key(const struct pkt *p)
{
	return fdb_key_of(p->fid, eth_src(pkt_eth(p)));
}

static inline fdb_key_t dst_key(const struct pkt *p)
{
	return fdb_key_of(p->fid, eth_dst(pkt_eth(p)));
}

static inline const struct vsw_port *vsw_in_port(const struct vsw_view *v, const struct pkt *p)
{
	return v->port[p->in_port];
}

/*
 * egress_node.c: a flooded copy goes out of a watched port, or is refused and counted there. The
 * turn comes by value: nobody may know where a node keeps it, or it is no longer kept in registers.
 */
void vsw_send_watched(struct node_turn, const struct vsw_member *, const struct pkt *);

/* The same for frames that are not flooded: all from P on for one port. Returns where they end. */
struct pkt *const *vsw_send_row(struct node_turn, struct pkt *const *p, struct pkt *const *end);

/* mirror_node.c: copies for the mirrors WHICH, of a frame at port AT with the tag that it has
 * there. */
void vsw_mirror_to(struct worker *, const struct vsw_switch *, uint64_t which, port_id_t at,
		   enum capture_dir, const struct pkt *, be32_t tag);

/* The tag of the frame where it goes out with one. */
static inline be32_t vsw_tag(uint16_t tpid, const struct pkt *p)
{
	return be32_of((uint32_t)tpid << 16 | (p->tci & TCI_PRIORITY) | p->vid);
}

/* A copy of a flooded frame goes out, tagged or not (802.1Q-2018 8.6.4, 9.6). */
static inline void vsw_send(struct node_turn *t, const struct vsw_member *m, const struct pkt *p)
{
	if (unlikely(m->watched))
		vsw_send_watched(*t, m, p);
	else
		tx_put(t->worker, m->port, p, m->tpid ? vsw_tag(m->tpid, p) : be32_of(0));
}

/* Tag of VLAN VID at PORT. */
static inline uint16_t vsw_tpid_out(const struct vsw_port *port, uint16_t vid)
{
	return vlan_set_has(&port->untagged, vid) ? 0 : port->tpid;
}

#endif /* VSWITCH_VSW_NODE_H */
