/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a device is taken and given back.
 *
 *	device --take--> our TAP's gate --> we read
 *	device <--gate-- our TAP's take <-- we write
 *
 * "take" is a program that sends each frame over, "gate" one that lets nothing else pass
 * (bpf/netdev.bpf.c). The user of most devices is on the wire's side of it: its frames come in,
 * ours go out. The user of a macvtap is behind its descriptor, so its frames go out and ours come
 * in.
 *
 * What was changed on the device is told by the handle of our filters on it: an octet 'W', a hash
 * of the daemon's instance, and what has to be undone. So the record goes where the device goes, is
 * there after a crash, and goes with the device.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hash.h"
#include "base/log.h"
#include "bpf/netdev_bpf.h"
#include "ports/netdev/netdev_priv.h"
#include "ports/netlink_use.h"
#include "ports/netns.h"

#define HANDLE_OURS 0x57000000u /* 'W' */
#define PRIORITY    1
#define ALIAS       "weft-netdev:" /* of our TAPs: they go with their daemon, so nobody sweeps them */

enum undo {
	UNDO_CLSACT = 1 << 0, /* we made the qdisc */
	UNDO_UP = 1 << 1, /* the device was down */
	UNDO_PROMISC = 1 << 2, /* and took only what is for it */
	UNDO_ALL = 0xff,
};

static uint32_t our_handle(const struct port_env *env)
{
	uint64_t h = 0;

	for (const char *c = env->instance; *c; c++)
		h = hash_fold(h ^ (uint8_t)*c, 0x9e3779b97f4a7c15u);
	return HANDLE_OURS | (uint32_t)(h & 0xffff) << 8;
}

/* Its user is behind its descriptor. */
static bool is_sideways(const char *kind)
{
	return !strcmp(kind, "macvtap");
}

/* ---- what is on a device -------------------------------------------------------------------- */

struct filters {
	uint32_t handle; /* of ours, without what is to be undone */
	struct tc_filter ours[8];
	unsigned int n_ours, n_weft, n_others; /* weft: of another daemon */
};

static void sort_filter(void *arg, const struct tc_filter *f)
{
	struct filters *all = arg;

	if ((f->handle & ~UNDO_ALL) == all->handle && all->n_ours < ARRAY_LEN(all->ours))
		all->ours[all->n_ours++] = *f;
	else if ((f->handle & 0xff000000u) == HANDLE_OURS && f->priority == PRIORITY)
		all->n_weft++;
	else
		all->n_others++;
}

/* A device without clsact has none. */
static struct filters filters_of(struct netlink *n, const struct port_env *env, int index)
{
	struct filters all = { .handle = our_handle(env) };

	netlink_filter_each(n, index, TC_IN, sort_filter, &all);
	netlink_filter_each(n, index, TC_OUT, sort_filter, &all);
	return all;
}

/*
 * 1. What has to be undone is undone, while the filters still tell what that is.
 * 2. The filters go, with the qdisc if it was ours and nobody else uses it by now.
 */
bool netdev_restore(struct netlink *n, const struct port_env *env, int index)
{
	struct filters all = filters_of(n, env, index);
	unsigned int undo = all.n_ours ? all.ours[0].handle & UNDO_ALL : 0;
	const struct netlink_change c = { .down = undo & UNDO_UP,
					  .no_promisc = undo & UNDO_PROMISC };

	if (!all.n_ours)
		return false;
	if (c.down || c.no_promisc)
		netlink_link_set(n, index, &c);
	if (undo & UNDO_CLSACT && !all.n_weft && !all.n_others) {
		netlink_clsact_del(n, index);
		return true;
	}
	for (unsigned int i = 0; i < all.n_ours; i++)
		netlink_filter_del(n, &all.ours[i]);
	return true;
}

/* ---- whether it may be taken ---------------------------------------------------------------- */

static int in_use(struct netlink *n, const struct netlink_link *l, struct faults *faults)
{
	static const char hint[] = "whoever works over it is cut off; `force true` takes it all "
				   "the same";
	struct device_use use = { 0 };
	char address[PREFIX_TEXT];

	netlink_device_use(n, l->index, &use);
	if (use.default_route)
		return fault(faults, FAULT_CONFLICT, "device", hint,
			     "device %s is in use, the default route is over it", l->name);
	if (use.address)
		return fault(faults, FAULT_CONFLICT, "device", hint,
			     "device %s is in use, it has the address %s", l->name,
			     prefix_print(&use.which, address, sizeof(address)));
	return 0;
}

static int belongs_elsewhere(struct netlink *n, const struct netlink_link *l, struct faults *faults)
{
	struct netlink_link master = { 0 };
	char hint[64];

	snprintf(hint, sizeof(hint), "ip link set %s nomaster", l->name);
	netlink_link_at(n, l->master, &master);
	return fault(faults, FAULT_CONFLICT, "device", hint, "device %s belongs to %s", l->name,
		     master.name);
}

