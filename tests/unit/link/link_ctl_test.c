/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdio.h>
#include <time.h>

#include "link/link.h"
#include "ports/cable/cable.h"
#include "ports/memory/memory.h"
#include "tests/rig/port_rig.h"

/* Port in -> end a of link "l" ... end b -> port out. */
struct fixture {
	struct port_rig *rig;
	struct links *links;
	struct kind link;
	struct object *l;
	struct memory_port *in, *out;
	struct port *a, *b;
};

static void plug(struct fixture *f, const char *end)
{
	char name[16], spec[100];

	snprintf(name, sizeof(name), "l.%s", end);
	snprintf(spec, sizeof(spec),
		 "{\"switch\":\"s\",\"type\":\"cable\",\"link\":\"l\",\"end\":\"%s\"}", end);
	*(*end == 'a' ? &f->a : &f->b) = port_rig_start(f->rig, name, spec);
}

static int set_up(void **state)
{
	static const struct memory_config keep = { .keep_frames = 8 };
	static struct fixture f;
	struct faults faults = { 0 };

	f = (struct fixture){ .rig = port_rig_create() };
	assert_int_equal(links_create(&f.rig->env, &f.links), 0);
	f.link = *links_kind(f.links);
	f.l = port_rig_object(f.rig, "link", "l", "{}");
	f.link.prepare(f.link.ctx, f.rig->model, NULL, f.l, &faults);
	f.link.commit(f.link.ctx, NULL, f.l);
	plug(&f, "a");
	plug(&f, "b");
	memory_port_create(f.rig->env.engine, &keep, &f.in);
	memory_port_create(f.rig->env.engine, &keep, &f.out);
	f.rig->to[f.in->id] = f.a->id;
	f.rig->to[f.b->id] = f.out->id;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->a)
		port_rig_close(f->rig, f->a, false);
	if (f->b)
		port_rig_close(f->rig, f->b, false);
	f->link.release(f->link.ctx, f->l);
	memory_port_destroy(f->in);
	memory_port_destroy(f->out);
	links_destroy(f->links);
	port_rig_destroy(f->rig);
	return 0;
}

/* How many of one frame arrive. */
static unsigned int send(struct fixture *f)
{
	static const uint8_t frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	uint64_t before = memory_count(f->out, NULL);

	assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), 0);
	port_rig_run(f->rig, &f->in->source);
	return (unsigned int)(memory_count(f->out, NULL) - before);
}

static void set_link(struct fixture *f, bool up)
{
	struct object was;

	port_rig_respec(f->rig, f->l, up ? "{\"up\":true}" : "{\"up\":false}", &was);
	assert_int_equal(f->link.prepare(f->link.ctx, f->rig->model, &was, f->l, NULL), 0);
	f->link.commit(f->link.ctx, &was, f->l);
	json_decref(was.spec);
}

static void what_goes_in_comes_out_at_the_other_end(void **state)
{
	struct fixture *f = *state;

	assert_true(f->a->carrier && f->b->carrier);
	assert_int_equal(send(f), 1);
}

static void a_cut_link_takes_both_carriers(void **state)
{
	struct fixture *f = *state;

	set_link(f, false);
	assert_false(f->a->carrier || f->b->carrier);
	assert_true(port_rig_said(f->rig, "port l.b is down: its link is cut"));
	assert_int_equal(send(f), 0);
	set_link(f, true);
	assert_true(f->a->carrier && f->b->carrier);
	assert_int_equal(send(f), 1);
}

static void a_cut_end_takes_the_others_carrier(void **state)
{
	struct fixture *f = *state;

	f->b->wanted = false;
	f->b->type->carrier(f->b);
	assert_false(f->a->carrier || f->b->carrier);
	assert_int_equal(send(f), 0);
	f->b->wanted = true;
	f->b->type->carrier(f->b);
	assert_true(f->a->carrier && f->b->carrier);
	assert_int_equal(send(f), 1);
}

static void an_end_alone_has_no_carrier(void **state)
{
	struct fixture *f = *state;

	port_rig_close(f->rig, f->b, false);
	f->b = NULL;
	assert_false(f->a->carrier);
	assert_true(port_rig_said(f->rig, "port l.a is down: the other end is not plugged in"));
	assert_int_equal(send(f), 0);
	plug(f, "b");
	f->rig->to[f->b->id] = f->out->id;
	assert_true(f->a->carrier && f->b->carrier);
	assert_int_equal(send(f), 1);
}

