/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/value.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl/cli.h"

/* {"frames": 6, "bytes": 480, "unicast": {...} ...}: "6 frames, 480 bytes (4 unicast, 2 broadcast)"
 */
static bool put_counter(FILE *f, const json_t *v)
{
	json_t *frames = json_object_get(v, "frames"), *bytes = json_object_get(v, "bytes"), *item;
	const char *key, *joint = " (", *end = "";

	if (!frames || !bytes)
		return false;
	fprintf(f, "%" JSON_INTEGER_FORMAT " frames, %" JSON_INTEGER_FORMAT " bytes",
		json_integer_value(frames), json_integer_value(bytes));
	json_object_foreach ((json_t *)v, key, item) {
		json_int_t n = json_integer_value(json_object_get(item, "frames"));

		if (!n)
			continue;
		fprintf(f, "%s%" JSON_INTEGER_FORMAT " %s", joint, n, key);
		joint = ", ";
		end = ")";
	}
	fputs(end, f);
	return true;
}

static void put(FILE *f, const json_t *v, bool inside)
{
	const char *key, *joint = "";
	json_t *item;
	size_t i;

	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_STRING:
		fputs(json_string_value(v), f);
		break;
	case JSON_INTEGER:
		fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		break;
	case JSON_REAL:
		fprintf(f, "%g", json_real_value(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		fputs(json_is_true(v) ? "yes" : "no", f);
		break;
	case JSON_ARRAY:
		json_array_foreach ((json_t *)v, i, item) {
			fputs(i ? ", " : "", f);
			put(f, item, true);
		}
		break;
	case JSON_OBJECT:
		if (put_counter(f, v))
			break;
		fputs(inside ? "{" : "", f);
		json_object_foreach ((json_t *)v, key, item) {
			fprintf(f, "%s%s ", joint, key);
			put(f, item, true);
			joint = ", ";
		}
		fputs(inside ? "}" : "", f);
		break;
	default:
		break;
	}
}

char *value_text(const json_t *v)
{
	char *text = NULL;
	size_t len;
	FILE *f = must(open_memstream(&text, &len));

	put(f, v, false);
	fclose(f);
	return must(text);
}

bool value_is_default(const struct field *field, const json_t *v)
{
	json_t *def;
	bool same;

	if (!v || json_is_null(v))
		return true;
	if (!field->def)
		return false;
	def = json_loads(field->def, JSON_DECODE_ANY, NULL);
	same = json_equal(def, v);
	json_decref(def);
	return same;
}

/* Only what the members say: "trunk.a, trunk.b". */
static char *value_names(const json_t *v)
{
	json_t *list = must(json_array()), *item;
	const char *key;
	char *text;

	json_object_foreach ((json_t *)v, key, item)
		json_array_append(list, item);
	text = value_text(json_array_size(list) ? list : v);
	json_decref(list);
	return text;
}

char *value_status(const char *member, const json_t *v)
{
	json_int_t sum = 0;
	json_t *item;
	size_t i;

	if (!strcmp(member, "carrier") && json_is_boolean(v))
		return must(strdup(json_is_true(v) ? "up" : "down"));
	if (json_object_get(v, "frames"))
		return value_text(json_object_get(v, "frames"));
	if (!strcmp(member, "ends"))
		return value_names(v);
	if (strcmp(member, "drops") != 0)
		return value_text(v);
	if (json_is_integer(v))
		return value_text(v);
	json_array_foreach ((json_t *)v, i, item)
		sum += json_integer_value(json_object_get(item, "frames"));
	return cli_text("%" JSON_INTEGER_FORMAT, sum);
}

char *value_count(json_int_t n, const char *what)
{
	return cli_text("%" JSON_INTEGER_FORMAT " %s%s", n, what, n == 1 ? "" : "s");
}

char *value_duration(json_int_t s)
{
	if (s >= 86400)
		return cli_text("%lld d %lld h", (long long)s / 86400, (long long)s % 86400 / 3600);
	if (s >= 3600)
		return cli_text("%lld h %lld min", (long long)s / 3600, (long long)s % 3600 / 60);
	if (s >= 60)
		return cli_text("%lld min %lld s", (long long)s / 60, (long long)s % 60);
	return cli_text("%lld s", (long long)s);
}

char *value_objects(const json_t *counts)
{
	char *text = NULL;
	size_t len;
	FILE *f = must(open_memstream(&text, &len));
	const char *plural, *joint = "";
	json_t *n;

	json_object_foreach ((json_t *)counts, plural, n) {
		const struct schema *s = schema_find_plural(plural);
		json_int_t count = json_integer_value(n);

		if (!count)
			continue;
		fprintf(f, "%s%" JSON_INTEGER_FORMAT " %s", joint, count,
			s && count == 1 ? s->kind : plural);
		joint = ", ";
	}
	fclose(f);
	return must(text);
}
