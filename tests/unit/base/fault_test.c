/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

static void each_code_has_a_name_and_an_error(void **state)
{
	static const struct {
		enum fault_code code;
		const char *name;
		int err;
	} row[] = {
		{ FAULT_INVALID, "invalid", -EINVAL },     { FAULT_SYNTAX, "syntax", -EBADMSG },
		{ FAULT_NOT_FOUND, "not-found", -ENOENT }, { FAULT_CONFLICT, "conflict", -EEXIST },
		{ FAULT_TOO_LARGE, "too-large", -E2BIG },  { FAULT_METHOD, "method", -EPERM },
		{ FAULT_SYSTEM, "system", -EIO },
	};
	struct faults l = { 0 };

	(void)state;
	assert_int_equal(ARRAY_LEN(row), FAULT_CODES);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		assert_string_equal(fault_code_name(row[i].code), row[i].name);
		assert_int_equal(fault(&l, row[i].code, NULL, NULL, "x"), row[i].err);
	}
	faults_free(&l);
}

static void a_fault_says_where_and_about_what(void **state)
{
	static const struct {
		const char *object, *at, *field, *pointer;
	} row[] = {
		{ "port a", "/ports/0", "vlan", "/ports/0/vlan" },
		{ "port a", "/ports/0", NULL, "/ports/0" },
		{ "port a", "/ports/0", "", "/ports/0" },
		{ "", "", "name", "/name" },
		{ "", "", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults l = { 0 };

		faults_at(&l, row[i].object, row[i].at);
		fault(&l, FAULT_INVALID, row[i].field, "use 10", "vlan %d is reserved", 4095);
		assert_int_equal(l.n, 1);
		assert_string_equal(l.v[0].object, row[i].object);
		assert_string_equal(l.v[0].pointer, row[i].pointer);
		assert_string_equal(l.v[0].message, "vlan 4095 is reserved");
		assert_string_equal(l.v[0].hint, "use 10");
		faults_free(&l);
	}
}

static void a_sentence_is_one_line(void **state)
{
	struct faults l = { 0 };

	(void)state;
	fault(&l, FAULT_NOT_FOUND, NULL, NULL, "there is no port %s", "a\nb\x1b[2J\x7f\t\xc3\xbc");
	assert_string_equal(l.v[0].message, "there is no port a?b?[2J??\xc3\xbc");
	faults_free(&l);
}

static void where_and_about_what_change_one_at_a_time(void **state)
{
	struct faults l = { 0 };

	(void)state;
	faults_at(&l, "switch s", "/switches/0");
	faults_at(&l, NULL, "/switches/0/vlans/2");
	fault(&l, FAULT_INVALID, NULL, NULL, "one");
	faults_at(&l, "switch t", NULL);
	fault(&l, FAULT_INVALID, NULL, NULL, "two");
	assert_string_equal(l.v[0].object, "switch s");
	assert_string_equal(l.v[0].pointer, "/switches/0/vlans/2");
	assert_string_equal(l.v[0].hint, "");
	assert_string_equal(l.v[1].object, "switch t");
	assert_string_equal(l.v[1].pointer, "/switches/0/vlans/2");
	faults_free(&l);
}

static void a_list_keeps_a_thousand_in_order(void **state)
{
	struct faults l = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		fault(&l, FAULT_INVALID, NULL, NULL, "number %u", i);
	assert_int_equal(l.n, 1000);
	for (unsigned int i = 0; i < l.n; i++) {
		char want[32];

		snprintf(want, sizeof(want), "number %u", i);
		assert_string_equal(l.v[i].message, want);
	}
	faults_free(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.v);
	faults_free(&l);
}

static void a_long_place_is_cut_and_stays_a_text(void **state)
{
	struct faults l = { 0 };
	char place[2000];

	(void)state;
	memset(place, 'x', sizeof(place) - 1);
	place[sizeof(place) - 1] = '\0';
	faults_at(&l, place, place);
	fault(&l, FAULT_INVALID, "f", place, "%s", place);
	assert_int_equal(strlen(l.v[0].object), sizeof(l.object) - 1);
	assert_int_equal(strlen(l.v[0].pointer), sizeof(l.where) - 1 + 2);
	assert_int_equal(strlen(l.v[0].message), sizeof(place) - 1);
	faults_free(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_has_a_name_and_an_error),
		cmocka_unit_test(a_fault_says_where_and_about_what),
		cmocka_unit_test(a_sentence_is_one_line),
		cmocka_unit_test(where_and_about_what_change_one_at_a_time),
		cmocka_unit_test(a_list_keeps_a_thousand_in_order),
		cmocka_unit_test(a_long_place_is_cut_and_stays_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
