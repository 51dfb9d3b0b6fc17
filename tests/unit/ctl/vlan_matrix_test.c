/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "api/vlan_set.h"
#include "ctl/term.h"
#include "ctl/vlan_matrix.h"

static json_t *ports_of(const char *text)
{
	json_error_t e;
	json_t *v = json_loads(text, 0, &e);

	if (!v)
		fail_msg("%s: %s", text, e.text);
	return v;
}

static char *printed(const char *ports_text, const char *vlans_text, int width)
{
	json_t *ports = ports_of(ports_text), *vlans = ports_of(vlans_text);
	struct vlan_matrix *m = vlan_matrix_new("s1", ports, vlans);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	term_pretend(width, false);
	vlan_matrix_print(m, f);
	term_pretend(-1, false);
	fclose(f);
	vlan_matrix_free(m);
	json_decref(ports);
	json_decref(vlans);
	return text;
}

#define CAMPUS                                                                     \
	"[{\"name\": \"a.eth0\", \"switch\": \"s1\", \"access\": 10},"             \
	" {\"name\": \"b.eth0\", \"switch\": \"s1\", \"access\": null},"           \
	" {\"name\": \"else\", \"switch\": \"s2\", \"access\": 99},"               \
	" {\"name\": \"trunk.a\", \"switch\": \"s1\", \"trunk\": \"10,20,30-39\"," \
	"  \"native\": 20}]"

static void a_row_is_a_port_and_a_column_a_vlan(void **state)
{
	char *text = printed(CAMPUS,
			     "[{\"switch\": \"s1\", \"vid\": 10, \"title\": \"staff\"},"
			     " {\"switch\": \"s2\", \"vid\": 77, \"title\": \"no\"}]",
			     0);

	(void)state;
	assert_string_equal(text, "switch s1\n"
				  "           1  10     20  30-39\n"
				  "              staff\n"
				  "  a.eth0   .  U      .   .\n"
				  "  b.eth0   U  .      .   .\n"
				  "  trunk.a  .  T      U   T\n");
	free(text);
}

static void a_trunk_of_all_has_a_column_for_the_rest(void **state)
{
	char *text = printed("[{\"name\": \"p\", \"switch\": \"s1\", \"trunk\": \"all\"},"
			     " {\"name\": \"q\", \"switch\": \"s1\", \"access\": 7}]",
			     "[]", 0);

	(void)state;
	assert_string_equal(text, "switch s1\n"
				  "     7  other\n"
				  "  p  T  T\n"
				  "  q  U  .\n");
	free(text);
}

static void a_title_splits_a_range(void **state)
{
	char *text = printed("[{\"name\": \"p\", \"switch\": \"s1\", \"trunk\": \"10-14\"}]",
			     "[{\"switch\": \"s1\", \"vid\": 12, \"title\": \"x\"}]", 0);

	(void)state;
	assert_non_null(strstr(text, "10-11  12  13-14"));
	free(text);
}

static void a_narrow_terminal_gets_the_columns_in_turns(void **state)
{
	char *text = printed("[{\"name\": \"p\", \"switch\": \"s1\","
			     "  \"trunk\": \"1,3,5,7,9,11,13,15,17,19,21\"}]",
			     "[]", 20);
	unsigned int heads = 0;

	(void)state;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(strlen(line) <= 20);
		heads += !strncmp(line, "  p", 3);
	}
	assert_true(heads > 1);
	free(text);
}

static void a_native_vlan_that_goes_out_tagged_is_shown_so(void **state)
{
	char *text = printed("[{\"name\": \"p\", \"switch\": \"s1\", \"trunk\": \"10\","
			     "  \"native\": 5, \"native_tagged\": true}]",
			     "[]", 0);

	(void)state;
	assert_non_null(strstr(text, "p  T  T"));
	free(text);
}

static void tunnels_and_provider_tags_are_told_apart(void **state)
{
	char *text = printed("[{\"name\": \"p\", \"switch\": \"s1\", \"tunnel\": 100},"
			     " {\"name\": \"q\", \"switch\": \"s1\", \"trunk\": \"100,200\","
			     "  \"tag\": \"s\"},"
			     " {\"name\": \"r\", \"switch\": \"s1\", \"trunk\": \"100,200\","
			     "  \"native\": 5, \"untagged\": \"200\"}]",
			     "[]", 0);

	(void)state;
	assert_string_equal(text, "switch s1\n"
				  "     5  100  200\n"
				  "  p  .  Q    .\n"
				  "  q  .  S    S\n"
				  "  r  U  T    U\n");
	free(text);
}

