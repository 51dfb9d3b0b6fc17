/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_LOOPS_PROBE_RINGS_H
#define VSWITCH_LOOPS_PROBE_RINGS_H

#include "dataplane/engine.h"

/*
 * What probes have told: which ports of ours are joined outside, and so which are to be blocked,
 * and since when one may be open again. See probe_rings.c.
 *
 * Threads: control thread. Pure: the time is handed in, and what it cannot know is asked.
 */
#define PROBE_PATHS       1024u /* that are remembered; beyond them the oldest goes */
#define PROBE_LIFE_MS     2500u /* a path is there for so long after a probe came through */
#define PROBE_EVERY_MS    1000u /* paths that are there are probed that often */
#define PROBE_HOLD_MS     3000u /* a port is blocked for at least so long after that */
#define PROBE_HOLD_MAX_MS 60000u /* if loops come back again and again */

struct probe_rings;

struct probe_end {
	port_id_t port;
	uint16_t vid;
};

struct probe_world {
	void *ctx;
	/* Ends with the same island are joined inside, by their switch or by cables. 0: in none. */
	uint32_t (*island)(void *ctx, const struct probe_end *);
	bool (*may_block)(void *ctx, port_id_t); /* its switch has not `loops: allow` */
	/* A port is to be blocked, because what it sends comes in at OTHER; or is not any more. */
	void (*block)(void *ctx, port_id_t, port_id_t other);
	void (*open)(void *ctx, port_id_t, bool allowed); /* or it may not be blocked any more */
};

int probe_rings_create(const struct probe_world *, struct probe_rings **out);
void probe_rings_destroy(struct probe_rings *); /* NULL is fine */

/* What went out at one end came in at the other. True: that is new, and the next step judges it. */
bool probe_rings_path(struct probe_rings *, const struct probe_end *out, const struct probe_end *in,
		      uint64_t now_ms);
/* Who is blocked now, and who no longer? Calls block() and open(). */
void probe_rings_step(struct probe_rings *, uint64_t now_ms);
/* The port has lost its carrier or is gone: nothing is known of it. It is open, without open(). */
void probe_rings_forget(struct probe_rings *, port_id_t);

/* PORT_NONE: it is not blocked. */
port_id_t probe_rings_blocked_by(const struct probe_rings *, port_id_t);
/* Ends to be probed on, at most MAX: of paths that are there, and of ports that are blocked. */
unsigned int probe_rings_ends(const struct probe_rings *, uint64_t now_ms, struct probe_end *out,
			      unsigned int max);

#endif /* VSWITCH_LOOPS_PROBE_RINGS_H */
