/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/rcu.h"
#include "link/link.h"
#include "ports/memory/memory.h"
#include "tests/rig/port_rig.h"

/*
 * Two workers move frames while the control thread cuts, mends, removes and makes what they pass.
 * No frame may be lost without a name: in = out + drops, over all ports that ever were.
 */
enum { PORTS = 4, FRAMES = 4000, WAIT_MS = 60000 };

struct fixture {
	struct port_rig *rig;
	struct links *links;
	const struct kind *link;
	struct object *l;
	struct memory_port *m[PORTS];
	struct port *end[2];
	struct port_count gone; /* of ports that were removed */
	unsigned int fed;
};

static void add_counters(struct fixture *f, port_id_t id, struct port_count *to)
{
	struct port_count c;

	port_counters(f->rig->env.engine, id, &c);
	to->in_frames += c.in_frames;
	to->out_frames += c.out_frames;
	for (unsigned int i = 0; engine_cause(f->rig->env.engine, i, NULL); i++)
		to->drop[0] += c.drop[i];
}

static void route(struct fixture *f, port_id_t from, port_id_t to)
{
	__atomic_store_n(&f->rig->to[from], to, __ATOMIC_RELAXED);
}

/* 0 and 1 send into end a, 2 and 3 into end b; what comes out goes to a port of the other side. */
static void plug(struct fixture *f)
{
	for (unsigned int e = 0; e < 2; e++) {
		char name[8], spec[100];

		snprintf(name, sizeof(name), "l.%c", "ab"[e]);
		snprintf(spec, sizeof(spec),
			 "{\"switch\":\"s\",\"type\":\"cable\",\"link\":\"l\",\"end\":\"%c\"}",
			 "ab"[e]);
		f->end[e] = port_rig_start(f->rig, name, spec);
		route(f, f->end[e]->id, f->m[e * 2]->id);
		route(f, f->m[e * 2]->id, f->end[e]->id);
		route(f, f->m[e * 2 + 1]->id, f->end[e]->id);
	}
}

static void unplug(struct fixture *f)
{
	port_id_t id[2] = { f->end[0]->id, f->end[1]->id };

	for (unsigned int e = 0; e < 2; e++) {
		f->end[e]->type->stop(f->end[e]);
		route(f, f->m[e * 2]->id, PORT_NONE);
		route(f, f->m[e * 2 + 1]->id, PORT_NONE);
	}

	for (unsigned int e = 0; e < 2; e++) {
		engine_set_sink(f->rig->env.engine, id[e], NULL);
		rcu_wait();
		add_counters(f, id[e], &f->gone);
		port_rig_close(f->rig, f->end[e], false);
	}
}

static int set_up(void **state)
{
	static const struct memory_config wake = { .feed_frames = FRAMES, .wake = true };
	static struct fixture f;

	f = (struct fixture){ .rig = port_rig_create_with(2) };
	if (links_create(&f.rig->env, &f.links))
		return -1;
	f.link = links_kind(f.links);
	f.l = port_rig_object(f.rig, "link", "l", "{}");
	if (f.link->prepare(f.link->ctx, f.rig->model, NULL, f.l, NULL))
		return -1;
	f.link->commit(f.link->ctx, NULL, f.l);
	for (unsigned int i = 0; i < PORTS; i++)
		if (memory_port_create(f.rig->env.engine, &wake, &f.m[i]))
			return -1;
	plug(&f);
	*state = &f;
	return engine_start(f.rig->env.engine);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unplug(f);
	for (unsigned int i = 0; i < PORTS; i++)
		memory_port_destroy(f->m[i]);
	f->link->release(f->link->ctx, f->l);
	engine_stop(f->rig->env.engine);
	links_destroy(f->links);
	port_rig_destroy(f->rig);
	return 0;
}

/* A few more on each port, as long as there are some. */
static bool feed(struct fixture *f)
{
	static const uint8_t frame[200] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	for (unsigned int k = 0; k < 10 && f->fed < FRAMES; k++, f->fed++)
		for (unsigned int i = 0; i < PORTS; i++)
			assert_int_equal(memory_feed(f->m[i], frame, sizeof(frame), NULL, 40), 0);
	return f->fed < FRAMES;
}

static void all_are_accounted_for(struct fixture *f)
{
	struct port_count sum = { 0 };

	for (unsigned int wait = 0; wait < WAIT_MS; wait++) {
		sum = f->gone;
		for (unsigned int i = 0; i < PORTS; i++)
			add_counters(f, f->m[i]->id, &sum);
		for (unsigned int e = 0; e < 2; e++)
			add_counters(f, f->end[e]->id, &sum);
		if (sum.in_frames >= (uint64_t)PORTS * FRAMES &&
		    sum.in_frames == sum.out_frames + sum.drop[0])
			break;
		usleep(1000);
	}
	assert_true(sum.in_frames >= (uint64_t)PORTS * FRAMES);
	assert_int_equal(sum.in_frames, sum.out_frames + sum.drop[0]);
}

static void set_link(struct fixture *f, bool up)
{
	struct object was;

	port_rig_respec(f->rig, f->l, up ? "{\"up\":true}" : "{\"up\":false}", &was);
	f->link->commit(f->link->ctx, &was, f->l);
	json_decref(was.spec);
}

static void a_link_is_cut_and_mended_under_traffic(void **state)
{
	struct fixture *f = *state;

	for (bool up = false; feed(f); up = !up)
		set_link(f, up);
	set_link(f, true);
	all_are_accounted_for(f);
}

static void ends_come_and_go_under_traffic(void **state)
{
	struct fixture *f = *state;

	while (feed(f)) {
		unplug(f);
		plug(f);
	}
	all_are_accounted_for(f);
}

static void a_recording_is_written_by_two_workers(void **state)
{
	struct fixture *f = *state;
	struct port *rec = port_rig_start(
		f->rig, "rec", "{\"switch\":\"s\",\"type\":\"pcap\",\"record\":\"x.pcap\"}");
	struct port_count in = { 0 }, out;
	json_t *s = json_object(), *kept;
	bool more = true;

	for (unsigned int i = 0; i < PORTS; i++)
		route(f, f->m[i]->id, rec->id);
	while (more) {
		more = feed(f);
		rec->wanted = !rec->wanted;
		rec->type->carrier(rec);
	}
	for (unsigned int wait = 0; in.in_frames < PORTS * FRAMES && wait < WAIT_MS; wait++) {
		usleep(1000);
		in = (struct port_count){ 0 };
		for (unsigned int i = 0; i < PORTS; i++)
			add_counters(f, f->m[i]->id, &in);
	}
	engine_stop(f->rig->env.engine);
	port_counters(f->rig->env.engine, rec->id, &out);
	rec->type->status(rec, s);
	kept = json_object_get(json_object_get(s, "record"), "frames");
	assert_true(out.out_frames > 0);
	assert_int_equal(json_integer_value(kept), out.out_frames);
	json_decref(s);
	port_rig_close(f->rig, rec, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_link_is_cut_and_mended_under_traffic),
		TEST(ends_come_and_go_under_traffic),
		TEST(a_recording_is_written_by_two_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