static int refuse(struct netlink *n, const struct port_env *env, const struct netlink_link *l,
		  bool force, struct faults *faults)
{
	if (l->loopback)
		return fault(faults, FAULT_INVALID, "device", NULL,
			     "%s is the loopback device: nobody is behind it", l->name);
	if (!l->ethernet)
		return fault(faults, FAULT_INVALID, "device", NULL,
			     "device %s carries no Ethernet frames", l->name);
	if (!strncmp(l->alias, "weft:", 5) || !strncmp(l->alias, ALIAS, strlen(ALIAS)))
		return fault(faults, FAULT_CONFLICT, "device", "its port is on a switch already",
			     "device %s is Weft's own", l->name);
	if (filters_of(n, env, l->index).n_weft)
		return fault(faults, FAULT_CONFLICT, "device", NULL,
			     "device %s is attached by another daemon", l->name);
	if (l->master)
		return belongs_elsewhere(n, l, faults);
	return force ? 0 : in_use(n, l, faults);
}

static int missing(const char *place, const char *device, struct faults *faults)
{
	char where[PLACE_TEXT];

	return fault(faults, FAULT_INVALID, "device", "`ip link` lists them",
		     "there is no device %s in %s", device, place_text(place, where));
}

void netdev_look(const struct port_env *env, const struct object *now, struct faults *faults)
{
	const char *device = object_text(now, "device");
	struct netlink *n = NULL;
	struct netlink_link l;
	char place[PLACE_LEN];
	int netns = NETNS_SELF, err;

	place_of(now, place);
	if (env->restoring || !device)
		return;
	err = place_open(env, place, &netns);
	if (err && place_is_foreign(place))
		place_fault(place, err, faults);
	if (!err && !netlink_open(netns, &n)) {
		if (netlink_link_find(n, device, &l))
			missing(place, device, faults);
		else
			refuse(n, env, &l, object_bool(now, "force"), faults);
	}
	netlink_close(n);
	fd_close(&netns);
}

/* ---- taking it ------------------------------------------------------------------------------ */

static int refused(struct netlink *n, const char *device, const char *what, struct faults *faults)
{
	return fault(faults, FAULT_SYSTEM, "device", NULL,
		     "the kernel refused %s for device %s: %s", what, device, netlink_why(n));
}

static int make_tap(struct netdev *d, struct netlink *n, int netns, struct faults *faults)
{
	char alias[256], name[sizeof(d->tap)] = "weft%d";
	const struct netlink_change silent = { .silent = true };
	const struct netlink_change up = { .alias = alias, .up = true };
	struct netlink_link l;
	int err = tap_io_open(&d->io, netns, name);

	if (err)
		return fault(faults, FAULT_SYSTEM, NULL,
			     err == -ENOENT ? "load the kernel module tun" : NULL,
			     "a TAP cannot be made: %s", strerror(-err));
	snprintf(alias, sizeof(alias), ALIAS "%s:%s", d->port->env->instance, d->port->name);
	memcpy(d->tap, name, sizeof(d->tap));
	err = netlink_link_find(n, d->tap, &l);
	if (!err) {
		netlink_link_set(n, l.index, &silent); /* a kernel without IPv6 does not know it */
		/* Before it is up: a carrier that comes later opens its queue up to a second after.
		 */
		tap_io_carrier(&d->io, true);
		err = netlink_link_set(n, l.index, &up);
	}
	if (err) {
		tap_io_close(&d->io);
		return refused(n, d->tap, "its settings", faults);
	}
	d->tap_index = l.index;
	return 0;
}

static int add(struct netlink *n, int index, enum tc_hook hook, uint32_t handle,
	       const int fd[PROGRAMS], enum netdev_program p)
{
	const struct tc_filter f = {
		.index = index, .hook = hook, .handle = handle, .priority = PRIORITY
	};

	return netlink_filter_add(n, &f, fd[p], netdev_program_name[p]);
}

static int program_tap(struct netdev *d, struct netlink *n, const int fd[PROGRAMS],
		       struct faults *faults)
{
	uint32_t handle = our_handle(d->port->env);
	int err = netlink_clsact_add(n, d->tap_index);

	if (!err)
		err = add(n, d->tap_index, TC_OUT, handle, fd, GATE);
	if (!err)
		err = add(n, d->tap_index, TC_IN, handle, fd, FROM_TAP);
	return err ? refused(n, d->tap, "programs", faults) : 0;
}

