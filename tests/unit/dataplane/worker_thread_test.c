/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/rcu.h"
#include "ports/memory/memory.h"
#include "tests/rig/polled.h"

/* One worker, a polled port, and one that only has a descriptor. */
struct fixture {
	struct engine *e;
	struct polled p;
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .e = polled_engine(1) };
	polled_create(f.e, true, &f.p);
	*state = &f;
	return engine_start(f.e);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	polled_destroy(&f->p);
	engine_destroy(f->e);
	return 0;
}

static uint64_t sleeps(const struct fixture *f)
{
	struct worker_count c;

	worker_counters(f->e, 0, &c);
	return c.sleeps;
}

/* Until the worker sleeps for the Nth time. */
static bool await_sleep(const struct fixture *f, uint64_t n)
{
	for (unsigned int i = 0; i < 30000 && sleeps(f) < n; i++)
		usleep(1000);
	return sleeps(f) >= n;
}

static void a_silent_source_rests_and_is_asked_no_more(void **state)
{
	struct fixture *f = *state;
	struct polled other;
	uint64_t asked;

	assert_true(polled_await(&f->p.armed, 1));
	asked = f->p.asked;
	polled_create(f->e, true, &other);
	for (unsigned int i = 1; i <= 100; i++) { /* a worker that is awake */
		polled_put(&other, 3);
		assert_true(polled_await(&other.got, 3 * i));
	}
	assert_int_equal(f->p.asked, asked);
	assert_int_equal(other.wrong, 0);
	polled_destroy(&other);
}

static void a_source_at_rest_is_polled_when_it_signals(void **state)
{
	struct fixture *f = *state;
	uint64_t disarmed;

	assert_true(polled_await(&f->p.armed, 1));
	assert_true(await_sleep(f, 1));
	disarmed = f->p.disarmed;
	polled_put(&f->p, 1);
	assert_true(polled_await(&f->p.got, 1));
	assert_int_equal(f->p.signals, 1);
	assert_int_equal(f->p.disarmed, disarmed + 1);
}

static void its_descriptor_is_never_read_and_still_tells(void **state)
{
	struct fixture *f = *state;
	uint64_t n;

	for (unsigned int i = 1; i <= 20; i++) {
		assert_true(polled_await(&f->p.armed, i));
		assert_true(await_sleep(f, i));
		polled_put(&f->p, 1);
		assert_true(polled_await(&f->p.got, i));
	}
	assert_int_equal(read(f->p.source.fd, &n, sizeof(n)), sizeof(n));
	assert_int_equal(n, f->p.signals);
}

static void an_alarm_with_nothing_behind_it_is_not_believed_for_ever(void **state)
{
	struct fixture *f = *state;
	uint64_t slept;

	assert_true(await_sleep(f, 1));
	f->p.liar = true;
	slept = sleeps(f);
	polled_put(&f->p, 1);
	assert_true(await_sleep(f, slept + 1));
	polled_put(&f->p, 1); /* it is still heard */
	assert_true(polled_await(&f->p.got, 2));
	assert_true(await_sleep(f, slept + 2));
}

static void who_cannot_signal_is_served_all_the_same(void **state)
{
	struct fixture *f = *state;
	struct polled dumb;

	polled_create(f->e, false, &dumb);
	for (unsigned int i = 1; i <= 5; i++) {
		assert_true(await_sleep(f, sleeps(f) + 2)); /* it naps */
		polled_put(&dumb, 40);
		assert_true(polled_await(&dumb.got, 40 * i));
	}
	assert_int_equal(dumb.armed, 0);
	assert_int_equal(dumb.wrong, 0);
	polled_destroy(&dumb);
}

static void a_signal_for_what_is_gone_hits_nobody(void **state)
{
	struct fixture *f = *state;
	struct polled gone, heir;

	engine_stop(f->e);
	polled_create(f->e, true, &gone);
	gone.wanted = true;
	polled_put(&gone, 1);
	polled_destroy(&gone);
	polled_create(f->e, true, &heir); /* of its slot */
	assert_int_equal(heir.source.slot, gone.source.slot);
	assert_int_not_equal(heir.source.serial, gone.source.serial);
	assert_int_equal(engine_start(f->e), 0);
	polled_put(&heir, 7);
	assert_true(polled_await(&heir.got, 7));
	assert_int_equal(gone.got, 0);
	polled_destroy(&heir);
}

