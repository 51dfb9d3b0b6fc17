/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/fake_world.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/model_priv.h"
#include "tests/test.h"

static struct fake_world *saving; /* whose fail_save the store asks */
static sqlite3 *saving_db;

enum { ROW_SHORT = 48, ROW_ANY = 1000000 };

static struct thing *thing_of(const struct fake_world *w, const char *title)
{
	struct thing *t = w->things;

	while (t && strcmp(t->title, title))
		t = t->next;
	return t;
}

struct thing *fake_thing(const struct fake_world *w, const char *kind, const char *name)
{
	char title[OBJECT_TITLE_LEN];

	snprintf(title, sizeof(title), "%s %s", kind, name);
	return thing_of(w, title);
}

static bool falls_due(struct fake_world *w, unsigned int *countdown)
{
	if (!*countdown || --*countdown)
		return false;
	w->failed++;
	return true;
}

static bool has_nic(const struct model *m, const char *host)
{
	const struct object *port = NULL;

	while ((port = model_next(m, "port", port)) != NULL) {
		const char *its = object_text(port, "host");

		if (its && !strcmp(its, host))
			return true;
	}
	return false;
}

static void check(void *ctx, const struct model *m, const struct object *now, struct faults *faults)
{
	const char *sw = object_text(now, "switch");
	const struct object *on = sw ? model_find(m, "switch", sw) : NULL;

	(void)ctx;
	if (on && object_int(now, "mtu") > object_int(on, "mtu"))
		fault(faults, FAULT_INVALID, "mtu", "use less",
		      "the switch does not take that much");
	if (json_array_size(json_object_get(now->spec, "routes")) && !has_nic(m, now->name))
		fault(faults, FAULT_INVALID, "routes/0", "give it a NIC",
		      "the gateway is in no network");
	if (object_has(now, "access") && object_has(now, "trunk"))
		fault(faults, FAULT_INVALID, "trunk", "use one of them",
		      "a port is access or trunk");
}

static bool device_is_taken(const struct fake_world *w, const struct object *now)
{
	json_t *device = json_object_get(now->spec, "device");
	json_t *host = json_object_get(now->spec, "host");

	for (const struct thing *t = w->things; device && t; t = t->next) {
		json_t *spec = t->pending ? t->pending : t->spec;
		json_t *other = json_object_get(spec, "host");

		if (t != now->run && json_equal(json_object_get(spec, "device"), device) &&
		    (other == host || json_equal(other, host)))
			return true;
	}
	return false;
}

static int prepare(void *ctx, const struct model *m, const struct object *was, struct object *now,
		   struct faults *faults)
{
	struct fake_world *w = ctx;
	const char *sw = object_text(now, "switch");
	char title[OBJECT_TITLE_LEN];
	struct thing *t;

	object_title(now, title, sizeof(title));
	assert_ptr_equal(now->run, was ? was->run : NULL);
	if (falls_due(w, &w->fail_prepare))
		return -EIO; /* without a sentence: control has to find one */
	if (device_is_taken(w, now))
		return fault(faults, FAULT_CONFLICT, "device", "use another",
			     "that device is taken");
	t = was ? was->run : calloc(1, sizeof(*t));
	if (!was) {
		assert_null(thing_of(w, title));
		snprintf(t->title, sizeof(t->title), "%s", title);
		t->number = ++w->made;
		t->next = w->things;
		w->things = t;
	}
	assert_non_null(t);
	assert_null(t->pending);
	t->pending = json_incref(now->spec);
	if (sw) {
		t->uses = model_find(m, "switch", sw)->run;
		assert_non_null(t->uses);
	}
	now->run = t;
	return 0;
}

static void drop(struct fake_world *w, struct thing *t)
{
	struct thing **at = &w->things;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	json_decref(t->spec);
	json_decref(t->pending);
	free(t);
}

static void undo(void *ctx, const struct object *was, struct object *now)
{
	struct thing *t = now->run;

	json_decref(t->pending);
	t->pending = NULL;
	if (!was)
		drop(ctx, t);
}

static void commit(void *ctx, const struct object *was, struct object *now)
{
	struct fake_world *w = ctx;
	struct thing *t = now->run;

	assert_int_equal(t->live, was != NULL);
	assert_true(json_equal(t->pending, now->spec));
	assert_non_null(json_object_get(w->view, t->title));
	json_decref(t->spec);
	t->spec = t->pending;
	t->pending = NULL;
	t->live = true;
}

static void unpublish(void *ctx, struct object *was)
{
	struct fake_world *w = ctx;
	struct thing *t = was->run;

	assert_true(t->live);
	t->live = false;
	assert_false(json_equal(json_object_get(w->view, t->title), was->spec));
}

static void release(void *ctx, struct object *was)
{
	struct fake_world *w = ctx;
	struct thing *t = was->run;

	assert_false(t->live);
	assert_null(w->retired); /* the view before is gone first */
	for (struct thing *user = w->things; user; user = user->next)
		assert_true(user->uses != t || user->doomed);
	t->doomed = true;
}

static void settle(void *ctx)
{
	struct fake_world *w = ctx;

	for (struct thing *t = w->things, *next; t; t = next) {
		next = t->next;
		if (t->doomed)
			drop(w, t);
	}
}

static void leave(void *ctx, struct object *o)
{
	struct fake_world *w = ctx;

	w->left++;
	drop(w, o->run);
}

