/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon's life: state that comes back after a stop, a kill, a reboot and an upgrade. */
#include "tests/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "control/control_priv.h"
#include "tests/rig/fake_world.h"

struct fixture {
	char dir[32], state[64], socket[64];
	struct fake_world world;
	struct loop *loop;
	struct events *events;
	struct control *control;
};

static struct control_config config(struct fixture *f, const char *boot_id)
{
	return (struct control_config){ .socket_path = f->socket,
					.state_path = f->state,
					.boot_id = boot_id,
					.version = "1",
					.instance = "test",
					.capture_dir = "/nowhere",
					.workers = 1,
					.loop = f->loop,
					.events = f->events,
					.kinds = f->world.kinds,
					.compilers = f->world.compilers };
}

static void begin(struct fixture *f, const char *boot_id)
{
	struct control_config cfg = config(f, boot_id);
	struct faults faults = { 0 };

	if (control_create(&cfg, &faults, &f->control) || control_restore(f->control, &faults))
		fail_msg("%s", faults.n ? faults.v[0].message : "?");
}

/* The process is gone, and all it knew; what was made is gone with it here. */
static void end(struct fixture *f)
{
	control_destroy(f->control);
	f->control = NULL;
	fake_world_fini(&f->world);
	fake_world_init(&f->world);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	/* One test measures time, and not that of the disk. */
	snprintf(f->dir, sizeof(f->dir), "%s/weft-ctl-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->state, sizeof(f->state), "%s/state.db", f->dir);
	snprintf(f->socket, sizeof(f->socket), "%s/sock", f->dir);
	assert_int_equal(loop_create(&f->loop), 0);
	assert_int_equal(events_create(&f->events), 0);
	fake_world_init(&f->world);
	begin(f, "boot-1");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char text[80];

	control_destroy(f->control);
	fake_world_fini(&f->world);
	events_destroy(f->events);
	loop_destroy(f->loop);
	unlink(f->state);
	snprintf(text, sizeof(text), "%s-wal", f->state);
	unlink(text);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* A fragment (LAB NULL) or a lab, JSON with ' for ". */
static void up(struct fixture *f, const char *lab, const char *text)
{
	char *json = strdup(text);
	struct faults faults = { 0 };
	struct lab_doc doc;
	struct txn t;
	json_t *body;

	for (char *c = json; (c = strchr(c, '\''));)
		*c = '"';
	body = json_loads(json, 0, NULL);
	assert_non_null(body);
	if (lab_expand(body, !lab, &doc, &faults))
		fail_msg("%s", faults.v[0].message);
	txn_init(&t, &f->control->env, &faults);
	if (lab)
		lab_plan(&t, lab, &doc);
	else
		lab_plan_fragment(&t, &doc, false);
	if (txn_run(&t))
		fail_msg("%s", faults.v[0].message);
	txn_fini(&t);
	lab_doc_free(&doc);
	json_decref(body);
	free(json);
}

/* What the model holds, {kind: {name: spec}}. */
static json_t *wanted(const struct fixture *f)
{
	json_t *all = json_object();

	for (const struct schema *const *s = schemas; *s; s++) {
		json_t *names = json_object();

		for (struct entry *e = NULL; (e = model_entry_next(f->control->model, *s, e));)
			json_object_set(names, e->o.name, e->o.spec);
		json_object_set_new(all, (*s)->kind, names);
	}
	return all;
}

static struct entry *entry(const struct fixture *f, const char *kind, const char *name)
{
	return model_entry(f->control->model, schema_find(kind), name);
}

static bool was_told(const struct fixture *f, const char *type)
{
	const struct event *ev = NULL;

	while ((ev = events_after(f->events, ev ? ev->id : 0))) {
		if (!strcmp(ev->type, type))
			return true;
	}
	return false;
}

#define LAB                                                    \
	"{'switches':{'s1':{'vlans':{'10':'staff'}},'s2':{}}," \
	"'hosts':{'a':{'switch':'s1'},'b':{'switch':'s2'}},"   \
	"'links':{'t':{'a':'s1','b':'s2','trunk':[10,20]}}}"

static void everything_comes_back_after_a_restart(void **state)
{
	struct fixture *f = *state;
	json_t *before;

	up(f, "campus", LAB);
	up(f, NULL, "{'switches':{'free':{'aging':5}}}");
	before = wanted(f);
	end(f);
	begin(f, "boot-1");
	fake_world_agrees(&f->world, f->control->model, before, "after the restart");
	assert_non_null(labs_find(&f->control->labs, "campus"));
	assert_string_equal(entry(f, "switch", "s1")->o.lab, "campus");
	assert_string_equal(entry(f, "switch", "free")->o.lab, "");
	json_decref(before);
}

static void what_cannot_come_up_stays_with_a_fault(void **state)
{
	struct fixture *f = *state;
	json_t *before, *shown;

	up(f, "campus", LAB);
	before = wanted(f);
	end(f);
	f->world.fail_prepare = 1; /* switch s1, the first of all */
	begin(f, "boot-1");
	fake_world_agrees(&f->world, f->control->model, before, "without s1");
	assert_string_equal(entry(f, "switch", "s1")->fault,
			    "switch s1 cannot be made: Input/output error");
	/* What stands on it is down with it, the rest is up. */
	assert_string_equal(entry(f, "port", "a.eth0")->fault,
			    "switch s1 is not up: switch s1 cannot be made: Input/output error");
	assert_non_null(entry(f, "vlan", "s1.10")->fault);
	assert_non_null(entry(f, "port", "t.a")->fault);
	assert_null(entry(f, "port", "t.b")->fault);
	assert_null(entry(f, "host", "a")->fault);
	assert_null(model_find(f->control->model, "switch", "s1"));
	assert_true(was_told(f, "switch.fault"));
	shown = object_json(f->control, entry(f, "switch", "s1"));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(shown, "status"), "fault")),
		"switch s1 cannot be made: Input/output error");
	json_decref(shown);

	/* Whoever puts it again tries again, and what stood on it comes along. */
	up(f, "campus", LAB);
	fake_world_agrees(&f->world, f->control->model, before, "after another try");
	assert_null(entry(f, "port", "a.eth0")->fault);
	json_decref(before);
}

