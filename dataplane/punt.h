/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DATAPLANE_PUNT_H
#define DATAPLANE_PUNT_H

#include "dataplane/engine.h"
#include "dataplane/parcel.h"

/*
 * What goes from workers to the control thread and back as whole frames.
 *
 * Capture: copies of what comes in and goes out at chosen ports. Punt: a node hands a frame to a
 * service on the control thread (edge TO("punt"), the service's number in note[0]). Inject: a frame
 * made by the control thread enters the graph as if PORT had received it; the router is a port, so
 * that is all that a service needs to speak. Emit: it goes out of PORT as it is, tag and all, past
 * all stations, and is counted as sent there; for what a port itself has to say. A worker never
 * waits: what finds its ring full is a counted miss or a named drop.
 *
 * Threads: control thread.
 */
enum capture_dir { CAPTURE_IN, CAPTURE_OUT };

#define PUNT_SERVICES 32

/* An eventfd that becomes readable when a worker has put something; parcels_take() clears it. */
int parcels_fd(const struct engine *);
/* Takes out at most MAX of each ring and hands them to who asked. False: there is more. */
bool parcels_take(struct engine *, unsigned int max);

/* PARCEL.what is the direction. -ENOMEM: it stays off. */
int capture_port(struct engine *, port_id_t, bool on);
void capture_to(struct engine *, parcel_fn *, void *arg);
uint64_t capture_missed(const struct engine *);

/*
 * Copies that a station makes for the control thread, through the same rings: WHO, 1 to
 * COPY_WHO_MAX, says for whom. PARCEL.what tells both. copies_ready() comes first: -ENOMEM.
 */
#define COPY_WHO_MAX 0x7fff
int copies_ready(struct engine *);
void copies_to(struct engine *, parcel_fn *, void *arg);
/* On a worker. False: there was no room, the copy is missed. */
bool copy_put(struct worker *, unsigned int who, port_id_t, enum capture_dir,
	      const struct tx_frame *);
static inline unsigned int copy_who(const struct parcel *p)
{
	return p->what >> 1;
}
static inline enum capture_dir copy_dir(const struct parcel *p)
{
	return (enum capture_dir)(p->what & 1);
}

/* PARCEL.what is the service. */
void punt_to(struct engine *, unsigned int service, parcel_fn *, void *arg);

/* -ENOBUFS: full, -EMSGSIZE: no frame is that long. The offload header may be NULL: none. */
int inject(struct engine *, port_id_t, const uint8_t *frame, uint32_t len,
	   const struct virtio_net_hdr_v1 *);
int emit(struct engine *, port_id_t, const uint8_t *frame, uint32_t len,
	 const struct virtio_net_hdr_v1 *);

#endif /* DATAPLANE_PUNT_H */