static json_t *status(void *ctx, const struct object *o)
{
	const struct thing *t = o->run;

	(void)ctx;
	return json_pack("{s:b}", "live", t->live);
}

static int compile(void *ctx, const struct model *m, struct faults *faults)
{
	struct fake_world *w = ctx;
	char title[OBJECT_TITLE_LEN];

	(void)faults;
	if (falls_due(w, &w->fail_compile))
		return -ENOMEM;
	assert_null(w->compiled);
	if (w->fail_put) /* what comes next is the store */
		sqlite3_limit(saving_db, SQLITE_LIMIT_LENGTH, ROW_SHORT);
	w->compiled = json_object();
	for (const struct schema *const *s = schemas; *s; s++) {
		for (const struct object *o = NULL; (o = model_next(m, (*s)->kind, o));)
			json_object_set(w->compiled, object_title(o, title, sizeof(title)),
					o->spec);
	}
	return 0;
}

static void publish(void *ctx)
{
	struct fake_world *w = ctx;

	assert_non_null(w->compiled);
	assert_null(w->retired);
	sqlite3_limit(saving_db, SQLITE_LIMIT_LENGTH, ROW_ANY);
	w->retired = w->view;
	w->view = w->compiled;
	w->compiled = NULL;
	w->published++;
}

static void discard(void *ctx)
{
	struct fake_world *w = ctx;

	assert_non_null(w->compiled);
	w->failed += w->fail_put;
	w->fail_put = false;
	sqlite3_limit(saving_db, SQLITE_LIMIT_LENGTH, ROW_ANY);
	json_decref(w->compiled);
	w->compiled = NULL;
}

static void retire(void *ctx)
{
	struct fake_world *w = ctx;

	json_decref(w->retired);
	w->retired = NULL;
}

static int on_commit(void *arg)
{
	(void)arg;
	if (!saving || !saving->fail_save)
		return 0;
	saving->fail_save = false;
	saving->failed++;
	return 1; /* SQLite rolls back and says so */
}

/* SQLite calls it for every database that is opened. */
static int on_open(sqlite3 *db, const char **error, const struct sqlite3_api_routines *api)
{
	(void)error;
	(void)api;
	saving_db = db;
	sqlite3_commit_hook(db, on_commit, NULL);
	return SQLITE_OK;
}

void fake_world_init(struct fake_world *w)
{
	*w = (struct fake_world){ .compiler = { w, compile, publish, discard, retire } };
	for (unsigned int i = 0; schemas[i]; i++) {
		w->kind[i] = (struct kind){ .schema = schemas[i],
					    .ctx = w,
					    .check = check,
					    .prepare = prepare,
					    .abort = undo,
					    .commit = commit,
					    .unpublish = unpublish,
					    .release = release,
					    .settle = settle,
					    .leave = leave,
					    .status = status };
		w->kinds[i] = &w->kind[i];
	}
	w->compilers[0] = &w->compiler;
	w->view = json_object();
	saving = w;
	sqlite3_auto_extension((void (*)(void))on_open);
}

void fake_world_fini(struct fake_world *w)
{
	saving = NULL;
	while (w->things)
		drop(w, w->things);
	json_decref(w->view);
	json_decref(w->compiled);
	json_decref(w->retired);
}

static void thing_agrees(const struct fake_world *w, const struct entry *e, const char *when)
{
	char title[OBJECT_TITLE_LEN];
	const struct thing *t = thing_of(w, object_title(&e->o, title, sizeof(title)));
	json_t *seen = json_object_get(w->view, title);

	if (e->fault) {
		if (t || seen)
			fail_msg("%s: %s has a fault, and is there", when, title);
		return;
	}
	if (!t || !t->live || t->doomed || t->pending || e->o.run != t)
		fail_msg("%s: %s is not as it was made", when, title);
	if (!json_equal(t->spec, e->o.spec) || !json_equal(seen, e->o.spec))
		fail_msg("%s: %s has an old spec", when, title);
	if (object_text(&e->o, "switch") &&
	    t->uses != fake_thing(w, "switch", object_text(&e->o, "switch")))
		fail_msg("%s: %s holds on to a switch that is gone", when, title);
}

void fake_world_agrees(const struct fake_world *w, const struct model *m, const json_t *wanted,
		       const char *when)
{
	unsigned int up = 0, things = 0;

	for (const struct schema *const *s = schemas; *s; s++) {
		json_t *names = json_object_get(wanted, (*s)->kind);

		if (model_entries(m, *s) != json_object_size(names))
			fail_msg("%s: %u %s in the model, %zu wanted", when, model_entries(m, *s),
				 (*s)->plural, json_object_size(names));
		for (struct entry *e = NULL; (e = model_entry_next(m, *s, e));) {
			if (!json_equal(e->o.spec, json_object_get(names, e->o.name)))
				fail_msg("%s: %s %s differs", when, (*s)->kind, e->o.name);
			assert_null(e->op);
			thing_agrees(w, e, when);
			up += !e->fault;
		}
	}
	for (const struct thing *t = w->things; t; t = t->next)
		things++;
	if (things != up || json_object_size(w->view) != up)
		fail_msg("%s: %u objects, %u things, %zu in the view", when, up, things,
			 json_object_size(w->view));
	assert_null(w->compiled);
	assert_null(w->retired);
}