static void a_lab_without_autostart_is_forgotten_by_a_reboot_only(void **state)
{
	struct fixture *f = *state;

	up(f, "passing", "{'autostart':false,'switches':{'p1':{}},'hosts':{'x':{'switch':'p1'}}}");
	up(f, "lasting", "{'switches':{'l1':{}}}");
	end(f);
	begin(f, "boot-1");
	assert_non_null(entry(f, "port", "x.eth0"));
	assert_false(was_told(f, "lab.forgotten"));
	end(f);
	begin(f, "boot-2");
	assert_null(entry(f, "port", "x.eth0"));
	assert_null(entry(f, "switch", "p1"));
	assert_null(labs_find(&f->control->labs, "passing"));
	assert_non_null(entry(f, "switch", "l1"));
	assert_true(was_told(f, "lab.forgotten"));
	end(f);
	begin(f, "boot-2");
	assert_null(entry(f, "switch", "p1"));
	assert_non_null(entry(f, "switch", "l1"));
}

static void edit_state(const struct fixture *f, const char *edit)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->state, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, edit, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* It says why, and what it had read already is not let go of: it never was up. */
static void refuses(struct fixture *f, const char *boot_id, const char *why)
{
	struct control_config cfg = config(f, boot_id);
	struct faults faults = { 0 };

	assert_int_equal(control_create(&cfg, &faults, &f->control), 0);
	assert_int_not_equal(control_restore(f->control, &faults), 0);
	if (faults.n != 1 || !strstr(faults.v[0].message, why))
		fail_msg("%u faults, %s", faults.n, faults.n ? faults.v[0].message : "none");
	control_leave(f->control);
	assert_int_equal(f->world.left, 0);
	faults_free(&faults);
	end(f);
}

