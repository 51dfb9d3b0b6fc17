/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-learn: remember where the sender is (IEEE 802.1Q-2018 8.7).
 *
 * In: frames that were let in. Out: all of them to vsw-forward; a full table costs the station its
 * place, never the frame.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_priv.h"

enum vsw_learn_edge { VSW_LEARN_OK };

static inline unsigned int learn_one(struct node_turn *t, struct pkt *p)
{
	const struct fdb_slot *at = note_place(p, NOTE_SRC);
	fdb_key_t key = src_key(p);

	if (unlikely(!fdb_knows(at, key, p->in_port, t->now_s)) && !worker_is_dry(t->worker))
		fdb_learn(vsw_in_port(t->state, p)->fdb, key, at, p->in_port, t->now_s);
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
	.edge = { [VSW_LEARN_OK] = TO("vsw-forward") },
};
