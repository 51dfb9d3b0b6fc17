/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "ctl/table.h"

static char *printed(struct table *t, int width)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	term_pretend(width, false);
	table_print(t, f);
	term_pretend(-1, false);
	fclose(f);
	table_free(t);
	return text;
}

static struct table *of_three(const char *const rows[][3], unsigned int n)
{
	struct table *t = table_new();

	table_column(t, "NAME");
	table_column(t, "PORTS");
	table_column(t, "LAB");
	for (unsigned int i = 0; i < n; i++) {
		table_row(t);
		for (unsigned int k = 0; k < 3; k++)
			table_cell(t, STYLE_PLAIN, "%s", rows[i][k]);
	}
	return t;
}

static void columns_are_aligned_and_numbers_stand_right(void **state)
{
	static const char *const rows[][3] = { { "s1", "2", "campus" },
					       { "switch2", "1000", "x" } };
	char *text = printed(of_three(rows, 2), 0);

	(void)state;
	assert_string_equal(text, "NAME     PORTS  LAB\n"
				  "s1           2  campus\n"
				  "switch2   1000  x\n");
	free(text);
}

static void so_do_numbers_with_a_point(void **state)
{
	static const char *const rows[][3] = { { "a", "2.5", "1.0.0" }, { "b", "-", "10.0.0" } };
	char *text = printed(of_three(rows, 2), 0);

	(void)state;
	assert_string_equal(text, "NAME  PORTS  LAB\n"
				  "a       2.5  1.0.0\n"
				  "b         -  10.0.0\n");
	free(text);
}

static void a_column_without_a_value_is_left_out(void **state)
{
	static const char *const rows[][3] = { { "s1", "2", "" }, { "s2", "3", "" } };
	char *text = printed(of_three(rows, 2), 0);

	(void)state;
	assert_string_equal(text, "NAME  PORTS\ns1        2\ns2        3\n");
	free(text);
}

static void lines_have_no_blanks_at_their_end(void **state)
{
	static const char *const rows[][3] = { { "s1", "2", "campus" }, { "s2", "3", "" } };
	char *text = printed(of_three(rows, 2), 0);

	(void)state;
	assert_null(strstr(text, " \n"));
	free(text);
}

static void the_widest_column_is_cut_for_a_narrow_terminal(void **state)
{
	static const char *const rows[][3] = { { "a-long-name", "2",
						 "a-very-long-name-of-a-lab" } };
	char *text = printed(of_three(rows, 1), 30);

	(void)state;
	assert_non_null(strstr(text, "\na-long-name  "));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(term_columns(line) <= 30);
	free(text);
}

static void an_extra_column_goes_before_anything_is_cut(void **state)
{
	struct table *t = table_new();
	char *text;

	(void)state;
	table_column(t, "NAME");
	table_column_extra(t, "LAB");
	table_column(t, "ADDRESS");
	table_row(t);
	table_cell(t, STYLE_PLAIN, "a.eth0");
	table_cell(t, STYLE_PLAIN, "campus");
	table_cell(t, STYLE_PLAIN, "10.0.0.1/24");
	text = printed(t, 20);
	assert_string_equal(text, "NAME    ADDRESS\na.eth0  10.0.0.1/24\n");
	free(text);
}

static void there_may_be_any_number_of_columns(void **state)
{
	enum { MANY = 300 };
	struct table *t = table_new();
	char *text, *line;

	(void)state;
	for (unsigned int i = 0; i < MANY; i++)
		table_column(t, "C");
	table_row(t);
	for (unsigned int i = 0; i < MANY; i++)
		table_cell(t, STYLE_PLAIN, "%u", i % 10);
	text = printed(t, 0);
	line = strchr(text, '\n');
	assert_int_equal(line - text, 3 * MANY - 2);
	assert_string_equal(line + strlen(line) - 5, "8  9\n");
	free(text);
}

static void cells_cannot_steer_the_terminal(void **state)
{
	static const char *const rows[][3] = { { "\033[2J", "2", "a\nb" } };
	char *text = printed(of_three(rows, 1), 0);

	(void)state;
	assert_string_equal(text, "NAME  PORTS  LAB\n?[2J      2  a?b\n");
	free(text);
}

static void help_goes_on_below_itself(void **state)
{
	struct table *t = table_new();
	char *text;

	(void)state;
	table_column(t, "");
	table_column(t, "");
	table_indent(t, 2);
	table_wrap(t);
	table_row(t);
	table_cell(t, STYLE_PLAIN, "--up");
	table_cell(t, STYLE_PLAIN, "false cuts the cable: both ends lose");
	text = printed(t, 30);
	assert_string_equal(text, "  --up  false cuts the cable:\n"
				  "        both ends lose\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_aligned_and_numbers_stand_right),
		cmocka_unit_test(so_do_numbers_with_a_point),
		cmocka_unit_test(a_column_without_a_value_is_left_out),
		cmocka_unit_test(lines_have_no_blanks_at_their_end),
		cmocka_unit_test(the_widest_column_is_cut_for_a_narrow_terminal),
		cmocka_unit_test(an_extra_column_goes_before_anything_is_cut),
		cmocka_unit_test(there_may_be_any_number_of_columns),
		cmocka_unit_test(cells_cannot_steer_the_terminal),
		cmocka_unit_test(help_goes_on_below_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
