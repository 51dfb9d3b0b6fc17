/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_PORT_IO_H
#define DATAPLANE_PORT_IO_H

#include "base/lock.h"
#include "dataplane/node.h"

/*
 * The edges of the graph: a source is where a port's frames come from, a sink where they go. A
 * port type brings both; the engine knows ports only as numbers that have them.
 *
 * Threads: rx() and tx() on a worker; a source belongs to one worker, a sink may be used by
 * several, one at a time, under its lock, which the engine takes once a burst.
 * Memory: model (the port's); freed only after a grace period.
 */
struct worker;

struct source {
	port_id_t port;
	uint16_t queue;
	/*
	 * Without arm: readable while there are frames. With arm: whatever is written to it makes
	 * the worker look, so nobody has to read it (edge-triggered; an eventfd). -1: see arm, or
	 * somebody calls worker_run().
	 */
	int fd;
	/*
	 * Fills OUT with at most MAX frames from worker_pkt(): head, length, segments and offload
	 * header as the sender wrote them. Segments stay valid until the next call of this worker's
	 * sources. Returns how many; fewer than MAX says that there is no more for now.
	 */
	unsigned int (*rx)(struct source *, struct worker *, struct pkt **out, unsigned int max);
	/* The run that rx() began has ended: what was lent goes back. NULL: nothing is ever lent.
	 */
	void (*done)(struct source *, struct worker *);
	/*
	 * A source whose rx() costs next to nothing when there is nothing (a ring in memory) is
	 * polled while it is busy, and rests after a while of silence; worker_thread.c has the
	 * rules. arm(true): it is about to rest, FD has to become readable from now on; returns
	 * whether there is something already (never, if rx() cannot take it: a broken ring rests).
	 * arm(false): it is polled again, no more signals are wanted; also its first call. With
	 * FD -1 nobody can signal: arm() is not called with true, and the worker never sleeps for
	 * longer than a millisecond. NULL: FD says it all. On the worker.
	 */
	bool (*arm)(struct source *, bool on);
	void *arg;

	/* The engine's, from engine_add_source() on. */
	struct source *next; /* of the same port */
	uint16_t worker, slot; /* who runs it, and where it is in that worker's roster */
	uint32_t serial; /* tells what an event was about from what took its slot since */
	uint64_t frames; /* that it gave; one writer, its worker */
	struct source_poll { /* its worker's alone */
		uint64_t heard; /* when it last gave something; TSC */
		uint64_t due; /* not before this round of its worker: share.h */
		uint8_t alarms; /* times in a row that arm() saw what rx() did not give */
		enum { SOURCE_NEW, SOURCE_POLLED, SOURCE_RESTS } state;
	} poll;
	struct source_load { /* the balancer's: control thread */
		uint64_t frames;
		uint32_t moved; /* in which of its rounds; 0: never */
	} load;
};

/* What became of one frame that a sink was given. Names in tx.c. */
enum tx_verdict {
	TX_SENT,
	TX_DROP_DOWN, /* the port is cut or nothing is plugged in */
	TX_DROP_FULL, /* the receiver's queue is full */
	TX_DROP_TOO_LONG, /* longer than the receiver takes */
	TX_DROP_OFFLOAD, /* headers are not what the offload header says */
	TX_DROP_REFUSED, /* the device refused it */
	TX_DROP_BUDGET, /* storm budget: this run made as many frames as it may */
	TX_DROP_FILTERED, /* the receiver asked not to be given such frames */
	TX_VERDICTS
};

struct sink {
	port_id_t port;
	struct lock lock;
	bool relays; /* tx() does nothing but worker_reenter(): a dry worker may call it too */
	/* Sends N <= BURST_MAX frames; verdict[] comes as TX_SENT, and is set for what was not. */
	void (*tx)(struct sink *, struct worker *, const struct tx_frame *f, unsigned int n,
		   uint8_t *verdict);
	void *arg;
};

/* The part of a worker that the calls below need inline: it begins every struct worker. */
struct worker_io {
	struct pkt *next, *end; /* what is left of the arena */
	port_id_t port; /* whose burst this run is */
	bool dry;
	uint16_t number; /* of the worker, from 0 */
	/* What came in for this pass through the graph, and so far for the next one. */
	struct {
		uint32_t frames, bytes;
	} pass, next_pass;
	struct tx_vec *tx; /* by port */
};

