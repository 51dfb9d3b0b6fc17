/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_MEMORY_MEMORY_H
#define PORTS_MEMORY_MEMORY_H

#include "dataplane/engine.h"

/*
 * A port made of arrays: frames in, frames out. For tests, fuzzers and benches, which run the whole
 * graph with it and need no root; it is no port type of the API.
 *
 * Threads: the caller's, while the engine is stopped (worker_run() by hand), but memory_feed(),
 * which one thread may also call while a worker runs (with .wake), and memory_count().
 * Memory: the port owns what it was fed and what it kept; everything is taken in
 * memory_port_create() and memory_feed(), nothing on a worker.
 */
struct memory_config {
	unsigned int feed_frames; /* frames that can be fed; 0: 1024 */
	unsigned int
		keep_frames; /* frames that are kept; 0: none, they are counted and written over */
	size_t keep_octets; /* room for what is kept; 0: 4 MiB. What does not fit is "full" */
	unsigned int offload; /* OFFLOAD_* that it takes; the rest is finished for it */
	bool wake; /* an eventfd tells the worker that there are frames */
};

/* One frame that came out, tag included. */
struct memory_frame {
	const uint8_t *data;
	uint32_t len;
	struct virtio_net_hdr_v1 vnet;
};

struct memory_in;

struct memory_port {
	port_id_t id;
	struct source source;
	struct sink sink;
	/* Tests set these as they like. */
	bool repeat; /* what was fed comes in again and again */
	enum tx_verdict refuse; /* TX_SENT: takes frames; anything else becomes of each */
	unsigned int offload;

	/* The port's own. */
	struct engine *engine;
	struct memory_in *in;
	unsigned int n_in, at, room_in;
	struct memory_frame *out;
	unsigned int n_out, room_out;
	uint8_t *arena;
	size_t used, room;
	uint64_t frames, octets;
};

/* Takes a port number of ENGINE and plugs itself in. CONFIG may be NULL. */
int memory_port_create(struct engine *, const struct memory_config *, struct memory_port **out);
/* Unplugs itself, waits until no worker holds it, gives the number back. NULL is fine. */
void memory_port_destroy(struct memory_port *);

/*
 * One more frame to come in: DATA is copied. VNET may be NULL. What is past the head lies in
 * segments of PIECE octets (0: in one).
 */
int memory_feed(struct memory_port *, const void *data, uint32_t len,
		const struct virtio_net_hdr_v1 *vnet, uint32_t piece);
/* What was fed comes in once more. */
void memory_rewind(struct memory_port *);
/* Forgets what was fed. */
void memory_drain(struct memory_port *);

/* The frame I since the last memory_forget(), or NULL. */
const struct memory_frame *memory_frame(const struct memory_port *, unsigned int i);
void memory_forget(struct memory_port *);
/* Frames that came out in all; *octets may be NULL. Any thread. */
uint64_t memory_count(const struct memory_port *, uint64_t *octets);

#endif /* PORTS_MEMORY_MEMORY_H */
