/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdio.h>

#include "daemon/graph.h"
#include "ports/drop_owner.h"
#include "tests/rig/drops.h"
#include "tests/rig/model_rig.h"

struct fixture {
	struct engine *engine;
	struct model *model;
};

static int setup(void **state)
{
	static struct fixture f;
	struct faults faults = { 0 };

	f = (struct fixture){ 0 };
	assert_int_equal(engine_create(weft_graph, 1, &f.engine, &faults), 0);
	assert_int_equal(model_create(&f.model), 0);
	model_rig_add(f.model, "switch", "s1", "{'mtu': 1500}");
	model_rig_add(f.model, "vlan", "staff", "{'switch': 's1', 'vid': 10}");
	model_rig_add(f.model, "port", "a", "{'switch': 's1', 'access': 20}");
	model_rig_add(f.model, "port", "plain", "{'switch': 's1'}");
	model_rig_add(f.model, "port", "c", "{'switch': 's1', 'trunk': '10,30', 'up': false}");
	model_rig_add(f.model, "port", "t", "{'switch': 's1', 'trunk': '10', 'native': 99}");
	model_rig_add(f.model, "port", "w.a",
		      "{'switch': 's1', 'type': 'cable', 'link': 'w', 'end': 'a'}");
	model_rig_add(f.model, "link", "cut", "{'up': false}");
	model_rig_add(f.model, "port", "cut.a",
		      "{'switch': 's1', 'type': 'cable', 'link': 'cut', 'end': 'a'}");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	model_destroy(f->model);
	engine_destroy(f->engine);
	return 0;
}

