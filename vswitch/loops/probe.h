/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_LOOPS_PROBE_H
#define VSWITCH_LOOPS_PROBE_H

#include "base/siphash.h"
#include "packet/wire.h"

/*
 * A probe: a frame that goes out of one port of ours to see whether it comes in at another one, as
 * it does behind a guest that bridges its NICs. Bridges pass it like any group frame, hosts do not
 * look at it.
 *
 *	 0	destination	a group of nobody's; bridges keep none of it (8.6.3)
 *	 6	source		PROBE_SRC, and the number of the port
 *	12	type		local experiments (IEEE 802-2014 9.2.3)
 *	14	magic		"WLP1"
 *	18	port, VID	where it went out; the VLAN of the switch there
 *	22	number		of all that were sent, so that none counts twice
 *	30	seal		SipHash of 14 to 29, with a key that only this daemon has
 *	38			zero, up to the shortest frame
 *
 * Threads: any; pure.
 */
#define PROBE_LEN  60u
#define PROBE_ROOM (PROBE_LEN + VLAN_TAG_LEN)
#define PROBE_TYPE 0x88b5

/* As eth_src() gives it: 02:77:65:66, and two octets that say the port. */
#define PROBE_SRC      0x0000666577020000u
#define PROBE_SRC_MASK 0x0000ffffffff0000u

static inline bool probe_is_source(uint64_t src)
{
	return (src & PROBE_SRC_MASK) == PROBE_SRC;
}

struct probe {
	uint16_t port, vid;
	uint64_t number;
};

/* Writes a frame of the returned length to OUT, PROBE_ROOM octets. TPID 0: untagged, else in TCI.
 */
unsigned int probe_write(const struct siphash_key *, const struct probe *, uint16_t tpid,
			 uint16_t tci, uint8_t *out);

/*
 * Is it one that was sealed with this key? A guest may have put tags in front of it, two at most.
 * DATA is the head of a frame.
 */
bool probe_read(const struct siphash_key *, const uint8_t *data, unsigned int len,
		struct probe *out);

/*
 * A frame on its way to the control thread has no tag any more, and means nobody: the VLAN in which
 * it came in takes the place of its destination.
 */
static inline void probe_came_in(uint8_t *data, uint16_t vid)
{
	data[0] = (uint8_t)(vid >> 8);
	data[1] = (uint8_t)vid;
}
uint16_t probe_take_vid(uint8_t *data); /* and puts the destination back */

#endif /* VSWITCH_LOOPS_PROBE_H */
