/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings of cables, blocked when a view is made (vswitch/loops/rings.h): which cables there are,
 * what is taken out of their ports' VLANs, and who is told.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vswitch/loops/rings.h"
#include "vswitch/parts.h"

/* An end of a cable that carries frames, while compiling. */
struct cable_end {
	const char *link;
	struct vsw *sw;
	port_id_t port;
	struct vsw_port *set;
	bool loops_ok;
};

static int by_link(const void *a, const void *b)
{
	const struct cable_end *x = a, *y = b;
	int order = strcmp(x->link, y->link);

	return order ? order : (x->port > y->port) - (x->port < y->port);
}

static struct vsw_port *set_of(const struct vsw *sw, port_id_t port)
{
	unsigned int i = 0;

	while (sw->plan[i].port != port)
		i++;
	return &sw->plan[i].set;
}

/* Both ends of every cable, cable by cable in the order of their names. */
static unsigned int find_ends(const struct model *m, struct cable_end *out)
{
	unsigned int n = 0;

	for (const struct object *o = NULL; (o = model_next(m, "port", o));) {
		const struct object *sw, *link = NULL;
		const struct port *p = o->run;

		if (object_has(o, "link"))
			link = model_find(m, "link", object_text(o, "link"));
		if (!link || !object_bool(link, "up") || !object_bool(o, "up"))
			continue;
		sw = model_find(m, "switch", object_text(o, "switch"));
		out[n++] = (struct cable_end){
			.link = link->name,
			.sw = sw->run,
			.port = p->id,
			.set = set_of(sw->run, p->id),
			.loops_ok = !strcmp(object_text(sw, "loops"), "allow"),
		};
	}
	qsort(out, n, sizeof(*out), by_link);
	return n;
}

/* Cables that may be blocked; END[i] is the first end of the i-th. */
static unsigned int pair(struct cable_end *e, unsigned int n, struct ring_cable *out,
			 struct cable_end **end)
{
	unsigned int cables = 0;

	for (unsigned int i = 0; i + 1 < n; i++) {
		if (strcmp(e[i].link, e[i + 1].link) != 0 || (e[i].loops_ok && e[i + 1].loops_ok))
			continue;
		end[cables] = &e[i];
		out[cables++] = (struct ring_cable){
			.end = { { .sw = e[i].sw->number, .set = e[i].set },
				 { .sw = e[i + 1].sw->number, .set = e[i + 1].set } },
		};
	}
	return cables;
}

/* ---- what is blocked ------------------------------------------------------------------------ */

struct ring_block {
	char link[NAME_MAX_LEN + 1], at[2][NAME_MAX_LEN + 1];
	port_id_t port[2];
	struct vlan_set vids[2]; /* by end */
};

/* Ports at both ends of a cable that carries frames. */
struct ring_pair {
	port_id_t port[2];
};

struct ring_blocks {
	unsigned int n, n_pairs;
	struct ring_pair *pair; /* behind v[] */
	struct ring_block v[];
};

static struct ring_blocks *blocks_make(unsigned int cables, const struct cable_end *e,
				       unsigned int ends)
{
	struct ring_blocks *b = calloc(1, sizeof(*b) + cables * sizeof(b->v[0]) +
						  (ends / 2 + 1) * sizeof(b->pair[0]));

	if (!b)
		return NULL;
	b->pair = (struct ring_pair *)&b->v[cables];
	for (unsigned int i = 0; i + 1 < ends; i++) {
		if (!strcmp(e[i].link, e[i + 1].link))
			b->pair[b->n_pairs++] = (struct ring_pair){ { e[i].port, e[i + 1].port } };
	}
	return b;
}

static void block(struct ring_blocks *blocks, const struct ring_cable *c, struct cable_end *e)
{
	struct ring_block *b = &blocks->v[blocks->n++];

	snprintf(b->link, sizeof(b->link), "%s", e->link);
	for (unsigned int i = 0; i < 2; i++, e++) {
		const struct vlan_set *vids = &c->end[i].blocked;

		for (size_t w = 0; w < ARRAY_LEN(vids->bits); w++) {
			e->set->member.bits[w] &= ~vids->bits[w];
			e->set->ingress.bits[w] &= ~vids->bits[w];
		}
		e->set->blocked = *vids;
		snprintf(b->at[i], sizeof(b->at[i]), "%s", e->sw->name);
		b->port[i] = e->port;
		b->vids[i] = *vids;
	}
}

