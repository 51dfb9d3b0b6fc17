/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways in words: made frames through a rig whose ports have objects as in the daemon, and for each
 * cause of a drop that the graph has, a way that ends with it.
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "dataplane/engine_priv.h"
#include "tests/rig/model_rig.h"
#include "tests/rig/rig.h"
#include "vswitch/trace/trace_priv.h"

enum { A, B, C, TA, TB, E, V, PORTS };

static const struct rig_port plan[PORTS] = {
	[A] = { .sw = 0, .access = 10 },
	[B] = { .sw = 0, .access = 20 },
	[C] = { .sw = 0, .trunk = "10,30" },
	[TA] = { .sw = 0, .trunk = "10", .cable = 1 },
	[TB] = { .sw = 1, .trunk = "10", .cable = 1 },
	[E] = { .sw = 1, .access = 10 },
	[V] = { .sw = 1, .access = 20 },
};
static const struct {
	const char *name, *spec;
} named[PORTS] = {
	[A] = { "a", "{'switch': 's1', 'access': 10, 'host': 'h'}" },
	[B] = { "b", "{'switch': 's1', 'access': 20}" },
	[C] = { "c", "{'switch': 's1', 'trunk': '10,30'}" },
	[TA] = { "t.a", "{'switch': 's1', 'trunk': '10', 'type': 'cable', "
			"'link': 't', 'end': 'a'}" },
	[TB] = { "t.b", "{'switch': 's2', 'trunk': '10', 'type': 'cable', "
			"'link': 't', 'end': 'b'}" },
	[E] = { "e", "{'switch': 's2', 'access': 10}" },
	[V] = { "v", "{'switch': 's2', 'access': 20}" },
};

struct fixture {
	struct rig *r;
	struct vswitch *v;
	struct port_env env;
	struct model *model;
	struct port port[PORTS];
	struct trace_goal goal;
	json_t *answer;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->r = rig_create(&(struct rig_config){ .port = plan, .n_ports = PORTS });
	f->v = calloc(1, sizeof(*f->v));
	f->env.engine = f->r->engine;
	f->v->env = &f->env;
	f->v->live = f->r->view;
	assert_int_equal(model_create(&f->model), 0);
	model_rig_add(f->model, "switch", "s1", "{}");
	model_rig_add(f->model, "switch", "s2", "{}");
	model_rig_add(f->model, "link", "t", "{}");
	for (unsigned int i = 0; i < PORTS; i++) {
		f->port[i] = (struct port){ .env = &f->env, .id = f->r->id[i], .carrier = true };
		snprintf(f->port[i].name, sizeof(f->port[i].name), "%s", named[i].name);
		f->v->port[f->r->id[i]] = &f->port[i];
		model_rig_add(f->model, "port", named[i].name, named[i].spec)->run = &f->port[i];
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->answer);
	model_destroy(f->model);
	rig_destroy(f->r);
	free(f->v);
	free(f);
	return 0;
}

static const char *sentence(const struct fixture *f)
{
	return json_string_value(
		json_object_get(json_object_get(f->answer, "verdict"), "sentence"));
}

/* ---- made frames ---------------------------------------------------------------------------- */

static void hear(void *arg, const struct trace_way *way)
{
	struct fixture *f = arg;

	json_decref(f->answer);
	f->answer = trace_way_json(f->v, f->model, way, &f->goal);
}

static void ask(struct fixture *f, unsigned int from, int to, uint16_t vid)
{
	uint8_t frame[60] = { 2, 0, 0, 0, 0, (uint8_t)to, 2, 0, 0, 0, 0, (uint8_t)from };

	f->goal = (struct trace_goal){ .port = NULL, .name = "02:00:00:00:00:ff" };
	if (to >= 0) {
		f->goal.port = model_find(f->model, "port", named[to].name);
		snprintf(f->goal.name, sizeof(f->goal.name), "%s", named[to].name);
	}
	if (vid)
		memcpy(frame + 12, (uint8_t[]){ 0x81, 0, (uint8_t)(vid >> 8), (uint8_t)vid }, 4);
	f->v->live = f->r->view;
	assert_int_equal(trace_made(f->r->engine, f->r->id[from], frame, sizeof(frame), hear, f),
			 0);
}

static void expect(struct fixture *f, const char *why, const char *want)
{
	if (strcmp(sentence(f), want) != 0)
		fail_msg("%s: '%s'", why, sentence(f));
}

