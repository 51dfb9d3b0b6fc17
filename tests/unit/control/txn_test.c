/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions against a dull oracle, a JSON object {kind: {name: spec}}: after each step, with
 * failures made to happen anywhere, model, store, things and view must be exactly that.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/txn_priv.h"
#include "tests/rig/fake_world.h"

struct fixture {
	char dir[32], path[64];
	struct fake_world world;
	struct labs labs;
	struct txn_env env;
	json_t *oracle;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct faults faults = { 0 };

	fake_world_init(&f->world);
	snprintf(f->dir, sizeof(f->dir), "/tmp/weft-txn-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/state.db", f->dir);
	f->env = (struct txn_env){ .labs = &f->labs,
				   .kinds = f->world.kinds,
				   .compilers = f->world.compilers };
	assert_int_equal(model_create(&f->env.model), 0);
	assert_int_equal(events_create(&f->env.events), 0);
	assert_int_equal(store_open(f->path, "boot", &faults, &f->env.store), 0);
	f->oracle = json_object();
	for (const struct schema *const *s = schemas; *s; s++)
		json_object_set_new(f->oracle, (*s)->kind, json_object());
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char text[96];

	model_destroy(f->env.model);
	events_destroy(f->env.events);
	store_close(f->env.store);
	fake_world_fini(&f->world);
	json_decref(f->oracle);
	unlink(f->path);
	snprintf(text, sizeof(text), "%s-wal", f->path);
	unlink(text);
	rmdir(f->dir);
	free(f);
	return 0;
}

static int stored(void *arg, const char *kind, const char *name, const char *lab, json_t *spec)
{
	json_t *all = arg;

	(void)lab;
	json_object_set(json_object_get(all, kind), name, spec);
	return 0;
}

static void agrees(struct fixture *f, const char *when)
{
	struct faults faults = { 0 };
	json_t *kept = json_object();

	fake_world_agrees(&f->world, f->env.model, f->oracle, when);
	for (const struct schema *const *s = schemas; *s; s++)
		json_object_set_new(kept, (*s)->kind, json_object());
	assert_int_equal(store_objects(f->env.store, stored, kept, &faults), 0);
	if (!json_equal(kept, f->oracle))
		fail_msg("%s: the store differs", when);
	json_decref(kept);
}

/* The canonical spec of JSON text with ' for ". */
static json_t *spec_of(const char *kind, const char *text)
{
	struct faults faults = { 0 };
	char json[256];
	json_t *v, *spec;

	snprintf(json, sizeof(json), "%s", text);
	for (char *c = json; (c = strchr(c, '\''));)
		*c = '"';
	v = json_loads(json, 0, NULL);
	spec = schema_check(schema_find(kind), v, &faults);
	if (!spec)
		fail_msg("%s: %s", text, faults.n ? faults.v[0].message : "no JSON");
	json_decref(v);
	return spec;
}

struct step {
	const char *kind, *name, *spec; /* spec NULL: remove */
};

/* Runs the steps as one transaction; an accepted one goes into the oracle. */
static int run(struct fixture *f, const struct step *steps, unsigned int n, unsigned int flags,
	       struct faults *faults)
{
	json_t *after = json_deep_copy(f->oracle);
	struct txn t;
	int err;

	txn_init(&t, &f->env, faults);
	for (unsigned int i = 0; i < n; i++) {
		const struct schema *s = schema_find(steps[i].kind);
		json_t *names = json_object_get(after, steps[i].kind), *spec;

		if (!steps[i].spec) {
			txn_remove(&t, model_entry(f->env.model, s, steps[i].name), TXN_ALONE, "");
			json_object_del(names, steps[i].name);
			continue;
		}
		spec = spec_of(steps[i].kind, steps[i].spec);
		txn_put(&t, s, steps[i].name, "", spec, "/x", flags);
		json_object_set_new(names, steps[i].name, spec);
	}
	err = txn_run(&t);
	txn_fini(&t);
	json_decref(err ? after : f->oracle);
	if (!err)
		f->oracle = after;
	return err;
}

static void must(struct fixture *f, const struct step *steps, unsigned int n)
{
	struct faults faults = { 0 };

	if (run(f, steps, n, TXN_MAY_REPLACE, &faults))
		fail_msg("refused: %s", faults.n ? faults.v[0].message : "?");
	agrees(f, "after a step that must succeed");
}

