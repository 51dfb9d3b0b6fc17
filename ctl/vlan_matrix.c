/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/vlan_matrix.h"

#include <stdlib.h>

#include "api/vlan_words.h"
#include "ctl/cli.h"
#include "ctl/term.h"

enum { VID_LAST = 4094, VIDS = VID_LAST + 1, OTHER = 0, TITLE_WIDTH = 14, GAP = 2 };

/* ---- making it ---- */

/* What is known while the columns are being found. */
struct making {
	struct vlan_matrix *m;
	bool used[VIDS]; /* a column of its own, or part of one */
	const json_t *object[VIDS]; /* of kind vlan; NULL: none */
};

const struct vlan_member_word vlan_member_words[] = {
	{ VLAN_UNTAGGED, "untagged", "untagged" },
	{ VLAN_TAGGED, "tagged", "tagged" },
	{ VLAN_S_TAGGED, "s_tagged", "S-tagged" },
	{ VLAN_TUNNEL, "tunnel", "tunnel" },
	{ VLAN_PROMISCUOUS, "promiscuous", "promiscuous" },
	{ VLAN_COMMUNITY, "community", "community" },
	{ VLAN_ISOLATED, "isolated", "isolated" },
	{ 0 },
};

/* The number that FIELD says; 0: none. */
static unsigned int vid_of(const json_t *o, const char *field)
{
	const json_t *v = json_object_get(o, field);
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : 0;

	return n >= 1 && n <= VID_LAST ? (unsigned int)n : 0;
}

/* The VLANs of a title, into a set. */
struct titled {
	const struct making *k;
	struct vlan_set *out;
};

static void add_titled(void *arg, const char *title)
{
	const struct titled *t = arg;

	for (unsigned int vid = 1; vid <= VID_LAST; vid++) {
		const json_t *o = t->k->object[vid];

		if (o && !strcmp(json_text(o, "title"), title))
			vlan_set_add(t->out, (uint16_t)vid);
	}
}

static bool vids_of(const struct making *k, const json_t *o, const char *field,
		    struct vlan_set *out)
{
	struct titled t = { k, out };

	*out = (struct vlan_set){ 0 };
	return !vlan_words_parse(json_text(o, field), out, add_titled, &t, NULL);
}

/* The VLAN that FIELD names by number or by title; 0: none. */
static unsigned int named_vid(const struct making *k, const json_t *o, const char *field)
{
	unsigned int vid = vid_of(o, field);
	struct vlan_set set;

	if (vid || !*json_text(o, field) || !vids_of(k, o, field, &set))
		return vid;
	for (vid = 1; vid <= VID_LAST && !vlan_set_has(&set, (uint16_t)vid);)
		vid++;
	return vid % VIDS;
}

static void put(struct making *k, unsigned int port, unsigned int vid, enum vlan_member how)
{
	k->m->member[vid * k->m->ports + port] = (uint8_t)how;
	k->used[vid] = true;
}

static void put_untagged(struct making *k, unsigned int port, const json_t *o)
{
	struct vlan_set set;

	if (!vids_of(k, o, "untagged", &set))
		return;
	for (unsigned int vid = 1; vid <= VID_LAST; vid++) {
		if (vlan_set_has(&set, (uint16_t)vid))
			put(k, port, vid, VLAN_UNTAGGED);
	}
}

static void put_trunk(struct making *k, unsigned int port, const json_t *o)
{
	enum vlan_member tagged = strcmp(json_text(o, "tag"), "s") ? VLAN_TAGGED : VLAN_S_TAGGED;
	unsigned int native = named_vid(k, o, "native");
	struct vlan_set set;
	bool all;

	if (!vids_of(k, o, "trunk", &set))
		return;
	all = vlan_set_count(&set) == VID_LAST;
	if (all)
		k->m->member[OTHER * k->m->ports + port] = (uint8_t)tagged;
	for (unsigned int vid = 1; vid <= VID_LAST; vid++) {
		if (all)
			k->m->member[vid * k->m->ports + port] = (uint8_t)tagged;
		else if (vlan_set_has(&set, (uint16_t)vid))
			put(k, port, vid, tagged);
	}
	if (native)
		put(k, port, native,
		    json_is_true(json_object_get(o, "native_tagged")) ? tagged : VLAN_UNTAGGED);
	put_untagged(k, port, o);
}