static int program_device(struct netdev *d, struct netlink *n, const struct netlink_link *l,
			  const int fd[PROGRAMS], struct faults *faults)
{
	const struct port_env *env = d->port->env;
	bool sideways = is_sideways(l->kind);
	const struct netlink_change c = { .up = !l->up, .promisc = !sideways && !l->promisc };
	uint32_t handle = our_handle(env) | (c.up ? UNDO_UP : 0) | (c.promisc ? UNDO_PROMISC : 0);
	int err = netlink_clsact_add(n, l->index);

	if (!err)
		handle |= UNDO_CLSACT;
	if (err && err != -EEXIST)
		return refused(n, l->name, "programs", faults);
	err = add(n, l->index, sideways ? TC_IN : TC_OUT, handle, fd, GATE);
	if (err) {
		err = refused(n, l->name, "programs", faults);
		if (handle & UNDO_CLSACT)
			netlink_clsact_del(n, l->index);
		return err;
	}
	err = add(n, l->index, sideways ? TC_OUT : TC_IN, handle, fd, FROM_DEV);
	if (!err && (c.up || c.promisc))
		err = netlink_link_set(n, l->index, &c);
	if (err) {
		err = refused(n, l->name, "to be taken", faults);
		netdev_restore(n, env, l->index);
	}
	return err;
}

static int load(const struct netdev *d, const struct netlink_link *l, int fd[PROGRAMS],
		struct faults *faults)
{
	const struct netdev_bpf told = {
		.tap = (unsigned int)d->tap_index,
		.device = (unsigned int)l->index,
		.device_flags = is_sideways(l->kind) ? BPF_F_INGRESS : 0,
	};
	const char *why;
	int err = netdev_load(&told, fd, &why);

	if (!err)
		return 0;
	return fault(faults, FAULT_SYSTEM, NULL,
		     "it needs CONFIG_BPF_SYSCALL, CONFIG_NET_CLS_BPF and CONFIG_NET_SCH_INGRESS",
		     "this kernel takes no programs for devices: %s", why);
}

/* With the device found and nothing against it. */
static int take(struct netdev *d, struct netlink *n, int netns, const struct netlink_link *l,
		struct faults *faults)
{
	int fd[PROGRAMS], err;

	err = make_tap(d, n, netns, faults);
	if (err)
		return err;
	err = load(d, l, fd, faults);
	if (err)
		goto no_programs;
	err = program_tap(d, n, fd, faults) ?: program_device(d, n, l, fd, faults);
	/* The kernel has its own references. */
	for (unsigned int i = 0; i < PROGRAMS; i++)
		close(fd[i]);
	if (!err)
		return 0;
no_programs:
	tap_io_close(&d->io);
	return err;
}

static int find_and_take(struct netdev *d, struct netlink *n, int netns, struct faults *faults)
{
	const struct port_env *env = d->port->env;
	struct place_id id = place_id(netns);
	struct netlink_link l;
	int err;

	if (netlink_link_find(n, d->wanted, &l))
		return missing(d->place, d->wanted, faults);
	if (netdev_has(&id, l.index))
		return fault(faults, FAULT_CONFLICT, "device", NULL,
			     "device %s is attached to another port already", l.name);
	err = refuse(n, env, &l, d->force, faults);
	if (err)
		return err;
	/* A daemon before us left it in the lurch: begin from what it was. */
	if (netdev_restore(n, env, l.index))
		netlink_link_find(n, d->wanted, &l);
	err = take(d, n, netns, &l, faults);
	if (err)
		return err;
	netlink_link_at(n, l.index, &l);
	d->place_id = id;
	d->index = l.index;
	d->up = l.up;
	d->linked = l.carrier;
	d->cut = false;
	memcpy(d->device, l.name, sizeof(d->device));
	memcpy(d->kind, l.kind, sizeof(d->kind));
	return 0;
}

int netdev_attach(struct netdev *d, struct faults *faults)
{
	const struct port_env *env = d->port->env;
	struct netlink *n = NULL;
	int netns = NETNS_SELF, err = place_open(env, d->place, &netns);

	if (err)
		return place_fault(d->place, err, faults);
	if (!d->watch && env->loop &&
	    link_watch_add(env, d->place, netns, &netdev_listener, &d->watch))
		log_warn("netdev", "port %s: changes of device %s will not be seen", d->port->name,
			 d->wanted);
	err = netlink_open(netns, &n);
	if (err)
		err = fault(faults, FAULT_SYSTEM, NULL, NULL, "no netlink socket: %s",
			    strerror(-err));
	else
		err = find_and_take(d, n, netns, faults);
	netlink_close(n);
	if (err)
		fd_close(&netns);
	else
		d->netns = netns;
	return err;
}

/* ---- giving it back ------------------------------------------------------------------------- */

void netdev_detach(struct netdev *d)
{
	struct netlink *n;

	if (!netlink_open(d->netns, &n)) {
		netdev_restore(n, d->port->env, d->index);
		netlink_close(n);
	}
	tap_io_close(&d->io);
	fd_close(&d->netns);
}

int netdev_set_up(struct netdev *d, bool up)
{
	const struct netlink_change c = { .up = up, .down = !up };
	struct netlink *n;
	int err = netlink_open(d->netns, &n);

	if (err)
		return err;
	err = netlink_link_set(n, d->index, &c);
	netlink_close(n);
	return err;
}
