/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/vlan_tally.h"

static void add(struct worker *w, const struct vsw_port *port, uint64_t key, uint64_t frames,
		uint64_t bytes)
{
	struct vlan_tally *tally = port->sw->tally[worker_number(w)];
	enum eth_class class = key >> 16;

	if (tally) {
		struct class_count *to = &tally[key & 0xffff].in[class];

		count_add(&to->frames, frames);
		count_add(&to->bytes, bytes);
	}
	if (class != ETH_UNICAST)
		port_count_groups(w, port->number, class, frames, bytes);
}

static uint64_t len_as_it_came(const struct pkt *p)
{
	return p->len + (pkt_came_tagged(p) ? VLAN_TAG_LEN : 0);
}

void vlan_count_run(struct worker *w, const struct vsw_port *port, uint64_t key,
		    const struct burst *in)
{
	uint64_t bytes = worker_pass_bytes(w, in->n);

	if (unlikely(!bytes)) {
		for (unsigned int i = 0; i < in->n; i++)
			bytes += len_as_it_came(in->pkt[i]);
	}
	add(w, port, key, in->n, bytes);
}

void vlan_count_each(const struct node_turn *t, const struct burst *in)
{
	const struct vsw_view *view = t->state;

	for (unsigned int i = 0; i < in->n; i++) {
		struct pkt *p = in->pkt[i];

		if (p->fid)
			add(t->worker, view->port[p->in_port], vlan_run_key(p, eth_dst(pkt_eth(p))),
			    1, len_as_it_came(p));
	}
}

void vlan_dropped(const struct node_ctx *ctx, const struct pkt *p)
{
	const struct vsw_view *view = node_state(ctx);
	const struct vsw_switch *sw = view->port[p->in_port]->sw;
	struct vlan_tally *tally = sw ? sw->tally[worker_number(ctx->worker)] : NULL;

	if (tally && p->fid) /* it was let in */
		count_add(&tally[p->vid].drops, 1);
}

static uint64_t peek(const uint64_t *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

void vlan_counters(const struct vlan_tally *t, unsigned int workers, uint16_t vid,
		   struct vlan_tally *out)
{
	*out = (struct vlan_tally){ 0 };
	for (unsigned int i = 0; i < workers; i++) {
		const struct vlan_tally *at = &t[i * VLAN_TALLIES + vid];

		for (unsigned int c = 0; c < ETH_CLASSES; c++) {
			out->in[c].frames += peek(&at->in[c].frames);
			out->in[c].bytes += peek(&at->in[c].bytes);
		}
		out->drops += peek(&at->drops);
	}
}
