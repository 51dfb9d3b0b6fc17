/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings that our own cables do not explain.
 *
 * Paths
 *	A probe that goes out in a VLAN of one port and comes in at another tells of a path outside:
 *	a bridge in a guest, a cable, a network with two ways to us. It is a path for PROBE_LIFE_MS,
 *	whichever way the probe went.
 *
 * Which of them closes a ring
 *	Inside, VLANs of our switches are joined by cables: islands. A path joins two islands more,
 *	or it leads where one gets anyhow; then it closes a ring, also one through several switches
 *	and several guests. Paths are asked in the order of their higher port, so it is always the
 *	same one: the later port of the ring is blocked, or the earlier one, if the later one may
 *	not be. A path through a port that is blocked carries nothing.
 *
 * Open again
 *	Paths are probed on, through blocked ports too. A port opens when for its hold no path was
 *	seen that it is blocked for. If it is blocked again soon after, it was not the loop that
 *	went, but its probes that did not come through: the next hold is twice as long.
 */
#include "vswitch/loops/probe_rings.h"

#include <errno.h>
#include <stdlib.h>

#define SOON_MS      60000u
#define PATHS_OF_END 4u

struct path {
	struct probe_end end[2]; /* the lower port first */
	uint64_t seen_ms;
};

struct port_state {
	bool blocked;
	struct probe_end end; /* of its path */
	port_id_t other;
	uint32_t hold_ms; /* 0: it was never blocked */
	uint64_t seen_ms; /* the path it is blocked for */
	uint64_t opened_ms;
};

struct island {
	uint32_t id;
	unsigned int root; /* index; its own: none above */
};

struct probe_rings {
	struct probe_world world;
	unsigned int n, n_islands, n_blocked;
	struct path path[PROBE_PATHS];
	struct island island[2 * PROBE_PATHS]; /* during a step */
	struct port_state port[PORT_MAX];
	const struct path *cut[PORT_MAX]; /* during a step: why it is to be blocked */
};

int probe_rings_create(const struct probe_world *world, struct probe_rings **out)
{
	struct probe_rings *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->world = *world;
	*out = r;
	return 0;
}

void probe_rings_destroy(struct probe_rings *r)
{
	free(r);
}

/* ---- paths ---------------------------------------------------------------------------------- */

/* By higher port, lower port, VLANs. */
static int order(const void *x, const void *y)
{
	const struct path *a = x, *b = y;

	for (unsigned int i = 2; i-- > 0;) {
		if (a->end[i].port != b->end[i].port)
			return a->end[i].port < b->end[i].port ? -1 : 1;
	}
	for (unsigned int i = 0; i < 2; i++) {
		if (a->end[i].vid != b->end[i].vid)
			return a->end[i].vid < b->end[i].vid ? -1 : 1;
	}
	return 0;
}

static bool same_end(const struct probe_end *a, const struct probe_end *b)
{
	return a->port == b->port && a->vid == b->vid;
}

/*
 * Where P goes: its own place, or a free one, or that of one which tells less. NULL: it tells less
 * itself. Of one end only the paths to the lowest ports are kept: who is joined to it is mostly
 * joined to those as well, and fifty ports in one bridge would have 1,225 paths.
 */
static struct path *place_for(struct probe_rings *r, const struct path *p)
{
	struct path *oldest = r->path, *highest = NULL;
	unsigned int same = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		struct path *q = &r->path[i];

		if (!order(q, p))
			return q;
		oldest = q->seen_ms < oldest->seen_ms ? q : oldest;
		if (!same_end(&q->end[1], &p->end[1]))
			continue;
		same++;
		highest = !highest || order(q, highest) > 0 ? q : highest;
	}
	if (same >= PATHS_OF_END)
		return order(p, highest) < 0 ? highest : NULL;
	return r->n < PROBE_PATHS ? &r->path[r->n++] : oldest;
}

bool probe_rings_path(struct probe_rings *r, const struct probe_end *out,
		      const struct probe_end *in, uint64_t now_ms)
{
	bool up = out->port < in->port;
	struct path p = { { up ? *out : *in, up ? *in : *out }, now_ms }, *at;
	bool known;

	/* What comes back where it went out is no ring of ours: it is not sent there again. */
	if (out->port == in->port)
		return false;
	at = place_for(r, &p);
	if (!at)
		return false;
	known = at->seen_ms && !order(at, &p);
	*at = p;
	return !known;
}

