/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-learn: remember where the sender is (IEEE 802.1Q-2018 8.7).
 *
 * In: frames that were let in. Out: all of them to vsw-forward, but probes for loops to vsw-probe;
 * a full table costs the station its place, never the frame.
 */
#include "dataplane/node.h"
#include "vswitch/probe.h"
#include "vswitch/vsw_priv.h"

enum vsw_learn_edge { VSW_LEARN_OK, VSW_LEARN_PROBE };

/* A station that is not known here. A probe for loops is none, whoever sent it. */
static __attribute__((noinline)) unsigned int learn_new(const struct worker *w,
							const struct vsw_port *in,
							const struct pkt *p, uint32_t now_s)
{
	if (unlikely(probe_is_source(eth_src(pkt_eth(p)))))
		return VSW_LEARN_PROBE;
	if (!worker_is_dry(w))
		fdb_learn(in->fdb, src_key(p), note_place(p, NOTE_SRC), p->in_port, now_s);
	return VSW_LEARN_OK;
}

static inline unsigned int learn_one(struct node_turn *t, struct pkt *p)
{
	const struct fdb_slot *at = note_place(p, NOTE_SRC);
	fdb_key_t key = src_key(p);

	if (unlikely(!fdb_knows(at, key, p->in_port, t->now_s)))
		return learn_new(t->worker, vsw_in_port(t->state, p), p, t->now_s);
	return VSW_LEARN_OK;
}

static void vsw_learn(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, learn_one);
}

NODE(vsw_learn_node) = {
	.name = "vsw-learn",
	.run = vsw_learn,
	.state = VSW_VIEW,
	.arc = "vsw-ingress",
	.edge = { [VSW_LEARN_OK] = TO("vsw-forward"), [VSW_LEARN_PROBE] = TO("vsw-probe") },
};
