/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_VHOST_RIG_H
#define TESTS_RIG_VHOST_RIG_H

#include "tests/rig/guest.h"
#include "tests/rig/port_rig.h"

/*
 * Virtual machines of our own (guest.h) at real ports of type vhost_user, in one process, without
 * root. Workers are threads, the control thread is the test's.
 */
#define VHOST_RIG_VMS 4u
#define VHOST_FRAME   (PKT_LEN_MAX + VLAN_TAG_LEN) /* room for any frame */

struct vhost_vm {
	struct port *port;
	struct guest *g;
};

struct vhost_rig {
	struct port_rig *rig;
	bool by_hand; /* no threads: see vhost_rig_run() */
	unsigned int n;
	struct vhost_vm vm[VHOST_RIG_VMS];
};

/* WORKERS 0: none runs, the test does their work whenever a guest waits. */
struct vhost_rig *vhost_rig_create(unsigned int workers);
void vhost_rig_run(struct vhost_rig *); /* all that all sources have, by hand */
void vhost_rig_destroy(struct vhost_rig *);

/*
 * A port vmN; MORE is JSON ("" or ",\"queues\":2"). The guest of that config (path and pump are set
 * here) is made, not started; NULL: none.
 */
struct vhost_vm *vhost_rig_plug(struct vhost_rig *, const char *more, const struct guest_config *);
/* As the daemon at its end (LEAVE) or the removal of the port; the guest stays. */
void vhost_rig_unplug(struct vhost_rig *, struct vhost_vm *, bool leave);
/* The port anew, under the same name. */
void vhost_rig_replug(struct vhost_rig *, struct vhost_vm *, const char *more);
/* Another guest at the same port, as the first was at its start. */
void vhost_rig_reboot(struct vhost_rig *, struct vhost_vm *);
/* What comes in at one goes out at the other. */
void vhost_rig_patch(struct vhost_rig *, const struct vhost_vm *a, const struct vhost_vm *b);
/* Both started, and patched. */
void vhost_rig_pair(struct vhost_rig *, const char *more, const struct guest_config *,
		    struct vhost_vm **a, struct vhost_vm **b);

/*
 * Forgets how often a frontend came and was sent away, so that a test may do in a second what a
 * port puts up with in an hour.
 */
void vhost_rig_forgive(struct vhost_vm *);

/* Rounds of the loop until YES, GUEST_WAIT_MS at most. */
bool vhost_rig_until(struct vhost_rig *, bool (*yes)(void *), void *arg);

/* A frame of LEN octets that says its number in each of them. */
void vhost_frame(uint8_t *out, uint32_t len, uint32_t number);
/* It is that one. */
bool vhost_frame_is(const uint8_t *frame, uint32_t len, uint32_t want_len, uint32_t number);

/*
 * N frames of assorted lengths up to MAX from A's pair to B's, each once, in order and unchanged.
 * What is wrong, or NULL.
 */
const char *vhost_rig_talk(struct vhost_vm *a, struct vhost_vm *b, unsigned int n, uint32_t max);

/* The counter of the drop that is called CAUSE, at port P. */
uint64_t vhost_rig_drops(struct vhost_rig *, const struct port *, const char *cause);

#endif /* TESTS_RIG_VHOST_RIG_H */