static void a_state_that_is_damaged_further_on_is_refused(void **state)
{
	enum { PAGE = 4096 };
	struct fixture *f = *state;
	char name[16], garbage[PAGE];
	FILE *file;

	for (unsigned int i = 0; i < 200; i++) {
		char text[64];

		snprintf(name, sizeof(name), "s%03u", i);
		snprintf(text, sizeof(text), "{'switches':{'%s':{}}}", name);
		up(f, NULL, text);
	}
	end(f);
	memset(garbage, 0xff, sizeof(garbage));
	file = fopen(f->state, "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, -PAGE, SEEK_END), 0);
	assert_int_equal(fwrite(garbage, PAGE, 1, file), 1);
	fclose(file);
	refuses(f, "boot-1", "the file is damaged");
}

static void a_reboot_that_cannot_be_noted_is_told(void **state)
{
	struct fixture *f = *state;

	up(f, "lasting", "{'switches':{'l1':{}}}");
	end(f);
	edit_state(f, "CREATE TRIGGER t BEFORE INSERT ON meta BEGIN SELECT RAISE(FAIL, 'no'); END");
	refuses(f, "boot-2", "could not be saved");
	edit_state(f, "DROP TRIGGER t");
	begin(f, "boot-2");
	assert_null(entry(f, "switch", "l1")->fault);
}

/* Whoever may write the state may do anything; but a slip in it is no way out of the run folder. */
static void names_that_nobody_could_give_are_left_alone(void **state)
{
	struct fixture *f = *state;

	up(f, "lasting", "{'switches':{'l1':{}}}");
	end(f);
	edit_state(f, "INSERT INTO object VALUES('host', '../../evil', '', '{}');"
		      "INSERT INTO object VALUES('switch', 's.1', '', '{}');"
		      "INSERT INTO object VALUES('switch', '', '', '{}');"
		      "INSERT INTO lab VALUES('a b', '', 1);");
	begin(f, "boot-1");
	assert_null(entry(f, "host", "../../evil"));
	assert_null(entry(f, "switch", "s.1"));
	assert_null(entry(f, "switch", ""));
	assert_null(labs_find(&f->control->labs, "a b"));
	assert_null(entry(f, "switch", "l1")->fault);
}

static void a_state_of_another_version_does_not_keep_the_daemon_down(void **state)
{
	static const char edit[] =
		"UPDATE object SET spec = '{\"aging\":0,\"colour\":\"red\"}' WHERE name = 's1';"
		"UPDATE object SET spec = 'no JSON' WHERE name = 's2';"
		"UPDATE object SET kind = 'router' WHERE name = 's3';";
	struct fixture *f = *state;

	up(f, NULL, "{'switches':{'s1':{},'s2':{},'s3':{},'s4':{}},'ports':{'p':{'switch':'s1'}}}");
	end(f);
	edit_state(f, edit);
	begin(f, "boot-1");
	assert_string_equal(entry(f, "switch", "s1")->fault, "aging 0 is out of range");
	assert_string_equal(entry(f, "port", "p")->fault,
			    "switch s1 is not up: aging 0 is out of range");
	assert_null(entry(f, "switch", "s2"));
	assert_null(entry(f, "switch", "s4")->fault);
	up(f, NULL, "{'switches':{'s1':{}}}");
	assert_null(entry(f, "switch", "s1")->fault);
	assert_null(entry(f, "port", "p")->fault);
}

static void leaving_lets_go_of_all_that_is_up(void **state)
{
	struct fixture *f = *state;

	up(f, "campus", LAB);
	end(f);
	f->world.fail_prepare = 1;
	begin(f, "boot-1");
	control_leave(f->control);
	/* Ten objects, of which switch s1, vlan s1.10, ports a.eth0 and t.a are down. */
	assert_int_equal(f->world.left, 6);
	assert_null(f->world.things);
}

/* What a kind does in the middle of a transaction; the fake one has no reason to. */
static struct control *asked;
static void (*fake_commit)(void *ctx, const struct object *was, struct object *now);

static void commit_and_ask(void *ctx, const struct object *was, struct object *now)
{
	fake_commit(ctx, was, now);
	control_recompile(asked);
	control_recompile(asked);
}

static void rounds(struct fixture *f, unsigned int n)
{
	while (n--)
		assert_int_equal(loop_once(f->loop, 20), 0);
}

static void the_view_is_made_anew_outside_of_a_transaction(void **state)
{
	struct fixture *f = *state;
	unsigned int before;
	json_t *view;

	up(f, NULL, "{'switches':{'s1':{}}}");
	rounds(f, 2);
	before = f->world.published;
	view = json_incref(f->world.view);
	control_recompile(f->control);
	control_recompile(f->control);
	assert_int_equal(f->world.published, before); /* who asks may hold on to the view */
	rounds(f, 3);
	assert_int_equal(f->world.published, before + 1);
	assert_ptr_not_equal(f->world.view, view);
	assert_true(json_equal(f->world.view, view));
	json_decref(view);
}

static void a_view_asked_for_in_a_transaction_comes_after_it(void **state)
{
	struct fixture *f = *state;
	struct kind *k = &f->world.kind[0];
	unsigned int before = f->world.published;

	asked = f->control;
	fake_commit = k->commit;
	k->commit = commit_and_ask;
	up(f, NULL, "{'switches':{'s1':{},'s2':{}}}");
	assert_int_equal(f->world.published, before + 1);
	rounds(f, 3);
	assert_int_equal(f->world.published, before + 2);
}

static void a_view_that_cannot_be_made_is_tried_again(void **state)
{
	struct fixture *f = *state;
	unsigned int before;

	up(f, NULL, "{'switches':{'s1':{}}}");
	before = f->world.published;
	f->world.fail_compile = 1;
	control_recompile(f->control);
	for (unsigned int i = 0; i < 1000 && f->world.published == before; i++)
		assert_int_equal(loop_once(f->loop, 10000), 0);
	assert_int_equal(f->world.failed, 1);
	assert_int_equal(f->world.published, before + 1);
}

static void no_view_is_made_when_all_is_let_go_of(void **state)
{
	struct fixture *f = *state;
	unsigned int before;

	up(f, NULL, "{'switches':{'s1':{}}}");
	before = f->world.published;
	control_recompile(f->control);
	control_leave(f->control);
	control_recompile(f->control);
	rounds(f, 2);
	assert_int_equal(f->world.published, before);
}

static void a_thousand_ports_one_by_one_take_no_square(void **state)
{
	enum { PORTS = 1000 };
	struct fixture *f = *state;
	const struct schema *port = schema_find("port");
	json_t *body = json_pack("{s:s}", "switch", "s1"), *spec;
	struct faults faults = { 0 };
	struct timespec a, b, c;
	double first, second;

	up(f, NULL, "{'switches':{'s1':{}}}");
	spec = schema_check(port, body, &faults);
	/* The fake world is a list and a view of JSON: it would be the square itself. */
	for (unsigned int i = 0; schemas[i]; i++)
		f->world.kind[i] = (struct kind){ .schema = schemas[i] };
	f->control->env.compilers = (const struct compiler *const[]){ NULL };
	/* Processor time: what else the machine does is none of it. */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (unsigned int i = 0; i < 2 * PORTS; i++) {
		char name[16];
		struct txn t;

		snprintf(name, sizeof(name), "p%u", i);
		txn_init(&t, &f->control->env, &faults);
		txn_put(&t, port, name, "", spec, "", 0);
		assert_int_equal(txn_run(&t), 0);
		txn_fini(&t);
		if (i == PORTS)
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c);
	first = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	second = (double)(c.tv_sec - b.tv_sec) + (double)(c.tv_nsec - b.tv_nsec) / 1e9;
	print_message("# %.2f s, then %.2f s\n", first, second);
	/* A square would take three times as long for the second half. */
	if (second > 2.5 * first + 0.5)
		fail_msg("%.2f s, then %.2f s", first, second);
	assert_int_equal(model_count(f->control->model, "port"), 2 * PORTS);
	json_decref(spec);
	json_decref(body);
}

static void events_are_numbered_and_the_last_ones_kept(void **state)
{
	struct fixture *f = *state;
	const struct event *ev = NULL;
	uint64_t before = events_last(f->events);
	unsigned int n = 0;

	for (unsigned int i = 0; i < EVENTS_KEPT + 10; i++)
		events_post(f->events, "test.event", "test", "x", "number %u \x1b[2J", i);
	assert_int_equal(events_last(f->events), before + EVENTS_KEPT + 10);
	for (uint64_t id = 0; (ev = events_after(f->events, id)); id = ev->id, n++)
		assert_true(ev->id > id && !strchr(ev->message, '\x1b'));
	assert_int_equal(n, EVENTS_KEPT);
	assert_null(events_after(f->events, events_last(f->events)));
	assert_null(events_after(f->events, UINT64_MAX));
}

int main(void)
{
#define WITH_CONTROL(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_CONTROL(everything_comes_back_after_a_restart),
		WITH_CONTROL(what_cannot_come_up_stays_with_a_fault),
		WITH_CONTROL(a_lab_without_autostart_is_forgotten_by_a_reboot_only),
		WITH_CONTROL(a_state_that_is_damaged_further_on_is_refused),
		WITH_CONTROL(a_reboot_that_cannot_be_noted_is_told),
		WITH_CONTROL(names_that_nobody_could_give_are_left_alone),
		WITH_CONTROL(a_state_of_another_version_does_not_keep_the_daemon_down),
		WITH_CONTROL(leaving_lets_go_of_all_that_is_up),
		WITH_CONTROL(the_view_is_made_anew_outside_of_a_transaction),
		WITH_CONTROL(a_view_asked_for_in_a_transaction_comes_after_it),
		WITH_CONTROL(a_view_that_cannot_be_made_is_tried_again),
		WITH_CONTROL(no_view_is_made_when_all_is_let_go_of),
		WITH_CONTROL(a_thousand_ports_one_by_one_take_no_square),
		WITH_CONTROL(events_are_numbered_and_the_last_ones_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
