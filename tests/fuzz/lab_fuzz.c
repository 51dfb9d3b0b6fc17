/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab document. The first octet says whether it is a fragment. What is accepted must be the same
 * lab when its objects are written out one by one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "control/lab_priv.h"
#include "tests/fuzz/fuzz.h"

enum { KINDS = 16 };

static json_t *written_out(const struct lab_doc *doc)
{
	json_t *all = json_object();

	for (unsigned int i = 0; i < doc->n; i++) {
		const char *plural = doc->v[i].schema->plural;

		if (!json_object_get(all, plural))
			json_object_set_new(all, plural, json_object());
		json_object_set(json_object_get(all, plural), doc->v[i].name, doc->v[i].spec);
	}
	return all;
}

static void expand_again(const struct lab_doc *doc)
{
	json_t *all = written_out(doc);
	struct faults faults = { 0 };
	struct lab_doc again;

	FUZZ_ASSERT(!lab_expand(all, true, &again, &faults));
	FUZZ_ASSERT(again.n == doc->n);
	for (unsigned int i = 0; i < doc->n; i++) {
		FUZZ_ASSERT(!strcmp(doc->v[i].name, again.v[i].name));
		FUZZ_ASSERT(doc->v[i].schema == again.v[i].schema);
		FUZZ_ASSERT(json_equal(doc->v[i].spec, again.v[i].spec));
		FUZZ_ASSERT(lab_doc_find(doc, again.v[i].schema, again.v[i].name) == &doc->v[i]);
	}
	lab_doc_free(&again);
	json_decref(all);
}

/* A NIC that a wire asks for may have no name that a device could have. */
static bool is_right(const struct lab_doc *doc)
{
	for (unsigned int i = 0; i < doc->n; i++) {
		if (!doc->v[i].spec)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct faults faults = { 0 };
	struct lab_doc doc = { 0 };
	const struct kind *kinds[KINDS + 1] = { NULL };
	struct kind kind[KINDS] = { 0 };
	struct labs labs = { 0 };
	struct txn_env env = { .labs = &labs, .kinds = kinds };
	struct txn t;
	json_t *v;
	int err;

	if (!size)
		return 0;
	v = json_loadb((const char *)data + 1, size - 1, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
		       NULL);
	if (!v)
		return 0;
	err = lab_expand(v, data[0] & 1, &doc, &faults);
	FUZZ_ASSERT(!err == !faults.n);
	for (unsigned int i = 0; schemas[i] && i < KINDS; i++) {
		kind[i].schema = schemas[i];
		kinds[i] = &kind[i];
	}
	FUZZ_ASSERT(!model_create(&env.model));
	txn_init(&t, &env, &faults);
	if (doc.description) {
		lab_plan(&t, "x", &doc);
		txn_check(&t);
	}
	txn_fini(&t);
	if (!err && is_right(&doc))
		expand_again(&doc);
	model_destroy(env.model);
	lab_doc_free(&doc);
	faults_free(&faults);
	json_decref(v);
	return 0;
}
