/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kind host: a network namespace with its sysctls and routes. Its NICs are ports of type tap, which
 * come later and bring the addresses that routes need; so routes are set when all is there, and
 * again whenever a NIC tells that its addresses changed. Routes that we add bear our mark
 * (ports/netlink.h): a person's own stay.
 */
#include "host/host_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/log.h"
#include "ports/netlink.h"
#include "ports/netns.h"

static struct hosts the_hosts;

bool host_has_nic(const struct object *port, const char *host)
{
	const char *its = object_text(port, "host");

	return its && !strcmp(its, host) && !strcmp(object_text(port, "type"), "tap");
}

static void host_check(void *ctx, const struct model *m, const struct object *now,
		       struct faults *faults)
{
	struct hosts *s = ctx;

	s->model = m;
	host_check_routes(m, now, faults);
}

struct sysctl {
	const char *path, *value;
};

static int write_sysctls(void *arg)
{
	for (const struct sysctl *c = arg; c->path; c++) {
		int err = file_write(c->path, c->value);

		/* A kernel without IPv6 has none of its sysctls. */
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

static int set_forwarding(int netns, bool on)
{
	const char *value = on ? "1" : "0";
	struct sysctl c[] = {
		{ "/proc/sys/net/ipv4/ip_forward", value },
		{ "/proc/sys/net/ipv6/conf/all/forwarding", value },
		{ NULL, NULL },
	};

	return netns_run(netns, write_sysctls, c);
}

/* Addresses are usable at once, and a second one does not go when the first does. */
static int set_up(int netns)
{
	static const struct sysctl c[] = {
		{ "/proc/sys/net/ipv6/conf/all/accept_dad", "0" },
		{ "/proc/sys/net/ipv6/conf/default/accept_dad", "0" },
		{ "/proc/sys/net/ipv4/conf/all/promote_secondaries", "1" },
		{ NULL, NULL },
	};
	const struct netlink_change up = { .up = true };
	struct netlink_link lo;
	struct netlink *n;
	int err = netns_run(netns, write_sysctls, (void *)c);

	if (err)
		return err;
	err = netlink_open(netns, &n);
	if (err)
		return err;
	err = netlink_link_find(n, "lo", &lo);
	if (!err)
		err = netlink_link_set(n, lo.index, &up);
	netlink_close(n);
	return err;
}

static int make(struct hosts *s, struct host *h, const struct object *now)
{
	int netns, err = netns_make(s->env->run_dir, h->name, &h->made);

	if (err)
		return err;
	err = netns_open(s->env->run_dir, h->name, &netns);
	if (!err) {
		err = set_up(netns);
		if (!err)
			err = set_forwarding(netns, object_bool(now, "forwarding"));
		fd_close(&netns);
	}
	if (err && h->made)
		netns_remove(s->env->run_dir, h->name);
	return err;
}

static int host_new(struct hosts *s, struct object *now, struct faults *faults)
{
	struct host *h = calloc(1, sizeof(*h));
	int err = -ENOMEM;

	if (h) {
		snprintf(h->name, sizeof(h->name), "%.*s", NAME_MAX_LEN, now->name);
		err = make(s, h, now);
	}
	if (err) {
		free(h);
		return fault(faults, FAULT_SYSTEM, NULL, NULL,
			     "the namespace of host %s cannot be made: %s", now->name,
			     strerror(-err));
	}
	h->next = s->hosts;
	s->hosts = h;
	now->run = h;
	return 0;
}

static int change_forwarding(struct hosts *s, const char *name, bool on)
{
	int netns, err = netns_open(s->env->run_dir, name, &netns);

	if (err)
		return err;
	err = set_forwarding(netns, on);
	fd_close(&netns);
	return err;
}

static int host_prepare(void *ctx, const struct model *m, const struct object *was,
			struct object *now, struct faults *faults)
{
	bool on = object_bool(now, "forwarding");
	int err;

	(void)m;
	if (!was)
		return host_new(ctx, now, faults);
	if (on == object_bool(was, "forwarding"))
		return 0;
	err = change_forwarding(ctx, now->name, on);
	if (!err)
		return 0;
	return fault(faults, FAULT_SYSTEM, "forwarding", NULL,
		     "forwarding of host %s cannot be changed: %s", now->name, strerror(-err));
}

static void forget(struct hosts *s, struct host *h)
{
	struct host **at = &s->hosts;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	free(h->route);
	free(h);
}

static void remove_netns(struct hosts *s, const char *name)
{
	int err = netns_remove(s->env->run_dir, name);

	if (err)
		log_warn("host", "the namespace of host %s cannot be removed: %s", name,
			 strerror(-err));
	netns_tidy(s->env->run_dir);
}

static void host_abort(void *ctx, const struct object *was, struct object *now)
{
	struct hosts *s = ctx;
	struct host *h = now->run;

	if (was) {
		if (object_bool(was, "forwarding") != object_bool(now, "forwarding"))
			change_forwarding(s, now->name, object_bool(was, "forwarding"));
		return;
	}
	if (h->made)
		remove_netns(s, h->name);
	forget(s, h);
	now->run = NULL;
}

static void host_commit(void *ctx, const struct object *was, struct object *now)
{
	struct host *h = now->run;

	/* An adopted host may have routes of a change that never became true. */
	bool stray = was || !h->made;

	host_want_routes(h, now);
	if (h->n_route || stray)
		host_set_routes(ctx, h, stray);
	if (was && h->refused) {
		struct hosts *s = ctx;

		events_post(s->env->events, "host.route", "host", h->name,
			    "%u routes of host %s are not set: %s", h->refused, h->name, h->why);
	}
}

static void nic_changed(void *ctx, const char *host)
{
	struct hosts *s = ctx;

	for (struct host *h = s->hosts; h; h = h->next)
		if (h->n_route && !strcmp(h->name, host))
			host_set_routes(s, h, false);
}

static void host_release(void *ctx, struct object *was)
{
	struct hosts *s = ctx;
	struct host *h = was->run;

	forget(s, h);
	remove_netns(s, was->name);
	was->run = NULL;
}

static void host_leave(void *ctx, struct object *o)
{
	forget(ctx, o->run);
	o->run = NULL;
}

static json_t *nics(const struct hosts *s, const char *host)
{
	const struct object *port = NULL;
	json_t *list = json_array();

	while (s->model && (port = model_next(s->model, "port", port)) != NULL)
		if (host_has_nic(port, host))
			json_array_append_new(list, json_string(port->name));
	return list;
}

static json_t *host_status(void *ctx, const struct object *o)
{
	const struct hosts *s = ctx;
	const struct host *h = o->run;
	json_t *status = json_object();
	char path[512] = "";

	netns_path(path, sizeof(path), s->env->run_dir, o->name);
	json_object_set_new(status, "netns", json_string(path));
	json_object_set_new(status, "nics", nics(s, o->name));
	if (h->refused)
		json_object_set_new(status, "routes_refused",
				    json_sprintf("%u, the last because: %s", h->refused, h->why));
	return status;
}

void host_kind(const struct port_env *env, struct kind *out)
{
	the_hosts = (struct hosts){ .env = env };
	port_on_host_change(nic_changed, &the_hosts);
	*out = (struct kind){
		.schema = schema_find("host"),
		.ctx = &the_hosts,
		.check = host_check,
		.prepare = host_prepare,
		.abort = host_abort,
		.commit = host_commit,
		.release = host_release,
		.leave = host_leave,
		.status = host_status,
	};
}

struct sweep {
	const struct port_env *env;
	const struct model *model;
};

static void remove_unless_owned(void *arg, const char *name)
{
	const struct sweep *s = arg;

	if (model_find(s->model, "host", name))
		return;
	log_info("host", "namespace %s has no host any more: removed", name);
	netns_remove(s->env->run_dir, name);
}

void hosts_sweep(const struct port_env *env, const struct model *m)
{
	struct sweep s = { env, m };

	netns_each(env->run_dir, remove_unless_owned, &s);
	netns_tidy(env->run_dir);
}
