/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph: resolved and checked once, before the first frame.
 *
 * Nodes come in the packet's way, and every edge leads forward: so there is no cycle, a frame
 * passes a node at most once a run, and the worker may take the lowest node that has work. What
 * goes round (a cable between two switches) enters again as a new frame, within the run's budget.
 */
#include "dataplane/graph.h"

#include <errno.h>

#include "dataplane/engine_priv.h"
#include "dataplane/graph.h"

int graph_find(const struct graph *g, const char *name)
{
	for (unsigned int i = 0; i < g->n; i++) {
		if (!strcmp(g->def[i]->name, name))
			return (int)i;
	}
	return -1;
}

/* The stations of an arc lie together in g->def (see place()), so the next one is the next. */
static int arc_first(const struct graph *g, const char *arc)
{
	for (unsigned int i = 0; i < g->n; i++) {
		if (g->def[i]->arc && !strcmp(g->def[i]->arc, arc))
			return (int)i;
	}
	return -1;
}

static int arc_next(const struct graph *g, unsigned int node)
{
	const char *arc = g->def[node]->arc;
	unsigned int next = node + 1;

	if (!arc || next >= g->n || !g->def[next]->arc || strcmp(g->def[next]->arc, arc) != 0)
		return -1;
	return (int)next;
}

/* A node that joins an arc in front of another is put there; all others keep their order. */
static int place(struct graph *g, const struct node_def *def, struct faults *f)
{
	unsigned int at = g->n;

	if (g->n == GRAPH_NODES)
		return fault(f, FAULT_INVALID, NULL, NULL, "the graph has more than %d nodes",
			     GRAPH_NODES);
	if (graph_find(g, def->name) >= 0)
		return fault(f, FAULT_INVALID, NULL, NULL, "node %s is there twice", def->name);
	if (def->before) {
		int other = graph_find(g, def->before);

		if (other < 0 || !def->arc || !g->def[other]->arc ||
		    strcmp(g->def[other]->arc, def->arc) != 0)
			return fault(f, FAULT_INVALID, NULL, NULL,
				     "node %s wants to stand before %s, which is not on its arc",
				     def->name, def->before);
		at = (unsigned int)other;
	}
	memmove(&g->def[at + 1], &g->def[at], (g->n - at) * sizeof(g->def[0]));
	g->def[at] = def;
	g->n++;
	return 0;
}

static int part_of(struct graph *g, const char *name)
{
	for (unsigned int i = 0; i < g->n_parts; i++) {
		if (!strcmp(g->part_name[i], name))
			return (int)i;
	}
	assert(g->n_parts < VIEW_PARTS);
	g->part_name[g->n_parts] = name;
	return (int)g->n_parts++;
}

static int resolve(struct graph *g, unsigned int node, unsigned int edge, struct faults *f)
{
	const struct node_edge *d = &g->def[node]->edge[edge];
	struct graph_edge *e = &g->edge[node][edge];
	int to = -1;

	*e = (struct graph_edge){ .kind = d->kind, .cause = DROP_NONE };
	switch (d->kind) {
	case EDGE_NONE:
	case EDGE_DONE:
		return 0;
	case EDGE_DROP:
		if (g->n_causes == DROP_MAX)
			return fault(f, FAULT_INVALID, NULL, NULL, "more than %d causes of a drop",
				     DROP_MAX);
		e->cause = (uint16_t)g->n_causes;
		g->cause[g->n_causes].text = d->text;
		g->cause[g->n_causes].node = (uint16_t)node;
		g->cause[g->n_causes++].edge = (uint16_t)edge;
		return 0;
	case EDGE_TO:
		to = graph_find(g, d->text);
		break;
	case EDGE_ARC:
		to = arc_first(g, d->text);
		break;
	case EDGE_NEXT:
		to = arc_next(g, node);
		break;
	}
	if (to < 0)
		return fault(f, FAULT_INVALID, NULL, NULL, "edge %u of node %s leads nowhere (%s)",
			     edge, g->def[node]->name, d->text ? d->text : "end of its arc");
	if ((unsigned int)to <= node)
		return fault(f, FAULT_INVALID, NULL, NULL, "edge %u of node %s leads back to %s",
			     edge, g->def[node]->name, g->def[to]->name);
	e->to = (uint16_t)to;
	return 0;
}

static int find_refusals(struct graph *g, unsigned int node, struct faults *f)
{
	const char *name = g->def[node]->refusals;
	int at = name ? graph_find(g, name) : 0;

	if (at < 0)
		return fault(f, FAULT_INVALID, NULL, NULL,
			     "node %s refuses by the edges of %s, which is none",
			     g->def[node]->name, name);
	g->refusals[node] = (uint16_t)at;
	return 0;
}

