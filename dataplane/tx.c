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
		[TX_DROP_DOWN] = DROP_BY("port is down", "port", "up"),
		[TX_DROP_FULL] = DROP_BY("receiver's queue is full", "port", NULL),
		[TX_DROP_TOO_LONG] = DROP_BY("longer than the receiver takes", "port", "mtu"),
		[TX_DROP_OFFLOAD] = DROP("headers do not match the offload header"),
		[TX_DROP_REFUSED] = DROP_BY("device refused the frame", "port", "type"),
		[TX_DROP_BUDGET] = DROP_BY("storm budget", "link", NULL),
		[TX_DROP_FILTERED] = DROP_BY("receiver does not listen to this address or VLAN", "port", NULL),
	},
};
static_assert(TX_VERDICTS <= NODE_EDGES, "a verdict is an edge");

/* One frame was not sent. */
static void refused(struct worker *w, port_id_t port, uint8_t verdict)
{
	const struct graph_edge *edge = w->engine->graph.edge[w->engine->graph.tx];

	assert(verdict < TX_VERDICTS);
	count_add(&w->tally[port].drop[edge[verdict].cause], 1);
}

/* Behind the last frame's, a verdict is as it came. */
static bool all_sent(const uint8_t verdict[BURST_MAX])
{
	static const uint8_t sent[BURST_MAX] = { TX_SENT };

	return !memcmp(verdict, sent, BURST_MAX);
}

static void group_add(struct group_count *to, uint64_t frames, uint64_t bytes)
{
	count_add(&to->frames, frames);
	count_add(&to->bytes, bytes);
}

/* Some are for groups; mostly all of them for the same, of which FRAMES with BYTES were sent. */
static __attribute__((noinline)) void tally_groups(struct group_count *to, const struct tx_frame *f,
						   unsigned int n, const uint8_t *verdict,
						   uint64_t classes, uint64_t frames,
						   uint64_t bytes)
{
	struct group_count *multicast = &to[ETH_MULTICAST - 1], *broadcast = &to[ETH_BROADCAST - 1];

	if (classes == n * PKT_BROADCAST) {
		group_add(broadcast, frames, bytes);
	} else if (classes == n * PKT_MULTICAST) {
		group_add(multicast, frames, bytes);
	} else {
		for (unsigned int i = 0; i < n; i++) {
			if (f[i].pkt->class != PKT_UNICAST && verdict[i] == TX_SENT)
				group_add(f[i].pkt->class == PKT_MULTICAST ? multicast : broadcast,
					  1, tx_frame_len(&f[i]));
		}
	}
}

static void tally(struct worker *w, port_id_t port, unsigned int n, const uint8_t *verdict)
{
	const struct tx_vec *v = &w->io.tx[port];
	const struct tx_frame *f = v->f;
	struct port_tally *t = &w->tally[port];
	uint64_t frames = n, bytes = v->bytes;

	if (unlikely(!all_sent(verdict))) {
		for (unsigned int i = 0; i < n; i++) {
			if (verdict[i] == TX_SENT)
				continue;
			frames--;
			bytes -= tx_frame_len(&f[i]);
			refused(w, port, verdict[i]);
		}
	}
	count_add(&t->out_frames, frames);
	count_add(&t->out_bytes, bytes);
	if (unlikely(v->classes))
		tally_groups(t->out_group, f, n, verdict, v->classes, frames, bytes);
}

/* Somebody watches the port, or this run. */
static __attribute__((noinline, cold)) void watched(struct worker *w, port_id_t port,
						    unsigned int n, const uint8_t *verdict)
{
	uint8_t watch = __atomic_load_n(&w->engine->watch[port], __ATOMIC_RELAXED);

	for (unsigned int i = 0; i < n && w->traced; i++)
		trace_left(w, w->engine->graph.tx, verdict[i], port, &w->io.tx[port].f[i]);
	if (!(watch & WATCH_CAPTURE) || w->io.dry)
		return;
	for (unsigned int i = 0; i < n; i++) {
		if (verdict[i] == TX_SENT)
			capture_put(w, port, CAPTURE_OUT, &w->io.tx[port].f[i]);
	}
}

static void flush_port(struct worker *w, port_id_t port)
{
	struct sink *s = __atomic_load_n(&w->sink[port], __ATOMIC_ACQUIRE);
	const struct tx_vec *v = &w->io.tx[port];
	unsigned int n = (unsigned int)(v->next - v->f);
	uint8_t verdict[BURST_MAX] = { TX_SENT };

	w->sent += n;
	if (likely(s)) {
		lock_take(&s->lock);
		s->tx(s, w, v->f, n, verdict);
		lock_drop(&s->lock);
	} else {
		memset(verdict, TX_DROP_DOWN, n);
	}
	tally(w, port, n, verdict);
	if (unlikely(__atomic_load_n(&w->engine->watch[port], __ATOMIC_RELAXED) | w->traced))
		watched(w, port, n, verdict);
}

void tx_turn(struct worker *w, port_id_t port)
{
	struct tx_vec *v = &w->io.tx[port];

	if (v->next)
		flush_port(w, port);
	else
		w->listed[w->n_listed++] = port;
	v->next = v->f;
	v->end = v->f + BURST_MAX;
	v->bytes = v->classes = 0;
}

void tx_flush(struct worker *w)
{
	for (unsigned int i = 0; i < w->n_listed; i++) {
		struct tx_vec *v = &w->io.tx[w->listed[i]];

		flush_port(w, w->listed[i]);
		v->next = v->end = NULL;
	}
	w->n_listed = 0;
}
