/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wires from the model to what workers read, and their carriers: real objects and frames, ports of
 * memory, whose far side the test plugs in and out.
 */
#include "tests/test.h"

#include <stdio.h>

#include "base/rcu.h"
#include "daemon/graph.h"
#include "link/link.h"
#include "ports/memory/memory.h"
#include "tests/rig/port_rig.h"
#include "vswitch/vsw.h"

enum { A, B, C, PORTS };

struct end {
	struct port port;
	struct memory_port *memory;
	struct object *o;
	bool there; /* the far side */
	unsigned int shown; /* times that its carrier changed */
};

struct fixture {
	struct port_rig *rig; /* for its model */
	struct port_env env;
	struct engine *engine;
	struct links *links;
	const struct kind *kind;
	const struct compiler *c;
	struct vsw_view *none;
	struct end end[PORTS];
	struct object *w;
};

static void end_carrier(struct port *p)
{
	struct end *e = container_of(p, struct end, port);
	bool was = p->carrier;

	port_ready_is(p, p->wanted && e->there);
	port_carrier_is(p, e->there && port_is_on(p), e->there ? port_why_off(p) : "unplugged");
	e->shown += was != p->carrier;
}

static const struct port_type end_type = { .name = "memory", .carrier = end_carrier };

static void publish(struct fixture *f)
{
	struct faults faults = { 0 };

	assert_int_equal(f->c->compile(f->c->ctx, f->rig->model, &faults), 0);
	f->c->publish(f->c->ctx);
	rcu_wait();
	f->c->retire(f->c->ctx);
	f->kind->settle(f->kind->ctx);
}

static void set_spec(struct fixture *f, struct object *o, const char *spec)
{
	struct object was;

	port_rig_respec(f->rig, o, spec, &was);
	json_decref(was.spec);
	for (unsigned int i = 0; i < PORTS; i++)
		f->end[i].port.wanted = object_bool(f->end[i].o, "up");
	publish(f);
	for (unsigned int i = 0; i < PORTS; i++)
		end_carrier(&f->end[i].port);
}

static void plug(struct fixture *f, unsigned int i, bool there)
{
	f->end[i].there = there;
	end_carrier(&f->end[i].port);
}

static int set_up(void **state)
{
	static const struct memory_config keep = { .keep_frames = 8 };
	static struct fixture f;
	struct faults faults = { 0 };

	f = (struct fixture){ .rig = port_rig_create() };
	assert_int_equal(engine_create(weft_graph, 1, &f.engine, &faults), 0);
	f.env = f.rig->env;
	f.env.engine = f.engine;
	assert_int_equal(links_create(&f.env, &f.links), 0);
	f.kind = links_kind(f.links);
	f.c = links_compiler(f.links);
	assert_int_equal(vsw_view_build(NULL, 0, &f.none), 0);
	engine_stage(f.engine, VSW_VIEW, f.none);
	f.w = port_rig_object(f.rig, "link", "w", "{\"mode\":\"wire\",\"a\":\"p0\",\"b\":\"p1\"}");
	for (unsigned int i = 0; i < PORTS; i++) {
		struct end *e = &f.end[i];
		char name[4];

		snprintf(name, sizeof(name), "p%u", i);
		assert_int_equal(memory_port_create(f.engine, &keep, &e->memory), 0);
		e->port = (struct port){ .env = &f.env, .type = &end_type, .wanted = true };
		e->port.id = e->memory->id;
		e->there = true;
		snprintf(e->port.name, sizeof(e->port.name), "%s", name);
		e->o = port_rig_object(f.rig, "port", name, "{}");
		e->o->run = &e->port;
	}
	publish(&f);
	for (unsigned int i = 0; i < PORTS; i++)
		end_carrier(&f.end[i].port);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < PORTS; i++)
		memory_port_destroy(f->end[i].memory);
	links_destroy(f->links);
	engine_destroy(f->engine);
	vsw_view_free(f->none);
	port_rig_destroy(f->rig);
	return 0;
}