#define MUST(f, ...)                                      \
	do {                                              \
		const struct step s_[] = { __VA_ARGS__ }; \
		must(f, s_, ARRAY_LEN(s_));               \
	} while (0)

static void a_refusal_says_why_and_changes_nothing(void **state)
{
	static const struct {
		const char *why;
		struct step step[2];
		unsigned int flags;
		const char *object, *pointer, *message, *hint;
	} row[] = {
		{ "no such switch",
		  { { "port", "p2", "{'switch':'s2'}" } },
		  0,
		  "port p2",
		  "/x/switch",
		  "there is no switch s2",
		  "did you mean 's1'?" },
		{ "nothing near",
		  { { "port", "p2", "{'switch':'core'}" } },
		  0,
		  "port p2",
		  "/x/switch",
		  "there is no switch core",
		  "add it first" },
		{ "in use",
		  { { "switch", "s1", NULL } },
		  0,
		  "switch s1",
		  "",
		  "switch s1 is used by port p1",
		  "remove them first" },
		{ "fixed",
		  { { "switch", "s1", "{'fdb_size':64}" } },
		  0,
		  "switch s1",
		  "/x/fdb_size",
		  "fdb_size cannot change while the switch lives",
		  "remove it and add it again" },
		{ "the kind says no",
		  { { "port", "p2", "{'switch':'s1','access':1,'trunk':2}" } },
		  0,
		  "port p2",
		  "/x/trunk",
		  "a port is access or trunk",
		  "use one of them" },
		{ "what refers to it says no",
		  { { "switch", "s1", "{'mtu':1280}" } },
		  0,
		  "port p1",
		  "/mtu",
		  "the switch does not take that much",
		  "use less" },
		{ "making fails",
		  { { "port", "p2", "{'switch':'s1','device':'d1'}" } },
		  0,
		  "port p2",
		  "/x/device",
		  "that device is taken",
		  "use another" },
		{ "removed with a new user",
		  { { "switch", "s1", NULL }, { "port", "p2", "{'switch':'s1'}" } },
		  0,
		  "switch s1",
		  "",
		  "switch s1 is used by port p1",
		  "remove them first" },
	};
	struct fixture *f = *state;

	MUST(f, { "switch", "s1", "{}" }, { "port", "p1", "{'switch':'s1','device':'d1'}" });
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };

		if (!run(f, row[i].step, 1 + !!row[i].step[1].kind, row[i].flags, &faults))
			fail_msg("%s: done", row[i].why);
		if (strcmp(faults.v[0].message, row[i].message) ||
		    strcmp(faults.v[0].hint, row[i].hint))
			fail_msg("%s: %s (%s)", row[i].why, faults.v[0].message, faults.v[0].hint);
		if (strcmp(faults.v[0].object, row[i].object) ||
		    strcmp(faults.v[0].pointer, row[i].pointer))
			fail_msg("%s: %s at %s", row[i].why, faults.v[0].object,
				 faults.v[0].pointer);
		agrees(f, row[i].why);
		faults_free(&faults);
	}
}

static void a_device_can_move_to_another_port_in_one_transaction(void **state)
{
	struct fixture *f = *state;

	MUST(f, { "switch", "s1", "{}" }, { "port", "p1", "{'switch':'s1','device':'d1'}" });
	MUST(f, { "port", "p1", NULL }, { "port", "p2", "{'switch':'s1','device':'d1'}" });
}

static void what_uses_a_replaced_object_is_made_anew(void **state)
{
	struct fixture *f = *state;
	unsigned int port;

	MUST(f, { "switch", "s1", "{}" }, { "port", "p1", "{'switch':'s1'}" });
	port = fake_thing(&f->world, "port", "p1")->number;
	MUST(f, { "switch", "s1", "{'fdb_size':64}" });
	assert_int_not_equal(fake_thing(&f->world, "port", "p1")->number, port);
}

static void a_change_that_can_be_made_in_place_is(void **state)
{
	struct fixture *f = *state;
	const struct thing *port;

	MUST(f, { "switch", "s1", "{}" }, { "port", "p1", "{'switch':'s1'}" });
	port = fake_thing(&f->world, "port", "p1");
	MUST(f, { "port", "p1", "{'switch':'s1','access':10}" });
	assert_ptr_equal(fake_thing(&f->world, "port", "p1"), port);
}