/* Every node but the engine's own must be led to: punt waits for services that may come. */
static int check_reached(const struct graph *g, struct faults *f)
{
	bool reached[GRAPH_NODES] = { true };
	int err = 0;

	for (unsigned int i = 0; i < g->n; i++) {
		for (unsigned int e = 0; e < NODE_EDGES; e++) {
			if (g->edge[i][e].kind >= EDGE_TO && g->edge[i][e].kind <= EDGE_NEXT)
				reached[g->edge[i][e].to] = true;
		}
	}
	reached[g->tx] = true; /* by tx_put() */
	for (unsigned int i = 0; i < g->n; i++) {
		if (!reached[i] && g->def[i]->run && g->def[i] != &punt_node)
			err = fault(f, FAULT_INVALID, NULL, NULL, "no edge leads to node %s",
				    g->def[i]->name);
	}
	return err;
}

int graph_build(struct graph *g, const struct node_def *const *defs, struct faults *f)
{
	int err = 0;

	*g = (struct graph){ 0 };
	for (; *defs && !err; defs++)
		err = place(g, *defs, f);
	if (!err)
		err = place(g, &port_tx_node, f);
	if (err)
		return err;
	g->tx = (uint16_t)(g->n - 1);
	g->classifies = -1;
	for (unsigned int i = 0; i < g->n; i++) {
		if (g->def[i]->classifies)
			g->classifies = (int)i;
		g->part[i] = (int8_t)(g->def[i]->state ? part_of(g, g->def[i]->state) : -1);
		for (unsigned int e = 0; e < NODE_EDGES; e++)
			err = resolve(g, i, e, f) ?: err;
		err = find_refusals(g, i, f) ?: err;
	}
	return err ? err : check_reached(g, f);
}

/* ---- printed -------------------------------------------------------------------------------- */

/* "(port: access trunk native)" */
static void print_rule(const struct drop_rule *r, FILE *out)
{
	if (r->at == DROP_AT_NOBODY)
		return;
	fprintf(out, " (%s%s%s%s)", r->at == DROP_AT_OUT ? "egress " : "", r->object,
		r->fields ? ": " : "", r->fields ? r->fields : "");
}

static void print_edge(const struct graph *g, unsigned int node, unsigned int edge, FILE *out)
{
	const struct node_edge *d = &g->def[node]->edge[edge];
	const struct graph_edge *e = &g->edge[node][edge];

	switch (e->kind) {
	case EDGE_NONE:
		break;
	case EDGE_TO:
		fprintf(out, "    -> %s\n", g->def[e->to]->name);
		break;
	case EDGE_ARC:
		fprintf(out, "    -> %s (first on arc %s)\n", g->def[e->to]->name, d->text);
		break;
	case EDGE_NEXT:
		fprintf(out, "    -> %s (next on arc)\n", g->def[e->to]->name);
		break;
	case EDGE_DROP:
		fprintf(out, "    x  %s", d->text);
		print_rule(&d->rule, out);
		fprintf(out, "\n");
		break;
	case EDGE_DONE:
		fprintf(out, "    .  done\n");
		break;
	}
}

void engine_print(const struct engine *engine, FILE *out)
{
	const struct graph *g = &engine->graph;

	for (unsigned int i = 0; i < g->n; i++) {
		fprintf(out, "%s", g->def[i]->name);
		if (g->def[i]->arc)
			fprintf(out, " (on arc %s)", g->def[i]->arc);
		fprintf(out, "\n");
		for (unsigned int e = 0; e < NODE_EDGES; e++)
			print_edge(g, i, e, out);
	}
}

void engine_print_dot(const struct engine *engine, FILE *out)
{
	const struct graph *g = &engine->graph;

	fprintf(out, "digraph weft {\n  rankdir=LR;\n  node [shape=box];\n");
	for (unsigned int i = 0; i < g->n; i++) {
		fprintf(out, "  \"%s\";\n", g->def[i]->name);
		for (unsigned int e = 0; e < NODE_EDGES; e++) {
			const struct graph_edge *to = &g->edge[i][e];

			if (to->kind >= EDGE_TO && to->kind <= EDGE_NEXT)
				fprintf(out, "  \"%s\" -> \"%s\";\n", g->def[i]->name,
					g->def[to->to]->name);
			else if (to->kind == EDGE_DROP)
				fprintf(out, "  \"%s\" -> \"%s\" [style=dotted];\n",
					g->def[i]->name, g->cause[to->cause].text);
		}
	}
	fprintf(out, "}\n");
}
