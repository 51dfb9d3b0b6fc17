/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/schema.h"

static json_t *load(const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);

	if (!v)
		fail_msg("the test's own JSON is wrong: %s", text);
	return v;
}

static char *check(const char *kind, const char *text, struct faults *faults)
{
	json_t *spec = load(text), *out = schema_check(schema_find(kind), spec, faults);
	char *s = out ? json_dumps(out, JSON_COMPACT) : NULL;

	json_decref(spec);
	json_decref(out);
	return s;
}

static void a_spec_has_one_canonical_form(void **state)
{
	static const struct {
		const char *why, *kind, *spec, *canonical;
	} row[] = {
		{ "defaults", "switch", "{}",
		  "{'aging':300,'fdb_size':16384,'mtu':9216,'loops':'block'}" },
		{ "null is the default", "switch", "{'aging':null}",
		  "{'aging':300,'fdb_size':16384,'mtu':9216,'loops':'block'}" },
		{ "read-only members are left out", "link",
		  "{'name':'x','lab':'l','status':{'carrier':true},'up':false}",
		  "{'mode':'switch','up':false}" },
		{ "keys in the table's order", "switch", "{'mtu':1500,'aging':1}",
		  "{'aging':1,'fdb_size':16384,'mtu':1500,'loops':'block'}" },
		{ "type default brings its fields", "port", "{'switch':'s1'}",
		  "{'switch':'s1','type':'tap','native_tagged':false,'isolated':false,'up':true,'mtu':1500,"
		  "'address':[],'queues':1}" },
		{ "another type, other defaults", "port", "{'switch':'s1','type':'pcap'}",
		  "{'switch':'s1','type':'pcap','native_tagged':false,'isolated':false,'up':true,'paced':true}" },
		{ "VLANs of a number", "port", "{'switch':'s1','type':'cable','trunk':10}",
		  "{'switch':'s1','type':'cable','trunk':'10','native_tagged':false,'isolated':false,'up':true}" },
		{ "VLANs of a list", "port",
		  "{'switch':'s1','type':'cable','trunk':[20,'100-199',10]}",
		  "{'switch':'s1','type':'cable','trunk':'10,20,100-199','native_tagged':false,'isolated':false,"
		  "'up':true}" },
		{ "no VLANs", "port", "{'switch':'s1','type':'cable','trunk':[]}",
		  "{'switch':'s1','type':'cable','trunk':'none','native_tagged':false,'isolated':false,'up':true}" },
		{ "addresses in canonical text", "port",
		  "{'switch':'s1','mac':'02-AA-00-00-00-0B','address':'FD00:0:0::1/64'}",
		  "{'switch':'s1','type':'tap','native_tagged':false,'isolated':false,'up':true,"
		  "'mac':'02:aa:00:00:00:0b','mtu':1500,'address':['fd00::1/64'],'queues':1}" },
		{ "routes", "host",
		  "{'routes':['0.0.0.0/0  via 10.0.0.1','10.9.9.9 via 10.0.0.2',"
		  "'default via fe80::1']}",
		  "{'routes':['default via 10.0.0.1','10.9.9.9/32 via 10.0.0.2',"
		  "'default via fe80::1'],'forwarding':false}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		char spec[512], want[512];
		char *got;

		snprintf(spec, sizeof(spec), "%s", row[i].spec);
		snprintf(want, sizeof(want), "%s", row[i].canonical);
		for (char *c = spec; (c = strchr(c, '\''));)
			*c = '"';
		for (char *c = want; (c = strchr(c, '\''));)
			*c = '"';
		got = check(row[i].kind, spec, &faults);
		if (!got)
			fail_msg("%s: %s", row[i].why, faults.v[0].message);
		if (strcmp(got, want))
			fail_msg("%s: %s", row[i].why, got);
		free(got);
		got = check(row[i].kind, want, &faults);
		if (!got || strcmp(got, want))
			fail_msg("%s: the canonical form is not stable: %s", row[i].why, got);
		free(got);
	}
}

static void a_fault_says_what_is_wrong_and_what_would_be_right(void **state)
{
	static const struct {
		const char *why, *kind, *spec, *pointer, *message, *hint;
	} row[] = {
		{ "reserved VLAN", "port", "{\"switch\":\"s1\",\"access\":4095}", "/access",
		  "vlan 4095 is reserved", "use 1 to 4094, or the title of a VLAN" },
		{ "no such VLAN", "port", "{\"switch\":\"s1\",\"access\":5000}", "/access",
		  "vlan 5000 does not exist", "use 1 to 4094, or the title of a VLAN" },
		{ "YAML text for a number", "port", "{\"switch\":\"s1\",\"access\":\"10\"}",
		  "/access", "'10' is not a VLAN", "use 1 to 4094, or the title of a VLAN" },
		{ "no unit", "port", "{\"switch\":\"s1\",\"limit_in\":\"10\"}", "/limit_in",
		  "'10' does not say of what: bits or frames a second",
		  "write one such as 10Mbit, 64kbit or 1000fps" },
		{ "a group address as a source", "port",
		  "{\"switch\":\"s1\",\"macs\":[\"02:00:00:00:00:01\",\"01:00:5e:00:00:01\"]}",
		  "/macs/1", "01:00:5e:00:00:01 is a group address",
		  "the first octet must be even" },
		{ "an address twice", "port",
		  "{\"switch\":\"s1\",\"addresses\":[\"10.0.0.1\",\"10.0.0.1\"]}", "/addresses/1",
		  "10.0.0.1 is there twice", "leave one of them out" },
		{ "a number for a rate", "port", "{\"switch\":\"s1\",\"limit_in\":10}", "/limit_in",
		  "limit_in takes text, not a number",
		  "use a rate such as 10Mbit, 1.5Gbit or 1000fps" },
		{ "a number for text", "port", "{\"switch\":1}", "/switch",
		  "switch takes text, not a number", "use the name of a switch" },
		{ "a fraction", "switch", "{\"aging\":1.5}", "/aging",
		  "aging takes a whole number, not a number with a fraction", "use 1 to 1000000" },
		{ "out of range", "switch", "{\"aging\":0}", "/aging", "aging 0 is out of range",
		  "use 1 to 1000000" },
		{ "missing", "vlan", "{\"vid\":10}", "", "'switch' is missing",
		  "add switch: the name of a switch" },
		{ "typing slip", "port", "{\"switch\":\"s1\",\"acces\":10}", "/acces",
		  "unknown field 'acces'", "did you mean 'access'?" },
		{ "nothing near", "link", "{\"speed\":10}", "/speed", "unknown field 'speed'",
		  "known are mode, up, a, b" },
		{ "pointer escapes", "link", "{\"a/b~c\":10}", "/a~1b~0c", "unknown field 'a/b~c'",
		  "known are mode, up, a, b" },
		{ "another type's field", "port", "{\"switch\":\"s1\",\"record\":\"x.pcap\"}",
		  "/record", "'record' belongs to ports of type pcap", "this one is of type tap" },
		{ "unknown choice", "port", "{\"switch\":\"s1\",\"type\":\"vnic\"}", "/type",
		  "type 'vnic' is unknown", "use tap, vhost_user, netdev, cable or pcap" },
		{ "fields of an unknown type are no second fault", "port",
		  "{\"switch\":\"s1\",\"type\":\"vnic\",\"record\":\"x\"}", "/type",
		  "type 'vnic' is unknown", "use tap, vhost_user, netdev, cable or pcap" },
		{ "group address", "port", "{\"switch\":\"s1\",\"mac\":\"01:00:5e:00:00:01\"}",
		  "/mac", "01:00:5e:00:00:01 is a group address", "the first octet must be even" },
		{ "no prefix", "port", "{\"switch\":\"s1\",\"address\":\"10.0.0.1\"}", "/address",
		  "address 10.0.0.1 has no prefix length", "write 10.0.0.1/24" },
		{ "item of a list", "port", "{\"switch\":\"s1\",\"trunk\":[10,0]}", "/trunk/1",
		  "vlan 0 is reserved", "use a list such as 10,20,100-199, or all" },
		{ "backwards", "port", "{\"switch\":\"s1\",\"trunk\":\"20-10\"}", "/trunk",
		  "a range in '20-10' runs backwards", "use a list such as 10,20,100-199, or all" },
		{ "twice", "port",
		  "{\"switch\":\"s1\",\"address\":[\"10.0.0.1/8\",\"10.0.0.1/8\"]}", "/address/1",
		  "10.0.0.1/8 is there twice", "leave one of them out" },
		{ "mixed families", "host", "{\"routes\":\"10.0.0.0/8 via fd00::1\"}", "/routes",
		  "10.0.0.0/8 cannot be reached via fd00::1", "both must be IPv4, or both IPv6" },
		{ "host bits", "host", "{\"routes\":\"10.1.2.3/8 via 10.0.0.1\"}", "/routes",
		  "10.1.2.3/8 has bits set behind its prefix length", "write 10.0.0.0/8" },
		{ "device with a slash", "port", "{\"switch\":\"s1\",\"device\":\"a/b\"}",
		  "/device", "'a/b' is not a device name",
		  "use a device name of at most 15 letters and digits" },
		{ "file of another folder", "port",
		  "{\"switch\":\"s1\",\"type\":\"pcap\",\"record\":\"../x\"}", "/record",
		  "'../x' is not a plain file name", "use a plain file name without '/'" },
		{ "control characters are not echoed", "vlan",
		  "{\"switch\":\"\\u001b[2J\",\"vid\":1}", "/switch", "'?[2J' is not a name",
		  "use the name of a switch" },
		{ "two lines", "vlan", "{\"switch\":\"s1\",\"vid\":1,\"title\":\"a\\nb\"}",
		  "/title", "title must be one line", "use a text of at most 63 characters" },
		{ "not an object", "link", "[]", "", "a link is an object of fields",
		  "write an object of fields" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };

		assert_null(check(row[i].kind, row[i].spec, &faults));
		if (faults.n != 1)
			fail_msg("%s: %u faults", row[i].why, faults.n);
		if (strcmp(faults.v[0].pointer, row[i].pointer))
			fail_msg("%s: at %s", row[i].why, faults.v[0].pointer);
		if (strcmp(faults.v[0].message, row[i].message))
			fail_msg("%s: %s", row[i].why, faults.v[0].message);
		if (strcmp(faults.v[0].hint, row[i].hint))
			fail_msg("%s: hint: %s", row[i].why, faults.v[0].hint);
		faults_free(&faults);
	}
}

static void all_faults_are_told_at_once(void **state)
{
	struct faults faults = { 0 };

	(void)state;
	faults_at(&faults, "port p1", "/ports/p1");
	assert_null(
		check("port", "{\"access\":0,\"trunk\":[0,4095],\"x\":1,\"paced\":true}", &faults));
	assert_int_equal(faults.n, 5);
	assert_string_equal(faults.v[0].pointer, "/ports/p1/access");
	assert_string_equal(faults.v[0].object, "port p1");
	faults_free(&faults);
}

/* The tables themselves: each default and each example must pass the check it belongs to. */
static void every_default_and_example_is_right(void **state)
{
	struct faults faults = { 0 };
	struct field_at at;

	(void)state;
	for (const struct schema *const *s = schemas; *s; s++) {
		for (const struct field *f = schema_first(*s, &at); f; f = schema_next(&at)) {
			json_t *typed = field_parse(f, f->example, &faults);
			json_t *v = typed ? field_check(f, typed, &faults) : NULL;
			json_t *def = f->def ? load(f->def) : NULL;
			json_t *def_checked = def ? field_check(f, def, &faults) : NULL;

			if (!v || (def && !json_equal(def, def_checked)))
				fail_msg("%s.%s: %s", (*s)->kind, f->name,
					 faults.n ? faults.v[0].message : "default not canonical");
			json_decref(typed);
			json_decref(v);
			json_decref(def);
			json_decref(def_checked);
		}
	}
}

static void a_field_belongs_to_the_types_that_it_names(void **state)
{
	static const struct {
		const char *why, *only, *type;
		bool belongs;
	} row[] = {
		{ "to any", NULL, "tap", true },
		{ "to any, even to none", NULL, "", true },
		{ "to this one", "tap", "tap", true },
		{ "to another", "tap", "pcap", false },
		{ "to the second", "tap netdev", "netdev", true },
		{ "one begins like it", "tapped tap", "tap", true },
		{ "it begins like one", "tap netdev", "netdevice", false },
		{ "a type that cannot be told", "tap netdev", "", false },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const struct field f = { .name = "f", .only = row[i].only };

		if (field_of_type(&f, row[i].type) != row[i].belongs)
			fail_msg("%s", row[i].why);
	}
	assert_string_equal(field_types(&(struct field){ .only = "a b c" }, " or ", text, 64),
			    "a or b or c");
	assert_string_equal(field_types(&(struct field){ .only = "tap" }, ", ", text, 64), "tap");
	assert_string_equal(field_types(&(struct field){ .only = "tap netdev" }, ", ", text, 6),
			    "tap, ");
}

static void what_a_person_types_becomes_json(void **state)
{
	static const struct {
		const char *why, *kind, *field, *text, *json;
	} row[] = {
		{ "a switch word", "link", "up", "off", "false" },
		{ "a number", "switch", "aging", "60", "60" },
		{ "not a number", "switch", "aging", "60s", NULL },
		{ "number with a space", "switch", "aging", " 60", NULL },
		{ "not a truth", "link", "up", "maybe", NULL },
		{ "a list", "port", "address", "10.0.0.1/8, fd00::1/64",
		  "[\"10.0.0.1/8\",\"fd00::1/64\"]" },
		{ "an empty list", "host", "routes", "none", "[]" },
		{ "a set", "port", "trunk", "10,20", "\"10,20\"" },
		{ "not UTF-8", "vlan", "title", "\xff", NULL },
		{ "not UTF-8, as a VLAN's title", "port", "access", "\xff", NULL },
		{ "not UTF-8, one of a list", "port", "macs", "02:00:00:00:00:01,\xff", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		const struct field *f = schema_field(schema_find(row[i].kind), row[i].field);
		json_t *v = field_parse(f, row[i].text, &faults);
		char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

		if (!text != !row[i].json || (text && strcmp(text, row[i].json)))
			fail_msg("%s: %s", row[i].why, text);
		assert_int_equal(faults.n, !v);
		free(text);
		json_decref(v);
		faults_free(&faults);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_has_one_canonical_form),
		cmocka_unit_test(a_fault_says_what_is_wrong_and_what_would_be_right),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(every_default_and_example_is_right),
		cmocka_unit_test(a_field_belongs_to_the_types_that_it_names),
		cmocka_unit_test(what_a_person_types_becomes_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
