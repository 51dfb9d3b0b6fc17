/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_VLAN_TALLY_H
#define VSWITCH_VLAN_TALLY_H

#include "dataplane/node.h"
#include "vswitch/vsw.h"

/*
 * What each VLAN of a switch has let in, by whom it was for, and lost afterwards. Each worker has
 * a line of its own for each VLAN, and adds to it once a burst, if all of that is of one port, into
 * one VLAN, for one class of addresses. Octets are counted as they came, tag included.
 *
 * Threads: workers; anybody reads. Memory: table; the switch's.
 */

/* VLAN and class in one; the class, too, is set where it is for a group. DST as eth_dst() has it.
 */
static inline uint64_t vlan_run_key(struct pkt *p, uint64_t dst)
{
	uint64_t key = p->vid;

	if (unlikely(dst & 1u << 16)) /* the group bit */
		key |= (uint64_t)pkt_classify(p) << 16;
	return key;
}

/* A whole burst was let in at PORT with that key. */
void vlan_count_run(struct worker *, const struct vsw_port *, uint64_t key, const struct burst *);
/* Of a burst, what was let in: that has a FID. */
void vlan_count_each(const struct node_turn *, const struct burst *);

/* For node_def.dropped of the stations behind vsw-classify. */
void vlan_dropped(const struct node_ctx *, const struct pkt *);

/* The sum over all workers. Any thread. */
void vlan_counters(const struct vlan_tally *, unsigned int workers, uint16_t vid,
		   struct vlan_tally *out);

#endif /* VSWITCH_VLAN_TALLY_H */
