/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdio.h>

#include "ports/types.h"
#include "tests/rig/port_rig.h"
#include "vswitch/port_api.h"

static void every_type_of_the_api_has_code(void **state)
{
	(void)state;
	for (size_t i = 0; port_types[i]; i++) {
		const struct port_type *t = port_type_find(port_types[i]);

		assert_non_null(t);
		assert_string_equal(t->name, port_types[i]);
		assert_true(t->check && t->open && t->start && t->stop && t->close && t->carrier);
	}
	assert_null(port_type_find("memory"));
	assert_null(port_type_find(""));
}

static void a_carrier_is_told_once(void **state)
{
	struct port_rig *r = port_rig_create();
	struct port p = { .env = &r->env, .name = "p" };

	(void)state;
	port_carrier_is(&p, false, "never said");
	assert_int_equal(events_last(r->env.events), 0);
	port_carrier_is(&p, true, "here");
	port_carrier_is(&p, true, "again");
	assert_int_equal(events_last(r->env.events), 1);
	assert_true(port_rig_said(r, "port p is up: here"));
	port_carrier_is(&p, false, "gone");
	assert_true(port_rig_said(r, "port p is down: gone"));
	port_rig_destroy(r);
}

static void note(void *ctx, const char *host)
{
	snprintf(ctx, 8, "%s", host);
}

static void one_listener_hears_of_hosts(void **state)
{
	char heard[8] = "";

	(void)state;
	port_host_changed("a");
	port_on_host_change(note, heard);
	port_host_changed("b");
	assert_string_equal(heard, "b");
	port_on_host_change(NULL, NULL);
	port_host_changed("c");
	assert_string_equal(heard, "b");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_of_the_api_has_code),
		cmocka_unit_test(a_carrier_is_told_once),
		cmocka_unit_test(one_listener_hears_of_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
