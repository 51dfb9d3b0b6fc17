/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1 and GET /v1/schema: who answers here, and what an object is. */
#include "base/clock.h"
#include "control/control_priv.h"

static void get_info(void *ctx, struct request *r)
{
	const struct control *c = ctx;
	json_t *kinds = json_array();

	for (const struct schema *const *s = schemas; *s; s++)
		json_array_append_new(kinds, json_string((*s)->plural));
	reply_json(r, 200,
		   json_pack("{s:s, s:s, s:s, s:I, s:i, s:s, s:o}", "name", "weftd", "version",
			     c->cfg.version, "instance", c->cfg.instance, "uptime_s",
			     (json_int_t)((clock_ns() - c->started_ns) / 1000000000u), "workers",
			     (int)c->cfg.workers, "capture_dir", c->cfg.capture_dir, "kinds",
			     kinds));
}

static json_t *field_json(const struct field *f)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:b, s:b, s:b}", "name", f->name, "type",
			      field_type_name(f->type), "help", f->help, "required",
			      f->flags & FIELD_REQUIRED, "fixed", f->flags & FIELD_FIXED,
			      "interrupts", f->flags & FIELD_INTERRUPTS);

	if (f->example)
		json_object_set_new(o, "example", json_string(f->example));
	if (f->def)
		json_object_set_new(o, "default", json_loads(f->def, JSON_DECODE_ANY, NULL));
	if (f->type == FIELD_INT)
		json_object_set_new(o, "min", json_integer(f->min));
	if (f->type == FIELD_INT || f->max)
		json_object_set_new(o, "max", json_integer(f->max));
	if (f->type == FIELD_REF || f->type == FIELD_REFS) {
		json_object_set_new(o, "ref", json_string(f->ref));
		json_object_set_new(o, "cascade", json_boolean(f->flags & FIELD_CASCADE));
	}
	if (f->only)
		json_object_set_new(o, "only", json_string(f->only));
	if (f->type == FIELD_CHOICE) {
		json_t *choices = json_array();

		for (const char *const *c = f->choices; *c; c++)
			json_array_append_new(choices, json_string(*c));
		json_object_set_new(o, "choices", choices);
	}
	return o;
}

static void get_schema(void *ctx, struct request *r)
{
	json_t *kinds = json_array();
	struct field_at at;

	(void)ctx;
	for (const struct schema *const *s = schemas; *s; s++) {
		json_t *fields = json_array();

		for (const struct field *f = schema_first(*s, &at); f; f = schema_next(&at))
			json_array_append_new(fields, field_json(f));
		json_array_append_new(kinds,
				      json_pack("{s:s, s:s, s:s, s:b, s:o}", "kind", (*s)->kind,
						"plural", (*s)->plural, "help", (*s)->help,
						"joined", (*s)->joined, "fields", fields));
	}
	reply_json(r, 200, json_pack("{s:o}", "kinds", kinds));
}

static const struct route routes[] = {
	{ "GET", "/v1", NULL, get_info },
	{ "GET", "/v1/schema", NULL, get_schema },
	{ 0 },
};

int info_routes_add(struct control *c)
{
	return router_add(c->router, routes, c);
}