/* A port that is in one VLAN: it is a host's in a private one, and promiscuous in a primary one. */
static void put_one(struct making *k, unsigned int port, unsigned int vid, enum vlan_member how)
{
	const char *private = k->object[vid] ? json_text(k->object[vid], "private") : "";

	if (*private)
		how = strcmp(private, "isolated") ? VLAN_COMMUNITY : VLAN_ISOLATED;
	for (unsigned int i = 1; i <= VID_LAST; i++) {
		if (!k->object[i] || vid_of(k->object[i], "primary") != vid)
			continue;
		how = VLAN_PROMISCUOUS;
		put(k, port, i, how);
	}
	put(k, port, vid, how);
}

static void put_port(struct making *k, unsigned int port, const json_t *o)
{
	unsigned int tunnel = named_vid(k, o, "tunnel"), access = named_vid(k, o, "access");

	k->m->port[port] = json_text(o, "name");
	if (*json_text(o, "trunk"))
		put_trunk(k, port, o);
	else if (tunnel)
		put_one(k, port, tunnel, VLAN_TUNNEL);
	else
		put_one(k, port, access ? access : 1, VLAN_UNTAGGED);
}

static bool is_on(const json_t *object, const char *name)
{
	return !strcmp(json_text(object, "switch"), name);
}

static void put_objects(struct making *k, const json_t *vlans)
{
	json_t *o;
	size_t i;

	json_array_foreach ((json_t *)vlans, i, o) {
		unsigned int vid = vid_of(o, "vid"), last = vid_of(o, "last");

		if (!is_on(o, k->m->name) || !vid)
			continue;
		do {
			k->used[vid] = true;
			k->object[vid] = o;
		} while (vid++ < last);
	}
}

static bool ports_agree(const struct vlan_matrix *m, unsigned int a, unsigned int b)
{
	return !memcmp(&m->member[a * m->ports], &m->member[b * m->ports], m->ports);
}

static void find_columns(struct making *k)
{
	struct vlan_matrix *m = k->m;
	bool others = false;

	for (unsigned int vid = 1; vid <= VID_LAST; vid++) {
		const json_t *o = k->object[vid];

		if (!k->used[vid])
			continue;
		if (m->columns && m->column[m->columns - 1].last == vid - 1 &&
		    k->object[vid - 1] == o && ports_agree(m, vid - 1, vid)) {
			m->column[m->columns - 1].last = (uint16_t)vid;
			continue;
		}
		m->column[m->columns++] = (struct vlan_column){ (uint16_t)vid, (uint16_t)vid,
								o ? json_text(o, "title") : NULL };
	}
	for (unsigned int i = 0; i < m->ports; i++)
		others |= m->member[OTHER * m->ports + i] != VLAN_NONE;
	if (others)
		m->column[m->columns++] = (struct vlan_column){ OTHER, OTHER, NULL };
}

struct vlan_matrix *vlan_matrix_new(const char *name, const json_t *ports, const json_t *vlans)
{
	struct vlan_matrix *m = must(calloc(1, sizeof(*m)));
	struct making *k = must(calloc(1, sizeof(*k)));
	unsigned int n = 0;
	json_t *o;
	size_t i;

	k->m = m;
	m->name = name;
	json_array_foreach ((json_t *)ports, i, o)
		m->ports += is_on(o, name);
	m->port = must(calloc(m->ports + 1, sizeof(*m->port)));
	m->column = must(calloc(VIDS, sizeof(*m->column)));
	m->member = must(malloc((size_t)VIDS * m->ports + 1));
	memset(m->member, VLAN_NONE, (size_t)VIDS * m->ports);
	put_objects(k, vlans);
	json_array_foreach ((json_t *)ports, i, o) {
		if (is_on(o, name))
			put_port(k, n++, o);
	}
	find_columns(k);
	free(k);
	return m;
}

void vlan_matrix_free(struct vlan_matrix *m)
{
	if (!m)
		return;
	free(m->port);
	free(m->column);
	free(m->member);
	free(m);
}

enum vlan_member vlan_matrix_at(const struct vlan_matrix *m, unsigned int port, unsigned int column)
{
	return (enum vlan_member)m->member[m->column[column].first * m->ports + port];
}

bool vlan_matrix_has(const struct vlan_matrix *m, enum vlan_member how)
{
	for (unsigned int c = 0; c < m->columns; c++) {
		for (unsigned int p = 0; p < m->ports; p++) {
			if (vlan_matrix_at(m, p, c) == how)
				return true;
		}
	}
	return false;
}

void vlan_matrix_label(const struct vlan_column *c, char out[16])
{
	if (c->first == OTHER)
		snprintf(out, 16, "other");
	else if (c->first == c->last)
		snprintf(out, 16, "%u", c->first);
	else
		snprintf(out, 16, "%u-%u", c->first, c->last);
}

/* ---- showing it ---- */

