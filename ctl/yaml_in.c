/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From YAML to JSON.
 *
 * libyaml composes the document as an array of nodes, each with its place in the text; an alias is
 * the number of the node that it stands for. So a document can be a graph, even a ring, and a few
 * lines can unfold to more than any memory: the walk that makes JSON of it counts how many nodes it
 * has made and how deep it is, and gives up past either bound. The document is kept, because faults
 * that the daemon finds come as pointers, and a pointer's line is found by walking it again.
 */
#include "ctl/yaml_in.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

#include "ctl/cli.h"
#include "ctl/yaml_fault.h"
#include "ctl/yaml_word.h"

struct yaml_in {
	yaml_document_t document;
	json_t *json;
};

struct walk {
	yaml_document_t *document;
	struct report *report;
	size_t made, nodes; /* values made; nodes that the text has */
	unsigned int depth;
	bool given_up;
};

static unsigned int line_of(const yaml_node_t *n)
{
	return (unsigned int)n->start_mark.line + 1;
}

static const char *scalar(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

static json_t *wrong(struct walk *w, const yaml_node_t *n, const char *what)
{
	report_add(w->report, line_of(n), "%s", what);
	return NULL;
}

static json_t *scalar_value(struct walk *w, const yaml_node_t *n)
{
	const char *why;
	json_t *v;

	/* The reader lets only UTF-8 pass, but \0 can be written in quotes. */
	if (strlen(scalar(n)) != n->data.scalar.length)
		return wrong(w, n, "a text cannot hold the character NUL");
	if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return must(json_string(scalar(n)));
	v = yaml_word(scalar(n), &why);
	return v ? v : wrong(w, n, why);
}

/* ---- collections ---- */

static json_t *value_of(struct walk *w, int index);

static json_t *give_up(struct walk *w, const yaml_node_t *n, const char *what)
{
	w->given_up = true;
	return wrong(w, n, what);
}

/* A fault below a sequence or mapping leaves a null there, so that the rest is looked at too. */
static json_t *sequence_value(struct walk *w, const yaml_node_t *n)
{
	json_t *list = must(json_array());

	for (const yaml_node_item_t *i = n->data.sequence.items.start;
	     i < n->data.sequence.items.top && !w->given_up; i++) {
		json_t *v = value_of(w, *i);

		json_array_append_new(list, v ? v : json_null());
	}
	return list;
}

/* The key's text, or NULL and a fault. */
static const char *key_of(struct walk *w, const json_t *object, const yaml_node_t *key)
{
	const char *s;

	if (key->type != YAML_SCALAR_NODE) {
		wrong(w, key, "a key must be one word, not a list or a mapping");
		return NULL;
	}
	s = scalar(key);
	if (strlen(s) != key->data.scalar.length)
		wrong(w, key, "a key cannot hold the character NUL");
	else if (!strcmp(s, "<<") && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		wrong(w, key,
		      "'<<' merges mappings, which lab files do not do; write the keys out");
	else if (!*s)
		wrong(w, key, "a key is missing in front of the ':'");
	else if (json_object_get(object, s))
		report_add(w->report, line_of(key), "'%s' is here twice; leave one of them out", s);
	else
		return s;
	return NULL;
}

static json_t *mapping_value(struct walk *w, const yaml_node_t *n)
{
	json_t *object = must(json_object());

	for (const yaml_node_pair_t *p = n->data.mapping.pairs.start;
	     p < n->data.mapping.pairs.top && !w->given_up; p++) {
		const char *key = key_of(w, object, yaml_document_get_node(w->document, p->key));
		json_t *v = value_of(w, p->value);

		if (key)
			json_object_set_new(object, key, v ? v : json_null());
		else
			json_decref(v);
	}
	return object;
}

static bool has_tag(const yaml_node_t *n)
{
	static const char *const usual[] = {
		[YAML_SCALAR_NODE] = YAML_STR_TAG,
		[YAML_SEQUENCE_NODE] = YAML_SEQ_TAG,
		[YAML_MAPPING_NODE] = YAML_MAP_TAG,
	};

	return strcmp((const char *)n->tag, usual[n->type]) != 0;
}

static json_t *value_of(struct walk *w, int index)
{
	const yaml_node_t *n = yaml_document_get_node(w->document, index);
	json_t *v;

	/* Each node of the text once, and as many again by aliases. */
	if (++w->made > w->nodes + YAML_IN_UNFOLDED)
		return give_up(w, n, "the aliases of this file unfold to too much; write it out");
	if (w->depth == YAML_IN_DEPTH)
		return give_up(w, n, "by its aliases this is nested too deeply");
	if (has_tag(n))
		return wrong(w, n, "tags such as !!int are not taken; write the plain value");
	w->depth++;
	if (n->type == YAML_SCALAR_NODE)
		v = scalar_value(w, n);
	else if (n->type == YAML_SEQUENCE_NODE)
		v = sequence_value(w, n);
	else
		v = mapping_value(w, n);
	w->depth--;
	return v;
}

/* ---- the document ---- */

/* The next document of the stream; false: a fault was reported. */
static bool load(yaml_parser_t *p, yaml_document_t *out, const char *text, size_t len,
		 struct report *r)
{
	if (yaml_parser_load(p, out))
		return true;
	yaml_fault(p, text, len, r);
	return false;
}

/*
 * libyaml's work for each token grows with the depth that it stands at, so that a file of nothing
 * but '[' would take it hours. Its events come as it reads, so the depth is known in time; what is
 * wrong otherwise is left for compose() to find.
 */
static int check_depth(const char *text, size_t len, struct report *r)
{
	unsigned int depth = 0, line = 0;
	yaml_parser_t p;
	yaml_event_t e;
	bool more = true;

	if (!yaml_parser_initialize(&p))
		cli_out_of_memory();
	yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
	while (more && depth <= YAML_IN_DEPTH && yaml_parser_parse(&p, &e)) {
		depth += e.type == YAML_SEQUENCE_START_EVENT || e.type == YAML_MAPPING_START_EVENT;
		depth -= e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT;
		more = e.type != YAML_STREAM_END_EVENT;
		line = (unsigned int)e.start_mark.line + 1;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&p);
	if (depth <= YAML_IN_DEPTH)
		return 0;
	report_add(r, line, "this is nested too deeply");
	return -EINVAL;
}

static int compose(yaml_parser_t *p, const char *text, size_t len, yaml_document_t *out,
		   struct report *r)
{
	yaml_document_t second;
	yaml_node_t *root;

	if (!load(p, out, text, len, r))
		return -EINVAL;
	if (!yaml_document_get_root_node(out)) {
		report_add(r, 0, "it is empty");
		goto refuse;
	}
	if (!load(p, &second, text, len, r))
		goto refuse;
	root = yaml_document_get_root_node(&second);
	if (root)
		report_add(r, line_of(root), "a second document begins; one file is one document");
	yaml_document_delete(&second);
	if (!root)
		return 0;
refuse:
	yaml_document_delete(out);
	return -EINVAL;
}

static int convert(struct yaml_in *y, struct report *r)
{
	struct walk w = { .document = &y->document, .report = r };
	unsigned int before = r->n;

	w.nodes = (size_t)(y->document.nodes.top - y->document.nodes.start);
	y->json = value_of(&w, 1);
	return r->n == before ? 0 : -EINVAL;
}

int yaml_in_parse(const char *text, size_t len, struct yaml_in **out, struct report *r)
{
	struct yaml_in *y;
	yaml_parser_t parser;
	int err;

	if (len > YAML_IN_SIZE) {
		report_add(r, 0, "it is larger than %d MiB", YAML_IN_SIZE >> 20);
		return -EINVAL;
	}
	if (check_depth(text, len, r))
		return -EINVAL;
	y = must(calloc(1, sizeof(*y)));
	if (!yaml_parser_initialize(&parser))
		cli_out_of_memory();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	err = compose(&parser, text, len, &y->document, r);
	yaml_parser_delete(&parser);
	if (err) {
		free(y);
		return err;
	}
	err = convert(y, r);
	if (err)
		yaml_in_free(y);
	else
		*out = y;
	return err;
}

void yaml_in_free(struct yaml_in *y)
{
	if (!y)
		return;
	json_decref(y->json);
	yaml_document_delete(&y->document);
	free(y);
}

json_t *yaml_in_json(const struct yaml_in *y)
{
	return y->json;
}

/* Reads one octet more than is allowed, so that what is too long shows. */
static int read_all(int fd, char *out, size_t room, size_t *len)
{
	*len = 0;
	while (*len < room) {
		ssize_t n = read(fd, out + *len, room - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		*len += (size_t)n;
	}
	return 0;
}

int yaml_in_read(const char *path, struct yaml_in **out, struct report *r)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	size_t room = YAML_IN_SIZE + 1, len = 0;
	char *text;
	int err;

	if (fd < 0) {
		err = -errno;
		report_add(r, 0,
			   errno == ENOENT   ? "there is no such file"
			   : errno == EACCES ? "you may not read it"
					     : "it cannot be read (%s)",
			   strerror(errno));
		return err;
	}
	text = must(malloc(room));
	err = read_all(fd, text, room, &len);
	if (fd != STDIN_FILENO)
		close(fd);
	if (err)
		report_add(r, 0, "it cannot be read (%s)", strerror(-err));
	else
		err = yaml_in_parse(text, len, out, r);
	free(text);
	return err;
}

/* ---- places ---- */

/* Does the key, as an RFC 6901 reference token, read as TOKEN of LEN octets? */
static bool is_token(const char *key, const char *token, size_t len)
{
	for (; *key; key++) {
		const char *escaped = *key == '~' ? "~0" : *key == '/' ? "~1" : NULL;
		size_t n = escaped ? 2 : 1;

		if (len < n || memcmp(token, escaped ? escaped : key, n) != 0)
			return false;
		token += n;
		len -= n;
	}
	return !len;
}

/* One step down from N; NULL: there is none. *line becomes that of the step. */
static yaml_node_t *step(yaml_document_t *d, const yaml_node_t *n, const char *token, size_t len,
			 unsigned int *line)
{
	yaml_node_t *found;
	size_t at;
	char *end;

	if (n->type == YAML_MAPPING_NODE) {
		for (const yaml_node_pair_t *p = n->data.mapping.pairs.start;
		     p < n->data.mapping.pairs.top; p++) {
			const yaml_node_t *key = yaml_document_get_node(d, p->key);

			if (key->type == YAML_SCALAR_NODE && is_token(scalar(key), token, len)) {
				*line = line_of(key);
				return yaml_document_get_node(d, p->value);
			}
		}
	}
	if (n->type != YAML_SEQUENCE_NODE || !len || !isdigit((unsigned char)*token))
		return NULL;
	at = strtoul(token, &end, 10);
	if (end != token + len ||
	    at >= (size_t)(n->data.sequence.items.top - n->data.sequence.items.start))
		return NULL;
	found = yaml_document_get_node(d, n->data.sequence.items.start[at]);
	*line = line_of(found);
	return found;
}

unsigned int yaml_in_line(const struct yaml_in *y, const char *pointer)
{
	yaml_document_t *d = (yaml_document_t *)&y->document;
	const yaml_node_t *n = yaml_document_get_root_node(d);
	unsigned int line = line_of(n);

	while (n && *pointer == '/') {
		size_t len = strcspn(++pointer, "/");

		n = step(d, n, pointer, len, &line);
		pointer += len;
	}
	return line;
}
