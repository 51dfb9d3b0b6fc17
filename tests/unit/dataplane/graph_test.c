/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/engine.h"
#include "dataplane/graph.h"

static void nop(struct node_ctx *ctx, const struct burst *in)
{
	for (unsigned int i = 0; i < in->n; i++)
		node_send(ctx, 0, in->pkt[i]);
}

static const struct node_def last = {
	.name = "last", .run = nop, .arc = "port-input", .edge = { DONE }
};

/* Node N on arc "port-input", before B, that lets everything on. */
#define FEATURE(n, b)                                                                            \
	{                                                                                        \
		.name = n, .run = nop, .arc = "port-input", .before = b, .edge = { NEXT_ON_ARC } \
	}

static int build(const struct node_def *const *defs, char *text, size_t room)
{
	struct faults f = { 0 };
	struct engine *e = NULL;
	FILE *out = fmemopen(text, room, "w");
	int err = engine_create(defs, 1, &e, &f);

	if (err) {
		for (unsigned int i = 0; i < f.n; i++)
			fprintf(out, "%s\n", f.v[i].message);
		assert_null(e);
	} else {
		engine_print(e, out);
	}
	engine_destroy(e);
	faults_free(&f);
	fclose(out);
	return err;
}

static void a_wrong_graph_is_refused_in_words(void **state)
{
	static const struct node_def twice = FEATURE("last", NULL);
	static const struct node_def lost = {
		.name = "lost", .run = nop, .arc = "port-input", .edge = { TO("nowhere") }
	};
	static const struct node_def no_arc = {
		.name = "no-arc", .run = nop, .arc = "port-input", .edge = { ARC("nobody-joins") }
	};
	static const struct node_def back = {
		.name = "back", .run = nop, .arc = "port-input", .edge = { TO("port-rx") }
	};
	static const struct node_def self = {
		.name = "self", .run = nop, .arc = "port-input", .edge = { TO("self") }
	};
	static const struct node_def island = { .name = "island", .run = nop, .edge = { DONE } };
	static const struct node_def stranger = FEATURE("stranger", "island");
	static const struct node_def early = FEATURE("early", "not-there");
	static const struct node_def endless = FEATURE("endless", NULL);
	static const struct {
		const char *why, *message;
		const struct node_def *def[4];
	} row[] = {
		{ "same name", "node last is there twice", { &port_rx_node, &last, &twice } },
		{ "edge to nobody",
		  "edge 0 of node lost leads nowhere (nowhere)",
		  { &port_rx_node, &lost } },
		{ "arc of nobody",
		  "edge 0 of node no-arc leads nowhere (nobody-joins)",
		  { &port_rx_node, &no_arc } },
		{ "backward",
		  "edge 0 of node back leads back to port-rx",
		  { &port_rx_node, &back } },
		{ "to itself", "edge 0 of node self leads back to self", { &port_rx_node, &self } },
		{ "unreached", "no edge leads to node island", { &port_rx_node, &last, &island } },
		{ "before a node that is not on the arc",
		  "node stranger wants to stand before island, which is not on its arc",
		  { &port_rx_node, &island, &stranger } },
		{ "before a node that is not there",
		  "node early wants to stand before not-there, which is not on its arc",
		  { &port_rx_node, &early, &last } },
		{ "arc without end",
		  "edge 0 of node endless leads nowhere (end of its arc)",
		  { &port_rx_node, &endless } },
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		int err = build(row[i].def, text, sizeof(text));

		if (err != -EINVAL || !strstr(text, row[i].message))
			fail_msg("%s: %d, '%s'", row[i].why, err, text);
	}
}

static void too_many_causes_are_refused(void **state)
{
	static struct node_def def[8];
	static char name[8][8];
	const struct node_def *list[10] = { &port_rx_node };
	char text[4096];

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		snprintf(name[i], sizeof(name[i]), "n%u", i);
		def[i] = (struct node_def)FEATURE(name[i], NULL);
		for (unsigned int e = 1; e < NODE_EDGES; e++)
			def[i].edge[e] = (struct node_edge)DROP("a cause");
		list[i + 1] = &def[i];
	}
	def[7].edge[0] = (struct node_edge)DONE;
	assert_int_equal(build(list, text, sizeof(text)), -EINVAL);
	assert_non_null(strstr(text, "more than 96 causes of a drop"));
}

