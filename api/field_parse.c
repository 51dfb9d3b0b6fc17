/* SPDX-License-Identifier: Apache-2.0 */
/* What a person typed for a field, as JSON: field_check() then says whether it is right. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "api/field_priv.h"
#include "api/text.h"
#include "api/vlan_words.h"

static json_t *parse_bool(const struct field *f, const char *text, struct faults *faults)
{
	static const char *const yes[] = { "true", "yes", "on" };
	static const char *const no[] = { "false", "no", "off" };
	char shown[SHOWN_LEN];

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (!strcmp(text, yes[i]))
			return json_true();
		if (!strcmp(text, no[i]))
			return json_false();
	}
	return field_wrong(f, f->name, faults, "%s takes true or false, not '%s'", f->name,
			   text_shown(text, shown, sizeof(shown)));
}

static json_t *parse_int(const struct field *f, const char *text, struct faults *faults)
{
	char shown[SHOWN_LEN];
	long long n;
	char *end;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end || errno || isspace((unsigned char)*text))
		return field_wrong(f, f->name, faults, "%s takes a whole number, not '%s'", f->name,
				   text_shown(text, shown, sizeof(shown)));
	return json_integer(n);
}

static json_t *parse_text(const struct field *f, const char *text, size_t len,
			  struct faults *faults)
{
	json_t *v = json_stringn(text, len);

	return v ? v : field_wrong(f, f->name, faults, "%s is not UTF-8", f->name);
}

/* "A, B" as ["A","B"]; "" or "none" as []. */
static json_t *parse_list(const struct field *f, const char *text, struct faults *faults)
{
	json_t *list = json_array();

	if (!strcmp(text, "none"))
		return list;
	while (list && *text) {
		size_t len = strcspn(text, ","), skip = strspn(text, " "), item;

		skip = MIN(skip, len);
		for (item = len - skip; item && text[skip + item - 1] == ' ';)
			item--;
		if (item && json_array_append_new(list, parse_text(f, text + skip, item, faults))) {
			json_decref(list);
			list = NULL;
		}
		text += len + (text[len] == ',');
	}
	return list;
}

json_t *field_parse(const struct field *f, const char *text, struct faults *faults)
{
	switch (f->type) {
	case FIELD_BOOL:
		return parse_bool(f, text, faults);
	case FIELD_INT:
	case FIELD_VID:
		return parse_int(f, text, faults);
	case FIELD_VLAN:
		return vlan_word_is_title(text) ? parse_text(f, text, strlen(text), faults)
						: parse_int(f, text, faults);
	case FIELD_CIDRS:
	case FIELD_ROUTES:
	case FIELD_REFS:
	case FIELD_MACS:
	case FIELD_IPS:
		return parse_list(f, text, faults);
	default:
		return parse_text(f, text, strlen(text), faults);
	}
}
