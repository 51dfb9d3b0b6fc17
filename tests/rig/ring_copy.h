/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_RING_COPY_H
#define TESTS_RIG_RING_COPY_H

#include "virtio/ring.h"

/*
 * What nobody could do with less, for benches: a burst of frames copied from one split ring to the
 * other, with their 12 octets of header, a tag of VLAN VID added (0: the tag that each has taken
 * off). Nothing is checked and nothing counted; chains are single descriptors in the first region,
 * the receiving ring has room, and no driver wants signals. Returns how many.
 *
 * Threads: the one that would take from both rings, and nobody else takes from them ever.
 */
unsigned int ring_copy(struct ring *in, struct ring *out, uint16_t vid);

#endif /* TESTS_RIG_RING_COPY_H */