/* The texts in the head of a column, and how wide they make it. */
struct head {
	char label[16];
	char *title;
	unsigned int width;
};

static struct head *heads_of(const struct vlan_matrix *m)
{
	struct head *h = must(calloc(m->columns + 1, sizeof(*h)));

	for (unsigned int i = 0; i < m->columns; i++) {
		char *safe = term_safe(m->column[i].title ? m->column[i].title : "");

		vlan_matrix_label(&m->column[i], h[i].label);
		h[i].title = term_cut(safe, TITLE_WIDTH);
		h[i].width = MAX((unsigned int)strlen(h[i].label), term_columns(h[i].title));
		free(safe);
	}
	return h;
}

static void put_padded(FILE *f, enum style style, const char *text, unsigned int width, bool last)
{
	term_put(f, style, text);
	if (!last)
		fprintf(f, "%*s", (int)(width - term_columns(text) + GAP), "");
}

enum style vlan_matrix_style(enum vlan_member how)
{
	switch (how) {
	case VLAN_NONE:
		return STYLE_DIM;
	case VLAN_TAGGED:
	case VLAN_S_TAGGED:
		return STYLE_NOTE;
	default:
		return STYLE_GOOD;
	}
}

static void put_member(FILE *f, enum vlan_member how, unsigned int width, bool last)
{
	enum style style = vlan_matrix_style(how);

	put_padded(f, style, (char[]){ (char)how, '\0' }, width, last);
}

/* Columns FROM to below TO, with all the ports. */
static void put_block(const struct vlan_matrix *m, const struct head *h, unsigned int names,
		      unsigned int from, unsigned int to, FILE *f)
{
	unsigned int titled = from; /* below this one */

	for (unsigned int i = from; i < to; i++)
		titled = *h[i].title ? i + 1 : titled;
	fprintf(f, "  %*s", (int)(names + GAP), "");
	for (unsigned int i = from; i < to; i++)
		put_padded(f, STYLE_HEAD, h[i].label, h[i].width, i + 1 == to);
	fputc('\n', f);
	if (titled > from) {
		fprintf(f, "  %*s", (int)(names + GAP), "");
		for (unsigned int i = from; i < titled; i++)
			put_padded(f, STYLE_PLAIN, h[i].title, h[i].width, i + 1 == titled);
		fputc('\n', f);
	}
	for (unsigned int p = 0; p < m->ports; p++) {
		char *safe = term_safe(m->port[p]);

		fputs("  ", f);
		put_padded(f, STYLE_PLAIN, safe, names, false);
		for (unsigned int i = from; i < to; i++)
			put_member(f, vlan_matrix_at(m, p, i), h[i].width, i + 1 == to);
		fputc('\n', f);
		free(safe);
	}
}

void vlan_matrix_print(const struct vlan_matrix *m, FILE *f)
{
	unsigned int width = term_width(f), names = 0, from = 0;
	struct head *h = heads_of(m);

	for (unsigned int p = 0; p < m->ports; p++)
		names = MAX(names, term_columns(m->port[p]));
	term_put(f, STYLE_HEAD, "switch ");
	term_print(f, "%s\n", m->name);
	if (!m->columns)
		fputs("  no ports and no VLANs\n", f);
	while (from < m->columns) {
		unsigned int to = from, used = 2 + names;

		while (to < m->columns &&
		       (to == from || !width || used + GAP + h[to].width <= width))
			used += GAP + h[to++].width;
		if (from)
			fputc('\n', f);
		put_block(m, h, names, from, to, f);
		from = to;
	}
	for (unsigned int i = 0; i < m->columns; i++)
		free(h[i].title);
	free(h);
}

static json_t *members(const struct vlan_matrix *m, unsigned int column, enum vlan_member how)
{
	json_t *list = must(json_array());

	for (unsigned int p = 0; p < m->ports; p++) {
		if (vlan_matrix_at(m, p, column) == how)
			json_array_append_new(list, json_string(m->port[p]));
	}
	return list;
}

json_t *vlan_matrix_json(const struct vlan_matrix *m)
{
	json_t *columns = must(json_array());

	for (unsigned int i = 0; i < m->columns; i++) {
		const struct vlan_column *c = &m->column[i];
		char label[16];
		json_t *o;

		vlan_matrix_label(c, label);
		o = must(json_pack("{s:s,s:s}", "vlans", label, "title", c->title ? c->title : ""));
		for (const struct vlan_member_word *w = vlan_member_words; w->key; w++)
			json_object_set_new(o, w->key, members(m, i, w->member));
		json_array_append_new(columns, o);
	}
	return must(json_pack("{s:s,s:o}", "switch", m->name, "columns", columns));
}
