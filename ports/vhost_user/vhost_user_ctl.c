/* SPDX-License-Identifier: Apache-2.0 */
/* The port type: a virtual machine's NIC behind a vhost-user socket. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/unix_listen.h"
#include "control/control.h"
#include "ports/vhost_user/session_priv.h"

/* Where the sockets are that nobody chose a place for. */
#define FOLDER "vhost"

/* ---- what the spec says --------------------------------------------------------------------- */

static void check_without(const struct object *now, struct faults *faults)
{
	const char *bad = NULL;
	char names[512], hint[600];
	uint64_t mask;
	size_t len = 0;

	if (!vu_features_parse(object_text(now, "without"), &mask, &bad, &len))
		return;
	vu_features_list(names, sizeof(names));
	snprintf(hint, sizeof(hint), "known are %s", names);
	fault(faults, FAULT_INVALID, "without", hint, "'%.*s' is not the name of a feature",
	      (int)MIN(len, (size_t)63), bad);
}

static void check_socket(const struct model *m, const struct object *now, struct faults *faults)
{
	const char *path = object_text(now, "path");
	const struct object *o = NULL;

	if (!path)
		return;
	if (path[0] != '/') {
		fault(faults, FAULT_INVALID, "path", "begin it with '/'",
		      "path takes a whole path, not '%s'", path);
		return;
	}
	while ((o = model_next(m, "port", o)) != NULL) {
		const char *other = object_text(o, "path");

		if (!other || strcmp(other, path) != 0 || !strcmp(o->name, now->name))
			continue;
		fault(faults, FAULT_CONFLICT, "path", "name another path",
		      "%s is the socket of port %s already", path, o->name);
		return;
	}
}

static void vhost_user_port_check(const struct model *m, const struct object *now,
				  struct faults *faults)
{
	check_without(now, faults);
	check_socket(m, now, faults);
}

static void settings(const struct port *p, const struct object *now, struct vu_settings *out)
{
	const char *mac = object_text(now, "mac"), *bad;
	size_t len;

	*out = (struct vu_settings){
		.client = !strcmp(object_text(now, "role"), "client"),
		.queues = (unsigned int)object_int(now, "queues"),
		.mtu = (uint16_t)object_int(now, "mtu"),
	};
	if (!mac || eth_addr_parse(mac, &out->mac))
		port_mac(p->env->instance, p->name, &out->mac);
	if (vu_features_parse(object_text(now, "without"), &out->without, &bad, &len))
		out->without = 0; /* the check let nothing else through */
}

static int choose_path(struct vu_session *s, const struct object *now, struct faults *faults)
{
	const struct port *p = s->vu->port;
	const char *path = object_text(now, "path");
	char folder[sizeof(s->path.sun_path)];
	int len, err = 0;

	s->path.sun_family = AF_UNIX;
	if (path)
		len = snprintf(s->path.sun_path, sizeof(s->path.sun_path), "%s", path);
	else
		len = snprintf(s->path.sun_path, sizeof(s->path.sun_path), "%s/" FOLDER "/%s.sock",
			       p->env->run_dir, p->name);
	if (len >= (int)sizeof(s->path.sun_path))
		return fault(faults, FAULT_INVALID, "path", "give it a shorter \"path\"",
			     "the path of port %s's socket is longer than the %zu octets that a "
			     "socket's may have",
			     p->name, sizeof(s->path.sun_path) - 1);
	if (!path && path_join(folder, sizeof(folder), p->env->run_dir, FOLDER) == 0)
		err = dir_make(folder, 0755);
	return err ? fault(faults, FAULT_SYSTEM, NULL, NULL, "the folder %s cannot be made: %s",
			   folder, strerror(-err))
		   : 0;
}

/* ---- its life ------------------------------------------------------------------------------- */

static void destroy(struct vhost_user *vu)
{
	for (unsigned int i = 0; i < VU_QUEUES; i++)
		free(vu->queue[i].lent);
	free(vu->session);
	free(vu);
}

static struct vhost_user *create(struct port *p)
{
	struct vhost_user *vu = calloc(1, sizeof(*vu));
	struct vu_session *s = calloc(1, sizeof(*s));

	if (!vu || !s) {
		free(vu);
		free(s);
		return NULL;
	}
	vu->port = p;
	vu->sink = (struct sink){ .port = p->id, .tx = vhost_user_tx, .arg = vu };
	vu->session = s;
	s->vu = vu;
	s->listening = -1;
	return vu;
}

static int vhost_user_open(struct port *p, const struct object *now, struct faults *faults)
{
	int err = gmem_guard();
	struct vhost_user *vu;

	if (err)
		return fault(faults, FAULT_SYSTEM, NULL, NULL,
			     "guests cannot be guarded against: %s", strerror(-err));
	vu = create(p);
	if (!vu)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "no memory");
	settings(p, now, &vu->session->set);
	vu_session_init(vu->session);
	err = choose_path(vu->session, now, faults) ?: vu_socket_open(vu->session, faults);
	if (err) {
		destroy(vu);
		return err;
	}
	p->own = vu;
	return 0;
}

/* Who is connected keeps what it was offered. */
static int vhost_user_set(struct port *p, const struct object *was, const struct object *now,
			  struct faults *faults)
{
	struct vhost_user *vu = p->own;

	(void)was;
	(void)faults;
	settings(p, now, &vu->session->set);
	return 0;
}

static void vhost_user_carrier(struct port *p)
{
	struct vhost_user *vu = p->own;

	vu_session_carrier(vu->session);
}

static void vhost_user_start(struct port *p)
{
	struct vhost_user *vu = p->own;

	vu->session->started = true;
	vu_socket_want(vu->session, true);
}

static void vhost_user_stop(struct port *p)
{
	struct vhost_user *vu = p->own;

	vu->session->started = false;
	vu_session_end(vu->session);
	vu_socket_close(vu->session);
	vu_session_carrier(vu->session);
}

static void vhost_user_close(struct port *p)
{
	struct vhost_user *vu = p->own;

	vu_socket_close(vu->session); /* it may never have been started */
	destroy(vu);
	p->own = NULL;
}

/* Sockets that a killed daemon left, of ports that are no more. */
static void vhost_user_sweep(const struct port_env *env)
{
	static const char end[] = ".sock";
	const struct model *m = env->control ? control_model(env->control) : NULL;
	char dir[PATH_MAX], path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (path_join(dir, sizeof(dir), env->run_dir, FOLDER) || !(d = opendir(dir)))
		return;
	while ((e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name), n = len - MIN(len, strlen(end));
		char name[sizeof(e->d_name)];

		snprintf(name, sizeof(name), "%.*s", (int)n, e->d_name);
		if (!n || strcmp(e->d_name + n, end) != 0 || (m && model_find(m, "port", name)))
			continue;
		if (path_join(path, sizeof(path), dir, e->d_name) == 0)
			unix_sweep(path);
	}
	closedir(d);
	rmdir(dir); /* the last one gone */
}

const struct port_type vhost_user_type = {
	.name = "vhost_user",
	.check = vhost_user_port_check,
	.open = vhost_user_open,
	.set = vhost_user_set,
	.start = vhost_user_start,
	.stop = vhost_user_stop,
	.close = vhost_user_close,
	.carrier = vhost_user_carrier,
	.status = vhost_user_status,
	.sweep = vhost_user_sweep,
};
