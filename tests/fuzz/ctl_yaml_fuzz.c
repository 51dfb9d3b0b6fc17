/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of lab files. Whatever it is given, it says no in words or yields JSON of which every
 * part has a line, and which is the same again after it was written as YAML and read back.
 */
#include "tests/fuzz/fuzz.h"

#include "ctl/yaml_in.h"
#include "ctl/yaml_out.h"

static unsigned int lines;

static void look(const struct yaml_in *y, const json_t *v, char *pointer, size_t at)
{
	unsigned int line = yaml_in_line(y, pointer);
	const char *key;
	json_t *item;
	size_t i;

	FUZZ_ASSERT(line >= 1 && line <= lines);
	if (at > 900)
		return;
	json_array_foreach ((json_t *)v, i, item) {
		if (i == 100)
			break;
		look(y, item, pointer, at + (size_t)sprintf(pointer + at, "/%zu", i));
		pointer[at] = '\0';
	}
	json_object_foreach ((json_t *)v, key, item) {
		size_t end = at + (size_t)snprintf(pointer + at, 100, "/%.90s", key);

		look(y, item, pointer, end);
		pointer[at] = '\0';
	}
}

static void write_and_read_back(const json_t *v)
{
	struct report r = { 0 };
	struct yaml_in *again;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	FUZZ_ASSERT(f && yaml_out_print(v, f) == 0);
	fclose(f);
	/* Escapes can make it longer than what the reader takes. */
	if (len <= YAML_IN_SIZE) {
		FUZZ_ASSERT(yaml_in_parse(text, len, &again, &r) == 0);
		FUZZ_ASSERT(json_equal(yaml_in_json(again), v));
		yaml_in_free(again);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report r = { 0 };
	struct yaml_in *y = NULL;
	char pointer[1024] = "";

	lines = 2;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80;
	if (yaml_in_parse((const char *)data, size, &y, &r)) {
		FUZZ_ASSERT(r.n > 0 && !y);
		for (unsigned int i = 0; i < r.n; i++)
			FUZZ_ASSERT(r.v[i].text[0] && r.v[i].line <= lines);
	} else {
		FUZZ_ASSERT(!r.n);
		look(y, yaml_in_json(y), pointer, 0);
		write_and_read_back(yaml_in_json(y));
		yaml_in_free(y);
	}
	report_free(&r);
	return 0;
}
