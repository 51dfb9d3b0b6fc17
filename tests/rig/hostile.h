/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_HOSTILE_H
#define TESTS_RIG_HOSTILE_H

#include "packet/pkt.h"

/*
 * Frames that nobody should send: runts and giants, tags in tags, lengths that lie, offload headers
 * drawn at random, and among them good ones, so that something gets through. From random().
 */
struct hostile {
	uint8_t frame[PKT_LEN_MAX];
	uint32_t len;
	uint32_t piece; /* octets of each segment behind the head */
	struct virtio_net_hdr_v1 vnet;
};

void hostile_frame(struct hostile *);

#endif /* TESTS_RIG_HOSTILE_H */
