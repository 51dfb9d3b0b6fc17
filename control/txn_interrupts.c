/* SPDX-License-Identifier: Apache-2.0 */
/* Does a change interrupt the traffic of its object? The tables of fields say what may. */
#include "api/vlan_words.h"
#include "control/txn_priv.h"

/* The value of F, or what its absence amounts to. The caller owns it; NULL: nothing. */
static json_t *value_of(const struct field *f, const json_t *spec)
{
	json_t *v = json_object_get(spec, f->name);

	if (!v && (f->absent || f->def))
		return json_loads(f->absent ? f->absent : f->def, JSON_DECODE_ANY, NULL);
	return json_incref(v);
}

static bool has(const json_t *list, const json_t *v)
{
	json_t *each;
	size_t i;

	json_array_foreach ((json_t *)list, i, each) {
		if (json_equal(each, v))
			return true;
	}
	return false;
}

/* VLANs as they were typed: what a title stands for is not asked. */
struct vlans {
	struct vlan_set vids;
	json_t *titles;
};

static void add_title(void *arg, const char *title)
{
	json_object_set_new(((struct vlans *)arg)->titles, title, json_null());
}

static struct vlans vlans_of(const json_t *v)
{
	struct vlans out = { .titles = json_object() };

	vlan_words_parse(json_string_value(v), &out.vids, add_title, &out, NULL);
	return out;
}

static bool loses_vlans(const json_t *was, const json_t *now)
{
	struct vlans a = vlans_of(was), b = vlans_of(now);
	const char *title;
	bool loses = false;
	json_t *v;

	for (uint16_t vid = 1; vid < 4095; vid++)
		loses |= vlan_set_has(&a.vids, vid) && !vlan_set_has(&b.vids, vid);
	json_object_foreach (a.titles, title, v)
		loses |= !json_object_get(b.titles, title);
	json_decref(a.titles);
	json_decref(b.titles);
	return loses;
}

static bool loses_one(const json_t *was, const json_t *now)
{
	json_t *v;
	size_t i;

	json_array_foreach ((json_t *)was, i, v) {
		if (!has(now, v))
			return true;
	}
	return false;
}

/* WAS and NOW differ; NULL: there is none. What is put up, or only gains, loses no frame. */
static bool change_interrupts(const struct field *f, const json_t *was, const json_t *now)
{
	switch (f->type) {
	case FIELD_BOOL:
		return strcmp(f->name, "up") != 0 || !json_is_true(now);
	case FIELD_VIDS:
	case FIELD_VLANS:
		return !was || !now || loses_vlans(was, now);
	case FIELD_CIDRS:
	case FIELD_MACS:
	case FIELD_IPS:
		return !was || !now || loses_one(was, now);
	default:
		return true;
	}
}

static bool field_interrupts(const struct field *f, const json_t *from, const json_t *to)
{
	json_t *was = value_of(f, from), *now = value_of(f, to);
	bool same = was == now || (was && now && json_equal(was, now));
	bool cuts = !same && change_interrupts(f, was, now);

	json_decref(was);
	json_decref(now);
	return cuts;
}

static bool fields_interrupt(const struct schema *s, const json_t *from, const json_t *to)
{
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		if (f->flags & FIELD_INTERRUPTS && field_interrupts(f, from, to))
			return true;
	}
	return false;
}

static bool concerns(const struct kind *k, const struct model *m, const struct entry *e)
{
	return e && (!k->concerns || k->concerns(k->ctx, m, &e->o));
}

bool txn_interrupts(const struct txn *t, const struct op *op)
{
	const struct kind *k = t->env->kinds[op->kind];
	const struct entry *was = op->was && !op->was->fault ? op->was : NULL, *now = op->now;
	const struct model *m = t->env->model;

	/* One that says nothing is as good as none. */
	if (k->schema->no_traffic)
		return fields_interrupt(k->schema, was ? was->o.spec : NULL,
					now ? now->o.spec : NULL) &&
		       (concerns(k, m, was) || concerns(k, m, now));
	if (!was)
		return false;
	if (txn_goes(op))
		return true;
	return now && fields_interrupt(k->schema, was->o.spec, now->o.spec);
}