static void a_drop_is_told_with_the_object_and_what_it_says(void **state)
{
	static const struct {
		const char *why, *cause, *port, *out;
		uint16_t vid;
		const char *text;
	} row[] = {
		{ "ingress filter", "ingress port is not in the VLAN", "c", NULL, 20,
		  "port c: trunk 10,30" },
		{ "all fields that it has", "ingress port is not in the VLAN", "t", NULL, 20,
		  "port t: trunk 10, native 99" },
		{ "what absence amounts to", "ingress port is not in the VLAN", "plain", NULL, 20,
		  "port plain: access 1" },
		{ "egress filter", "egress port is not in the VLAN", "a", "c", 20,
		  "port c: trunk 10,30" },
		{ "the egress port is not known", "egress port is not in the VLAN", "a", NULL, 20,
		  "port" },
		{ "a truth", "ingress port is down", "c", NULL, 0, "port c: up false" },
		{ "its switch", "longer than the switch's MTU", "a", NULL, 20,
		  "switch s1: mtu 1500" },
		{ "no field of it", "reserved address stays on its link", "a", NULL, 0,
		  "switch s1" },
		{ "a VLAN with a title", "no other port in the VLAN", "a", NULL, 10, "vlan staff" },
		{ "and one without", "no other port in the VLAN", "a", NULL, 20, "vlan s1.20" },
		{ "a VLAN, but which", "no other port in the VLAN", "a", NULL, 0, "vlan" },
		{ "its link", "link closes a ring", "w.a", NULL, 20, "link w" },
		{ "down for another reason", "port is down", "a", NULL, 0, "port a" },
		{ "down with its link", "port is down", "cut.a", NULL, 0, "link cut: up false" },
		{ "no link", "storm budget", "a", NULL, 0, "link" },
		{ "the frame itself", "source is a group address", "a", NULL, 0, "" },
		{ "no port at all", "ingress port is down", NULL, NULL, 0, "port" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct drop_scene scene = { .vid = row[i].vid };
		struct drop_owner who;
		char text[DROP_OWNER_LEN];

		if (row[i].port)
			scene.port = model_find(f->model, "port", row[i].port);
		if (row[i].out)
			scene.out = model_find(f->model, "port", row[i].out);
		drop_owner(f->engine, f->model, drops_cause(f->engine, row[i].cause), &scene, &who);
		if (strcmp(drop_owner_text(&who, text, sizeof(text)), row[i].text) != 0)
			fail_msg("%s: '%s'", row[i].why, text);
	}
}

static void a_drop_is_a_sentence_with_names(void **state)
{
	static const struct {
		const char *cause, *port, *out;
		uint16_t vid;
		const char *text;
	} row[] = {
		{ "ingress port is not in the VLAN", "c", NULL, 20,
		  "port c is not in VLAN 20 (port c: trunk 10,30)" },
		{ "egress port is not in the VLAN", "a", "c", 20,
		  "port c is not in VLAN 20 (port c: trunk 10,30)" },
		{ "egress port is not in the VLAN", "a", NULL, 0,
		  "egress port is not in the VLAN" },
		{ "destination is behind the ingress port", "a", NULL, 20,
		  "destination is behind port a" },
		{ "no other port in the VLAN", "a", NULL, 20,
		  "no other port in VLAN 20 (vlan s1.20)" },
		{ "longer than the switch's MTU", "a", NULL, 0,
		  "longer than switch s1's MTU (switch s1: mtu 1500)" },
		{ "reserved address stays on its link", "a", NULL, 0,
		  "reserved address stays on its link (switch s1)" },
		{ "link closes a ring", "w.a", NULL, 10, "link w closes a ring" },
		{ "port is down", "c", NULL, 0, "port c is down (port c: up false)" },
		{ "source is a group address", "a", NULL, 0, "source is a group address" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct drop_scene scene = { .vid = row[i].vid };
		char text[DROP_SENTENCE_LEN];

		scene.port = model_find(f->model, "port", row[i].port);
		if (row[i].out)
			scene.out = model_find(f->model, "port", row[i].out);
		drop_sentence(f->engine, f->model, drops_cause(f->engine, row[i].cause), &scene,
			      text, sizeof(text));
		if (strcmp(text, row[i].text) != 0)
			fail_msg("'%s'", text);
	}
}

static void each_rule_names_a_kind_and_fields_that_there_are(void **state)
{
	struct fixture *f = *state;
	const char *text;

	for (unsigned int i = 0; (text = engine_cause(f->engine, i, NULL)); i++) {
		const struct drop_rule *rule = engine_cause_rule(f->engine, i);
		const char *at = rule->fields;
		const struct schema *s;
		char name[64];

		if (rule->at == DROP_AT_NOBODY) {
			assert_null(rule->object);
			continue;
		}
		s = schema_find(rule->object);
		if (!s)
			fail_msg("'%s': there is no kind %s", text, rule->object);
		for (int n = 0; at && sscanf(at, "%63s%n", name, &n) == 1; at += n) {
			if (!schema_field(s, name))
				fail_msg("'%s': a %s has no field %s", text, s->kind, name);
		}
	}
}

static void what_is_nobodys_rule_is_the_frames_own_fault(void **state)
{
	static const struct {
		const char *cause, *why;
	} row[] = {
		{ "runt: shorter than an Ethernet header", "802.3 has no such frame" },
		{ "runt: tag is cut off", "802.1Q has no such frame" },
		{ "giant: longer than any frame", "no switch of ours could be told to take it" },
		{ "offload header makes no sense", "the sender contradicts itself" },
		{ "headers do not match the offload header", "the sender contradicts itself" },
		{ "source is a group address", "802.3 has no such sender" },
		{ "VID 4095 is reserved", "802.1Q table 9-2" },
		{ "service is behind with its work", "it is the daemon that is late" },
		{ "probe for loops came in again", "the daemon's own frame" },
	};
	struct fixture *f = *state;
	const char *text;

	for (unsigned int i = 0; (text = engine_cause(f->engine, i, NULL)); i++) {
		bool known = false;

		for (size_t k = 0; k < ARRAY_LEN(row); k++)
			known |= !strcmp(text, row[k].cause);
		if (known != (engine_cause_rule(f->engine, i)->at == DROP_AT_NOBODY))
			fail_msg("'%s' is %s", text,
				 known ? "somebody's rule" : "nobody's, but why?");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_drop_is_told_with_the_object_and_what_it_says,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_drop_is_a_sentence_with_names, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_nobodys_rule_is_the_frames_own_fault, setup,
						teardown),
		cmocka_unit_test_setup_teardown(each_rule_names_a_kind_and_fields_that_there_are,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
