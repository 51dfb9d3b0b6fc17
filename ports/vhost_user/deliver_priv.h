/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_VHOST_USER_DELIVER_PRIV_H
#define PORTS_VHOST_USER_DELIVER_PRIV_H

#include "ports/vhost_user/vhost_user_priv.h"

/* Between deliver_node.c and pieces_node.c: a receive queue while a burst is put into it. */
#define VU_ROOM_CHAINS 128u /* that one frame may be spread over */
#define VU_ROOM_PIECES 256u

/* What was taken and is not filled yet: chain[at] to chain[n - 1]. */
struct vu_room {
	struct vu_queue *q;
	unsigned int at, n;
	struct ring_chain chain[VU_ROOM_CHAINS];
	struct iovec piece[VU_ROOM_PIECES];
};

/* Any frame, into any chains. */
enum tx_verdict vu_put_slow(struct vu_room *, struct worker *, const struct tx_frame *);

#endif /* PORTS_VHOST_USER_DELIVER_PRIV_H */
