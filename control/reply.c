/* SPDX-License-Identifier: Apache-2.0 */
/* Answers, and what a handler may ask of its request. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/text.h"
#include "control/control_priv.h"
#include "control/http_priv.h"

static const unsigned int statuses[] = {
	[FAULT_INVALID] = 422,  [FAULT_SYNTAX] = 400,    [FAULT_NOT_FOUND] = 404,
	[FAULT_CONFLICT] = 409, [FAULT_TOO_LARGE] = 413, [FAULT_METHOD] = 405,
	[FAULT_SYSTEM] = 500,
};
static_assert(ARRAY_LEN(statuses) == FAULT_CODES, "every code has a status");

/* A path may hold octets that are no text: JSON cannot. */
static json_t *text_json(const char *text)
{
	json_t *v = json_string(text);
	char *ascii;

	if (v)
		return v;
	ascii = strdup(text);
	for (char *c = ascii; c && *c; c++) {
		if ((unsigned char)*c > 126)
			*c = '?';
	}
	v = ascii ? json_string(ascii) : NULL;
	free(ascii);
	return v ? v : json_string("");
}

static json_t *fault_json(const struct fault *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "code", json_string(fault_code_name(f->code)));
	json_object_set_new(o, "message", text_json(f->message));
	json_object_set_new(o, "object", text_json(f->object));
	json_object_set_new(o, "hint", text_json(f->hint));
	return o;
}

static json_t *problem_json(const struct faults *faults)
{
	static const struct fault none = { .code = FAULT_SYSTEM,
					   .object = "",
					   .pointer = "",
					   .message = "the daemon has no memory left",
					   .hint = "" };
	json_t *top = fault_json(faults->n ? &faults->v[0] : &none), *list = json_array();

	for (unsigned int i = 0; i < MAX(faults->n, 1u); i++) {
		const struct fault *f = faults->n ? &faults->v[i] : &none;
		json_t *o = fault_json(f);

		json_object_set_new(o, "pointer", text_json(f->pointer));
		json_array_append_new(list, o);
	}
	json_object_set_new(top, "errors", list);
	return top;
}

static struct MHD_Response *text_response(char *text, const char *content_type)
{
	struct MHD_Response *resp = MHD_create_response_from_buffer(text ? strlen(text) : 0, text,
								    MHD_RESPMEM_MUST_FREE);

	if (!resp) {
		free(text);
		return NULL;
	}
	MHD_add_response_header(resp, "Content-Type", content_type);
	MHD_add_response_header(resp, "Cache-Control", "no-store");
	return resp;
}

struct MHD_Response *problem_response(const struct faults *faults, unsigned int *status)
{
	json_t *problem = problem_json(faults);
	char *text = json_dumps(problem, JSON_INDENT(2));

	json_decref(problem);
	*status = faults->n ? statuses[faults->v[0].code] : 500;
	return text_response(text, "application/problem+json");
}

static void answer(struct request *r, unsigned int status, struct MHD_Response *resp)
{
	assert(!r->answered);
	r->answered = true;
	if (!resp)
		return;
	MHD_queue_response(r->conn, status, resp);
	MHD_destroy_response(resp);
}

void reply_json(struct request *r, unsigned int status, json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(6));

	json_decref(body);
	if (text) {
		answer(r, status, text_response(text, "application/json"));
		return;
	}
	fault(&r->faults, FAULT_SYSTEM, NULL, NULL, "the daemon has no memory left");
	reply_faults(r);
}

void reply_text(struct request *r, const char *content_type, char *text)
{
	answer(r, 200, text_response(text, content_type));
}

void reply_nothing(struct request *r)
{
	answer(r, 204, MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
}

void reply_faults(struct request *r)
{
	unsigned int status;
	struct MHD_Response *resp = problem_response(&r->faults, &status);

	if (resp && *r->match.allow && status == 405)
		MHD_add_response_header(resp, "Allow", r->match.allow);
	answer(r, status, resp);
}

const char *request_path(const struct request *r, const char *name)
{
	return route_match_param(&r->match, name);
}

const char *request_query(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_GET_ARGUMENT_KIND, name);
}

const char *request_header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

int request_query_bool(struct request *r, const char *name, bool *out)
{
	const char *text = request_query(r, name);
	char shown[SHOWN_LEN];

	if (!text)
		return 0;
	if (!strcmp(text, "true") || !strcmp(text, "false")) {
		*out = *text == 't';
		return 0;
	}
	faults_at(&r->faults, "", "");
	return fault(&r->faults, FAULT_INVALID, NULL, "use true or false",
		     "parameter %s takes true or false, not '%s'", name,
		     text_shown(text, shown, sizeof(shown)));
}

int request_query_int(struct request *r, const char *name, long min, long max, long *out)
{
	const char *text = request_query(r, name);
	char shown[SHOWN_LEN], hint[64], *end;
	long n;

	if (!text)
		return 0;
	errno = 0;
	n = strtol(text, &end, 10);
	if (end > text && !*end && !errno && n >= min && n <= max) {
		*out = n;
		return 0;
	}
	snprintf(hint, sizeof(hint), "use %ld to %ld", min, max);
	faults_at(&r->faults, "", "");
	return fault(&r->faults, FAULT_INVALID, NULL, hint,
		     "parameter %s takes a whole number, not '%s'", name,
		     text_shown(text, shown, sizeof(shown)));
}

json_t *request_json(struct request *r)
{
	json_error_t e = { 0 };
	char shown[SHOWN_LEN * 2];

	if (r->json)
		return r->json;
	/* No body at all is an object without fields. */
	r->json = r->len ? json_loadb(r->body, r->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e)
			 : json_object();
	if (r->json)
		return r->json;
	faults_at(&r->faults, "", "");
	fault(&r->faults, FAULT_SYNTAX, NULL, "send one JSON value in UTF-8",
	      "the body is not JSON: line %d, column %d: %s", e.line, e.column,
	      text_shown(e.text, shown, sizeof(shown)));
	return NULL;
}

const struct model *request_model(const struct request *r)
{
	return control_model(r->control);
}

struct faults *request_faults(struct request *r)
{
	return &r->faults;
}
