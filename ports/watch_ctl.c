/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "dataplane/punt.h"
#include "ports/drop_owner.h"
#include "ports/watch_priv.h"

/* ---- /v1/drops ------------------------------------------------------------------------------ */

static void drops(void *ctx, struct request *r)
{
	const struct watch *w = ctx;
	const struct model *m = request_model(r);
	json_t *items = json_array(), *of_port, *drop;
	size_t i;

	for (const struct object *o = NULL; (o = model_next(m, "port", o));) {
		if (!o->run)
			continue;
		of_port = port_drops(w->env->engine, m, o);
		json_array_foreach (of_port, i, drop) {
			json_object_set_new(drop, "port", json_string(o->name));
			json_array_append(items, drop);
		}
		json_decref(of_port);
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
