/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/loops/rings.h"

#include <errno.h>

#include "base/pages.h"

#define VIDS 4096u

/* What is joined has the same root; a place is its own root at first, told by 0. */
struct joined {
	uint32_t *parent; /* place + 1 */
	size_t n;
};

static uint32_t root_of(struct joined *j, uint32_t at)
{
	while (j->parent[at]) {
		uint32_t up = j->parent[at] - 1;

		if (j->parent[up])
			j->parent[at] = j->parent[up]; /* halves the way for the next */
		at = up;
	}
	return at;
}

/* False: they were joined already. */
static bool join(struct joined *j, uint32_t a, uint32_t b)
{
	a = root_of(j, a);
	b = root_of(j, b);
	if (a == b)
		return false;
	j->parent[a] = b + 1;
	return true;
}

static int joined_make(struct joined *j, size_t n)
{
	j->n = n;
	j->parent = pages_take(n, sizeof(*j->parent));
	return j->parent ? 0 : -ENOMEM;
}

static void joined_free(struct joined *j)
{
	pages_give(j->parent, j->n, sizeof(*j->parent));
}

/*
 * The VLAN at TO in which a frame of VLAN vid at FROM arrives; 0: in none (802.1Q-2018 6.9, 8.6).
 * What comes out of a tunnel with a tag of its customer is not followed: it went in by such a tag
 * at the other end, and that joins the same two places.
 */
static uint16_t crosses(const struct vsw_port *from, uint16_t vid, const struct vsw_port *to)
{
	uint16_t there;

	if (!vlan_set_has(&from->member, vid))
		return 0;
	if (vlan_set_has(&from->untagged, vid) || from->tpid != to->tpid)
		there = to->pvid;
	else
		there = to->tagged_ok ? vid : 0;
	if (to->some_customers && (vlan_set_has(&from->untagged, vid) || from->tpid == to->tpid ||
				   !vlan_set_has(&to->customers, vid)))
		return 0;
	return there && vlan_set_has(&to->ingress, there) ? there : 0;
}

/* Does VLAN vid become the payload of another one there (QinQ)? */
static bool is_wrapped(const struct vsw_port *from, uint16_t vid, const struct vsw_port *to)
{
	return !vlan_set_has(&from->untagged, vid) && from->tpid != to->tpid;
}

/* Where CABLE would join what is joined already. */
static void find_closed(struct joined *j, struct ring_cable *c, unsigned int from)
{
	struct ring_end *a = &c->end[from], *b = &c->end[!from];

	for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++) {
		uint16_t there = crosses(a->set, vid, b->set);

		if (!there || root_of(j, a->sw * VIDS + vid) != root_of(j, b->sw * VIDS + there))
			continue;
		vlan_set_add(&a->blocked, vid);
		/* A tunnel goes on for the customer's other VLANs. */
		if (!is_wrapped(a->set, vid, b->set))
			vlan_set_add(&b->blocked, there);
		c->closes = true;
	}
}

static void carry(struct joined *j, const struct ring_cable *c, unsigned int from)
{
	const struct ring_end *a = &c->end[from], *b = &c->end[!from];

	for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++) {
		uint16_t there = crosses(a->set, vid, b->set);

		if (there && !vlan_set_has(&a->blocked, vid) && !vlan_set_has(&b->blocked, there))
			join(j, a->sw * VIDS + vid, b->sw * VIDS + there);
	}
}

/* Most networks are trees of switches, whatever their VLANs: nothing to look for. */
static int is_tree(const struct ring_cable *c, unsigned int n, unsigned int n_switches)
{
	struct joined j;
	bool tree = true;

	if (joined_make(&j, n_switches + 1) < 0)
		return -ENOMEM;
	for (unsigned int i = 0; i < n && tree; i++)
		tree = join(&j, c[i].end[0].sw, c[i].end[1].sw);
	joined_free(&j);
	return tree;
}

int rings_find(struct ring_cable *c, unsigned int n, unsigned int n_switches)
{
	struct joined j;
	int tree = is_tree(c, n, n_switches);

	for (unsigned int i = 0; i < n; i++) {
		c[i].closes = false;
		c[i].end[0].blocked = c[i].end[1].blocked = (struct vlan_set){ 0 };
	}
	if (tree)
		return MIN(tree, 0);
	if (joined_make(&j, (size_t)n_switches * VIDS) < 0)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++) {
		find_closed(&j, &c[i], 0);
		find_closed(&j, &c[i], 1);
		carry(&j, &c[i], 0);
		carry(&j, &c[i], 1);
	}
	joined_free(&j);
	return 0;
}

static bool has(const uint32_t *v, unsigned int n, uint32_t what)
{
	while (n && v[n - 1] != what)
		n--;
	return n;
}

uint32_t rings_island(const struct ring_cable *c, unsigned int n, unsigned int sw, uint16_t vid)
{
	uint32_t seen[RINGS_ISLAND] = { sw * VIDS + vid }, lowest = seen[0];
	unsigned int known = 1;

	for (unsigned int i = 0; i < known; i++) {
		lowest = MIN(lowest, seen[i]);
		for (unsigned int k = 0; k < 2 * n && known < RINGS_ISLAND; k++) {
			const struct ring_end *a = &c[k / 2].end[k % 2],
					      *b = &c[k / 2].end[!(k % 2)];
			uint16_t there = a->sw == seen[i] / VIDS
						 ? crosses(a->set, seen[i] % VIDS, b->set)
						 : 0;

			if (there && !has(seen, known, b->sw * VIDS + there))
				seen[known++] = b->sw * VIDS + there;
		}
	}
	return lowest;
}
