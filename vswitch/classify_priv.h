/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_CLASSIFY_PRIV_H
#define VSWITCH_CLASSIFY_PRIV_H

#include "vswitch/vsw_node.h"

/* What vsw-classify (classify_node.c) and its rare half (classify_odd_node.c) share. On a worker.
 */
enum vsw_classify_edge {
	VSW_CLASSIFY_OK,
	VSW_CLASSIFY_GUARDED,
	VSW_CLASSIFY_NO_SWITCH,
	VSW_CLASSIFY_PROBE,
	VSW_CLASSIFY_DROP_DOWN,
	VSW_CLASSIFY_DROP_SHUT,
	VSW_CLASSIFY_DROP_LOOP,
	VSW_CLASSIFY_DROP_MIRROR,
	VSW_CLASSIFY_DROP_RESERVED,
	VSW_CLASSIFY_DROP_GROUP_SOURCE,
	VSW_CLASSIFY_DROP_SHORT_TAG,
	VSW_CLASSIFY_DROP_VID_RESERVED,
	VSW_CLASSIFY_DROP_TAGGED,
	VSW_CLASSIFY_DROP_S_TAGGED,
	VSW_CLASSIFY_DROP_CUSTOMER,
	VSW_CLASSIFY_DROP_UNTAGGED,
	VSW_CLASSIFY_DROP_NOT_MEMBER,
	VSW_CLASSIFY_DROP_RING,
	VSW_CLASSIFY_DROP_TOO_LONG,
};

/* 6.9.1: the VID from the tag, or the PVID for a frame without one or without a VID in it. */
static inline enum vsw_classify_edge vlan_of(const struct vsw_port *port, struct pkt *p)
{
	uint16_t vid = VLAN_VID_NONE;

	if (be16_get(pkt_eth(p)->type) == port->tpid) {
		uint16_t tci;

		if (unlikely(p->head_len < ETH_HDR_LEN + VLAN_TAG_LEN))
			return VSW_CLASSIFY_DROP_SHORT_TAG;
		tci = (uint16_t)(p->data[14] << 8 | p->data[15]);
		vid = tci_vid(tci);
		p->tci = tci;
		if (unlikely(vid == VLAN_VID_RESERVED)) { /* table 9-2 */
			p->vid = vid;
			return VSW_CLASSIFY_DROP_VID_RESERVED; /* the tag stays: no VLAN took it */
		}
		pkt_untag(p);
	}
	if (vid == VLAN_VID_NONE) {
		p->vid = port->pvid;
		return port->pvid ? VSW_CLASSIFY_OK : VSW_CLASSIFY_DROP_UNTAGGED;
	}
	p->vid = vid;
	if (likely(port->tagged_ok))
		return VSW_CLASSIFY_OK;
	return port->tunnel ? VSW_CLASSIFY_DROP_S_TAGGED : VSW_CLASSIFY_DROP_TAGGED;
}

/* Where the table begins to look for both, on its way into the cache. */
static inline void classify_fetch(const struct fdb *fdb, struct pkt *p, uint16_t fid, uint64_t src,
				  uint64_t dst)
{
	const struct fdb_slot *src_at = fdb_fetch(fdb, fdb_key_of(fid, src));
	const struct fdb_slot *dst_at = fdb_fetch(fdb, fdb_key_of(fid, dst));

	p->fid = fid;
	note_take(p, src_at, dst_at);
}

/* The rest for a port that wants more looked at, of a frame in its VLAN. */
enum vsw_classify_edge classify_odd(const struct vsw_port *, struct pkt *, uint64_t src,
				    uint64_t dst) __attribute__((cold));
/* Of a frame whose port is not up. */
enum vsw_classify_edge classify_not_up(struct worker *, const struct vsw_port *, struct pkt *)
	__attribute__((cold));

#endif /* VSWITCH_CLASSIFY_PRIV_H */
