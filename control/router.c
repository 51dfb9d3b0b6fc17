/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/router_priv.h"

struct table {
	const struct route *routes;
	void *ctx;
};

struct router {
	unsigned int n;
	struct table *tables;
};

int router_create(struct router **out)
{
	struct router *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	*out = r;
	return 0;
}

void router_destroy(struct router *r)
{
	if (!r)
		return;
	free(r->tables);
	free(r);
}

int router_add(struct router *r, const struct route *table, void *ctx)
{
	struct table *v = reallocarray(r->tables, r->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v[r->n++] = (struct table){ table, ctx };
	r->tables = v;
	return 0;
}

/* The word at *AT, which moves past it and its '/'. */
static size_t take_word(const char **at, const char **word)
{
	size_t len = strcspn(*at, "/");

	*word = *at;
	*at += len + ((*at)[len] == '/');
	return len;
}

/* How many words are the pattern's own and not a parameter's; -1: PATH is not meant. */
static int fit(const struct route *route, const char *path, struct route_match *out)
{
	const char *pattern = route->path + 1, *word, *mine;
	int literal = 0;

	if (*path++ != '/')
		return -1;
	out->n_params = 0;
	while (*pattern || *path) {
		size_t want = take_word(&pattern, &mine), have = take_word(&path, &word);

		if (!want || !have)
			return -1;
		if (*mine != '{') {
			if (want != have || memcmp(mine, word, have))
				return -1;
			literal++;
			continue;
		}
		if (have >= PARAM_LEN || out->n_params == ROUTE_PARAMS)
			return -1;
		out->params[out->n_params].name = mine + 1;
		out->params[out->n_params].name_len = want - 2;
		memcpy(out->params[out->n_params].value, word, have);
		out->params[out->n_params++].value[have] = '\0';
	}
	/* "/v1/" is not "/v1": a path has one spelling. */
	return path[-1] == '/' ? -1 : literal;
}

static bool is_method(const struct route *route, const char *method)
{
	return !strcmp(route->method, method) ||
	       (!strcmp(method, "HEAD") && !strcmp(route->method, "GET"));
}

static void allow(struct route_match *m, const char *method)
{
	size_t at = strlen(m->allow);

	snprintf(m->allow + at, sizeof(m->allow) - at, "%s%s", at ? ", " : "", method);
}

int router_match(const struct router *r, const char *method, const char *path,
		 struct route_match *out)
{
	struct route_match best = { 0 };
	int most = -1;

	for (unsigned int t = 0; t < r->n; t++) {
		for (const struct route *route = r->tables[t].routes; route->path; route++) {
			struct route_match m = { 0 };
			int literal = fit(route, path, &m);

			if (literal < 0 || literal < most)
				continue;
			if (literal > most) {
				most = literal;
				best = m;
			}
			allow(&best, route->method);
			if (is_method(route, method)) {
				best.route = route;
				best.ctx = r->tables[t].ctx;
			}
		}
	}
	*out = best;
	return most < 0 ? -ENOENT : best.route ? 0 : -EPERM;
}

const char *route_match_param(const struct route_match *m, const char *name)
{
	for (unsigned int i = 0; i < m->n_params; i++) {
		if (strlen(name) == m->params[i].name_len &&
		    !memcmp(name, m->params[i].name, m->params[i].name_len))
			return m->params[i].value;
	}
	return "";
}

bool route_has_query(const struct route *route, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = route->query; at && *at;) {
		size_t word = strcspn(at, " ");

		if (word == len && !memcmp(at, name, len))
			return true;
		at += word + (at[word] == ' ');
	}
	return false;
}
