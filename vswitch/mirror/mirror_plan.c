/* SPDX-License-Identifier: Apache-2.0 */
/* From mirrors to what workers know of them: a table for each switch, two words for each port. */
#include <errno.h>
#include <stdlib.h>

#include "vswitch/mirror/mirror_priv.h"
#include "vswitch/parts.h"

static port_id_t number_of(const struct model *m, const char *port)
{
	const struct object *o = port ? model_find(m, "port", port) : NULL;

	return o && o->run ? ((const struct port *)o->run)->id : PORT_NONE;
}

static void read_spec(const struct model *m, const struct object *o, struct mirror *r)
{
	const json_t *ports = json_object_get(o->spec, "ports");
	const char *direction = object_text(o, "direction"), *vlans = object_text(o, "vlans");

	r->to = number_of(m, object_text(o, "to"));
	r->in = strcmp(direction, "out") != 0;
	r->out = strcmp(direction, "in") != 0;
	r->all_ports = !json_array_size(ports);
	memset(r->ports, 0, sizeof(r->ports));
	for (size_t i = 0; i < json_array_size(ports); i++) {
		port_id_t id = number_of(m, json_string_value(json_array_get(ports, i)));

		if (id != PORT_NONE)
			r->ports[id / 64] |= 1ull << id % 64;
	}
	if (vlan_set_parse(vlans ? vlans : "all", &r->vids, NULL) < 0)
		r->vids = (struct vlan_set){ 0 }; /* schema_check() let nothing else through */
}

static int add(struct vsw *sw, struct mirror *r)
{
	if (!sw->mirror)
		sw->mirror = calloc(MIRRORS_MAX, sizeof(*sw->mirror));
	if (!sw->mirror)
		return -ENOMEM;
	assert(sw->n_mirrors < MIRRORS_MAX); /* mirror_check() */
	r->sw = sw;
	r->bit = sw->n_mirrors++;
	sw->mirror[r->bit] = (struct vsw_mirror){
		.to = r->to,
		.who = (uint16_t)r->who,
		.vids = r->vids,
		.tally = r->tally,
	};
	return 0;
}

int mirrors_compile(struct vswitch *v, const struct model *m)
{
	const struct object *o = NULL;
	int err = 0;

	for (struct vsw *sw = v->switches; sw; sw = sw->next)
		sw->n_mirrors = 0;
	for (struct mirror *r = v->mirrors; r; r = r->next)
		r->sw = NULL;
	while (!err && (o = model_next(m, "mirror", o))) {
		read_spec(m, o, o->run);
		err = add(model_find(m, "switch", object_text(o, "switch"))->run, o->run);
	}
	return err;
}

/* ---- a port --------------------------------------------------------------------------------- */

static bool copies(const struct mirror *r, const struct vsw *sw, port_id_t id)
{
	return r->sw == sw && (r->all_ports || r->ports[id / 64] >> id % 64 & 1);
}

static void plan(const struct vswitch *v, const struct model *m, const struct object *now,
		 struct vsw_port *out)
{
	const struct vsw *sw = model_find(m, "switch", object_text(now, "switch"))->run;
	port_id_t id = ((const struct port *)now->run)->id;

	for (const struct mirror *r = v->mirrors; r; r = r->next) {
		if (r->sw && r->to == id) {
			/* It takes part in no switching. */
			out->shut = VSW_SHUT_MIRROR;
			out->member = out->ingress = (struct vlan_set){ 0 };
		}
		if (!copies(r, sw, id))
			continue;
		if (r->in && vlan_set_meets(&r->vids, &out->ingress))
			out->mirror_in |= 1ull << r->bit;
		if (r->out && vlan_set_meets(&r->vids, &out->member))
			out->mirror_out |= 1ull << r->bit;
	}
	if (out->mirror_in)
		out->guards |= VSW_MIRRORED;
	if (out->mirror_out)
		out->watch_out |= VSW_MIRRORED;
}

/* Which mirrors it is part of, and how. */
static void status(const struct vswitch *v, const struct port *p, json_t *into)
{
	json_t *to = json_array(), *by = json_array();

	for (const struct mirror *r = v->mirrors; r; r = r->next) {
		if (r->sw && r->to == p->id)
			json_array_append_new(to, json_string(r->name));
		else if (v->home[p->id] && copies(r, v->home[p->id], p->id))
			json_array_append_new(by, json_string(r->name));
	}
	if (json_array_size(to))
		json_object_set(into, "mirrors", to);
	if (json_array_size(by))
		json_object_set(into, "mirrored_by", by);
	json_decref(to);
	json_decref(by);
}

const struct port_part port_mirrors_part = { .plan = plan, .status = status };