static void private_vlans_show_who_hears_whom(void **state)
{
	char *text = printed("[{\"name\": \"c\", \"switch\": \"s1\", \"access\": 12},"
			     " {\"name\": \"i\", \"switch\": \"s1\", \"access\": 11},"
			     " {\"name\": \"p\", \"switch\": \"s1\", \"access\": 10},"
			     " {\"name\": \"t\", \"switch\": \"s1\", \"trunk\": \"10-12\"}]",
			     "[{\"switch\": \"s1\", \"vid\": 11, \"private\": \"isolated\","
			     "  \"primary\": 10},"
			     " {\"switch\": \"s1\", \"vid\": 12, \"private\": \"community\","
			     "  \"primary\": 10},"
			     " {\"switch\": \"s2\", \"vid\": 13, \"private\": \"community\","
			     "  \"primary\": 10}]",
			     0);

	(void)state;
	assert_string_equal(text, "switch s1\n"
				  "     10  11  12\n"
				  "  c  .   .   C\n"
				  "  i  .   I   .\n"
				  "  p  P   P   P\n"
				  "  t  T   T   T\n");
	free(text);
}

static void a_range_that_is_one_object_is_one_column(void **state)
{
	char *text = printed("[{\"name\": \"p\", \"switch\": \"s1\", \"trunk\": \"10-14,16\"}]",
			     "[{\"switch\": \"s1\", \"vid\": 12, \"last\": 15,"
			     "  \"title\": \"rooms\"}]",
			     0);

	(void)state;
	assert_string_equal(text, "switch s1\n"
				  "     10-11  12-14  15     16\n"
				  "            rooms  rooms\n"
				  "  p  T      T      .      T\n");
	free(text);
}

static void a_switch_without_ports_is_said_to_have_none(void **state)
{
	char *text = printed("[]", "[]", 0);

	(void)state;
	assert_string_equal(text, "switch s1\n  no ports and no VLANs\n");
	free(text);
}

enum { PORTS = 12, ROUNDS = 60, VIDS = 4095 };

static unsigned int any_vid(void)
{
	return 1 + (unsigned int)random() % 40;
}

/* A port as chance has it, and what each VID is to it, straight from the rules. */
static json_t *any_port(char oracle[VIDS])
{
	json_t *o = json_pack("{s:s,s:s}", "name", "p", "switch", "s1");
	unsigned int vid = any_vid(), to = vid + (unsigned int)random() % 9;
	char text[32];

	memset(oracle, '.', VIDS);
	switch (random() % 4) {
	case 0:
		json_object_set_new(o, "access", json_integer(vid));
		oracle[vid] = 'U';
		break;
	case 1:
		json_object_set_new(o, "trunk", json_string("all"));
		memset(&oracle[1], 'T', VIDS - 1);
		break;
	case 2:
		snprintf(text, sizeof(text), "%u-%u", vid, to);
		json_object_set_new(o, "trunk", json_string(text));
		memset(&oracle[vid], 'T', to - vid + 1);
		vid = any_vid();
		json_object_set_new(o, "native", json_integer(vid));
		oracle[vid] = 'U';
		break;
	default:
		oracle[1] = 'U';
	}
	return o;
}

/* The column that tells of a VID; none: no port is in it. */
static unsigned int column_of(const struct vlan_matrix *m, unsigned int vid)
{
	unsigned int other = m->columns;

	for (unsigned int c = 0; c < m->columns; c++) {
		if (m->column[c].first <= vid && vid <= m->column[c].last)
			return c;
		if (!m->column[c].first)
			other = c;
	}
	return other;
}

static void agrees_with_the_rules_for_every_vid(void **state)
{
	static char oracle[PORTS][VIDS];
	json_t *vlans = json_pack("[{s:s,s:i,s:s}]", "switch", "s1", "vid", 20, "title", "x");

	(void)state;
	srandom(0x1a);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		json_t *ports = json_array();
		struct vlan_matrix *m;

		for (unsigned int p = 0; p < PORTS; p++)
			json_array_append_new(ports, any_port(oracle[p]));
		m = vlan_matrix_new("s1", ports, vlans);
		for (unsigned int i = 0; i < PORTS * (VIDS - 1); i++) {
			unsigned int p = i % PORTS, vid = 1 + i / PORTS, c = column_of(m, vid);
			char is = c == m->columns ? '.' : (char)vlan_matrix_at(m, p, c);

			if (is != oracle[p][vid])
				fail_msg("port %u, vid %u: %c, not %c", p, vid, is, oracle[p][vid]);
		}
		vlan_matrix_free(m);
		json_decref(ports);
	}
	json_decref(vlans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_a_port_and_a_column_a_vlan),
		cmocka_unit_test(a_trunk_of_all_has_a_column_for_the_rest),
		cmocka_unit_test(a_title_splits_a_range),
		cmocka_unit_test(a_narrow_terminal_gets_the_columns_in_turns),
		cmocka_unit_test(a_native_vlan_that_goes_out_tagged_is_shown_so),
		cmocka_unit_test(tunnels_and_provider_tags_are_told_apart),
		cmocka_unit_test(private_vlans_show_who_hears_whom),
		cmocka_unit_test(a_range_that_is_one_object_is_one_column),
		cmocka_unit_test(a_switch_without_ports_is_said_to_have_none),
		cmocka_unit_test(agrees_with_the_rules_for_every_vid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
