/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PCAP_REPLAY_H
#define PORTS_PCAP_REPLAY_H

#include <stdio.h>

#include "packet/pkt.h"

/*
 * Reads a capture file (pcap or pcapng, in any byte order and precision) frame by frame. The file
 * is nobody's friend: it may be cut, lie about lengths or run backwards in time.
 *
 * Threads: any, one at a time.
 */
struct replay;

/* Takes FILE over, also if it fails: then WHY (a part of a sentence) says what is wrong with it. */
int replay_open(FILE *, struct replay **out, char *why, size_t room);
void replay_close(struct replay *); /* NULL is fine */

struct replay_frame {
	const uint8_t *data; /* valid until the next call */
	uint32_t len;
	uint64_t at_ns; /* since the file's first frame; never less than the one before */
};

enum replay_result {
	REPLAY_FRAME,
	REPLAY_SKIPPED, /* one that was captured only in part, or is longer than any frame */
	REPLAY_END,
	REPLAY_BROKEN, /* and here it ends; replay_why() */
};

enum replay_result replay_next(struct replay *, struct replay_frame *out);
const char *replay_why(struct replay *);

#endif /* PORTS_PCAP_REPLAY_H */
