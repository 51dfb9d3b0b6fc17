/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/labfile.h"

#include <stdlib.h>

#include "base/name.h"

static bool find_name(struct labfile *l, const char *name)
{
	json_t *lab = json_object_get(l->body, "lab");
	unsigned int line = yaml_in_line(l->yaml, "/lab");

	if (name)
		l->name = must(strdup(name));
	else if (json_is_string(lab))
		l->name = must(strdup(json_string_value(lab)));
	else if (json_is_integer(lab))
		l->name = cli_text("%lld", (long long)json_integer_value(lab));
	else
		report_add(&l->report, line,
			   "the lab has no name; begin with a line such as 'lab: campus', or use "
			   "--name");
	if (l->name && !name_ok(l->name))
		report_add(&l->report, line,
			   "lab: '%s' is not a name; use letters, digits, '-' and '_', at most %d",
			   l->name, NAME_MAX_LEN);
	json_object_del(l->body, "lab");
	return !l->report.n;
}

bool labfile_read(const char *path, const char *name, struct labfile *out)
{
	*out = (struct labfile){ .path = strcmp(path, "-") ? path : "standard input" };
	if (yaml_in_read(path, &out->yaml, &out->report))
		return false;
	out->body = must(json_copy(yaml_in_json(out->yaml)));
	if (!json_is_object(out->body)) {
		report_add(&out->report, yaml_in_line(out->yaml, ""),
			   "this is not a lab; begin with a line such as 'lab: campus'");
		return false;
	}
	return find_name(out, name);
}

void labfile_free(struct labfile *l)
{
	yaml_in_free(l->yaml);
	json_decref(l->body);
	free(l->name);
	report_free(&l->report);
}

/* "{trunk: 10,20}" is a trunk and a field "20" to YAML: a field that is a number says so. */
static bool is_split_list(const struct fault *f)
{
	const char *name = strrchr(f->pointer, '/');

	return name && name[1] && !name[1 + strspn(name + 1, "0123456789-")] &&
	       !strncmp(f->message, "unknown field", strlen("unknown field"));
}

void labfile_blame(struct labfile *l, struct faults *faults)
{
	for (unsigned int i = 0; i < faults->n; i++) {
		const struct fault *f = &faults->v[i];

		const char *object = cli_object(f);
		const char *hint =
			is_split_list(f) ? "in braces write a list as [10, 20]" : f->hint;

		report_add(&l->report, yaml_in_line(l->yaml, f->pointer), "%s%s%s%s%s", object,
			   *object ? ": " : "", f->message, *hint ? "; " : "", hint);
	}
	faults_free(faults);
}
