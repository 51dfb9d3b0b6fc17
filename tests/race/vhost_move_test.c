/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <pthread.h>
#include <sched.h>

#include "tests/rig/vhost_rig.h"

/*
 * Queues of virtual machines move from worker to worker all the time while frames go through them:
 * each comes once, in order, and no ring is touched by two workers.
 */
enum { WORKERS = 2, FRAMES = 6000 };

static const uint64_t packed = UINT64_C(1) << GUEST_F_RING_PACKED;
static const uint64_t event_idx = UINT64_C(1) << GUEST_F_EVENT_IDX;

struct mover {
	pthread_t thread;
	struct engine *engine;
	struct vhost_vm *vm[2];
	unsigned int moves;
	bool failed, done; /* done: atomic */
};

/* What the engine asks for the control thread is this thread's, until it has ended. */
static void *keep_moving(void *arg)
{
	struct mover *m = arg;

	while (!__atomic_load_n(&m->done, __ATOMIC_ACQUIRE) || m->moves < 2) {
		const struct port *p = m->vm[m->moves++ % 2]->port;
		struct source *s = NULL;

		while ((s = port_source(m->engine, p->id, s)))
			m->failed |= engine_move_source(m->engine, s, (s->worker + 1u) % WORKERS);
		sched_yield();
	}
	return NULL;
}

static void frames_pass_while_queues_move(void **state)
{
	static const struct {
		const char *why;
		uint64_t features;
	} row[] = {
		{ "split, with event index", GUEST_FEATURES & ~packed },
		{ "split, without", GUEST_FEATURES & ~packed & ~event_idx },
		{ "packed, with event index", GUEST_FEATURES },
		{ "packed, without", GUEST_FEATURES & ~event_idx },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct guest_config c = { .features = row[i].features };
		struct vhost_rig *r = vhost_rig_create(WORKERS);
		struct mover m = { .engine = r->rig->env.engine };
		const char *wrong;

		vhost_rig_pair(r, "", &c, &m.vm[0], &m.vm[1]);
		assert_int_equal(pthread_create(&m.thread, NULL, keep_moving, &m), 0);
		wrong = vhost_rig_talk(m.vm[0], m.vm[1], FRAMES, 1514);
		if (!wrong)
			wrong = vhost_rig_talk(m.vm[1], m.vm[0], FRAMES / 10, 9014);
		__atomic_store_n(&m.done, true, __ATOMIC_RELEASE);
		pthread_join(m.thread, NULL);
		if (wrong)
			fail_msg("%s: %s, after %u moves", row[i].why, wrong, m.moves);
		assert_false(m.failed);
		vhost_rig_destroy(r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_pass_while_queues_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