/* Which port a frame comes out of, -1: none. Of its drop, the cause is in *cause. */
static int goes_to(struct fixture *f, unsigned int from, const char **cause)
{
	static const uint8_t frame[60] = { 0x01, 0x80, 0xc2, 0, 0, 2 };
	struct port_count was, now;
	int to = -1;

	for (unsigned int i = 0; i < PORTS; i++)
		memory_forget(f->end[i].memory);
	port_counters(f->engine, f->end[from].port.id, &was);
	assert_int_equal(memory_feed(f->end[from].memory, frame, sizeof(frame), NULL, 0), 0);
	worker_run(engine_worker(f->engine, 0), &f->end[from].memory->source);
	memory_drain(f->end[from].memory);
	port_counters(f->engine, f->end[from].port.id, &now);
	*cause = NULL;
	for (unsigned int i = 0; engine_cause(f->engine, i, NULL); i++) {
		if (now.drop[i] != was.drop[i])
			*cause = engine_cause(f->engine, i, NULL);
	}
	for (unsigned int i = 0; i < PORTS; i++) {
		if (!memory_frame(f->end[i].memory, 0))
			continue;
		assert_int_equal(to, -1);
		to = (int)i;
	}
	return to;
}

static const char *held(const struct fixture *f, unsigned int i)
{
	return f->end[i].port.held ?: "";
}

static bool on(const struct fixture *f, unsigned int i)
{
	return f->end[i].port.carrier;
}

static void frames_cross_both_ways(void **state)
{
	struct fixture *f = *state;
	const char *cause;

	assert_true(on(f, A) && on(f, B));
	assert_int_equal(goes_to(f, A, &cause), B);
	assert_int_equal(goes_to(f, B, &cause), A);
	assert_int_equal(goes_to(f, C, &cause), -1);
	assert_string_equal(cause, "port is plugged into no switch");
	assert_string_equal(held(f, C), "it is plugged into no switch and no link");
	assert_false(on(f, C));
}

static void a_cut_wire_takes_both_carriers(void **state)
{
	struct fixture *f = *state;
	const char *cause;

	set_spec(f, f->w, "{\"mode\":\"wire\",\"a\":\"p0\",\"b\":\"p1\",\"up\":false}");
	assert_false(on(f, A) || on(f, B));
	assert_string_equal(held(f, A), "its link is cut");
	assert_int_equal(goes_to(f, A, &cause), -1);
	assert_string_equal(cause, "link is cut");
	assert_true(port_rig_said(f->rig, "port p1 is down: its link is cut"));
	assert_true(port_rig_said(f->rig, "link w is down: it is cut"));
	set_spec(f, f->w, "{\"mode\":\"wire\",\"a\":\"p0\",\"b\":\"p1\"}");
	assert_true(on(f, A) && on(f, B));
	assert_int_equal(goes_to(f, A, &cause), B);
	assert_true(port_rig_said(f->rig, "link w is up: both its ends have a carrier"));
}

static void a_port_that_is_cut_takes_the_others_carrier(void **state)
{
	struct fixture *f = *state;
	const char *cause;

	set_spec(f, f->end[A].o, "{\"up\":false}");
	assert_false(on(f, A) || on(f, B));
	assert_string_equal(held(f, B), "the other end of its link is down");
	assert_int_equal(goes_to(f, A, &cause), -1);
	assert_string_equal(cause, "ingress port is down");
	set_spec(f, f->end[A].o, "{}");
	assert_true(on(f, A) && on(f, B));
}

static void who_is_unplugged_takes_the_others_carrier(void **state)
{
	struct fixture *f = *state;
	unsigned int before = f->end[B].shown;

	plug(f, A, false);
	assert_false(on(f, A) || on(f, B));
	assert_true(port_rig_said(f->rig, "port p1 is down: the other end of its link is down"));
	plug(f, A, true);
	assert_true(on(f, A) && on(f, B));
	assert_int_equal(f->end[B].shown, before + 2);
}

static void two_that_lost_one_another_come_back_in_any_order(void **state)
{
	struct fixture *f = *state;

	for (unsigned int first = A; first <= B; first++) {
		plug(f, A, false);
		plug(f, B, false);
		assert_false(on(f, A) || on(f, B));
		plug(f, first, true);
		assert_false(on(f, A) || on(f, B));
		plug(f, A + B - first, true);
		assert_true(on(f, A) && on(f, B));
	}
}

static void an_end_can_be_moved(void **state)
{
	struct fixture *f = *state;
	unsigned int before = f->end[A].shown;
	const char *cause;

	set_spec(f, f->w, "{\"mode\":\"wire\",\"a\":\"p0\",\"b\":\"p2\"}");
	assert_true(on(f, A) && on(f, C));
	assert_false(on(f, B));
	assert_string_equal(held(f, B), "it is plugged into no switch and no link");
	assert_int_equal(goes_to(f, A, &cause), C);
	assert_int_equal(goes_to(f, C, &cause), A);
	assert_int_equal(goes_to(f, B, &cause), -1);
	assert_int_equal(f->end[A].shown, before); /* it never lost its carrier */
}

