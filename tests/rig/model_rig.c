/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/model_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(bool done, const char *kind, const char *spec, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "model rig: %s %s: %s\n", kind, spec, what);
	abort();
}

json_t *model_rig_spec(const char *kind, const char *spec)
{
	struct faults f = { 0 };
	char *text = strdup(spec);
	json_t *given, *canonical;

	need(text, kind, spec, "memory");
	for (char *c = text; *c; c++)
		*c = (char)(*c == '\'' ? '"' : *c);
	given = json_loads(text, 0, NULL);
	need(given, kind, spec, "no JSON");
	canonical = schema_check(schema_find(kind), given, &f);
	need(canonical, kind, spec, f.n ? f.v[0].message : "refused");
	faults_free(&f);
	json_decref(given);
	free(text);
	return canonical;
}

struct entry *model_rig_entry(const char *kind, const char *name, const char *spec)
{
	json_t *canonical = model_rig_spec(kind, spec);
	struct entry *e = entry_create(schema_find(kind), name, "", canonical);

	need(e, kind, spec, "memory");
	json_decref(canonical);
	return e;
}

struct object *model_rig_add(struct model *m, const char *kind, const char *name, const char *spec)
{
	struct entry *e = model_rig_entry(kind, name, spec);

	need(!model_insert(m, e), kind, name, "is there already");
	return &e->o;
}
