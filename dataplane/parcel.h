/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_PARCEL_H
#define DATAPLANE_PARCEL_H

#include "dataplane/spsc.h"
#include "packet/pkt.h"

/*
 * A whole frame as a record in a ring between a worker and the control thread: what capture, punt
 * and inject send. One thread puts, one takes.
 */
struct parcel {
	port_id_t port;
	uint16_t what; /* capture: the direction; punt: the service */
	uint32_t len; /* octets of data, tag included */
	uint64_t time_ns; /* CLOCK_REALTIME, or 0 */
	struct virtio_net_hdr_v1 vnet;
	const uint8_t *data; /* taken: valid until the callback returns */
};

typedef void parcel_fn(void *arg, const struct parcel *);

/* The frame as it would go out. False: the ring is full. P's len, vnet and data are set from F. */
bool parcel_put(struct spsc *, struct parcel p, const struct tx_frame *f);
/* The same from plain octets: p.data, p.len and p.vnet as they are. */
bool parcel_put_flat(struct spsc *, const struct parcel *p);

/* Takes out at most MAX; returns how many. */
unsigned int parcel_take(struct spsc *, parcel_fn *, void *arg, unsigned int max);

#endif /* DATAPLANE_PARCEL_H */