int rings_compile(struct vswitch *v, const struct model *m)
{
	unsigned int room = model_count(m, "port") + 1, switches = 0, n, n_ends;
	struct cable_end *ends = calloc(room, sizeof(*ends)), **end = calloc(room, sizeof(*end));
	struct ring_cable *cable = calloc(room, sizeof(*cable));
	int err = ends && end && cable ? 0 : -ENOMEM;

	for (struct vsw *sw = v->switches; sw; sw = sw->next)
		sw->number = switches++;
	n_ends = err ? 0 : find_ends(m, ends);
	n = err ? 0 : pair(ends, n_ends, cable, end);
	err = err ?: rings_find(cable, n, switches);
	if (!err) {
		v->rings_staged = blocks_make(n, ends, n_ends);
		err = v->rings_staged ? 0 : -ENOMEM;
	}
	for (unsigned int i = 0; i < n && !err; i++) {
		if (cable[i].closes)
			block(v->rings_staged, &cable[i], end[i]);
	}
	free(ends);
	free(end);
	free(cable);
	return err;
}

void rings_discard(struct vswitch *v)
{
	free(v->rings_staged);
	v->rings_staged = NULL;
}

void rings_publish(struct vswitch *v)
{
	v->rings_old = v->rings;
	v->rings = v->rings_staged;
	v->rings_staged = NULL;
}

/* ---- who is joined to whom ------------------------------------------------------------------ */

static bool make_cable(const struct vswitch *v, const struct ring_pair *p, struct ring_cable *out)
{
	*out = (struct ring_cable){ 0 };
	for (unsigned int i = 0; i < 2; i++) {
		out->end[i].set = v->live->port[p->port[i]];
		if (!v->home[p->port[i]] || !out->end[i].set->up)
			return false;
		out->end[i].sw = v->home[p->port[i]]->number;
	}
	return true;
}

uint32_t rings_island_of(const struct vswitch *v, const struct vsw *sw, uint16_t vid)
{
	unsigned int n = 0, pairs = v->rings ? v->rings->n_pairs : 0;
	struct ring_cable *cable = calloc(pairs + 1, sizeof(*cable));
	uint32_t island;

	for (unsigned int i = 0; cable && i < pairs; i++)
		n += make_cable(v, &v->rings->pair[i], &cable[n]);
	island = rings_island(cable, n, sw->number, vid);
	free(cable);
	return island;
}

/* ---- who is told ---------------------------------------------------------------------------- */

static const struct ring_block *find(const struct ring_blocks *b, const char *link)
{
	for (unsigned int i = 0; b && i < b->n; i++) {
		if (!strcmp(b->v[i].link, link))
			return &b->v[i];
	}
	return NULL;
}

static void tell(struct vswitch *v, const struct ring_block *b)
{
	static char vids[VLAN_SET_TEXT];

	vlan_set_print(&b->vids[0], vids, sizeof(vids));
	events_post(v->env->events, "link.blocked", "link", b->link,
		    "link %s closes a ring between switches %s and %s: blocked in VLAN %.200s",
		    b->link, b->at[0], b->at[1], vids);
}

void rings_retire(struct vswitch *v)
{
	const struct ring_blocks *now = v->rings, *was = v->rings_old;
	bool changed = false;

	for (unsigned int i = 0; now && i < now->n; i++) {
		const struct ring_block *b = &now->v[i], *before = find(was, b->link);

		if (before && !memcmp(before->vids, b->vids, sizeof(b->vids)))
			continue;
		tell(v, b);
		changed = true;
	}
	for (unsigned int i = 0; was && i < was->n; i++) {
		const struct ring_block *b = &was->v[i];

		if (find(now, b->link))
			continue;
		events_post(v->env->events, "link.unblocked", "link", b->link,
			    "link %s closes no ring any more: nothing is blocked", b->link);
		changed = true;
	}
	/* 802.1D-2004 17.11: whoever was behind a cable may be behind another one now. */
	if (changed)
		vswitch_forget_type(v, "cable");
	free(v->rings_old);
	v->rings_old = NULL;
}

static void status(const struct vswitch *v, const struct port *p, json_t *into)
{
	for (unsigned int i = 0; v->rings && i < v->rings->n; i++) {
		const struct ring_block *b = &v->rings->v[i];
		static char vids[VLAN_SET_TEXT];

		if (b->port[0] != p->id && b->port[1] != p->id)
			continue;
		vlan_set_print(&b->vids[b->port[0] != p->id], vids, sizeof(vids));
		json_object_set_new(into, "blocked", json_string(vids));
	}
}

const struct port_part port_rings_part = { .status = status };
