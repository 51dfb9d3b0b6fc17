/* SPDX-License-Identifier: Apache-2.0 */
/* What is written about the graph is what the graph is. */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/graph.h"
#include "dataplane/engine.h"

static char *text_of(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (!f)
		fail_msg("%s is not there", path);
	text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void the_listing_is_the_graph_of_the_daemon(void **state)
{
	char *want = text_of("docs/graph.txt"), *is;
	struct faults f = { 0 };
	struct engine *e;
	size_t len;
	FILE *out = open_memstream(&is, &len);

	(void)state;
	assert_int_equal(engine_create(weft_graph, 1, &e, &f), 0);
	engine_print(e, out);
	fclose(out);
	if (strcmp(want, is) != 0)
		fail_msg("docs/graph.txt is not what `make graph` prints:\n%s", is);
	engine_destroy(e);
	free(is);
	free(want);
}

static void the_walk_names_every_station(void **state)
{
	char *walk = text_of("docs/packet-path.md");

	(void)state;
	for (unsigned int i = 0; weft_graph[i]; i++) {
		char name[64];

		snprintf(name, sizeof(name), "**%s**", weft_graph[i]->name);
		if (!strstr(walk, name))
			fail_msg("docs/packet-path.md does not tell of %s", name);
	}
	assert_non_null(strstr(walk, "**port-tx**"));
	free(walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_listing_is_the_graph_of_the_daemon),
		cmocka_unit_test(the_walk_names_every_station),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