static void a_port_that_goes_leaves_the_other_alone(void **state)
{
	struct fixture *f = *state;
	json_t *s;

	port_is_gone(&f->end[B].port);
	plug(f, B, false); /* as it is taken apart: nobody listens to it any more */
	f->end[B].o->run = NULL;
	publish(f);
	assert_false(on(f, A));
	assert_string_equal(held(f, A), "the other end of its link is not there");
	s = f->kind->status(f->kind->ctx, f->w);
	assert_true(json_is_null(json_object_get(json_object_get(s, "ends"), "b")));
	assert_true(json_is_false(json_object_get(s, "carrier")));
	json_decref(s);
	assert_true(port_rig_said(f->rig, "link w is down: one of its ends is"));
}

static void what_is_not_published_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct faults faults = { 0 };
	struct object was;
	const char *cause;

	port_rig_respec(f->rig, f->w, "{\"mode\":\"wire\",\"a\":\"p0\",\"b\":\"p2\"}", &was);
	assert_int_equal(f->c->compile(f->c->ctx, f->rig->model, &faults), 0);
	f->c->discard(f->c->ctx);
	engine_publish(f->engine);
	assert_int_equal(goes_to(f, A, &cause), B);
	plug(f, A, false);
	assert_false(on(f, B));
	json_decref(f->w->spec);
	f->w->spec = was.spec;
}

static void both_are_told_whom_they_see(void **state)
{
	struct fixture *f = *state;
	json_t *s = json_object();

	port_ask_status(&f->end[B].port, s);
	assert_string_equal(json_string_value(json_object_get(s, "wire")), "w");
	assert_string_equal(json_string_value(json_object_get(s, "peer")), "p0");
	json_object_clear(s);
	port_ask_status(&f->end[C].port, s);
	assert_int_equal(json_object_size(s), 0);
	json_decref(s);
}

static void what_cannot_be_is_said_in_words(void **state)
{
	static const struct {
		const char *why, *spec, *pointer, *message;
	} row[] = {
		{ "no end", "{'mode':'wire','a':'p2'}", "/b", "end b of wire x is missing" },
		{ "one port at both ends", "{'mode':'wire','a':'p2','b':'p2'}", "/b",
		  "both ends of wire x are port p2" },
		{ "a port in a switch", "{'mode':'wire','a':'p2','b':'in'}", "/b",
		  "port in is in switch s, so no wire can end there" },
		{ "a port at another wire", "{'mode':'wire','a':'p1','b':'p2'}", "/a",
		  "port p1 is an end of wire w already" },
		{ "a port in a link between switches", "{'a':'p2'}", "/a",
		  "only a wire names ports: the ends of a link between switches are ports x.a "
		  "and x.b" },
		{ "all is well", "{'mode':'wire','a':'p2','b':'free'}", NULL, NULL },
	};
	struct fixture *f = *state;

	port_rig_object(f->rig, "port", "in", "{\"switch\":\"s\"}");
	port_rig_object(f->rig, "port", "free", "{}");
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		char name[] = "x", spec[128];
		struct object o = { .schema = schema_find("link") };
		json_t *raw;

		snprintf(o.name, sizeof(o.name), "%s", name);
		snprintf(spec, sizeof(spec), "%s", row[i].spec);
		for (char *c = spec; (c = strchr(c, '\''));)
			*c = '"';
		raw = json_loads(spec, 0, NULL);
		o.spec = schema_check(o.schema, raw, &faults);
		assert_non_null(o.spec);
		f->kind->check(f->kind->ctx, f->rig->model, &o, &faults);
		if (faults.n != (row[i].message ? 1 : 0))
			fail_msg("%s: %u faults", row[i].why, faults.n);
		if (row[i].message && (strcmp(faults.v[0].message, row[i].message) != 0 ||
				       strcmp(faults.v[0].pointer, row[i].pointer) != 0))
			fail_msg("%s: %s at %s", row[i].why, faults.v[0].message,
				 faults.v[0].pointer);
		json_decref(o.spec);
		json_decref(raw);
		faults_free(&faults);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(frames_cross_both_ways),
		TEST(a_cut_wire_takes_both_carriers),
		TEST(a_port_that_is_cut_takes_the_others_carrier),
		TEST(who_is_unplugged_takes_the_others_carrier),
		TEST(two_that_lost_one_another_come_back_in_any_order),
		TEST(an_end_can_be_moved),
		TEST(a_port_that_goes_leaves_the_other_alone),
		TEST(what_is_not_published_changes_nothing),
		TEST(both_are_told_whom_they_see),
		TEST(what_cannot_be_is_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
