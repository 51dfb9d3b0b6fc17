/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "dataplane/punt.h"
#include "ports/watch_priv.h"

/* ---- /v1/drops ------------------------------------------------------------------------------ */

static void add_drops(const struct watch *w, const struct port *p, json_t *items)
{
	struct port_count c;
	const char *cause, *node;

	port_counters(w->env->engine, p->id, &c);
	for (unsigned int i = 0; (cause = engine_cause(w->env->engine, i, &node)); i++) {
		if (!c.drop[i])
			continue;
		json_array_append_new(items, json_pack("{s:s, s:s, s:s, s:I}", "port", p->name,
						       "node", node, "cause", cause, "frames",
						       (json_int_t)c.drop[i]));
	}
}

static void drops(void *ctx, struct request *r)
{
	json_t *items = json_array();

	for (const struct object *o = NULL; (o = model_next(request_model(r), "port", o));) {
		if (o->run)
			add_drops(ctx, o->run, items);
	}
	reply_json(r, 200, json_pack("{s:o}", "items", items));
}

/* ---- /v1/graph ------------------------------------------------------------------------------ */

static void graph(void *ctx, struct request *r)
{
	const struct watch *w = ctx;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out) {
		engine_print(w->env->engine, out);
		fclose(out);
	}
	if (!text) {
		fault(request_faults(r), FAULT_SYSTEM, NULL, NULL, "there is no memory");
		reply_faults(r);
		return;
	}
	reply_text(r, "text/plain; charset=utf-8", text);
}

/* ---- life ----------------------------------------------------------------------------------- */

/* A bounded piece at a time, so that a flood of captured frames leaves room for requests. */
static void on_parcels(void *arg, uint32_t events)
{
	struct watch *w = arg;

	(void)events;
	parcels_take(w->env->engine, 256);
}

int watch_create(struct port_env *env, struct watch **out)
{
	struct watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->env = env;
	w->scratch = malloc(GSO_BUF);
	err = !w->scratch ? -ENOMEM
			  : loop_add_fd(env->loop, parcels_fd(env->engine), EPOLLIN, on_parcels, w,
					&w->parcels);
	if (!err)
		err = workers_watch(w);
	if (err) {
		loop_del(w->parcels);
		free(w->scratch);
		free(w);
		return err;
	}
	capture_to(env->engine, captures_put, w);
	w->listener = (struct port_listener){ .gone = captures_end, .ctx = w };
	port_listen(env, &w->listener);
	*out = w;
	return 0;
}

void watch_destroy(struct watch *w)
{
	if (!w)
		return;
	loop_del(w->round);
	loop_del(w->parcels);
	capture_to(w->env->engine, NULL, NULL);
	free(w->scratch);
	free(w);
}

const struct route watch_routes[] = {
	{ "GET", "/v1/drops", NULL, drops },
	{ "GET", "/v1/graph", NULL, graph },
	{ "GET", "/v1/workers", NULL, workers_list },
	{ "GET", "/v1/ports/{name}/capture", "count", capture_begin },
	{ 0 },
};
