/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_OFFLOAD_END_H
#define TESTS_RIG_OFFLOAD_END_H

#include "packet/offload.h"
#include "tests/rig/vhost_rig.h"

/*
 * The far sides of ports of each type, all alike: somebody who sends a frame with an offload header
 * and gets what comes. A machine of our own, a program behind a kernel device, a file, an array.
 *
 * Threads: one; workers are run by hand (vhost_rig_create(0)).
 */
struct offload_end;

struct offload_end_type {
	const char *name;
	unsigned int takes; /* OFFLOAD_* that must come as they are */
	unsigned int gives; /* OFFLOAD_* that it can send */
	unsigned int shows; /* OFFLOAD_* of which it can say whether they came right */
	bool kernel; /* what it sends passes a kernel, which may finish it, in part or whole */
	bool root;
	/* NULL: ready; else why there is none here. */
	const char *(*open)(struct offload_end *);
	void (*close)(struct offload_end *);
	void (*send)(struct offload_end *, const uint8_t *frame, uint32_t len,
		     const struct virtio_net_hdr_v1 *);
	/* The next frame that came out, its length; 0: none. */
	uint32_t (*receive)(struct offload_end *, uint8_t *frame, struct virtio_net_hdr_v1 *);
};

struct offload_end {
	const struct offload_end_type *type;
	struct vhost_rig *r;
	unsigned int number; /* in names */
	port_id_t id, to;
	struct port *port;
	struct vhost_vm *vm;
	struct memory_port *memory;
	unsigned int seen; /* frames that were received */
	bool more; /* another must come: receive() waits for it */
	int sock; /* of a kernel's device */
};

extern const struct offload_end_type offload_ends[];
extern const unsigned int n_offload_ends;

#endif /* TESTS_RIG_OFFLOAD_END_H */
