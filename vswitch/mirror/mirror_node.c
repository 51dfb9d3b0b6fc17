/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vsw-mirror: copies of what mirrored ports receive; and for egress_node.c, of what they send.
 *
 * In: frames that vsw-classify let in from ports that some feature looks at. Out: all of them to
 * the next on the arc; first of it, so that the copy is the frame as it came, whatever a policy
 * says to it afterwards.
 *
 * A copy is the same frame put into one more port's vector with a tag of its own: no station edits
 * a frame behind this one, they only choose where it goes.
 */
#include "dataplane/node.h"
#include "vswitch/vsw_node.h"

void vsw_mirror_to(struct worker *w, const struct vsw_switch *sw, uint64_t which, port_id_t at,
		   enum capture_dir dir, const struct pkt *p, be32_t tag)
{
	struct tx_frame f = { .pkt = p, .tagged = tag.raw };

	if (worker_is_dry(w))
		return;
	memcpy(f.tag, &tag, VLAN_TAG_LEN);
	for (; which; which &= which - 1) {
		const struct vsw_mirror *m = &sw->mirror[__builtin_ctzll(which)];
		struct mirror_tally *tally = &m->tally[worker_number(w)];

		if (!vlan_set_has(&m->vids, p->vid))
			continue;
		if (m->to != PORT_NONE)
			tx_put(w, m->to, p, tag);
		else if (!copy_put(w, m->who, at, dir, &f)) {
			count_add(&tally->missed, 1);
			continue;
		}
		count_add(&tally->copied, 1);
	}
}

enum vsw_mirror_edge { VSW_MIRROR_ON };

static inline unsigned int mirror_one(struct node_turn *t, struct pkt *p)
{
	const struct vsw_port *port = vsw_in_port(t->state, p);
	be32_t tag = be32_of(0);

	if (!(port->guards & VSW_MIRRORED))
		return VSW_MIRROR_ON;
	if (p->came != TCI_NONE)
		tag = be32_of((uint32_t)port->tpid << 16 | p->came);
	vsw_mirror_to(t->worker, port->sw, port->mirror_in, p->in_port, CAPTURE_IN, p, tag);
	return VSW_MIRROR_ON;
}

static void vsw_mirror(struct node_ctx *ctx, const struct burst *in)
{
	node_each(ctx, in, mirror_one);
}

NODE(vsw_mirror_node) = {
	.name = "vsw-mirror",
	.run = vsw_mirror,
	.state = VSW_VIEW,
	.arc = "vsw-ingress",
	.edge = { [VSW_MIRROR_ON] = NEXT_ON_ARC },
};
