/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of the graph: frames are gathered by port while a burst goes through, then each port's sink
 * is given all of its frames at once, its lock taken once.
 *
 * One frame may be in the vectors of many ports: none of them owns it, the run does.
 */
#include "dataplane/engine_priv.h"

/* A node without run(): its edges name what may become of a frame that was given to a port. */
NODE(port_tx_node) = {
	.name = "port-tx",
	.edge = {
		[TX_SENT] = DONE,
		[TX_DROP_DOWN] = DROP("port is down"),
		[TX_DROP_FULL] = DROP("receiver's queue is full"),
		[TX_DROP_TOO_LONG] = DROP("longer than the receiver takes"),
		[TX_DROP_OFFLOAD] = DROP("headers do not match the offload header"),
		[TX_DROP_REFUSED] = DROP("device refused the frame"),
		[TX_DROP_BUDGET] = DROP("storm budget"),
		[TX_DROP_FILTERED] = DROP("receiver does not listen to this address or VLAN"),
	},
};
static_assert(TX_VERDICTS <= NODE_EDGES, "a verdict is an edge");

static void tally(struct worker *w, port_id_t port, const struct tx_vec *v, const uint8_t *verdict)
{
	const struct graph_edge *edge = w->engine->graph.edge[w->engine->graph.tx];
	struct port_tally *t = &w->tally[port];
	uint64_t frames = 0, bytes = 0;

	for (unsigned int i = 0; i < v->n; i++) {
		if (likely(verdict[i] == TX_SENT)) {
			frames++;
			bytes += tx_frame_len(&v->f[i]);
		} else {
			assert(verdict[i] < TX_VERDICTS);
			count_add(&t->drop[edge[verdict[i]].cause], 1);
		}
	}
	count_add(&t->out_frames, frames);
	count_add(&t->out_bytes, bytes);
}

static void capture(struct worker *w, port_id_t port, const struct tx_vec *v,
		    const uint8_t *verdict)
{
	for (unsigned int i = 0; i < v->n; i++) {
		if (verdict[i] == TX_SENT)
			capture_put(w, port, CAPTURE_OUT, &v->f[i]);
	}
}

static void flush_port(struct worker *w, port_id_t port)
{
	struct sink *s = __atomic_load_n(&w->engine->sink[port], __ATOMIC_ACQUIRE);
	struct tx_vec *v = &w->io.tx[port];
	uint8_t verdict[BURST_MAX] = { TX_SENT };

	if (likely(s)) {
		lock_take(&s->lock);
		s->tx(s, w, v->f, v->n, verdict);
		lock_drop(&s->lock);
	} else {
		memset(verdict, TX_DROP_DOWN, v->n);
	}
	tally(w, port, v, verdict);
	if (unlikely(__atomic_load_n(&w->engine->capturing[port], __ATOMIC_RELAXED)))
		capture(w, port, v, verdict);
	v->n = 0;
}

void tx_turn(struct worker *w, port_id_t port)
{
	struct tx_vec *v = &w->io.tx[port];

	if (!v->listed) {
		v->listed = true;
		w->listed[w->n_listed++] = port;
	}
	if (v->n == BURST_MAX)
		flush_port(w, port);
}

void tx_flush(struct worker *w)
{
	for (unsigned int i = 0; i < w->n_listed; i++) {
		struct tx_vec *v = &w->io.tx[w->listed[i]];

		v->listed = false;
		if (v->n)
			flush_port(w, w->listed[i]);
	}
	w->n_listed = 0;
}
