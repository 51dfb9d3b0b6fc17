/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-learn: remember where the sender is (IEEE 802.1Q-2018 8.7).
 *
 * In: frames that were let in. Out: all of them to vsw-forward, but probes for loops to vsw-probe;
 * a full table costs the station its place, never the frame. But a port that has as many stations
 * as it may can drop the frames of others, or be shut by the first of them: that one goes to the
 * control thread.
 */
#include "dataplane/node.h"
#include "vswitch/loops/probe.h"
#include "vswitch/vlan_tally.h"
#include "vswitch/vsw_node.h"

enum vsw_learn_edge {
	VSW_LEARN_OK,
	VSW_LEARN_PROBE,
	VSW_LEARN_ONE_TOO_MANY,
	VSW_LEARN_DROP_BEYOND,
	VSW_LEARN_DROP_SHUT,
};

/* True: we are the first. */
static bool shut(struct vsw_live *live)
{
	uint32_t open = VSW_OPEN;

	return __atomic_compare_exchange_n(&live->shut, &open, VSW_SHUT_LEARN, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static unsigned int beyond(const struct vsw_port *in, struct pkt *p, bool dry)
{
	if (in->beyond == VSW_BEYOND_FLOOD)
		return VSW_LEARN_OK;
	if (in->beyond == VSW_BEYOND_DROP || !in->live || dry)
		return VSW_LEARN_DROP_BEYOND;
	if (!shut(in->live))
		return VSW_LEARN_DROP_SHUT;
	p->note[0] = PUNT_LEARN;
	return VSW_LEARN_ONE_TOO_MANY;
}

/* A station that is not known here, or was not heard in this second. */
static __attribute__((noinline)) unsigned int learn_new(const struct vsw_port *in, struct pkt *p,
							fdb_key_t key, const struct worker *w,
							uint32_t now_s)
{
	const struct fdb_slot *at = note_src(p);
	bool dry = worker_is_dry(w);
	enum fdb_learned done;

	/* A probe for loops is no station, whoever sent it. */
	if (unlikely(probe_is_source(eth_src(pkt_eth(p)))))
		return VSW_LEARN_PROBE;
	/* From a port that was shut, until all workers know it from the view. */
	if (in->beyond == VSW_BEYOND_SHUT && in->live &&
	    __atomic_load_n(&in->live->shut, __ATOMIC_RELAXED) == VSW_SHUT_LEARN)
		return VSW_LEARN_DROP_SHUT;
	if (unlikely(vlan_set_has(&in->sw->no_learn, p->vid)))
		return VSW_LEARN_OK;
	if (unlikely(dry))
		done = fdb_ask(in->fdb, key, at, p->in_port, now_s);
	else
		done = fdb_learn(in->fdb, key, at, p->in_port, now_s);
	return likely(done != FDB_BEYOND) ? VSW_LEARN_OK : beyond(in, p, dry);
}

static inline unsigned int learn_one(struct node_turn *t, struct pkt *p)
{
	uint64_t *train = &t->memo[0]; /* of the last that was let through */
	fdb_key_t key;

	if (note_train(p) == *train)
		return VSW_LEARN_OK;
	key = src_key(p);
	if (unlikely(!fdb_knows(note_src(p), key, p->in_port, t->now_s))) {
		unsigned int edge =
			learn_new(vsw_in_port(t->state, p), p, key, t->worker, t->now_s);

		if (unlikely(edge != VSW_LEARN_OK))
			return edge;
	}
	*train = note_train(p);
	return VSW_LEARN_OK;
}

static void vsw_learn(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, learn_one);
}

/* clang-format off */
NODE(vsw_learn_node) = {
	.name = "vsw-learn",
	.run = vsw_learn,
	.state = VSW_VIEW,
	.dropped = vlan_dropped,
	.arc = "vsw-ingress",
	.edge = {
		[VSW_LEARN_OK]		 = TO("vsw-forward"),
		[VSW_LEARN_PROBE]	 = TO("vsw-probe"),
		[VSW_LEARN_ONE_TOO_MANY] = TO("punt"),
		[VSW_LEARN_DROP_BEYOND]	 = DROP_BY("port has as many stations as it may",
			"port", "learn_limit"),
		[VSW_LEARN_DROP_SHUT]	 = DROP_BY("port was shut by its learn limit",
			"port", "learn_limit"),
	},
};
/* clang-format on */
