/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ends of wires. A person names a host, or a NIC of it that nothing else speaks of:
 *
 *	links.L {mode: wire, a: r1, b: r2.eth1}	link L, ports r1.eth0 and r2.eth1 of type tap
 *
 * Whether "r1" is a port or a host may stand elsewhere in the document or in the model, so it is
 * found out when all of the document is known. A port of that name comes first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "control/lab_expand_priv.h"

struct plugging {
	struct lab_doc *doc; /* in order; what is added to it is in MORE until the end */
	struct expansion more;
	const struct model *model;
	const char *lab;
	const char *pointer; /* of the end */
};

static const struct wish *wished(const struct plugging *p, const char *kind, const char *name)
{
	const struct schema *s = schema_find(kind);
	const struct wish *w = lab_doc_find(p->doc, s, name);

	for (unsigned int i = 0; i < p->more.doc->n && !w; i++) {
		if (p->more.doc->v[i].schema == s && !strcmp(p->more.doc->v[i].name, name))
			w = &p->more.doc->v[i];
	}
	return w;
}

static const struct entry *there(const struct plugging *p, const char *kind, const char *name)
{
	return model_entry(p->model, schema_find(kind), name);
}

static void wish_nic(struct plugging *p, const char *name, const char *host, const char *device)
{
	json_t *spec = json_pack("{s:s, s:s, s:s}", "type", "tap", "host", host, "device", device);

	expand_wish(&p->more, schema_find("port"), name, spec, p->pointer, true);
	json_decref(spec);
}

/* NAME as it was written; in OUT, which has room for a port's name, the port that it means. */
static void plug(struct plugging *p, const char *name, char *out, size_t room)
{
	const char *dot = strchr(name, '.'), *device = dot ? dot + 1 : "eth0";
	char host[NAME_MAX_LEN + 1], nic[2 * NAME_MAX_LEN + 2];
	const struct entry *is;

	snprintf(out, room, "%s", name);
	snprintf(host, sizeof(host), "%.*s",
		 dot ? (int)MIN(dot - name, NAME_MAX_LEN) : NAME_MAX_LEN, name);
	snprintf(nic, sizeof(nic), "%s.%.*s", host, NAME_MAX_LEN, device);
	if (wished(p, "port", name))
		return;
	is = there(p, "port", nic);
	if (wished(p, "host", host)) {
		/* A fragment says nothing of what is there already. */
		if (!wished(p, "port", nic) && (*p->lab || !is))
			wish_nic(p, nic, host, device);
	} else if (is && *p->lab && !strcmp(is->o.lab, p->lab)) {
		expand_wish(&p->more, is->o.schema, nic, is->o.spec, p->pointer, true);
	} else if (there(p, "port", name) || !there(p, "host", host)) {
		return; /* a port, or a fault that somebody else will tell */
	} else if (!is) {
		wish_nic(p, nic, host, device);
	}
	snprintf(out, room, "%s", nic);
}

static void plug_end(struct plugging *p, struct wish *link, const char *end)
{
	const char *name = json_string_value(json_object_get(link->spec, end));
	char pointer[POINTER_LEN], port[2 * NAME_MAX_LEN + 2];
	json_t *spec;

	if (!name)
		return;
	p->pointer = expand_below(pointer, link->pointer, end);
	plug(p, name, port, sizeof(port));
	if (!strcmp(port, name))
		return;
	spec = json_copy(link->spec);
	json_object_set_new(spec, end, json_string(port));
	json_decref(link->spec);
	link->spec = spec;
}

static void take_over(struct lab_doc *doc, struct lab_doc *more, struct faults *faults)
{
	struct wish *v = reallocarray(doc->v, doc->n + more->n, sizeof(*v));

	if (!v) {
		txn_no_memory(faults);
		return;
	}
	memcpy(v + doc->n, more->v, more->n * sizeof(*v));
	doc->v = v;
	doc->n += more->n;
	doc->room = doc->n;
	more->n = 0;
	expand_sort(doc);
}

void lab_plug(struct lab_doc *doc, const struct model *model, const char *lab,
	      struct faults *faults)
{
	struct lab_doc more = { 0 };
	struct plugging p = {
		.doc = doc, .more = { .doc = &more, .faults = faults }, .model = model, .lab = lab
	};

	for (unsigned int i = 0; i < doc->n; i++) {
		struct wish *w = &doc->v[i];

		if (strcmp(w->schema->kind, "link") != 0 || !w->spec)
			continue;
		plug_end(&p, w, "a");
		plug_end(&p, w, "b");
	}
	if (more.n)
		take_over(doc, &more, faults);
	lab_doc_free(&more);
}
