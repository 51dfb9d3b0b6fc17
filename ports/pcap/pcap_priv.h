/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PCAP_PCAP_PRIV_H
#define PORTS_PCAP_PCAP_PRIV_H

#include "ports/pcap/record.h"
#include "ports/pcap/replay.h"
#include "ports/types.h"

struct pcap_port {
	struct port *port;
	bool started;

	/* Replay: the worker's while the source is plugged in. */
	struct replay *replay; /* NULL: none */
	struct source source; /* .fd: a timer if paced, else readable as long as there are frames */
	bool paced;
	bool plugged; /* the source is with the engine; control thread's */
	bool have; /* next is a frame that waits for its time */
	bool over; /* nothing comes any more */
	struct replay_frame next;
	uint64_t begin_ns; /* CLOCK_MONOTONIC of the file's first frame */
	uint64_t deadline_ns; /* what the timer was set to: all until then may go */
	uint64_t paused_ns; /* when it was unplugged */
	struct iovec rest[BURST_MAX];

	/* How the replay goes: written by the worker, read by control. */
	uint64_t frames, skipped;
	bool ended, broken;
	int done_fd; /* an eventfd that tells control */
	struct loop_handle *done;
	char replay_name[256];

	/* Record. */
	struct record *record; /* NULL: none */
	struct sink sink;
};

/* pcap_node.c, worker threads */
unsigned int pcap_port_rx(struct source *, struct worker *, struct pkt **out, unsigned int max);
void pcap_port_tx(struct sink *, struct worker *, const struct tx_frame *, unsigned int n,
		  uint8_t *verdict);
/* Any thread, while no worker has the source. */
void pcap_port_arm(struct pcap_port *, uint64_t deadline_ns);

#endif /* PORTS_PCAP_PCAP_PRIV_H */
