/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PCAP_RECORD_H
#define PORTS_PCAP_RECORD_H

#include "base/compat.h"

/*
 * Writes a capture file (pcap, nanoseconds, Ethernet). A recording that is there is continued, so
 * that a daemon's restart loses nothing. What could not be written whole is taken back, so the
 * file can be read at any time.
 *
 * Threads: any, one at a time. record_put() and record_flush() neither allocate nor lock.
 */
struct record;

/* FD is taken over, also on failure. -EEXIST: something else than such a recording is in it. */
int record_open(int fd, struct record **out);
void record_close(struct record *); /* NULL is fine */

/* A burst: begin (one look at the clock), put each frame, flush. False: some of them were lost. */
void record_begin(struct record *);
void record_put(struct record *, const uint8_t *frame, uint32_t len);
bool record_flush(struct record *);

/* Frames since it was opened: written, and lost. Any thread. */
void record_count(const struct record *, uint64_t *kept, uint64_t *lost);

#endif /* PORTS_PCAP_RECORD_H */