static void too_many_nodes_are_refused(void **state)
{
	static struct node_def def[70];
	static char name[70][8];
	const struct node_def *list[72] = { &port_rx_node };
	char text[4096];

	(void)state;
	for (unsigned int i = 0; i < 70; i++) {
		snprintf(name[i], sizeof(name[i]), "n%u", i);
		def[i] = (struct node_def)FEATURE(name[i], NULL);
		list[i + 1] = &def[i];
	}
	def[69].edge[0] = (struct node_edge)DONE;
	assert_int_equal(build(list, text, sizeof(text)), -EINVAL);
	assert_non_null(strstr(text, "the graph has more than 64 nodes"));
}

static void an_arc_is_in_the_order_that_its_stations_ask_for(void **state)
{
	static const struct node_def a = FEATURE("a", "last"), b = FEATURE("b", "last"),
				     c = FEATURE("c", "a"), d = FEATURE("d", "last");
	static const struct node_def *const def[] = { &port_rx_node, &last, &a, &b, &c, &d, NULL };
	static const char *const want[] = { "port-rx\n    -> c (first on arc port-input)\n",
					    "\nc (on arc port-input)\n    -> a (next on arc)\n",
					    "\na (on arc port-input)\n    -> b (next on arc)\n",
					    "\nb (on arc port-input)\n    -> d (next on arc)\n",
					    "\nd (on arc port-input)\n    -> last (next on arc)\n",
					    "\nlast (on arc port-input)\n    .  done\n" };
	char text[4096];
	const char *at = text;

	(void)state;
	assert_int_equal(build(def, text, sizeof(text)), 0);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		at = strstr(at, want[i]);
		if (!at)
			fail_msg("not there, or not in its place: %s in\n%s", want[i], text);
	}
}

static void each_cause_has_a_number_a_node_and_a_text(void **state)
{
	static const struct node_def *const def[] = { &port_rx_node, &last, NULL };
	struct faults f = { 0 };
	struct engine *e;
	unsigned int n = 0;
	const char *node, *text;

	(void)state;
	assert_int_equal(engine_create(def, 1, &e, &f), 0);
	for (; (text = engine_cause(e, n, &node)); n++) {
		assert_true(*text && *node);
		for (unsigned int k = 0; k < n; k++) {
			const char *other_node, *other = engine_cause(e, k, &other_node);

			assert_true(strcmp(other, text) != 0 || strcmp(other_node, node) != 0);
		}
	}
	assert_int_equal(n, 3 + TX_VERDICTS - 1);
	text = engine_cause(e, engine_cause_of(e, "port-tx", TX_DROP_BUDGET), &node);
	assert_string_equal(text, "storm budget");
	assert_string_equal(node, "port-tx");
	assert_int_equal(engine_cause_of(e, "port-tx", TX_SENT), DROP_NONE);
	engine_destroy(e);
}

static void the_drawing_has_every_node_and_every_cause(void **state)
{
	static const struct node_def *const def[] = { &port_rx_node, &last, NULL };
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct faults f = { 0 };
	struct engine *e;

	(void)state;
	assert_int_equal(engine_create(def, 1, &e, &f), 0);
	engine_print_dot(e, out);
	fclose(out);
	assert_non_null(strstr(text, "digraph weft {"));
	assert_non_null(strstr(text, "\"port-rx\" -> \"last\";"));
	assert_non_null(strstr(text, "\"port-tx\" -> \"storm budget\" [style=dotted];"));
	engine_destroy(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_graph_is_refused_in_words),
		cmocka_unit_test(too_many_causes_are_refused),
		cmocka_unit_test(too_many_nodes_are_refused),
		cmocka_unit_test(an_arc_is_in_the_order_that_its_stations_ask_for),
		cmocka_unit_test(each_cause_has_a_number_a_node_and_a_text),
		cmocka_unit_test(the_drawing_has_every_node_and_every_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