/* Would TO instead of FROM (NULL: gone) interrupt the object? All else is as it is. */
static bool interrupts(struct fixture *f, const char *kind, const char *from, const char *to)
{
	const struct schema *s = schema_find(kind);
	struct faults faults = { 0 };
	json_t *changes, *spec;
	struct txn t;
	bool cuts;

	must(f, &(struct step){ kind, "x1", from }, 1);
	txn_init(&t, &f->env, &faults);
	spec = to ? spec_of(kind, to) : NULL;
	if (to)
		txn_put(&t, s, "x1", "", spec, "", TXN_MAY_REPLACE);
	else
		txn_remove(&t, model_entry(f->env.model, s, "x1"), TXN_ALONE, "");
	assert_int_equal(txn_check(&t), 0);
	changes = txn_changes(&t);
	assert_int_equal(json_array_size(changes), 1);
	cuts = json_is_true(json_object_get(json_array_get(changes, 0), "interrupts"));
	json_decref(changes);
	json_decref(spec);
	txn_fini(&t);
	must(f, &(struct step){ kind, "x1", NULL }, 1);
	return cuts;
}

static void a_change_says_whether_it_interrupts(void **state)
{
	static const struct {
		const char *why, *kind, *from, *to;
		bool cuts;
	} row[] = {
		{ "another VLAN", "port", "{'switch':'s1','access':10}",
		  "{'switch':'s1','access':20}", true },
		{ "absent is 1", "port", "{'switch':'s1'}", "{'switch':'s1','access':1}", false },
		{ "absent is not 2", "port", "{'switch':'s1','access':2}", "{'switch':'s1'}",
		  true },
		{ "access to trunk", "port", "{'switch':'s1'}", "{'switch':'s1','trunk':'10'}",
		  true },
		{ "a trunk gains", "port", "{'switch':'s1','trunk':'10'}",
		  "{'switch':'s1','trunk':'10-4094'}", false },
		{ "a trunk loses", "port", "{'switch':'s1','trunk':'10,4094'}",
		  "{'switch':'s1','trunk':'10,20'}", true },
		{ "a trunk with titles gains", "port", "{'switch':'s1','trunk':'10,staff'}",
		  "{'switch':'s1','trunk':'10,20,staff,users'}", false },
		{ "a trunk loses a title", "port", "{'switch':'s1','trunk':'10,staff,users'}",
		  "{'switch':'s1','trunk':'10,staff'}", true },
		{ "a trunk with titles loses", "port", "{'switch':'s1','trunk':'10,20,staff'}",
		  "{'switch':'s1','trunk':'10,staff'}", true },
		{ "native", "port", "{'switch':'s1','trunk':'10'}",
		  "{'switch':'s1','trunk':'10','native':10}", true },
		{ "up", "port", "{'switch':'s1','up':false}", "{'switch':'s1'}", false },
		{ "down", "port", "{'switch':'s1'}", "{'switch':'s1','up':false}", true },
		{ "another MAC", "port", "{'switch':'s1'}",
		  "{'switch':'s1','mac':'02:00:00:00:00:01'}", true },
		{ "one address more", "port", "{'switch':'s1','address':'10.0.0.1/8'}",
		  "{'switch':'s1','address':['11.0.0.1/8','10.0.0.1/8']}", false },
		{ "another address", "port", "{'switch':'s1','address':'10.0.0.1/8'}",
		  "{'switch':'s1','address':'10.0.0.1/9'}", true },
		{ "a device's MTU", "port", "{'switch':'s1'}", "{'switch':'s1','mtu':1400}",
		  false },
		{ "anew", "port", "{'switch':'s1'}", "{'switch':'s1','device':'d1'}", true },
		{ "gone", "port", "{'switch':'s1'}", NULL, true },
		{ "switch: MTU", "switch", "{}", "{'mtu':1500}", true },
		{ "switch: aging", "switch", "{}", "{'aging':60}", false },
		{ "link down", "link", "{}", "{'up':false}", true },
		{ "link gone", "link", "{}", NULL, true },
		{ "host gone", "host", "{}", NULL, true },
		{ "a title", "vlan", "{'switch':'s1','vid':10}",
		  "{'switch':'s1','vid':10,'title':'x'}", false },
		{ "a title anew", "vlan", "{'switch':'s1','vid':10}", "{'switch':'s1','vid':11}",
		  false },
		{ "a title gone", "vlan", "{'switch':'s1','vid':10}", NULL, false },
	};
	struct fixture *f = *state;

	MUST(f, { "switch", "s1", "{}" });
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (interrupts(f, row[i].kind, row[i].from, row[i].to) != row[i].cuts)
			fail_msg("%s: %s", row[i].why,
				 row[i].cuts ? "no interruption" : "an interruption");
	}
}