/*
 * For stations: this run is a made frame on its way (dataplane/trace.h), which leaves no mark: no
 * station is learned, no meter drained, nothing copied to anybody. To be asked where a mark would
 * be left, not on the usual way.
 */
static inline bool worker_is_dry(const struct worker *w)
{
	return ((const struct worker_io *)w)->dry;
}

/* For what stations count: each worker has a place of its own, so that no line is shared. */
static inline unsigned int worker_number(const struct worker *w)
{
	return ((const struct worker_io *)w)->number;
}
/* For stations that count time: monotonic, the same for all of a run. */
uint64_t worker_time_ns(struct worker *);

/*
 * The octets of N frames if they are all that came in for this pass, so that nobody adds them up
 * again; 0: they are not.
 */
static inline uint64_t worker_pass_bytes(const struct worker *w, unsigned int n)
{
	const struct worker_io *io = (const struct worker_io *)w;

	return io->pass.frames == n ? io->pass.bytes : 0;
}

/* For rx(): an empty frame (pkt_reset) of this run, or NULL: the run has made all it may. */
static inline struct pkt *worker_pkt(struct worker *w)
{
	struct worker_io *io = (struct worker_io *)w;
	struct pkt *p = io->next;

	if (unlikely(p == io->end))
		return NULL;
	io->next = p + 1;
	pkt_reset(p);
	p->in_port = io->port;
	return p;
}

/* N frames in a row, or NULL. The caller resets them and says their in_port. */
static inline struct pkt *worker_pkts(struct worker *w, unsigned int n)
{
	struct worker_io *io = (struct worker_io *)w;
	struct pkt *p = io->next;

	if (unlikely((size_t)(io->end - p) < n))
		return NULL;
	io->next = p + n;
	return p;
}

/*
 * For rx(): a place for frames, or what does not fit into their heads, shared by all sources of the
 * worker and theirs for one run: WORKER_BUFFERS pieces of WORKER_BUFFER octets.
 */
#define WORKER_BUFFER  (65536u + 256u) /* any frame; a multiple of lines, not of pages */
#define WORKER_BUFFERS BURST_MAX
uint8_t *worker_buffer(struct worker *, unsigned int i);

/* For tx(): WORKER_BUFFER octets for a frame that is being put together. */
uint8_t *worker_scratch(struct worker *);

/* What gathers for one port during a burst. */
struct tx_vec {
	struct tx_frame *next, *end; /* the same: full, or nothing has come for this port */
	uint64_t bytes; /* of the frames, tags as they go out included */
	uint64_t classes; /* the sum of theirs: PKT_UNICAST ... */
	struct tx_frame f[BURST_MAX];
} cache_aligned;

/* The rare half of tx_put(): makes room. */
void tx_turn(struct worker *, port_id_t port);

/*
 * For nodes: what gathers for PORT, with room for one frame more at least. Who puts it there says
 * so as tx_put() does.
 */
static inline struct tx_vec *tx_open(struct worker *w, port_id_t port)
{
	struct tx_vec *v = &((struct worker_io *)w)->tx[port];

	if (unlikely(v->next == v->end))
		tx_turn(w, port);
	return v;
}

static inline void tx_frame_set(struct tx_frame *f, const struct pkt *p, be32_t tag)
{
	f->pkt = p;
	f->tagged = tag.raw;
	memcpy(f->tag, &tag, VLAN_TAG_LEN);
}

/*
 * For nodes: frame P leaves through PORT, tagged with TAG (TPID and TCI;
 * 0: not). It is gathered with others for the same port and sent when the burst has gone through.
 */
static inline void tx_put(struct worker *w, port_id_t port, const struct pkt *p, be32_t tag)
{
	struct tx_vec *v = tx_open(w, port);
	struct tx_frame *f = v->next++;

	tx_frame_set(f, p, tag);
	v->bytes += tx_frame_len(f);
	v->classes += p->class;
}

/*
 * For tx() of a cable: the frame, which fits (tx_frame_fits()), comes in again, at PORT, in the
 * same run. False: storm budget.
 */
bool worker_reenter(struct worker *, port_id_t port, const struct tx_frame *);

#endif /* DATAPLANE_PORT_IO_H */