static void a_ring_of_cables_ends_in_the_storm_budget(void **state)
{
	struct fixture *f = *state;
	struct port_count c;
	uint64_t dropped = 0;

	f->rig->to[f->b->id] = f->b->id;
	f->rig->to[f->a->id] = f->a->id;
	assert_int_equal(send(f), 0);
	port_counters(f->rig->env.engine, f->a->id, &c);
	for (unsigned int i = 0; engine_cause(f->rig->env.engine, i, NULL); i++)
		dropped += c.drop[i];
	port_counters(f->rig->env.engine, f->b->id, &c);
	for (unsigned int i = 0; engine_cause(f->rig->env.engine, i, NULL); i++)
		dropped += c.drop[i];
	assert_int_equal(dropped, 1);
}

static void status_says_who_is_at_the_other_end(void **state)
{
	struct fixture *f = *state;
	json_t *s = f->link.status(f->link.ctx, f->l), *p = json_object();

	assert_true(json_is_true(json_object_get(s, "carrier")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(s, "ends"), "a")),
			    "l.a");
	f->b->type->status(f->b, p);
	assert_string_equal(json_string_value(json_object_get(p, "peer")), "l.a");
	json_decref(s);
	json_decref(p);
}

static void what_cannot_be_is_said_in_words(void **state)
{
	static const struct {
		const char *why, *name, *spec, *message;
	} row[] = {
		{ "no link", "x", "{\"switch\":\"s\",\"type\":\"cable\",\"end\":\"a\"}",
		  "a cable's end needs a link" },
		{ "no end", "y", "{\"switch\":\"s\",\"type\":\"cable\",\"link\":\"l\"}",
		  "which end of the cable it is has to be said" },
		{ "an end twice", "z",
		  "{\"switch\":\"s\",\"type\":\"cable\",\"link\":\"l\",\"end\":\"a\"}",
		  "end a of link l is port l.a already" },
		{ "a link that could not be made", "w",
		  "{\"switch\":\"s\",\"type\":\"cable\",\"link\":\"m\",\"end\":\"a\"}",
		  "link m is not up" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		struct object *o = port_rig_object(f->rig, "port", row[i].name, row[i].spec);

		if (port_rig_open(f->rig, o, &faults))
			fail_msg("%s: opened", row[i].why);
		assert_string_equal(faults.v[0].message, row[i].message);
		faults_free(&faults);
	}
}

static double seconds(void)
{
	struct timespec t;

	/* Processor time: what else the machine does is none of it. */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void an_end_is_not_held_against_all_ports(void **state)
{
	enum { LINKS = 800, STEP = 100 };
	struct fixture *f = *state;
	struct faults faults = { 0 };
	struct object *end[STEP];
	double first = 0, last = 0, begin;

	for (unsigned int i = 0; i < LINKS; i++) {
		char name[16], at[20], spec[100];

		snprintf(name, sizeof(name), "k%u", i);
		port_rig_object(f->rig, "link", name, "{}");
		snprintf(spec, sizeof(spec), "{\"type\":\"cable\",\"link\":\"%s\",\"end\":\"a\"}",
			 name);
		snprintf(at, sizeof(at), "%s.a", name);
		end[i % STEP] = port_rig_object(f->rig, "port", at, spec);
		if ((i + 1) % STEP)
			continue;
		begin = seconds();
		for (unsigned int e = 0; e < 10 * STEP; e++)
			f->a->type->check(f->rig->model, end[e % STEP], &faults);
		last = seconds() - begin;
		if (i + 1 == STEP)
			first = last;
	}
	assert_int_equal(faults.n, 0);
	print_message("# %.4f s, then %.4f s\n", first, last);
	if (last > 4 * first + 0.01)
		fail_msg("%.4f s, then %.4f s", first, last);
}

static void a_link_that_fails_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct object *m = port_rig_object(f->rig, "link", "m", "{}");

	assert_int_equal(f->link.prepare(f->link.ctx, f->rig->model, NULL, m, NULL), 0);
	assert_non_null(cable_find("m"));
	f->link.abort(f->link.ctx, NULL, m);
	assert_null(cable_find("m"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_goes_in_comes_out_at_the_other_end),
		TEST(a_cut_link_takes_both_carriers),
		TEST(a_cut_end_takes_the_others_carrier),
		TEST(an_end_alone_has_no_carrier),
		TEST(a_ring_of_cables_ends_in_the_storm_budget),
		TEST(status_says_who_is_at_the_other_end),
		TEST(what_cannot_be_is_said_in_words),
		TEST(an_end_is_not_held_against_all_ports),
		TEST(a_link_that_fails_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