static void forget_old(struct probe_rings *r, uint64_t now_ms)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		if (now_ms - r->path[i].seen_ms < PROBE_LIFE_MS)
			r->path[n++] = r->path[i];
	}
	r->n = n;
}

/* ---- who closes a ring ---------------------------------------------------------------------- */

static unsigned int root_of(const struct probe_rings *r, unsigned int i)
{
	while (r->island[i].root != i)
		i = r->island[i].root;
	return i;
}

static unsigned int island_at(struct probe_rings *r, uint32_t id)
{
	unsigned int i = 0;

	while (i < r->n_islands && r->island[i].id != id)
		i++;
	if (i == r->n_islands)
		r->island[r->n_islands++] = (struct island){ id, i };
	return root_of(r, i);
}

/* True: its ends were joined already. */
static bool closes(struct probe_rings *r, const struct path *p)
{
	uint32_t id[2];
	unsigned int a, b;

	for (unsigned int i = 0; i < 2; i++) {
		id[i] = r->world.island(r->world.ctx, &p->end[i]);
		if (!id[i])
			return false;
	}
	a = island_at(r, id[0]);
	b = island_at(r, id[1]);
	r->island[a].root = b;
	return a == b;
}

static void judge(struct probe_rings *r)
{
	r->n_islands = 0;
	memset(r->cut, 0, sizeof(r->cut));
	qsort(r->path, r->n, sizeof(*r->path), order);
	for (unsigned int i = 0; i < r->n; i++) {
		const struct path *p = &r->path[i];

		if (r->cut[p->end[0].port] || r->cut[p->end[1].port] || !closes(r, p))
			continue;
		for (unsigned int e = 2; e-- > 0;) {
			if (!r->world.may_block(r->world.ctx, p->end[e].port))
				continue;
			r->cut[p->end[e].port] = p;
			break;
		}
	}
}

/* ---- what follows --------------------------------------------------------------------------- */

static void block(struct probe_rings *r, port_id_t id, uint64_t now_ms)
{
	struct port_state *s = &r->port[id];
	const struct path *p = r->cut[id];
	unsigned int mine = p->end[1].port == id;
	bool again = s->hold_ms && now_ms - s->opened_ms < SOON_MS;

	s->end = p->end[mine];
	s->other = p->end[!mine].port;
	s->seen_ms = p->seen_ms;
	if (s->blocked)
		return;
	s->hold_ms = again ? MIN(2 * s->hold_ms, PROBE_HOLD_MAX_MS) : PROBE_HOLD_MS;
	s->blocked = true;
	r->n_blocked++;
	r->world.block(r->world.ctx, id, s->other);
}

static void unblock(struct probe_rings *r, port_id_t id, uint64_t now_ms)
{
	struct port_state *s = &r->port[id];
	bool may_not = !r->world.may_block(r->world.ctx, id);

	if (now_ms - s->seen_ms < s->hold_ms && !may_not)
		return;
	s->blocked = false;
	s->opened_ms = now_ms;
	r->n_blocked--;
	r->world.open(r->world.ctx, id, may_not);
}

void probe_rings_step(struct probe_rings *r, uint64_t now_ms)
{
	if (!r->n && !r->n_blocked)
		return;
	forget_old(r, now_ms);
	judge(r);
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		struct port_state *s = &r->port[i];

		if (r->cut[i]) {
			block(r, (port_id_t)i, now_ms);
		} else if (s->blocked) {
			unblock(r, (port_id_t)i, now_ms);
		}
	}
}

void probe_rings_forget(struct probe_rings *r, port_id_t id)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		if (r->path[i].end[0].port != id && r->path[i].end[1].port != id)
			r->path[n++] = r->path[i];
	}
	r->n = n;
	r->n_blocked -= r->port[id].blocked;
	r->port[id] = (struct port_state){ 0 };
}

port_id_t probe_rings_blocked_by(const struct probe_rings *r, port_id_t id)
{
	return r->port[id].blocked ? r->port[id].other : PORT_NONE;
}

unsigned int probe_rings_ends(const struct probe_rings *r, uint64_t now_ms, struct probe_end *out,
			      unsigned int max)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < 2 * r->n && n < max; i++) {
		if (now_ms - r->path[i / 2].seen_ms < PROBE_LIFE_MS)
			out[n++] = r->path[i / 2].end[i % 2];
	}
	for (unsigned int i = 0; r->n_blocked && i < PORT_MAX && n < max; i++) {
		if (r->port[i].blocked)
			out[n++] = r->port[i].end;
	}
	return n;
}