static void what_cannot_come_back_gets_a_fault_and_can_be_tried_again(void **state)
{
	static const struct step again[] = { { "switch", "s1", "{}" } };
	struct fixture *f = *state;
	struct faults faults = { 0 };
	const struct step replace[] = { { "switch", "s1", "{'fdb_size':64}" } };
	struct entry *e;

	MUST(f, { "switch", "s1", "{}" }, { "port", "p1", "{'switch':'s1'}" });
	/* The new switch fails; then the old one as well. */
	f->world.fail_compile = 2;
	f->world.fail_prepare = 3;
	assert_int_not_equal(run(f, replace, 1, TXN_MAY_REPLACE, &faults), 0);
	faults_free(&faults);
	agrees(f, "after both failed");
	e = model_entry(f->env.model, schema_find("switch"), "s1");
	assert_string_equal(e->fault, "switch s1 cannot be made: Input/output error");
	e = model_entry(f->env.model, schema_find("port"), "p1");
	assert_string_equal(e->fault,
			    "switch s1 is not up: switch s1 cannot be made: Input/output error");

	assert_int_equal(run(f, again, 1, 0, &faults), 0);
	agrees(f, "after another try");
	e = model_entry(f->env.model, schema_find("port"), "p1");
	assert_null(e->fault);
}

/* ---- the oracle ---- */

static const char *pick(const char *const *of, unsigned int n)
{
	return of[(unsigned long)random() % n];
}

static void random_step(struct step *s, char *text, size_t room)
{
	static const char *const switches[] = { "s0", "s1", "s2" };
	static const char *const hosts[] = { "h0", "h1" };
	static const char *const links[] = { "l0", "l1" };
	static const char *const ports[] = { "p0", "p1", "p2", "p3", "p4", "p5" };
	static const char *const vlans[] = { "v0", "v1" };

	s->spec = random() % 4 ? text : NULL;
	switch (random() % 8) {
	case 0:
		*s = (struct step){ "switch", pick(switches, 3), s->spec };
		snprintf(text, room, "{'aging':%ld,'fdb_size':%ld}", 1 + random() % 3,
			 16 + random() % 3);
		return;
	case 1:
		*s = (struct step){ "host", pick(hosts, 2), s->spec };
		snprintf(text, room, "{'forwarding':%s}", random() % 2 ? "true" : "false");
		return;
	case 2:
		*s = (struct step){ "link", pick(links, 2), s->spec };
		snprintf(text, room, "{'up':%s}", random() % 2 ? "true" : "false");
		return;
	case 3:
		*s = (struct step){ "vlan", pick(vlans, 2), s->spec };
		snprintf(text, room, "{'switch':'%s','vid':%ld}", pick(switches, 3),
			 1 + random() % 3);
		return;
	case 4:
		*s = (struct step){ "port", pick(ports, 6), s->spec };
		snprintf(text, room, "{'switch':'%s','type':'cable','link':'%s'%s}",
			 pick(switches, 3), pick(links, 2), random() % 2 ? ",'trunk':10" : "");
		return;
	default:
		*s = (struct step){ "port", pick(ports, 6), s->spec };
		snprintf(text, room, "{'switch':'%s'%s%s%s%s}", pick(switches, 3),
			 random() % 2 ? ",'access':10" : "", random() % 8 ? "" : ",'trunk':10",
			 random() % 2 ? ",'host':'h0'" : "",
			 random() % 2   ? ",'device':'d0'"
			 : random() % 2 ? ",'device':'d1'"
					: "");
	}
}

/* By the dullest reading of the rules: may this state be? */
static bool may_be(const json_t *state)
{
	json_t *names, *spec, *other;
	const char *kind, *name, *name2;

	json_object_foreach ((json_t *)state, kind, names) {
		json_object_foreach (names, name, spec) {
			struct field_at at;

			for (const struct field *f = schema_first(schema_find(kind), &at); f;
			     f = schema_next(&at)) {
				json_t *v = json_object_get(spec, f->name);

				if (f->type == FIELD_REF && v &&
				    !json_object_get(json_object_get(state, f->ref),
						     json_string_value(v)))
					return false;
			}
			if (json_object_get(spec, "access") && json_object_get(spec, "trunk"))
				return false;
		}
	}
	names = json_object_get(state, "port");
	json_object_foreach (names, name, spec) {
		json_object_foreach (names, name2, other) {
			json_t *d = json_object_get(spec, "device");
			json_t *h = json_object_get(spec, "host");

			if (d && strcmp(name, name2) &&
			    json_equal(d, json_object_get(other, "device")) &&
			    (h == json_object_get(other, "host") ||
			     json_equal(h, json_object_get(other, "host"))))
				return false;
		}
	}
	return true;
}

