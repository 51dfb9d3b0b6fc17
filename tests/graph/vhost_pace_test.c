/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a worker spins and when it sleeps, by what a guest has it do. The machine may have other
 * things to do as well, so that each is tried until it is seen once.
 */
#include <time.h>

#include "base/clock.h"
#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

enum { TRIES = 2000, FRAMES = 500, EVERY_US = 15, LOOK_MS = 20 };

static struct worker_count count(struct vhost_rig *r)
{
	struct worker_count c;

	worker_counters(r->rig->env.engine, 0, &c);
	return c;
}

/* Of FRAMES, one after another. */
static void trickle(struct vhost_vm *a, struct vhost_vm *b)
{
	static uint8_t frame[VHOST_FRAME];

	for (unsigned int i = 0; i < FRAMES; i++) {
		uint64_t next = clock_ns() + EVERY_US * 1000;

		vhost_frame(frame, 60, i);
		while (guest_send(a->g, 0, frame, 60, NULL))
			guest_await_sent(a->g, 0);
		while (clock_ns() < next)
			guest_receive(b->g, 0, frame, sizeof(frame), NULL);
	}
	while (guest_receive(b->g, 0, frame, sizeof(frame), NULL))
		continue;
}

/* It has nothing to do between two frames; to sleep there would cost more than to look around. */
static void a_worker_that_hears_often_does_not_sleep(void **state)
{
	static const struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	uint64_t least = UINT64_MAX;
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int i = 0; i < TRIES && least > FRAMES / 10; i++) {
		uint64_t before = count(r).sleeps;

		trickle(a, b);
		least = MIN(least, count(r).sleeps - before);
	}
	print_message("# %lu sleeps in %d frames\n", (unsigned long)least, FRAMES);
	assert_true(least <= FRAMES / 10);
	vhost_rig_destroy(r);
}

static void a_worker_that_hears_nothing_sleeps(void **state)
{
	static const struct timespec look = { 0, LOOK_MS * 1000000 };
	static const struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	uint64_t awake = 1, elapsed = 1;
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	trickle(a, b);
	for (unsigned int i = 0; i < TRIES && awake > elapsed / 20; i++) {
		struct worker_count was = count(r), is;

		nanosleep(&look, NULL);
		is = count(r);
		awake = is.busy + is.polling - was.busy - was.polling;
		elapsed = is.elapsed - was.elapsed;
	}
	assert_true(count(r).sleeps > 0);
	assert_true(awake <= elapsed / 20);
	vhost_rig_destroy(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_that_hears_often_does_not_sleep),
		cmocka_unit_test(a_worker_that_hears_nothing_sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
