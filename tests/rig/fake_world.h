/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_FAKE_WORLD_H
#define TESTS_RIG_FAKE_WORLD_H

#include "control/control.h"

/*
 * What control/ makes real, without a machine: each kind of object is a thing in a list, a port's
 * device is taken by one port at a time, and the published view is a list of names. Every call is
 * checked against the order that control/kind.h promises; a step can be told to fail.
 */
struct thing {
	struct thing *next;
	char title[OBJECT_TITLE_LEN];
	unsigned int number; /* no other thing ever had it */
	json_t *spec, *pending; /* pending: prepared, not committed */
	bool live; /* committed, and not told to stop */
	bool doomed; /* released; gone only when its kind settles, and in the way until then */
	const struct thing *uses; /* a port's switch */
};

struct fake_world {
	struct thing *things;
	json_t *view, *compiled, *retired; /* {title: spec} */
	unsigned int fail_prepare, fail_compile; /* the nth from now fails; 0: none */
	bool fail_save; /* the store's next commit */
	bool fail_put; /* the store's next long row, in the middle of its transaction */
	unsigned int failed; /* how often something was made to fail */
	unsigned int published; /* views */
	unsigned int made; /* things */
	unsigned int left; /* objects let go of */

	const struct kind *kinds[9];
	const struct compiler *compilers[2];
	struct kind kind[8];
	struct compiler compiler;
};

/* Where it lies is part of it: the kinds point to it. */
void fake_world_init(struct fake_world *);
void fake_world_fini(struct fake_world *);
struct thing *fake_thing(const struct fake_world *, const char *kind, const char *name);

/*
 * Does what is there agree with WANTED, {kind: {name: spec}}, but for objects with a fault? Fails
 * the test with the first difference. MODEL is what control believes.
 */
void fake_world_agrees(const struct fake_world *, const struct model *, const json_t *wanted,
		       const char *when);

#endif /* TESTS_RIG_FAKE_WORLD_H */
