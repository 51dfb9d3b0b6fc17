/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/yaml_out.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>
#include <yaml.h>

#include "ctl/term.h"

/* Words of YAML 1.1 and 1.2 that are no text. */
static bool is_word_of_yaml(const char *s)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on",
					     "off",  "null",  "y",   "n" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strcasecmp(s, words[i]))
			return true;
	}
	return false;
}

/* Whatever begins with a letter and is no such word is a text to all readers. */
static yaml_scalar_style_t style_of(const char *s)
{
	if (isalpha((unsigned char)s[0]) && !is_word_of_yaml(s) && term_is_safe(s))
		return YAML_PLAIN_SCALAR_STYLE;
	return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

/* Each emit takes the event over, whether it fails or not. */
static int emit_scalar(yaml_emitter_t *e, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	if (!yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, -1, 1, 1,
					  style) ||
	    !yaml_emitter_emit(e, &event))
		return -ENOMEM;
	return 0;
}

static int emit_value(yaml_emitter_t *e, const json_t *v);

static int emit_array(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	json_t *item;
	size_t i;
	int err;

	if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
						  YAML_BLOCK_SEQUENCE_STYLE) ||
	    !yaml_emitter_emit(e, &event))
		return -ENOMEM;
	json_array_foreach ((json_t *)v, i, item) {
		err = emit_value(e, item);
		if (err)
			return err;
	}
	if (!yaml_sequence_end_event_initialize(&event) || !yaml_emitter_emit(e, &event))
		return -ENOMEM;
	return 0;
}

static int emit_object(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	const char *key;
	json_t *item;
	int err;

	if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) ||
	    !yaml_emitter_emit(e, &event))
		return -ENOMEM;
	json_object_foreach ((json_t *)v, key, item) {
		err = emit_scalar(e, key, style_of(key));
		if (!err)
			err = emit_value(e, item);
		if (err)
			return err;
	}
	if (!yaml_mapping_end_event_initialize(&event) || !yaml_emitter_emit(e, &event))
		return -ENOMEM;
	return 0;
}

static int emit_value(yaml_emitter_t *e, const json_t *v)
{
	char number[40];

	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return emit_object(e, v);
	case JSON_ARRAY:
		return emit_array(e, v);
	case JSON_STRING:
		return emit_scalar(e, json_string_value(v), style_of(json_string_value(v)));
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		return emit_scalar(e, number, YAML_PLAIN_SCALAR_STYLE);
	case JSON_REAL:
		snprintf(number, sizeof(number), "%.17g", json_real_value(v));
		/* "1" would come back as an integer. */
		if (!strpbrk(number, ".en"))
			snprintf(number, sizeof(number), "%.1f", json_real_value(v));
		return emit_scalar(e, number, YAML_PLAIN_SCALAR_STYLE);
	case JSON_TRUE:
		return emit_scalar(e, "true", YAML_PLAIN_SCALAR_STYLE);
	case JSON_FALSE:
		return emit_scalar(e, "false", YAML_PLAIN_SCALAR_STYLE);
	default:
		return emit_scalar(e, "null", YAML_PLAIN_SCALAR_STYLE);
	}
}

static int emit_document(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	int err;

	if (!yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) ||
	    !yaml_emitter_emit(e, &event) ||
	    !yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) ||
	    !yaml_emitter_emit(e, &event))
		return -ENOMEM;
	err = emit_value(e, v);
	if (err)
		return err;
	if (!yaml_document_end_event_initialize(&event, 1) || !yaml_emitter_emit(e, &event) ||
	    !yaml_stream_end_event_initialize(&event) || !yaml_emitter_emit(e, &event))
		return -ENOMEM;
	return 0;
}

/* Beyond ASCII is written as it is, unless some of it could steer a terminal. */
static bool all_safe(const json_t *v)
{
	char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	bool safe = text && term_is_safe(text);

	free(text);
	return safe;
}

int yaml_out_print(const json_t *v, FILE *f)
{
	yaml_emitter_t e;
	int err;

	if (!yaml_emitter_initialize(&e))
		return -ENOMEM;
	yaml_emitter_set_output_file(&e, f);
	yaml_emitter_set_unicode(&e, all_safe(v));
	yaml_emitter_set_width(&e, -1);
	err = emit_document(&e, v);
	yaml_emitter_delete(&e);
	return err;
}