static void each_end_of_a_way_has_its_sentence(void **state)
{
	static const struct {
		const char *why;
		unsigned int from;
		int to;
		uint16_t vid;
		const char *sentence;
	} row[] = {
		{ "flooded, and it is among them", A, E, 0,
		  "delivered to port e in VLAN 10, untagged; flooded to 2 ports: c and e" },
		{ "nobody's station", A, -1, 0, "flooded in VLAN 10 to 2 ports: c and e" },
		{ "its port is in another VLAN", A, B, 0,
		  "dropped: port b is not in VLAN 10 (port b: access 20)" },
		{ "the cable to it is", B, V, 0,
		  "dropped: port t.a is not in VLAN 20 (port t.a: trunk 10)" },
		{ "its own port is, behind the cable", A, V, 0,
		  "dropped: port v is not in VLAN 10 (port v: access 20)" },
		{ "the sender's is", C, E, 20,
		  "dropped: port c is not in VLAN 20 (port c: trunk 10,30)" },
		{ "nobody else is in it", C, -1, 30,
		  "dropped: no other port in VLAN 30 (vlan s1.30)" },
		{ "a host has a name", C, A, 10,
		  "delivered to port a (host h) in VLAN 10, untagged; flooded to 2 ports: a and e" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		ask(f, row[i].from, row[i].to, row[i].vid);
		expect(f, row[i].why, row[i].sentence);
	}
}

static void known_stations_and_ports_that_changed(void **state)
{
	struct fixture *f = *state;
	uint8_t hello[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, E };

	rig_send(f->r, E, hello, sizeof(hello));
	ask(f, A, E, 0);
	expect(f, "known", "delivered to port e in VLAN 10, untagged");
	ask(f, C, E, 10);
	expect(f, "known", "delivered to port e in VLAN 10, untagged");
	f->port[E].carrier = false;
	ask(f, A, E, 0);
	expect(f, "nobody is there", "dropped: port e is down");
	f->port[E].carrier = true;
	/* Station E moves to C, and is still asked for at port e. */
	memcpy(hello + 12, (uint8_t[]){ 0x81, 0, 0, 10 }, 4);
	rig_send(f->r, C, hello, sizeof(hello));
	ask(f, A, E, 0);
	expect(f, "it is elsewhere",
	       "not delivered: the station is known elsewhere than at e, and the frame went to 1 "
	       "port: c");
	f->r->plan[C].down = true;
	rig_publish(f->r);
	ask(f, A, E, 0);
	expect(f, "known at a port that is down", "dropped: port c is down");
	ask(f, C, E, 10);
	expect(f, "the sender's port is down", "dropped: port c is down");
	f->r->plan[TA].down = true;
	rig_publish(f->r);
	ask(f, B, V, 0);
	expect(f, "the cable is down", "dropped: port t.a is down");
}

/* ---- step by step --------------------------------------------------------------------------- */

static void guard(struct rig *r, unsigned int port, struct vsw_port *to)
{
	(void)r;
	(void)port;
	to->guards |= VSW_POLICY;
}

/* What a step says, by its station; NULL: there is none. */
static const char *said_at(const struct fixture *f, const char *station)
{
	json_t *step;
	size_t i;

	json_array_foreach (json_object_get(f->answer, "steps"), i, step) {
		if (!strcmp(json_string_value(json_object_get(step, "station")), station))
			return json_string_value(json_object_get(step, "text"));
	}
	return NULL;
}

static void a_step_says_where_to_when_it_is_known(void **state)
{
	static const char *const before[] = { "vsw-mirror", "vsw-policy", "vsw-police",
					      "vsw-learn" };
	struct fixture *f = *state;
	uint8_t hello[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, E };

	rig_send(f->r, E, hello, sizeof(hello));
	f->r->edit = guard;
	rig_publish(f->r);
	for (unsigned int tagged = 0; tagged < 2; tagged++) {
		ask(f, tagged ? C : A, E, tagged ? 10 : 0);
		for (size_t i = 0; i < ARRAY_LEN(before); i++)
			assert_string_equal(said_at(f, before[i]), "");
		assert_string_equal(said_at(f, "vsw-forward"), "to port t.a");
		assert_string_equal(said_at(f, "vsw-output"), "to port t.a");
	}
	ask(f, A, -1, 0);
	assert_string_equal(said_at(f, "vsw-learn"), "");
	assert_string_equal(said_at(f, "vsw-forward"), "to all others in VLAN 10");
	assert_string_equal(said_at(f, "vsw-flood"), "");
}

/* ---- all causes ----------------------------------------------------------------------------- */

/* A way that ends with a drop of that cause, in VLAN 10, from a to c. */
static void end_with(struct fixture *f, unsigned int cause)
{
	struct trace_step step[2] = {
		{ .what = TRACE_IN, .port = f->r->id[A], .out = PORT_NONE },
		{ .what = TRACE_EDGE, .port = f->r->id[A], .out = f->r->id[C], .vid = 10 },
	};
	uint8_t head[60] = { 0 };
	struct trace_way way = { .port = f->r->id[A],
				 .time_ns = 1,
				 .head = head,
				 .head_len = sizeof(head),
				 .len = sizeof(head),
				 .step = step,
				 .n = 2 };

	step[1].station = (uint8_t)f->r->engine->graph.cause[cause].node;
	step[1].edge = (uint8_t)f->r->engine->graph.cause[cause].edge;
	f->goal = (struct trace_goal){ 0 };
	json_decref(f->answer);
	f->answer = trace_way_json(f->v, f->model, &way, NULL);
}

static void every_cause_of_a_drop_makes_a_sentence_with_names(void **state)
{
	static const char *const never[] = { "ingress port", "egress port", "the VLAN",
					     "the switch" };
	struct fixture *f = *state;
	const char *text;

	for (unsigned int i = 0; (text = engine_cause(f->r->engine, i, NULL)); i++) {
		const json_t *verdict, *object;

		end_with(f, i);
		verdict = json_object_get(f->answer, "verdict");
		object = json_object_get(verdict, "object");
		assert_string_equal(json_string_value(json_object_get(verdict, "cause")), text);
		assert_false(json_is_true(json_object_get(verdict, "delivered")));
		if (strncmp(sentence(f), "dropped: ", 9) != 0)
			fail_msg("'%s': '%s'", text, sentence(f));
		for (size_t k = 0; k < ARRAY_LEN(never); k++) {
			if (strstr(sentence(f), never[k]))
				fail_msg("'%s': '%s'", text, sentence(f));
		}
		if ((engine_cause_rule(f->r->engine, i)->at != DROP_AT_NOBODY) != (object != NULL))
			fail_msg("'%s': its object is not as the graph says", text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_end_of_a_way_has_its_sentence, setup,
						teardown),
		cmocka_unit_test_setup_teardown(known_stations_and_ports_that_changed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_step_says_where_to_when_it_is_known, setup,
						teardown),
		cmocka_unit_test_setup_teardown(every_cause_of_a_drop_makes_a_sentence_with_names,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
