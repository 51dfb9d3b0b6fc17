/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_TRACE_TRACE_PRIV_H
#define VSWITCH_TRACE_TRACE_PRIV_H

#include "dataplane/trace.h"
#include "vswitch/switches.h"

/*
 * Ways of frames in words: `weft trace`.
 *
 * Threads: control thread.
 */

/* Where a made frame should arrive. */
struct trace_goal {
	const struct object *port; /* NULL: it is an address of which nobody knows where it is */
	char name[64]; /* as it was asked for */
};

/*
 * {frame, steps, verdict}. GOAL NULL: a live frame, which nobody sent to a port of ours by name.
 * NULL: no memory.
 */
json_t *trace_way_json(const struct vswitch *, const struct model *, const struct trace_way *,
		       const struct trace_goal *);

/* {delivered, sentence, ...}: what became of it. */
json_t *trace_verdict_json(const struct vswitch *, const struct model *, const struct trace_way *,
			   const struct trace_goal *);

/* The port with that number; NULL: it has gone. */
const struct object *trace_port(const struct vswitch *, const struct model *, port_id_t);
/* The step I is a copy that left and came in again at the far end of a cable. */
bool trace_crossed(const struct trace_way *, unsigned int i);
/* The station of the step says why the frame, or a copy, goes no further: the sentence for it. */
const char *trace_drop(const struct vswitch *, const struct model *, const struct trace_step *,
		       char *out, size_t room);

/*
 * trace_made_ctl.c: what is asked in the form of trace_api.h; a frame is made and runs. The answer
 * is as trace_way_json() has it, with a "note" if it is not quite as it was asked for. NULL: faults
 * were added.
 */
json_t *trace_question(struct vswitch *, const struct model *, const json_t *asked,
		       struct faults *);

#endif /* VSWITCH_TRACE_TRACE_PRIV_H */
