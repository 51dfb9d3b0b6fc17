/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/graph.h"
#include "tests/rig/model_rig.h"
#include "vswitch/mirror/mirror_priv.h"
#include "vswitch/vsw.h"
#include "vswitch/vswitch.h"

struct fixture {
	struct port_env env;
	struct model *model;
	struct vswitch *vswitch;
};

static int setup(void **state)
{
	static struct fixture f;
	struct faults faults = { 0 };

	f = (struct fixture){ .env = { .instance = "test", .run_dir = "/nowhere" } };
	assert_int_equal(engine_create(weft_graph, 1, &f.env.engine, &faults), 0);
	assert_int_equal(loop_create(&f.env.loop), 0);
	assert_int_equal(events_create(&f.env.events), 0);
	assert_int_equal(vswitch_create(&f.env, &f.vswitch), 0);
	assert_int_equal(model_create(&f.model), 0);
	model_rig_add(f.model, "switch", "s1", "{}");
	model_rig_add(f.model, "switch", "s2", "{}");
	model_rig_add(f.model, "port", "a", "{'switch': 's1'}");
	model_rig_add(f.model, "port", "b", "{'switch': 's1'}");
	model_rig_add(f.model, "port", "c", "{'switch': 's2'}");
	model_rig_add(f.model, "port", "p8", "{'switch': 's1'}");
	model_rig_add(f.model, "port", "p9", "{'switch': 's1'}");
	model_rig_add(f.model, "port", "free", "{}");
	model_rig_add(f.model, "mirror", "old", "{'switch': 's1', 'ports': ['b'], 'to': 'p8'}");
	model_rig_add(f.model, "mirror", "log",
		      "{'switch': 's2', 'vlans': 10, 'file': 'log.pcapng'}");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	model_destroy(f->model);
	vswitch_destroy(f->vswitch);
	engine_destroy(f->env.engine);
	events_destroy(f->env.events);
	loop_destroy(f->env.loop);
	return 0;
}

static void what_cannot_be_is_said_in_a_sentence(void **state)
{
	static const struct {
		const char *why, *name, *spec, *field, *message;
	} row[] = {
		{ "a port to a port", "m", "'ports': ['a'], 'to': 'p9'", NULL, NULL },
		{ "into a file", "m", "'ports': ['a', 'b'], 'file': 'x.pcapng'", NULL, NULL },
		{ "a VLAN of all ports", "m", "'vlans': '10,20', 'to': 'p9'", NULL, NULL },
		{ "a destination may be shared", "m", "'ports': ['a'], 'to': 'p8'", NULL, NULL },
		{ "and be of another switch", "m", "'ports': ['a'], 'to': 'c'", NULL, NULL },
		{ "a source may be shared", "m", "'ports': ['b'], 'to': 'p9'", NULL, NULL },
		{ "itself as it was is no other", "old", "'ports': ['b'], 'to': 'p8'", NULL, NULL },
		{ "its own file", "log", "'ports': ['a'], 'file': 'log.pcapng'", NULL, NULL },
		{ "nothing to copy", "m", "'to': 'p9'", "", "a mirror needs something to copy" },
		{ "no ports is nothing", "m", "'ports': [], 'to': 'p9'", "",
		  "a mirror needs something to copy" },
		{ "nowhere to", "m", "'ports': ['a']", "", "the copies have to go somewhere" },
		{ "two ways", "m", "'ports': ['a'], 'to': 'p9', 'file': 'x.pcapng'", "",
		  "copies go to a port or into a file, not both" },
		{ "to itself", "m", "'ports': ['a', 'p9'], 'to': 'p9'", "/to",
		  "port p9 cannot get the copies of its own frames" },
		{ "a port of another switch", "m", "'ports': ['a', 'c'], 'to': 'p9'", "/ports",
		  "port c belongs to switch s2, not to s1" },
		{ "a port of none", "m", "'ports': ['free'], 'to': 'p9'", "/ports",
		  "port free belongs to no switch, not to s1" },
		{ "to a port of none", "m", "'ports': ['a'], 'to': 'free'", "/to",
		  "port free belongs to no switch" },
		{ "a mirror of a mirror", "m", "'ports': ['p8'], 'to': 'p9'", "/ports",
		  "port p8 gets the copies of mirror old: there is no mirror of a mirror" },
		{ "the same, the other way", "m", "'ports': ['a'], 'to': 'b'", "/to",
		  "port b is copied by mirror old: there is no mirror of a mirror" },
		{ "one file, two mirrors", "m", "'ports': ['a'], 'file': 'log.pcapng'", "/file",
		  "mirror log writes into log.pcapng already" },
	};
	struct fixture *f = *state;
	const struct kind *k = vswitch_mirror_kind(f->vswitch);

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		char spec[256];
		struct entry *e;

		snprintf(spec, sizeof(spec), "{'switch': 's1', %s}", row[i].spec);
		e = model_rig_entry("mirror", row[i].name, spec);
		k->check(k->ctx, f->model, &e->o, &faults);
		if (faults.n != (row[i].message != NULL))
			fail_msg("%s: %u faults, first: %s", row[i].why, faults.n,
				 faults.n ? faults.v[0].message : "-");
		if (faults.n && (strcmp(faults.v[0].message, row[i].message) != 0 ||
				 strcmp(faults.v[0].pointer, row[i].field) != 0))
			fail_msg("%s: '%s' at '%s'", row[i].why, faults.v[0].message,
				 faults.v[0].pointer);
		entry_free(e);
		faults_free(&faults);
	}
}

static void a_switch_has_room_for_so_many(void **state)
{
	struct fixture *f = *state;
	const struct kind *k = vswitch_mirror_kind(f->vswitch);
	struct faults faults = { 0 };
	struct entry *e = model_rig_entry("mirror", "one-more",
					  "{'switch': 's1', 'ports': ['a'], 'to': 'p9'}");

	for (unsigned int i = 1; i < MIRRORS_MAX; i++) {
		char name[16];

		k->check(k->ctx, f->model, &e->o, &faults);
		assert_int_equal(faults.n, 0);
		snprintf(name, sizeof(name), "m%u", i);
		model_rig_add(f->model, "mirror", name,
			      "{'switch': 's1', 'ports': ['a'], 'to': 'p9'}");
	}
	k->check(k->ctx, f->model, &e->o, &faults);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.v[0].message,
			    "switch s1 has 64 mirrors already, which is all it can have");
	entry_free(e);
	faults_free(&faults);
}

/* A stop leaves the view to the workers, who are stopped after it. */
static void workers_may_count_for_a_mirror_that_was_left(void **state)
{
	struct fixture *f = *state;
	const struct kind *k = vswitch_mirror_kind(f->vswitch);
	struct entry *e =
		model_rig_entry("mirror", "m", "{'switch': 's1', 'ports': ['a'], 'to': 'p9'}");
	struct faults faults = { 0 };

	assert_int_equal(k->prepare(k->ctx, f->model, NULL, &e->o, &faults), 0);
	k->leave(k->ctx, &e->o);
	assert_non_null(f->vswitch->mirrors);
	f->vswitch->mirrors->tally->copied++;
	entry_free(e);
	faults_free(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_cannot_be_is_said_in_a_sentence, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_switch_has_room_for_so_many, setup, teardown),
		cmocka_unit_test_setup_teardown(workers_may_count_for_a_mirror_that_was_left, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
