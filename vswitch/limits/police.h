/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_LIMITS_POLICE_H
#define VSWITCH_LIMITS_POLICE_H

#include "vswitch/vsw_node.h"

/*
 * What frames cost a port's buckets, and taking it. A frame counts with the octets that it has at
 * that port, from its destination address to the end of its payload: with its tag there, without
 * preamble and check sequence. One that its receiver is to cut (GSO) counts as its octets, and as
 * many frames as it will be.
 *
 * Threads: a worker.
 */
static inline uint32_t police_frames(const struct pkt *p)
{
	uint32_t payload = p->len - p->vnet.hdr_len, size = p->vnet.gso_size;

	/* offload_check(): hdr_len <= len, and what is cut has a size */
	return likely(p->vnet.gso_type == VIRTIO_NET_HDR_GSO_NONE) ? 1
								   : (payload + size - 1) / size;
}

static inline uint32_t police_cost(const struct meter *m, const struct pkt *p, bool tagged)
{
	return m->frames ? police_frames(p) : p->len + tagged * VLAN_TAG_LEN;
}

/* As meter_take(), at the time of the worker's run; a dry run takes nothing. TOTAL: of all in WANT.
 */
static inline uint32_t police_take(struct worker *w, const struct meter *m, const uint32_t *cost,
				   uint32_t want, uint64_t total)
{
	uint64_t spent;
	struct meter copy;

	if (likely(!worker_is_dry(w))) {
		if (likely(meter_take_all(m, worker_time_ns(w), total)))
			return want; /* as each would, one after the other */
		return meter_take(m, worker_time_ns(w), cost, want);
	}
	spent = __atomic_load_n(m->spent, __ATOMIC_RELAXED);
	copy = *m;
	copy.spent = &spent;
	return meter_take(&copy, worker_time_ns(w), cost, want);
}

/* The class of a frame whose station is known; VSW_LIMIT_ALL: it is in none. */
static inline enum vsw_limit police_class(const struct pkt *p)
{
	uint64_t dst = eth_dst(pkt_eth(p));

	if (likely(!eth_addr_is_group(&pkt_eth(p)->dst)))
		return VSW_LIMIT_ALL;
	return dst == UINT64_MAX << 16 ? VSW_LIMIT_BROADCAST : VSW_LIMIT_MULTICAST;
}

/* One frame against one bucket. */
static inline bool police_refuses(struct worker *w, const struct meter *m, const struct pkt *p,
				  bool tagged)
{
	uint32_t cost;

	if (!m->spent)
		return false;
	cost = police_cost(m, p, tagged);
	return !police_take(w, m, &cost, 1, cost);
}

#endif /* VSWITCH_LIMITS_POLICE_H */
