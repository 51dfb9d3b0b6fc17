/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weftd. The start order in one screen, the stop in reverse.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "control/control.h"
#include "daemon/graph.h"
#include "daemon/lock.h"
#include "daemon/options.h"
#include "daemon/system.h"
#include "host/host.h"
#include "link/link.h"
#include "ports/watch.h"
#include "vswitch/vswitch.h"

struct daemon {
	const struct options *o;
	char capture_dir[PATH_MAX + 16], state_path[PATH_MAX + 16];
	struct loop *loop;
	struct events *events;
	struct engine *engine;
	struct port_env env;
	struct vswitch *vswitch;
	struct watch *watch;
	struct links *links;
	struct kind host;
	const struct kind *kinds[8];
	const struct compiler *compilers[3];
	struct control *control;
};

/* ---- what there is before any object -------------------------------------------------------- */

static int make_folder(const char *path, mode_t mode, struct faults *f)
{
	int err = dir_make(path, mode);

	return err ? fault(f, FAULT_SYSTEM, NULL, "start it as root, or name other folders",
			   "the folder %s cannot be made: %s", path, strerror(-err))
		   : 0;
}

static int make_folders(struct daemon *d, struct faults *f)
{
	int err = make_folder(d->o->state_dir, 0700, f) ?: make_folder(d->o->run_dir, 0755, f);

	snprintf(d->capture_dir, sizeof(d->capture_dir), "%s/captures", d->o->state_dir);
	snprintf(d->state_path, sizeof(d->state_path), "%s/state.db", d->o->state_dir);
	err = err ?: make_folder(d->capture_dir, 0700, f);
	return err ?: lock_run_dir(d->o->run_dir, f) ?: lock_instance(d->o->instance, f);
}

static int make_parts(struct daemon *d, struct faults *f)
{
	int err = loop_create(&d->loop) ?: events_create(&d->events);

	if (!err)
		err = engine_create(weft_graph, d->o->workers, &d->engine, f);
	if (err)
		return err;
	d->env = (struct port_env){
		.engine = d->engine,
		.loop = d->loop,
		.events = d->events,
		.run_dir = d->o->run_dir,
		.capture_dir = d->capture_dir,
		.group = d->o->group,
		.instance = d->o->instance,
	};
	err = vswitch_create(&d->env, &d->vswitch) ?: links_create(&d->env, &d->links)
							      ?: watch_create(&d->env, &d->watch);
	if (err)
		return err;
	host_kind(&d->env, &d->host);
	d->kinds[0] = vswitch_switch_kind(d->vswitch);
	d->kinds[1] = vswitch_vlan_kind(d->vswitch);
	d->kinds[2] = &d->host;
	d->kinds[3] = links_kind(d->links);
	d->kinds[4] = vswitch_port_kind(d->vswitch);
	d->kinds[5] = vswitch_mirror_kind(d->vswitch);
	d->kinds[6] = vswitch_station_kind(d->vswitch);
	d->compilers[0] = vswitch_compiler(d->vswitch);
	d->compilers[1] = links_compiler(d->links);
	return 0;
}

static int make_control(struct daemon *d, struct faults *f)
{
	const struct control_config config = {
		.socket_path = d->o->socket,
		.state_path = d->state_path,
		.group = d->o->group,
		.version = WEFT_VERSION,
		.instance = d->o->instance,
		.capture_dir = d->capture_dir,
		.workers = d->o->workers,
		.loop = d->loop,
		.events = d->events,
		.kinds = d->kinds,
		.compilers = d->compilers,
	};
	int err = control_create(&config, f, &d->control);

	if (err)
		return err;
	d->env.control = d->control;
	return control_route(d->control, vswitch_routes, d->vswitch)
		       ?: control_route(d->control, trace_routes, d->vswitch)
		       ?: control_route(d->control, watch_routes, d->watch)
		       ?: control_metrics(d->control, watch_metrics, d->watch)
		       ?: control_metrics(d->control, vswitch_metrics, d->vswitch)
		       ?: control_metrics(d->control, links_metrics, d->links);
}

/* ---- running -------------------------------------------------------------------------------- */

