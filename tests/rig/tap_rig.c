/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/tap_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "ports/netns.h"
#include "tests/test.h"

static bool alone;
static const char *const hosts[] = { "a", "b" };

int tap_rig_set_up(void **state)
{
	static struct tap_rig f;

	*state = &f;
	if (!alone)
		return 0;
	f.rig = port_rig_create();
	for (unsigned int i = 0; i < ARRAY_LEN(hosts); i++) {
		bool made;

		port_rig_object(f.rig, "host", hosts[i], "{}");
		if (netns_make(f.rig->dir, hosts[i], &made) ||
		    netns_open(f.rig->dir, hosts[i], &f.ns[i]))
			return -1;
	}
	return 0;
}

int tap_rig_tear_down(void **state)
{
	struct tap_rig *f = *state;

	if (!alone)
		return 0;
	for (unsigned int i = 0; i < ARRAY_LEN(hosts); i++) {
		fd_close(&f->ns[i]);
		netns_remove(f->rig->dir, hosts[i]);
	}
	port_rig_destroy(f->rig);
	return 0;
}

void tap_rig_need_root(void)
{
	if (alone)
		return;
	printf("needs root for namespaces\n");
	skip();
}

static int shell(void *arg)
{
	return system(arg) ? -EIO : 0;
}

void tap_rig_run(int ns, const char *command)
{
	if (netns_run(ns, shell, (void *)command))
		fail_msg("%s", command);
}

int tap_rig_look(int ns, const char *device, struct netlink_link *out)
{
	struct netlink *n;
	int err = netlink_open(ns, &n);

	if (!err) {
		err = netlink_link_find(n, device, out);
		netlink_close(n);
	}
	return err;
}

void tap_rig_alone(void)
{
	alone = port_rig_alone();
}

struct port *tap_rig_plug(struct tap_rig *f, unsigned int host, const char *more)
{
	char name[16], spec[300];

	snprintf(name, sizeof(name), "%s.eth0", hosts[host]);
	snprintf(spec, sizeof(spec),
		 "{\"switch\":\"s\",\"host\":\"%s\",\"address\":[\"10.0.0.%u/24\"]%s}", hosts[host],
		 host + 1, more);
	return port_rig_start(f->rig, name, spec);
}

void tap_rig_patch(struct tap_rig *f, const struct port *a, const struct port *b)
{
	f->rig->to[a->id] = b->id;
	f->rig->to[b->id] = a->id;
}
