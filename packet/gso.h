/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_GSO_H
#define PACKET_GSO_H

#include "packet/offload.h"

/*
 * Finishes a frame for a receiver that does not take it as it is: cuts TSO and USO frames at
 * gso_size, makes IP fragments of UFO frames and fills in checksums that were left partial. Any
 * thread; no memory of its own.
 *
 * The frame has passed offload_check(). OUT gets each finished frame in turn as one piece of
 * octets, valid until it returns; ROOM of BUF is at least GSO_BUF. Returns how many, or -EINVAL
 * for a frame whose headers are not what its offload header says (then OUT was never called).
 */
#define GSO_BUF (PKT_LEN_MAX + VLAN_TAG_LEN + 8) /* and an IPv6 fragment header */
typedef void gso_out_fn(void *arg, const uint8_t *frame, uint32_t len);
int gso_finish(const struct tx_frame *, uint8_t *buf, size_t room, gso_out_fn *out, void *arg);

#endif /* PACKET_GSO_H */
