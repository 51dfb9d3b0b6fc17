/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/vswitch.h"

#include <errno.h>
#include <stdlib.h>

#include "vswitch/switches.h"

int vswitch_create(struct port_env *env, struct vswitch **out)
{
	struct vswitch *v = calloc(1, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	v->env = env;
	switch_kind_init(v);
	vlan_kind_init(v);
	port_kind_init(v);
	mirror_kind_init(v);
	station_kind_init(v);
	compiler_init(v);
	err = aging_start(v);
	if (!err)
		err = probes_start(v, env);
	if (!err)
		err = traces_create(v, env);
	if (err) {
		vswitch_destroy(v);
		return err;
	}
	learn_limits_start(v);
	port_listen(env, &v->listener);
	*out = v;
	return 0;
}

void vswitch_destroy(struct vswitch *v)
{
	if (!v)
		return;
	mirror_kind_fini(v);
	aging_stop(v);
	probes_stop(v);
	traces_destroy(v);
	vsw_view_free(v->live);
	free(v->rings);
	free(v);
}

const struct kind *vswitch_switch_kind(struct vswitch *v)
{
	return &v->switch_kind;
}

const struct kind *vswitch_vlan_kind(struct vswitch *v)
{
	return &v->vlan_kind;
}

const struct kind *vswitch_port_kind(struct vswitch *v)
{
	return &v->port_kind;
}

const struct kind *vswitch_mirror_kind(struct vswitch *v)
{
	return &v->mirror_kind;
}

const struct kind *vswitch_station_kind(struct vswitch *v)
{
	return &v->station_kind;
}

const struct compiler *vswitch_compiler(struct vswitch *v)
{
	return &v->compiler;
}

struct vsw *vswitch_find(const struct vswitch *v, const char *name)
{
	struct vsw *sw = v->switches;

	while (sw && strcmp(sw->name, name) != 0)
		sw = sw->next;
	return sw;
}