static void a_worker_that_was_stopped_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;

	assert_true(await_sleep(f, 1));
	engine_stop(f->e);
	polled_put(&f->p, 3);
	assert_int_equal(engine_start(f->e), 0);
	assert_true(polled_await(&f->p.got, 3));
	assert_int_equal(f->p.wrong, 0);
}

static void polled_and_reported_sources_take_turns(void **state)
{
	enum { FRAMES = 4000 };
	struct fixture *f = *state;
	static const struct memory_config wake = { .wake = true, .feed_frames = FRAMES };
	static const uint8_t frame[60];
	struct memory_port *m;
	struct polled other;
	uint64_t turns, slept;

	engine_stop(f->e);
	slept = sleeps(f);
	polled_create(f->e, true, &other);
	assert_int_equal(memory_port_create(f->e, &wake, &m), 0);
	for (unsigned int i = 0; i < FRAMES; i++)
		assert_int_equal(memory_feed(m, frame, sizeof(frame), NULL, 0), 0);
	polled_put(&f->p, 1u << 31); /* without an end */
	polled_put(&other, 1u << 31);
	assert_int_equal(engine_start(f->e), 0);
	assert_true(polled_await(&m->source.frames, FRAMES));
	engine_stop(f->e);
	turns = f->p.got / BURST_MAX;
	assert_true(turns >= FRAMES / BURST_MAX);
	assert_int_equal(other.got / BURST_MAX, turns);
	assert_int_equal(sleeps(f), slept);
	assert_int_equal(f->p.wrong + other.wrong, 0);
	memory_port_destroy(m);
	polled_destroy(&other);
}

static void bursts_are_counted_by_their_size(void **state)
{
	static const struct {
		const char *why;
		unsigned int put;
		uint64_t burst[WORKER_BURSTS];
	} row[] = {
		{ "one", 1, { 1 } },
		{ "from two on", 2, { 0, 1 } },
		{ "up to three", 3, { 0, 1 } },
		{ "fifteen", 15, { 0, 0, 0, 1 } },
		{ "sixteen", 16, { 0, 0, 0, 0, 1 } },
		{ "a full one", 32, { 0, 0, 0, 0, 0, 1 } },
		{ "a full one and what is left", 36, { 0, 0, 1, 0, 0, 1 } },
	};
	struct fixture *f = *state;
	struct worker_count was, is;
	uint64_t got = 0;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		engine_stop(f->e);
		worker_counters(f->e, 0, &was);
		polled_put(&f->p, row[i].put);
		got += row[i].put;
		assert_int_equal(engine_start(f->e), 0);
		assert_true(polled_await(&f->p.got, got));
		assert_true(await_sleep(f, was.sleeps + 1));
		worker_counters(f->e, 0, &is);
		assert_int_equal(is.frames - was.frames, row[i].put);
		assert_true(is.busy > was.busy && is.elapsed > was.elapsed);
		for (unsigned int b = 0; b < WORKER_BURSTS; b++) {
			if (is.burst[b] - was.burst[b] != row[i].burst[b])
				fail_msg("%s: %lu bursts of size %u", row[i].why,
					 is.burst[b] - was.burst[b], b);
		}
	}
	assert_int_equal(f->p.source.frames, got);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_silent_source_rests_and_is_asked_no_more),
		TEST(a_source_at_rest_is_polled_when_it_signals),
		TEST(its_descriptor_is_never_read_and_still_tells),
		TEST(an_alarm_with_nothing_behind_it_is_not_believed_for_ever),
		TEST(who_cannot_signal_is_served_all_the_same),
		TEST(a_signal_for_what_is_gone_hits_nobody),
		TEST(a_worker_that_was_stopped_goes_on_where_it_was),
		TEST(polled_and_reported_sources_take_turns),
		TEST(bursts_are_counted_by_their_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
