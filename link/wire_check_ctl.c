/* SPDX-License-Identifier: Apache-2.0 */
/* Can this wire be? */
#include "link/link_api.h"
#include "link/link_priv.h"

/* The other wire that has an end there, or NULL. */
static const struct object *other_at(const struct model *m, const struct object *now,
				     const char *port)
{
	for (const struct object *o = NULL; (o = model_next(m, "link", o));) {
		const char *a = object_text(o, "a"), *b = object_text(o, "b");

		if (strcmp(o->name, now->name) != 0 &&
		    ((a && !strcmp(a, port)) || (b && !strcmp(b, port))))
			return o;
	}
	return NULL;
}

static void check_end(const struct model *m, const struct object *now, const char *end,
		      struct faults *f)
{
	const char *name = object_text(now, end);
	const struct object *port, *other;

	if (!name) {
		fault(f, FAULT_INVALID, end, "name a port or a host",
		      "end %s of wire %s is missing", end, now->name);
		return;
	}
	port = model_find(m, "port", name); /* NULL: its own fault */
	if (port && object_has(port, "switch"))
		fault(f, FAULT_CONFLICT, end, "take another port, or leave out its switch",
		      "port %s is in switch %s, so no wire can end there", name,
		      object_text(port, "switch"));
	other = other_at(m, now, name);
	if (other)
		fault(f, FAULT_CONFLICT, end, "take another port, for a host another NIC",
		      "port %s is an end of wire %s already", name, other->name);
}

void wire_check(const struct model *m, const struct object *now, struct faults *f)
{
	const char *a = object_text(now, "a"), *b = object_text(now, "b");

	for (const struct field *end = wire_fields; end->name; end++)
		check_end(m, now, end->name, f);
	if (a && b && !strcmp(a, b))
		fault(f, FAULT_INVALID, "b", "name two ports", "both ends of wire %s are port %s",
		      now->name, a);
}