static void on_signal(void *arg, int signo)
{
	struct daemon *d = arg;

	log_info("weftd", "stops on %s; hosts and devices stay for the next daemon",
		 strsignal(signo));
	loop_stop(d->loop);
}

static int serve(struct daemon *d, struct faults *f)
{
	struct loop_handle *handle; /* the loop frees it */
	int err = loop_add_signal(d->loop, SIGTERM, on_signal, d, &handle)
			  ?: loop_add_signal(d->loop, SIGINT, on_signal, d, &handle);

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* the terminal that started us may close */
	d->env.restoring = true;
	if (!err)
		err = control_restore(d->control, f);
	d->env.restoring = false;
	fd_reserve_open(true);
	if (!err) {
		hosts_sweep(&d->env, control_model(d->control));
		ports_sweep(&d->env);
		err = control_serve(d->control, f);
	}
	if (err)
		return err;
	system_join(d->o->group);
	system_drop_rights();
	err = engine_start(d->engine);
	if (err)
		return err;
	log_info("weftd", "%s serves on %s", WEFT_VERSION, d->o->socket);
	if (geteuid() != 0)
		log_warn("weftd", "not started by root: no hosts and no devices can be made");
	system_notify("READY=1");
	fd_reserve_open(false);
	err = loop_run(d->loop);
	system_notify("STOPPING=1");
	return err;
}

/* Nothing is in the model, so everything that is there is nobody's. */
static int purge(struct daemon *d, struct faults *f)
{
	static const char *const suffix[] = { "", "-wal", "-shm" };
	char path[sizeof(d->state_path) + 8];
	int err = make_control(d, f); /* no other daemon uses this state */

	if (err)
		return err;
	hosts_sweep(&d->env, control_model(d->control));
	ports_sweep(&d->env);
	control_destroy(d->control);
	d->control = d->env.control = NULL;
	for (size_t i = 0; i < ARRAY_LEN(suffix); i++) {
		snprintf(path, sizeof(path), "%s%s", d->state_path, suffix[i]);
		unlink(path);
	}
	unlink(d->o->socket);
	if (path_join(path, sizeof(path), d->o->run_dir, "weftd.lock") == 0)
		unlink(path);
	return 0;
}

static void unmake(struct daemon *d)
{
	fd_reserve_open(true);
	if (d->control)
		control_leave(d->control);
	engine_stop(d->engine);
	control_destroy(d->control);
	watch_destroy(d->watch);
	links_destroy(d->links);
	vswitch_destroy(d->vswitch);
	engine_destroy(d->engine);
	events_destroy(d->events);
	loop_destroy(d->loop);
}

static void tell(const struct faults *f, int err)
{
	for (unsigned int i = 0; i < f->n; i++)
		log_err("weftd", "%s%s%s%s", f->v[i].message, f->v[i].hint[0] ? " (" : "",
			f->v[i].hint, f->v[i].hint[0] ? ")" : "");
	if (err && !f->n)
		log_err("weftd", "cannot go on: %s", strerror(-err));
}

static int print_graph(bool dot)
{
	struct faults f = { 0 };
	struct engine *e = NULL;
	int err = engine_create(weft_graph, 1, &e, &f);

	if (!err && dot)
		engine_print_dot(e, stdout);
	else if (!err)
		engine_print(e, stdout);
	tell(&f, err);
	faults_free(&f);
	engine_destroy(e);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct options o;
	struct daemon d = { .o = &o };
	struct faults f = { 0 };
	int err = options_parse(&o, argc, argv);

	if (err || o.action == ACTION_EXIT)
		return err;
	log_set_level(o.log);
	if (o.action == ACTION_GRAPH || o.action == ACTION_GRAPH_DOT)
		return print_graph(o.action == ACTION_GRAPH_DOT);
	system_raise_files();
	err = make_folders(&d, &f) ?: make_parts(&d, &f);
	if (!err && o.action == ACTION_PURGE)
		err = purge(&d, &f);
	else if (!err)
		err = make_control(&d, &f) ?: serve(&d, &f);
	tell(&f, err);
	unmake(&d);
	faults_free(&f);
	return err ? 1 : 0;
}
