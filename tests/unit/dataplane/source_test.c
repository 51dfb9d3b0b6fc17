/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/rig/polled.h"

enum { WORKERS = 3, PORTS = 6 };

struct fixture {
	struct engine *e;
	struct polled p[PORTS];
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .e = polled_engine(WORKERS) };
	for (unsigned int i = 0; i < PORTS; i++)
		polled_create(f.e, true, &f.p[i]);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < PORTS; i++)
		polled_destroy(&f->p[i]);
	engine_destroy(f->e);
	return 0;
}

static unsigned int count(const struct fixture *f, unsigned int worker)
{
	unsigned int n = 0;

	for (unsigned int at = 0; engine_source(f->e, worker, &at);)
		n++;
	return n;
}

static void a_new_source_goes_where_there_are_fewest(void **state)
{
	struct fixture *f = *state;

	/* Worker 0 also has what the control thread puts in. */
	assert_int_equal(count(f, 0), 3);
	assert_int_equal(count(f, 1), 2);
	assert_int_equal(count(f, 2), 2);
	polled_destroy(&f->p[3]);
	polled_destroy(&f->p[0]);
	polled_create(f->e, true, &f->p[0]);
	polled_create(f->e, true, &f->p[3]);
	assert_int_equal(count(f, 0) + count(f, 1) + count(f, 2), PORTS + 1);
	for (unsigned int i = 0; i < WORKERS; i++)
		assert_in_range(count(f, i), 2, 3);
}

static void a_pinned_port_has_all_its_sources_on_one_worker(void **state)
{
	struct fixture *f = *state;
	struct source more[4];

	assert_int_equal(engine_pin(f->e, f->p[0].id, 2), 0);
	assert_int_equal(f->p[0].source.worker, 2);
	for (unsigned int i = 0; i < 4; i++) { /* now and later */
		more[i] = (struct source){ .port = f->p[0].id, .fd = -1, .rx = f->p[0].source.rx };
		assert_int_equal(engine_add_source(f->e, &more[i]), 0);
		assert_int_equal(more[i].worker, 2);
	}
	assert_int_equal(engine_pin(f->e, f->p[0].id, 1), 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(more[i].worker, 1);
	assert_int_equal(f->p[0].source.worker, 1);
	assert_int_equal(engine_pin(f->e, f->p[0].id, -1), 0);
	assert_int_equal(f->p[0].source.worker, 1); /* it stays until there is a reason */
	for (unsigned int i = 0; i < 4; i++)
		engine_del_source(f->e, &more[i]);
	assert_ptr_equal(port_source(f->e, f->p[0].id, NULL), &f->p[0].source);
	assert_null(port_source(f->e, f->p[0].id, &f->p[0].source));
}

static void a_number_that_was_given_back_is_pinned_no_more(void **state)
{
	struct fixture *f = *state;
	port_id_t id = f->p[5].id;

	assert_int_equal(engine_pin(f->e, id, 2), 0);
	engine_del_source(f->e, &f->p[5].source);
	port_free(f->e, id);
	f->p[5].source.fd = -1;
	for (unsigned int i = 0; i < WORKERS; i++) { /* anywhere, so that one is elsewhere */
		assert_int_equal(engine_add_source(f->e, &f->p[5].source), 0);
		if (f->p[5].source.worker != 2)
			return;
		engine_del_source(f->e, &f->p[5].source);
		assert_int_equal(engine_move_source(f->e, &f->p[i].source, 2), 0);
	}
	fail_msg("it is still on worker 2");
}

static void what_was_taken_out_twice_is_out_once(void **state)
{
	struct fixture *f = *state;
	struct polled heir;

	engine_del_source(f->e, &f->p[1].source);
	polled_create(f->e, true, &heir); /* of its slot */
	assert_int_equal(heir.source.slot, f->p[1].source.slot);
	assert_int_equal(heir.source.worker, f->p[1].source.worker);
	engine_del_source(f->e, &f->p[1].source);
	assert_int_equal(engine_start(f->e), 0);
	polled_put(&heir, 3);
	assert_true(polled_await(&heir.got, 3));
	polled_destroy(&heir);
}

static void a_descriptor_that_cannot_be_watched_is_refused_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct source s = { .port = f->p[0].id, .rx = f->p[0].source.rx };
	unsigned int before = count(f, 0) + count(f, 1) + count(f, 2);
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	s.fd = fd[0];
	assert_true(engine_add_source(f->e, &s) < 0);
	assert_int_equal(count(f, 0) + count(f, 1) + count(f, 2), before);
	assert_ptr_equal(port_source(f->e, f->p[0].id, NULL), &f->p[0].source);
	close(fd[1]);
}

static void a_source_that_cannot_move_stays_where_it_is(void **state)
{
	struct fixture *f = *state;
	struct source *s = &f->p[0].source;
	unsigned int to = (s->worker + 1u) % WORKERS;
	struct source rival = { .port = f->p[0].id, .rx = s->rx, .fd = s->fd };

	/* The descriptor is watched there already. */
	assert_int_equal(engine_pin(f->e, f->p[0].id, (int)to), 0);
	assert_int_equal(engine_pin(f->e, f->p[0].id, -1), 0);
	assert_int_equal(engine_move_source(f->e, s, (to + 1) % WORKERS), 0);
	assert_int_equal(engine_pin(f->e, f->p[1].id, (int)to), 0);
	rival.port = f->p[1].id;
	assert_int_equal(engine_add_source(f->e, &rival), 0);
	assert_true(engine_move_source(f->e, s, to) < 0);
	assert_int_equal(s->worker, (to + 1) % WORKERS);
	engine_del_source(f->e, &rival);
	assert_int_equal(engine_move_source(f->e, s, to), 0);
	assert_int_equal(engine_start(f->e), 0);
	polled_put(&f->p[0], 9);
	assert_true(polled_await(&f->p[0].got, 9));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_new_source_goes_where_there_are_fewest),
		TEST(a_pinned_port_has_all_its_sources_on_one_worker),
		TEST(a_number_that_was_given_back_is_pinned_no_more),
		TEST(what_was_taken_out_twice_is_out_once),
		TEST(a_descriptor_that_cannot_be_watched_is_refused_and_leaves_nothing),
		TEST(a_source_that_cannot_move_stays_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
