/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client sends as an object, and what a person types for a field. The first octet chooses
 * the kind. What is accepted must be a fixed point, and each refusal must say something.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/schema.h"
#include "api/vlan_set.h"
#include "tests/fuzz/fuzz.h"

static void check_object(const struct schema *s, const char *text, size_t len)
{
	json_t *v = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	struct faults faults = { 0 };
	json_t *spec, *again;

	if (!v)
		return;
	spec = schema_check(s, v, &faults);
	FUZZ_ASSERT(!spec == (faults.n > 0));
	if (spec) {
		again = schema_check(s, spec, &faults);
		FUZZ_ASSERT(again && json_equal(spec, again));
		json_decref(again);
	}
	for (unsigned int i = 0; i < faults.n; i++) {
		json_t *message = json_string(faults.v[i].message);

		FUZZ_ASSERT(message && *faults.v[i].message);
		json_decref(message);
	}
	json_decref(spec);
	json_decref(v);
	faults_free(&faults);
}

static void check_typed(const struct schema *s, const char *text)
{
	struct field_at at;

	for (const struct field *f = schema_first(s, &at); f; f = schema_next(&at)) {
		struct faults faults = { 0 };
		json_t *v = field_parse(f, text, &faults), *value;

		value = v ? field_check(f, v, &faults) : NULL;
		FUZZ_ASSERT(!value == (faults.n > 0));
		json_decref(value);
		json_decref(v);
		faults_free(&faults);
	}
}

static void check_vlans(const char *text)
{
	struct vlan_set s, back;
	char out[VLAN_SET_TEXT];
	const char *bad = NULL;

	if (vlan_set_parse(text, &s, &bad)) {
		FUZZ_ASSERT(bad >= text && bad <= text + strlen(text));
		return;
	}
	vlan_set_print(&s, out, sizeof(out));
	FUZZ_ASSERT(!vlan_set_parse(out, &back, NULL) && !memcmp(&s, &back, sizeof(s)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int kinds = 0;
	char *text;

	if (!size)
		return 0;
	while (schemas[kinds])
		kinds++;
	text = strndup((const char *)data + 1, size - 1);
	check_object(schemas[data[0] % kinds], (const char *)data + 1, size - 1);
	check_typed(schemas[data[0] % kinds], text);
	check_vlans(text);
	free(text);
	return 0;
}
