/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "control/lab_priv.h"
#include "tests/rig/fake_world.h"

/* As many as leave no room for ".eth0". */
#define LETTERS "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* JSON with ' for ". */
static json_t *load(const char *text)
{
	char *json = strdup(text);
	json_error_t e;
	json_t *v;

	for (char *c = json; (c = strchr(c, '\''));)
		*c = '"';
	v = json_loads(json, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!v)
		fail_msg("the test's own JSON is wrong: %s: %s", e.text, text);
	free(json);
	return v;
}

static json_t *objects_of(const char *text)
{
	json_t *doc = load(text), *all = json_object();
	struct faults faults = { 0 };
	struct lab_doc out;

	if (lab_expand(doc, false, &out, &faults))
		fail_msg("%s: %s", text, faults.v[0].message);
	for (unsigned int i = 0; i < out.n; i++) {
		char title[OBJECT_TITLE_LEN];

		snprintf(title, sizeof(title), "%s %s", out.v[i].schema->kind, out.v[i].name);
		json_object_set(all, title, out.v[i].spec);
	}
	lab_doc_free(&out);
	json_decref(doc);
	return all;
}

static void a_short_form_is_the_objects_that_it_stands_for(void **state)
{
	static const struct {
		const char *why, *brief, *plain;
	} row[] = {
		{ "null bodies", "{'switches':{'s1':null},'hosts':null}",
		  "{'switches':{'s1':{}}}" },
		{ "VLANs of a switch",
		  "{'switches':{'s1':{'aging':60,'vlans':{'10':'staff','20':null,"
		  "'30':{'title':'lab'}}}}}",
		  "{'switches':{'s1':{'aging':60}},'vlans':{"
		  "'s1.10':{'switch':'s1','vid':10,'title':'staff'},"
		  "'s1.20':{'switch':'s1','vid':20},"
		  "'s1.30':{'switch':'s1','vid':30,'title':'lab'}}}" },
		{ "a host with one NIC",
		  "{'hosts':{'a':{'switch':'s1','access':10,'address':'10.0.0.1/8',"
		  "'routes':'default via 10.0.0.9'}}}",
		  "{'hosts':{'a':{'routes':['default via 10.0.0.9']}},'ports':{'a.eth0':{'switch':'s1',"
		  "'access':10,'address':'10.0.0.1/8','type':'tap','host':'a','device':'eth0'}}}" },
		{ "a host with two",
		  "{'hosts':{'r':{'forwarding':true,'nics':{'eth0':{'switch':'s1'},"
		  "'lan':{'switch':'s2','mtu':9000}}}}}",
		  "{'hosts':{'r':{'forwarding':true}},'ports':{"
		  "'r.eth0':{'switch':'s1','host':'r','device':'eth0'},"
		  "'r.lan':{'switch':'s2','mtu':9000,'host':'r','device':'lan'}}}" },
		{ "a host without any", "{'hosts':{'a':null,'b':{'forwarding':true}}}",
		  "{'hosts':{'a':{},'b':{'forwarding':true}}}" },
		{ "a link and what both ends share",
		  "{'links':{'t':{'a':'s1','b':'s2','trunk':[10,20],'native':1}}}",
		  "{'links':{'t':{}},'ports':{"
		  "'t.a':{'switch':'s1','type':'cable','link':'t','end':'a','trunk':'10,20','native':1},"
		  "'t.b':{'switch':'s2','type':'cable','link':'t','end':'b','trunk':'10,20',"
		  "'native':1}}}" },
		{ "a link with different ends",
		  "{'links':{'t':{'up':false,'trunk':5,'a':{'switch':'s1','trunk':10,'up':false},"
		  "'b':{'switch':'s2'}}}}",
		  "{'links':{'t':{'up':false}},'ports':{'t.a':{'switch':'s1','type':'cable','link':'t',"
		  "'end':'a','trunk':'10','up':false},'t.b':{'switch':'s2','type':'cable','link':'t',"
		  "'end':'b','trunk':'5'}}}" },
		{ "what was read can be sent back",
		  "{'hosts':{'a':{'name':'a','lab':'x','status':{'netns':'/x'},'forwarding':true}}}",
		  "{'hosts':{'a':{'forwarding':true}}}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		json_t *brief = objects_of(row[i].brief), *plain = objects_of(row[i].plain);

		if (!json_equal(brief, plain))
			fail_msg("%s: %s instead of %s", row[i].why, json_dumps(brief, 0),
				 json_dumps(plain, 0));
		json_decref(brief);
		json_decref(plain);
	}
}

struct one_fault {
	const char *why, *doc, *object, *pointer, *message;
};

static void expect_fault(const struct one_fault *row)
{
	json_t *doc = load(row->doc);
	struct faults faults = { 0 };
	struct lab_doc out;

	assert_int_not_equal(lab_expand(doc, false, &out, &faults), 0);
	if (faults.n != 1)
		fail_msg("%s: %u faults: %s", row->why, faults.n,
			 faults.n ? faults.v[1].message : "");
	if (strcmp(faults.v[0].message, row->message))
		fail_msg("%s: %s", row->why, faults.v[0].message);
	if (strcmp(faults.v[0].object, row->object))
		fail_msg("%s: object %s", row->why, faults.v[0].object);
	if (strncmp(faults.v[0].pointer, row->pointer, strlen(row->pointer)) ||
	    (strcmp(row->pointer, "/") && strcmp(faults.v[0].pointer, row->pointer)))
		fail_msg("%s: at %s", row->why, faults.v[0].pointer);
	lab_doc_free(&out);
	faults_free(&faults);
	json_decref(doc);
}

static void a_fault_is_told_at_its_place(void **state)
{
	static const struct one_fault row[] = {
		{ "not a lab", "[]", "", "",
		  "a lab is an object with switches, hosts, links and so on" },
		{ "unknown part", "{'switchs':{}}", "", "/switchs",
		  "unknown part of a lab 'switchs'" },
		{ "section is a list", "{'switches':['s1']}", "", "/switches",
		  "switches are names with their fields" },
		{ "body is text", "{'switches':{'s1':'big'}}", "switch s1", "/switches/s1",
		  "a switch is an object of fields" },
		{ "bad name", "{'switches':{'s 1':{}}}", "switch s 1", "/switches/s 1",
		  "'s 1' is not a name of a switch" },
		{ "a long name", "{'switches':{'" LETTERS "1234':{}}}", "switch " LETTERS "123",
		  "/switches/" LETTERS "1234",
		  "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' has 64 letters, too many for the name of a switch" },
		{ "one that leaves no room for NICs", "{'hosts':{'" LETTERS "':{'switch':'s1'}}}",
		  "port " LETTERS ".et", "/hosts/" LETTERS,
		  "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' has 65 letters, too many for the name of a port" },
		{ "a dot in the name of a host", "{'hosts':{'a.b':{}}}", "host a.b", "/hosts/a.b",
		  "'a.b' is not a name of a host" },
		{ "empty name", "{'links':{'':{'a':'s1','b':'s2'}}}", "link ", "/links/",
		  "'' is not a name of a link" },
		{ "host: VLAN", "{'hosts':{'a':{'switch':'s1','access':4095}}}", "port a.eth0",
		  "/hosts/a/access", "vlan 4095 is reserved" },
		{ "host: unknown", "{'hosts':{'a':{'adress':'10.0.0.1/8'}}}", "host a",
		  "/hosts/a/adress", "unknown field 'adress'" },
		{ "host: fixed by the form", "{'hosts':{'a':{'switch':'s1','device':'eth1'}}}",
		  "port a.eth0", "/hosts/a/device", "device is given by the host already" },
		{ "host: both forms",
		  "{'hosts':{'a':{'switch':'s1','nics':{'eth0':{'switch':'s1'}}}}}", "host a",
		  "/hosts/a/switch", "switch belongs to a NIC" },
		{ "NIC", "{'hosts':{'a':{'nics':{'eth0':{'switch':'s1','access':'10'}}}}}",
		  "port a.eth0", "/hosts/a/nics/eth0/access", "'10' is not a VLAN" },
		{ "NIC name", "{'hosts':{'a':{'nics':{'eth 0':{'switch':'s1'}}}}}", "port a.eth 0",
		  "/hosts/a/nics/eth 0", "'a.eth 0' is not a name of a port" },
		{ "nics is a list", "{'hosts':{'a':{'nics':['eth0']}}}", "host a", "/hosts/a/nics",
		  "nics are devices with the fields of a port each" },
		{ "VLAN number", "{'switches':{'s1':{'vlans':{'4095':'x'}}}}", "vlan s1.4095",
		  "/switches/s1/vlans/4095", "vlan 4095 is reserved" },
		{ "VLAN word", "{'switches':{'s1':{'vlans':{'staff':10}}}}", "vlan s1.staff",
		  "/switches/s1/vlans/staff", "'staff' is not the number of a VLAN" },
		{ "VLAN title is a number", "{'switches':{'s1':{'vlans':{'10':7}}}}", "vlan s1.10",
		  "/switches/s1/vlans/10/title", "title takes text, not a number" },
		{ "vlans is a list", "{'switches':{'s1':{'vlans':[10]}}}", "switch s1",
		  "/switches/s1/vlans", "vlans are numbers with a title or fields each" },
		{ "link: an end missing", "{'links':{'t':{'a':'s1'}}}", "port t.b", "/links/t",
		  "end b of the link is missing" },
		{ "link: a setting needs an end", "{'links':{'t':{'a':{'switch':'s1'},'trunk':1}}}",
		  "port t.b", "/links/t", "end b of the link is missing" },
		{ "link: an end is a number", "{'links':{'t':{'a':1,'b':'s2'}}}", "port t.a",
		  "/links/t/a", "end a of a link is a switch" },
		{ "link: shared setting, once", "{'links':{'t':{'a':'s1','b':'s2','trunk':0}}}",
		  "link t", "/links/t/trunk", "vlan 0 is reserved" },
		{ "link: setting of an end",
		  "{'links':{'t':{'a':{'switch':'s1','trunk':0},'b':'s2'}}}", "port t.a",
		  "/links/t/a/trunk", "vlan 0 is reserved" },
		{ "link: what only an end has", "{'links':{'t':{'a':'s1','b':'s2','switch':'s3'}}}",
		  "link t", "/links/t/switch", "switch cannot be set for both ends of a link" },
		{ "link: a tap's field", "{'links':{'t':{'a':'s1','b':'s2','mtu':1500}}}", "link t",
		  "/links/t/mtu", "mtu cannot be set for both ends of a link" },
		{ "link: unknown", "{'links':{'t':{'a':'s1','b':'s2','trunks':10}}}", "link t",
		  "/links/t/trunks", "unknown field 'trunks'" },
		{ "no such mode", "{'links':{'t':{'mode':'wyre'}}}", "link t", "/links/t/mode",
		  "mode 'wyre' is unknown" },
		{ "twice", "{'hosts':{'a':{'switch':'s1'}},'ports':{'a.eth0':{'switch':'s1'}}}",
		  "port a.eth0", "/", "port a.eth0 is there twice" },
		{ "autostart", "{'autostart':'yes'}", "", "/autostart",
		  "autostart takes true or false" },
		{ "description", "{'description':1}", "", "/description",
		  "that is not a description" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		expect_fault(&row[i]);
}

static void a_fault_of_a_wire_is_told_at_its_place(void **state)
{
	static const struct one_fault row[] = {
		{ "wire: VLANs", "{'links':{'t':{'mode':'wire','a':'p','b':'q','trunk':10}}}",
		  "link t", "/links/t/trunk",
		  "a wire has no trunk: all frames cross it as they are" },
		{ "wire: an end is a number", "{'links':{'t':{'mode':'wire','a':1,'b':'q'}}}",
		  "link t", "/links/t/a", "a takes text, not a number" },
		{ "wire: a NIC of no host",
		  "{'links':{'t':{'mode':'wire','a':{'device':'eth1'},'b':'q'}}}", "link t",
		  "/links/t/a", "an end of a wire is a port, or a host and a device of it" },
		{ "wire: a NIC's field",
		  "{'links':{'t':{'mode':'wire','a':{'host':'h','mtu':1},'b':'q'}}}", "port h.eth0",
		  "/links/t/a/mtu", "mtu 1 is out of range" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		expect_fault(&row[i]);
}

static void a_fragment_says_nothing_about_a_lab(void **state)
{
	json_t *doc = load("{'description':'x','switches':{'s1':{}}}");
	struct faults faults = { 0 };
	struct lab_doc out;

	(void)state;
	assert_int_not_equal(lab_expand(doc, true, &out, &faults), 0);
	assert_string_equal(faults.v[0].message, "unknown part 'description'");
	lab_doc_free(&out);
	faults_free(&faults);
	json_decref(doc);
}

/* ---- labs against a model ---- */

struct fixture {
	char dir[32], path[64];
	struct fake_world world;
	struct labs labs;
	struct txn_env env;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct faults faults = { 0 };

	fake_world_init(&f->world);
	snprintf(f->dir, sizeof(f->dir), "/tmp/weft-lab-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/state.db", f->dir);
	f->env = (struct txn_env){ .labs = &f->labs,
				   .kinds = f->world.kinds,
				   .compilers = f->world.compilers };
	assert_int_equal(model_create(&f->env.model), 0);
	assert_int_equal(events_create(&f->env.events), 0);
	assert_int_equal(store_open(f->path, "boot", &faults, &f->env.store), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char text[96];

	model_destroy(f->env.model);
	labs_clear(&f->labs);
	events_destroy(f->env.events);
	store_close(f->env.store);
	fake_world_fini(&f->world);
	unlink(f->path);
	snprintf(text, sizeof(text), "%s-wal", f->path);
	unlink(text);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* "add switch s1, set port p1 access" ...; or "! POINTER: MESSAGE". */
static char *outcome(const struct txn *t, int err, const struct faults *faults)
{
	char *out = NULL, *before;
	json_t *changes, *c, *v;
	const char *key;
	size_t i;

	if (err) {
		assert_int_not_equal(faults->n, 0);
		assert_true(asprintf(&out, "! %s: %s", faults->v[0].pointer,
				     faults->v[0].message) >= 0);
		return out;
	}
	out = strdup("");
	changes = txn_changes(t);
	json_array_foreach (changes, i, c) {
		before = out;
		assert_true(asprintf(&out, "%s%s%s %s %s", before, *before ? ", " : "",
				     json_string_value(json_object_get(c, "action")),
				     json_string_value(json_object_get(c, "kind")),
				     json_string_value(json_object_get(c, "name"))) >= 0);
		free(before);
		json_object_foreach (json_object_get(c, "fields"), key, v) {
			before = out;
			assert_true(asprintf(&out, "%s %s", before, key) >= 0);
			free(before);
		}
	}
	json_decref(changes);
	return out;
}

enum how { PLAN = 1, UP, DOWN, APPLY, CREATE };

static char *do_it(struct fixture *f, enum how how, const char *lab, const char *text)
{
	json_t *body = text ? load(text) : json_object();
	struct faults faults = { 0 };
	struct lab_doc doc;
	struct txn t;
	char *out;
	int err;

	err = lab_expand(body, how >= APPLY, &doc, &faults);
	txn_init(&t, &f->env, &faults);
	if (!err && how == DOWN)
		lab_plan_removal(&t, lab);
	else if (!err && how >= APPLY)
		lab_plan_fragment(&t, &doc, how == CREATE);
	else if (!err)
		lab_plan(&t, lab, &doc);
	if (!err)
		err = how == PLAN ? txn_check(&t) : txn_run(&t);
	out = outcome(&t, err, &faults);
	txn_fini(&t);
	lab_doc_free(&doc);
	faults_free(&faults);
	json_decref(body);
	return out;
}

static void all_faults_are_told_at_once_and_no_others(void **state)
{
	static const struct {
		const char *why, *doc, *faults;
	} row[] = {
		{ "schema, reference and provider",
		  "{'switches':{'s1':{'aging':0},'s2':{}},'hosts':{"
		  "'a':{'switch':'s1','access':10,'trunk':20},'b':{'switch':'s9'},"
		  "'c':{'switch':'s2','access':10,'trunk':20}}}",
		  "/switches/s1/aging /hosts/b/switch /hosts/a/trunk /hosts/c/trunk " },
		{ "a reference leads nowhere, and more is wrong there",
		  "{'hosts':{'a':{'switch':'s9','access':10,'trunk':20}}}",
		  "/hosts/a/switch /hosts/a/trunk " },
		{ "a body is no object", "{'switches':{'s1':7},'hosts':{'a':{'switch':'s1'}}}",
		  "/switches/s1 " },
		{ "a section is no object", "{'switches':['s1'],'hosts':{'a':{'switch':'s1'}}}",
		  "/switches " },
		{ "a section is misspelt", "{'switchs':{'s1':{}},'hosts':{'a':{'switch':'s1'}}}",
		  "/switchs " },
		{ "another lab's", "{'switches':{'old':{}},'hosts':{'a':{'switch':'s9'}}}",
		  "/switches/old /hosts/a/switch " },
		{ "a host's NIC is wrong: its routes are not blamed",
		  "{'hosts':{'a':{'switch':'s1','access':4095,'routes':'default via 1.1.1.1'}},"
		  "'switches':{'s1':{}}}",
		  "/hosts/a/access " },
		{ "so are its nics",
		  "{'hosts':{'a':{'nics':[],'routes':'default via 1.1.1.1'},'b':{'nics':{'eth0':7},"
		  "'routes':'default via 1.1.1.1'},'c':{'routes':'default via 1.1.1.1'}}}",
		  "/hosts/a/nics /hosts/b/nics/eth0 /hosts/c/routes/0 " },
		{ "twice",
		  "{'hosts':{'a':{'switch':'s1'}},'switches':{'s1':{}},"
		  "'ports':{'a.eth0':{'switch':'s1','access':1,'trunk':2}}}",
		  "/ports/a.eth0 " },
	};
	struct fixture *f = *state;

	free(do_it(f, UP, "other", "{'switches':{'old':{}}}"));
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		json_t *body = load(row[i].doc);
		struct faults faults = { 0 };
		struct lab_doc doc;
		char told[512] = "";
		struct txn t;

		lab_expand(body, false, &doc, &faults);
		txn_init(&t, &f->env, &faults);
		lab_plan(&t, "x", &doc);
		txn_check(&t);
		txn_fini(&t);
		for (unsigned int k = 0; k < faults.n; k++)
			snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s ",
				 faults.v[k].pointer);
		if (strcmp(told, row[i].faults) != 0)
			fail_msg("%s: %s instead of %s", row[i].why, told, row[i].faults);
		lab_doc_free(&doc);
		faults_free(&faults);
		json_decref(body);
	}
}

/* What was done to labs one after the other, and what came of it. */
struct deed {
	const char *why;
	enum how how;
	const char *lab, *doc, *outcome;
};

static void do_all(struct fixture *f, const struct deed *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *got = do_it(f, row[i].how, row[i].lab, row[i].doc);

		if (strcmp(got, row[i].outcome))
			fail_msg("%s: %s", row[i].why, got);
		free(got);
	}
}

#define S1 "{'switches':{'s1':{}},'hosts':{'a':{'switch':'s1','access':10}}}"
#define S2 "{'switches':{'s1':{'aging':60}},'hosts':{'b':{'switch':'s1'}}}"

static void a_lab_becomes_what_its_document_says(void **state)
{
	static const struct deed row[] = {
		{ "a plan does nothing", PLAN, "x", S1,
		  "add switch s1, add host a, add port a.eth0" },
		{ "up", UP, "x", S1, "add switch s1, add host a, add port a.eth0" },
		{ "up again changes nothing", UP, "x", S1, "" },
		{ "an edit changes the difference", PLAN, "x", S2,
		  "set switch s1 aging, remove host a, add host b, remove port a.eth0, add port b.eth0" },
		{ "another lab cannot have it", UP, "y", "{'switches':{'s1':{}}}",
		  "! /switches/s1: switch s1 belongs to lab x" },
		{ "something free", APPLY, NULL, "{'switches':{'free':{}}}", "add switch free" },
		{ "a lab cannot take what is free", UP, "y", "{'switches':{'free':{}}}",
		  "! /switches/free: switch free is there already and belongs to no lab" },
		{ "a fragment may change what a lab has", APPLY, NULL,
		  "{'switches':{'s1':{'aging':60}}}", "set switch s1 aging" },
		{ "create refuses what is different", CREATE, NULL, "{'switches':{'s1':{}}}",
		  "! /switches/s1: switch s1 exists already, with aging 60" },
		{ "a list of words", APPLY, NULL,
		  "{'hosts':{'z':{'address':['10.0.0.1/24','fd00::1/64']}}}",
		  "add host z, add port z.eth0" },
		{ "is told as it is typed", CREATE, NULL,
		  "{'hosts':{'z':{'address':'10.0.0.3/24'}}}",
		  "! /hosts/z: port z.eth0 exists already, with address 10.0.0.1/24,fd00::1/64" },
		{ "none at all", CREATE, NULL,
		  "{'hosts':{'z':{'address':['10.0.0.1/24','fd00::1/64'],'routes':'default via 10.0.0.2'}}}",
		  "! /hosts/z: host z exists already, without routes" },
		{ "create accepts what is the same", CREATE, NULL,
		  "{'switches':{'s1':{'aging':60}}}", "" },
		{ "the document still rules", UP, "x", S1, "set switch s1 aging" },
		{ "outside, in use", APPLY, NULL, "{'ports':{'p':{'switch':'s1'}}}", "add port p" },
		{ "a lab that others use stays", DOWN, "x", NULL,
		  "! : switch s1 is used by port p" },
		{ "the switch in use cannot be left out", UP, "x", "{}",
		  "! : switch s1 is used by port p" },
		{ "a lab may use what is free", UP, "y", "{'ports':{'q':{'switch':'free'}}}",
		  "add port q" },
		{ "another switch for a port", UP, "y", "{'ports':{'q':{'switch':'s1'}}}",
		  "replace port q switch" },
		{ "who uses it is told with the lab", DOWN, "x", NULL,
		  "! : switch s1 is used by port p, port q of lab y" },
		{ "replacing a switch takes its ports along", APPLY, NULL,
		  "{'switches':{'s1':{'fdb_size':64}}}",
		  "replace switch s1 fdb_size, replace port a.eth0, replace port p, replace port q" },
		{ "an unknown switch", UP, "z", "{'ports':{'z':{'switch':'s11'}}}",
		  "! /ports/z/switch: there is no switch s11" },
		{ "a link's end says where", UP, "z", "{'links':{'t':{'a':'s1','b':'nowhere'}}}",
		  "! /links/t/b: there is no switch nowhere" },
		{ "down", DOWN, "y", NULL, "remove port q" },
	};
	struct fixture *f = *state;

	do_all(f, row, ARRAY_LEN(row));
	assert_non_null(labs_find(&f->labs, "x"));
	assert_null(labs_find(&f->labs, "y"));
	assert_null(labs_find(&f->labs, "z"));
}

#define DESK "{'stations':{'desk':{'port':'a.eth0','mac':'02:00:00:00:00:01'}}}"

static void what_hangs_on_a_lab_goes_with_it(void **state)
{
	static const struct deed row[] = {
		{ "a lab", UP, "x", S1, "add switch s1, add host a, add port a.eth0" },
		{ "a station by hand", APPLY, NULL, DESK, "add station desk" },
		{ "and a VLAN", APPLY, NULL, "{'vlans':{'s1.10':{'switch':'s1','vid':10}}}",
		  "add vlan s1.10" },
		{ "what the lab leaves out", PLAN, "x", "{'switches':{'s1':{}}}",
		  "remove host a, remove port a.eth0, remove station desk" },
		{ "all", DOWN, "x", NULL,
		  "remove switch s1, remove vlan s1.10, remove host a, remove port a.eth0, "
		  "remove station desk" },
		{ "again", UP, "x", S1, "add switch s1, add host a, add port a.eth0" },
		{ "another lab's station", UP, "y", DESK, "add station desk" },
		{ "stays", DOWN, "x", NULL, "! : port a.eth0 is used by station desk of lab y" },
		{ "a port by hand on its switch", APPLY, NULL, "{'ports':{'p':{'switch':'s1'}}}",
		  "add port p" },
		{ "so do its users", DOWN, "y", NULL, "remove station desk" },
		{ "for a port hangs on no switch", DOWN, "x", NULL,
		  "! : switch s1 is used by port p" },
	};
	struct fixture *f = *state;

	do_all(f, row, ARRAY_LEN(row));
}

#define WIRED                                                                            \
	"{'hosts':{'r1':{'address':'10.0.0.1/30'},'r2':{}},'links':{'w':{'mode':'wire'," \
	"'a':'r1','b':'r2.eth1'}}}"

static void an_end_of_a_wire_is_found_by_its_name(void **state)
{
	static const struct deed row[] = {
		{ "a host is its eth0, what it does not have is made", UP, "x", WIRED,
		  "add host r1, add host r2, add link w, add port r1.eth0, add port r2.eth1" },
		{ "up again changes nothing", UP, "x", WIRED, "" },
		{ "a host and a port that are there", CREATE, NULL,
		  "{'links':{'v':{'mode':'wire','a':'r1','b':'r2'}}}",
		  "add link v, add port r2.eth0" },
		{ "the same once more", CREATE, NULL,
		  "{'links':{'v':{'mode':'wire','a':'r1.eth0','b':'r2'}}}", "" },
		{ "an end can be moved", APPLY, NULL,
		  "{'links':{'v':{'mode':'wire','a':'r2.eth5','b':'r2'}}}",
		  "set link v a, add port r2.eth5" },
		{ "neither a port nor a host", UP, "y",
		  "{'links':{'u':{'mode':'wire','a':'r1','b':'r3'}}}",
		  "! /links/u/b: there is no port r3" },
		{ "nor a NIC of one", UP, "y",
		  "{'links':{'u':{'mode':'wire','a':'r3.eth1','b':'r1'}}}",
		  "! /links/u/a: there is no port r3.eth1" },
		{ "a NIC that can have no such name", UP, "y",
		  "{'links':{'u':{'mode':'wire','a':'r1.abcdefghijklmnop','b':'r2'}}}",
		  "! /links/u/a/device: 'abcdefghijklmnop' is not a device name" },
		{ "a port comes before a host of its name", UP, "y",
		  "{'ports':{'r1':{}},'hosts':{'h':{}},'links':{'u':{'mode':'wire','a':'r1','b':'h'}}}",
		  "add host h, add link u, add port h.eth0, add port r1" },
		{ "a NIC with its fields", UP, "y",
		  "{'ports':{'r1':{}},'hosts':{'h':{}},'links':{'u':{'mode':'wire','a':'r1',"
		  "'b':{'host':'h','device':'lan','mtu':9000}}}}",
		  "set link u b, remove port h.eth0, add port h.lan" },
		{ "a NIC of a host that another lab has", UP, "y",
		  "{'links':{'u':{'mode':'wire','a':'r1.eth7','b':'r2.eth7'}}}",
		  "remove host h, set link u a b, remove port h.lan, remove port r1, add port r1.eth7, "
		  "add port r2.eth7" },
		{ "stays", UP, "y", "{'links':{'u':{'mode':'wire','a':'r1.eth7','b':'r2.eth7'}}}",
		  "" },
		{ "a wire goes with what it ends at", DOWN, "x", NULL,
		  "! : host r1 is used by port r1.eth7 of lab y" },
	};
	struct fixture *f = *state;

	do_all(f, row, ARRAY_LEN(row));
}

/* Processor time: what else the machine does is none of it. */
static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void two_hundred_hosts_on_ten_switches_are_quick(void **state)
{
	enum { SWITCHES = 10, HOSTS = 200 };
	struct fixture *f = *state;
	char *text = NULL, *out;
	size_t size;
	FILE *doc = open_memstream(&text, &size);
	double start;

	fprintf(doc, "{'switches':{");
	for (int i = 0; i < SWITCHES; i++)
		fprintf(doc, "%s's%d':{}", i ? "," : "", i);
	fprintf(doc, "},'hosts':{");
	for (int i = 0; i < HOSTS; i++)
		fprintf(doc, "%s'h%d':{'switch':'s%d','access':10,'address':'10.0.%d.%d/16'}",
			i ? "," : "", i, i % SWITCHES, i / 200, i % 200 + 1);
	fprintf(doc, "}}");
	fclose(doc);
	start = now_s();
	out = do_it(f, UP, "big", text);
	assert_int_equal(out[0], 'a');
	free(out);
	out = do_it(f, UP, "big", text);
	assert_string_equal(out, "");
	free(out);
	out = do_it(f, DOWN, "big", NULL);
	assert_int_equal(out[0], 'r');
	free(out);
	free(text);
	/* Thirty times what it takes, so that a slow machine passes and a square does not. */
	if (now_s() - start > 3)
		fail_msg("%.2f s", now_s() - start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_form_is_the_objects_that_it_stands_for),
		cmocka_unit_test(a_fault_is_told_at_its_place),
		cmocka_unit_test(a_fault_of_a_wire_is_told_at_its_place),
		cmocka_unit_test(a_fragment_says_nothing_about_a_lab),
		cmocka_unit_test_setup_teardown(all_faults_are_told_at_once_and_no_others, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_lab_becomes_what_its_document_says, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_hangs_on_a_lab_goes_with_it, setup, teardown),
		cmocka_unit_test_setup_teardown(an_end_of_a_wire_is_found_by_its_name, setup,
						teardown),
		cmocka_unit_test_setup_teardown(two_hundred_hosts_on_ten_switches_are_quick, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
