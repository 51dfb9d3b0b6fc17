/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PCAPNG_H
#define PORTS_PCAPNG_H

#include "dataplane/punt.h"

/*
 * Writes a pcapng file (draft-ietf-opsawg-pcapng) into the capture folder: an interface for each
 * port, and with each frame its time, its port and its direction. A file of ours that is there is
 * continued with a section of its own. One that has grown to its limit becomes NAME.1, in place of
 * what had that name, and another is begun; one that somebody removed is begun anew within a
 * second. What could not be written whole is taken back, so the
 * file can be read at any time.
 *
 * Threads: control thread. Memory: its own; DIR is copied.
 */
struct pcapng;

/* LIMIT in octets. -EEXIST: something else is in the file. Others as capture_file_open(). */
int pcapng_open(const char *dir, const char *name, uint64_t limit, struct pcapng **out);
void pcapng_close(struct pcapng *); /* NULL is fine */
void pcapng_set_limit(struct pcapng *, uint64_t limit);

/* A frame of the port that is called PORT while its number is ID. 0, or why it is lost: -errno. */
int pcapng_put(struct pcapng *, port_id_t id, const char *port, enum capture_dir, uint64_t time_ns,
	       const uint8_t *frame, uint32_t len);

#endif /* PORTS_PCAPNG_H */