static bool has_twins(const struct step *s, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int k = 0; k < i; k++) {
			if (!strcmp(s[k].kind, s[i].kind) && !strcmp(s[k].name, s[i].name))
				return true;
		}
	}
	return false;
}

/* What the steps ask for; false: they remove what is not there. */
static bool imagine(json_t *state, const struct step *s, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		json_t *names = json_object_get(state, s[i].kind);

		if (s[i].spec)
			json_object_set_new(names, s[i].name, spec_of(s[i].kind, s[i].spec));
		else if (json_object_del(names, s[i].name))
			return false;
	}
	return true;
}

/* One that failed and could not be brought back stays with a fault; its next owner mends it. */
static unsigned int count_faults(const struct model *m)
{
	unsigned int n = 0;

	for (const struct schema *const *s = schemas; *s; s++) {
		for (struct entry *e = NULL; (e = model_entry_next(m, *s, e));)
			n += e->fault != NULL;
	}
	return n;
}

static void random_transactions_agree_with_a_json_object(void **state)
{
	enum { ROUNDS = 6000, MOST = 6 };
	struct fixture *f = *state;
	unsigned int done = 0, refused = 0, failed = 0, faulty = 0;

	srandom(0x1a);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int n = 1 + (unsigned int)random() % MOST, before = f->world.failed, down;
		char text[MOST][128];
		struct step s[MOST];
		struct faults faults = { 0 };
		json_t *next = json_deep_copy(f->oracle);
		bool sensible, twins;
		int err;

		for (unsigned int i = 0; i < n; i++)
			random_step(&s[i], text[i], sizeof(text[i]));
		twins = has_twins(s, n);
		sensible = imagine(next, s, n) && may_be(next);
		down = count_faults(f->env.model);
		faulty += down > 0;
		f->world.fail_prepare = random() % 4 ? 0 : 1 + (unsigned int)random() % 6;
		f->world.fail_compile = random() % 6 ? 0 : 1 + (unsigned int)random() % 3;
		f->world.fail_save = random() % 8 == 0;
		f->world.fail_put = random() % 8 == 0;
		if (!imagine(json_object_size(next) ? next : next, s,
			     0)) /* keeps the names in use */
			continue;
		for (unsigned int i = 0; i < n; i++) {
			/* What is asked to go must be there; the caller of txn_remove() knows that.
			 */
			if (!s[i].spec &&
			    !model_entry(f->env.model, schema_find(s[i].kind), s[i].name))
				n = 0;
		}
		err = n ? run(f, s, n, TXN_MAY_REPLACE, &faults) : 0;
		if (n && !err && !sensible && !twins && !down)
			fail_msg("round %u: nonsense was accepted", round);
		if (err && sensible && f->world.failed == before && !down && !twins)
			fail_msg("round %u: refused without a reason: %s", round,
				 faults.n ? faults.v[0].message : "?");
		if (err && !faults.n)
			fail_msg("round %u: refused without a word", round);
		done += n && !err;
		refused += err && !sensible;
		failed += err && sensible;
		f->world.fail_prepare = f->world.fail_compile = 0;
		f->world.fail_save = f->world.fail_put = false;
		agrees(f, "after a random transaction");
		faults_free(&faults);
		json_decref(next);
	}
	/* The walk must have been everywhere. */
	assert_true(done > ROUNDS / 20);
	assert_true(refused > ROUNDS / 20);
	assert_true(failed > ROUNDS / 50);
	assert_true(faulty > 10);
	print_message("%u done, %u refused, %u failed, %u with faults\n", done, refused, failed,
		      faulty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_refusal_says_why_and_changes_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_device_can_move_to_another_port_in_one_transaction, setup, teardown),
		cmocka_unit_test_setup_teardown(what_uses_a_replaced_object_is_made_anew, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_change_that_can_be_made_in_place_is, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_change_says_whether_it_interrupts, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_come_back_gets_a_fault_and_can_be_tried_again, setup, teardown),
		cmocka_unit_test_setup_teardown(random_transactions_agree_with_a_json_object, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
