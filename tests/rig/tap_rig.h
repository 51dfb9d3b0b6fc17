/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_TAP_RIG_H
#define TESTS_RIG_TAP_RIG_H

#include "base/clock.h"
#include "ports/tap/tap_priv.h"
#include "tests/rig/port_rig.h"

/*
 * Real devices in namespaces that the program makes: hosts a and b with a port each, patched to one
 * another. What a test calls the machine is a namespace of its own, too.
 */
struct tap_rig {
	struct port_rig *rig;
	int ns[2]; /* of a and b */
};

void tap_rig_alone(void); /* first of all in main() */
/* For cmocka; *state is the rig. */
int tap_rig_set_up(void **state);
int tap_rig_tear_down(void **state);
void tap_rig_need_root(void); /* without it the test is skipped */

void tap_rig_run(int ns, const char *command); /* it must succeed */
int tap_rig_look(int ns, const char *device, struct netlink_link *out); /* -ENODEV */
/* Port eth0 of host a (0) or b, with address 10.0.0.1 or .2; MORE is JSON. */
struct port *tap_rig_plug(struct tap_rig *, unsigned int host, const char *more);
void tap_rig_patch(struct tap_rig *, const struct port *a, const struct port *b);

/* Runs the loop until YES is so; false: it was not within MS. */
#define WITHIN(rig, ms, yes)                                          \
	({                                                            \
		uint64_t _end = clock_ns() + (uint64_t)(ms)*1000000u; \
		bool _yes = (yes);                                    \
		while (!_yes && clock_ns() < _end) {                  \
			loop_once((rig)->env.loop, 5);                \
			_yes = (yes);                                 \
		}                                                     \
		_yes;                                                 \
	})
#define EVENTUALLY(rig, yes) WITHIN(rig, 60000, yes)

#endif /* TESTS_RIG_TAP_RIG_H */
