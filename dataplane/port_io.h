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
	uint16_t worker; /* the engine's: who runs it */
	int fd; /* readable when there are frames; -1: see arm, or somebody calls worker_run() */
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
	 * asked in every round of a worker that is awake. arm(true): the worker is about to sleep,
	 * FD has to become readable from now on; returns whether there is something already.
	 * arm(false): the worker is awake again, no more signals are wanted. With FD -1 nobody can
	 * signal, and the worker never sleeps for long. NULL: FD says it all.
	 */
	bool (*arm)(struct source *, bool on);
	void *arg;
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
	/* Sends N <= BURST_MAX frames; verdict[] comes as TX_SENT, and is set for what was not. */
	void (*tx)(struct sink *, struct worker *, const struct tx_frame *f, unsigned int n,
		   uint8_t *verdict);
	void *arg;
};

/* For rx(): an empty frame (pkt_reset) of this run, or NULL: the run has made all it may. */
struct pkt *worker_pkt(struct worker *);

/*
 * For rx(): a place for frames, or what does not fit into their heads, shared by all sources of the
 * worker and theirs for one run: WORKER_BUFFERS pieces of WORKER_BUFFER octets.
 */
#define WORKER_BUFFER  (65536u + 256u) /* any frame; a multiple of lines, not of pages */
#define WORKER_BUFFERS BURST_MAX
uint8_t *worker_buffer(struct worker *, unsigned int i);

/* For tx(): WORKER_BUFFER octets for a frame that is being put together. */
uint8_t *worker_scratch(struct worker *);

/*
 * For nodes: frame P leaves through PORT, tagged with TAG (TPID and TCI in network order) or not
 * (NULL). It is gathered with others for the same port and sent when the burst has gone through.
 */
void tx_put(struct worker *, port_id_t port, const struct pkt *p, const uint8_t *tag);

/*
 * For tx() of a cable: the frame comes in again, at PORT, in the same run. False: storm budget.
 */
bool worker_reenter(struct worker *, port_id_t port, const struct tx_frame *);

#endif /* DATAPLANE_PORT_IO_H */
