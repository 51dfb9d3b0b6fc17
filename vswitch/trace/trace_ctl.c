/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/trace: one made frame.
 *
 * GET /v1/ports/{name}/trace: the ways of a port's frames as server-sent events, until the client
 * has enough. A client that does not read misses ways, and is told how many.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/route.h"
#include "vswitch/trace/trace_priv.h"

#define QUEUE_OCTETS (4u << 20)

struct live_trace {
	struct traces *all;
	struct filter *filter; /* NULL: every frame */
	struct stream *stream;
	const struct model *model;
	port_id_t port;
	long left; /* ways still wanted; -1: without end */
	uint64_t unread,
		told; /* ways that the client had no room for; of all missed, what it knows */
	bool over; /* the engine knows it no more */
};

struct traces {
	struct vswitch *v;
	struct port_listener listener;
	struct live_trace *slot[TRACES_MAX];
};

/* ---- to the client -------------------------------------------------------------------------- */

static int put_event(struct live_trace *t, json_t *data)
{
	char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;
	int err = -ENOSPC;

	/* All three or none: half an event is none. */
	if (text && stream_room(t->stream) >= len + 8) {
		stream_write(t->stream, "data: ", 6);
		stream_write(t->stream, text, len);
		err = stream_write(t->stream, "\n\n", 2);
	}
	free(text);
	json_decref(data);
	return err;
}

static void tell_missed(struct live_trace *t, unsigned int slot)
{
	uint64_t missed = t->unread + trace_missed(t->all->v->env->engine, slot);

	if (missed > t->told &&
	    put_event(t, json_pack("{s:I}", "missed", (json_int_t)(missed - t->told))) == 0)
		t->told = missed;
}

static void leave(struct live_trace *t)
{
	for (unsigned int i = 0; i < TRACES_MAX; i++) {
		if (t->all->slot[i] != t)
			continue;
		t->all->slot[i] = NULL;
		trace_stop(t->all->v->env->engine, i);
	}
	t->over = true;
}

static void tell(struct live_trace *t, unsigned int slot, const struct trace_way *way)
{
	if (t->over || !t->left)
		return;
	tell_missed(t, slot);
	if (put_event(t, trace_way_json(t->all->v, t->model, way, NULL)) < 0) {
		t->unread++;
		return;
	}
	if (t->left > 0 && --t->left == 0)
		stream_end(t->stream);
}

static void on_way(void *arg, const struct trace_way *way)
{
	struct traces *all = arg;

	for (unsigned int i = 0; i < TRACES_MAX; i++) {
		if (way->traces >> i & 1 && all->slot[i])
			tell(all->slot[i], i, way);
	}
}

/* ---- begin and end -------------------------------------------------------------------------- */

static void closed(void *arg)
{
	struct live_trace *t = arg;

	leave(t);
	filter_destroy(t->filter);
	free(t);
}

static void port_gone(void *ctx, struct port *p)
{
	struct traces *all = ctx;

	for (unsigned int i = 0; i < TRACES_MAX; i++) {
		struct live_trace *t = all->slot[i];

		if (!t || t->port != p->id)
			continue;
		leave(t);
		stream_end(t->stream);
	}
}

static int make_filter(struct request *r, struct live_trace *t)
{
	const char *expression = request_query(r, "filter");
	char why[FILTER_WHY] = "";
	int err = expression && *expression ? filter_create(expression, &t->filter, why) : 0;

	if (err == -EINVAL)
		return fault(request_faults(r), FAULT_INVALID, "filter",
			     "write it as for tcpdump, e.g. \"vlan 10 and icmp\"",
			     "the filter \"%s\" cannot be used: %s", expression, why);
	return err;
}

static int begin(struct request *r, struct live_trace *t)
{
	unsigned int slot;
	int err = make_filter(r, t);

	if (err)
		return err;
	err = trace_start(t->all->v->env->engine, t->port, t->filter, &slot);
	if (err == -EBUSY)
		return fault(request_faults(r), FAULT_CONFLICT, NULL, "end one of them first",
			     "%d traces are at work already, and there are no more at once",
			     TRACES_MAX);
	if (!err)
		t->all->slot[slot] = t;
	return err;
}

static int answer(struct request *r, struct live_trace *t)
{
	static const struct stream_ops ops = { .closed = closed };

	t->stream = reply_stream(r, "text/event-stream", QUEUE_OCTETS, &ops, t);
	if (!t->stream)
		return -ENOMEM;
	stream_write(t->stream, ":\n\n", 3); /* so that the client knows that it is heard */
	return 0;
}

/* The port of that name, or the first one of the host. */
static const struct port *port_of(const struct model *m, const char *name)
{
	const struct object *o = model_find(m, "port", name);

	for (const struct object *nic = NULL; !o && (nic = model_next(m, "port", nic));) {
		if (object_has(nic, "host") && !strcmp(object_text(nic, "host"), name))
			o = nic;
	}
	return o ? o->run : NULL;
}

static void live(void *ctx, struct request *r)
{
	struct vswitch *v = ctx;
	const struct port *p = port_of(request_model(r), request_path(r, "name"));
	struct faults *f = request_faults(r);
	struct live_trace *t;
	long count = -1;

	request_query_int(r, "count", 1, 1000000000, &count);
	if (!p)
		fault(f, FAULT_NOT_FOUND, NULL, NULL, "there is no port or host %s",
		      request_path(r, "name"));
	if (!p || f->n) {
		reply_faults(r);
		return;
	}
	t = calloc(1, sizeof(*t));
	if (t) {
		*t = (struct live_trace){ .all = v->traces, .model = request_model(r) };
		t->port = p->id;
		t->left = count;
	}
	if (t && begin(r, t) == 0) {
		if (answer(r, t) == 0)
			return;
		closed(t);
		return; /* reply_stream() has answered */
	}
	if (!f->n)
		fault(f, FAULT_SYSTEM, NULL, NULL, "there is no memory to trace");
	if (t)
		filter_destroy(t->filter);
	free(t);
	reply_faults(r);
}

/* ---- made frames ---------------------------------------------------------------------------- */

static void made(void *ctx, struct request *r)
{
	json_t *asked = request_json(r), *answer;

	answer = asked ? trace_question(ctx, request_model(r), asked, request_faults(r)) : NULL;
	if (answer)
		reply_json(r, 200, answer);
	else
		reply_faults(r);
}

/* ---- life ----------------------------------------------------------------------------------- */

int traces_create(struct vswitch *v, struct port_env *env)
{
	struct traces *all = calloc(1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	all->v = v;
	all->listener = (struct port_listener){ .gone = port_gone, .ctx = all };
	port_listen(env, &all->listener);
	trace_to(env->engine, on_way, all);
	v->traces = all;
	return 0;
}

void traces_destroy(struct vswitch *v)
{
	if (!v->traces)
		return;
	trace_to(v->env->engine, NULL, NULL);
	free(v->traces);
}

const struct route trace_routes[] = {
	{ "POST", "/v1/trace", NULL, made },
	{ "GET", "/v1/ports/{name}/trace", "filter count", live },
	{ 0 },
};
