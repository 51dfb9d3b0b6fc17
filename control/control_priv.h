/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_CONTROL_PRIV_H
#define CONTROL_CONTROL_PRIV_H

#include "control/control.h"
#include "control/http_priv.h"
#include "control/lab_priv.h"
#include "control/metrics.h"
#include "control/txn_priv.h"

/* The control plane put together, for the files that answer requests. */
struct control {
	struct control_config cfg;
	uint64_t started_ns;
	struct model *model;
	struct labs labs;
	struct store *store;
	struct txn_env env;
	struct kind *blanks; /* for kinds that nobody serves */
	const struct kind **kinds; /* as many as schemas[], in its order */
	struct router *router;
	struct object_routes *object_routes;
	struct http *http;
	struct loop_handle *recompile; /* NULL: before the daemon's life and after it */
	bool recompile_wanted;
	struct {
		metrics_fn *write;
		void *ctx;
	} metrics[METRICS_WRITERS];
	unsigned int n_metrics;
};

/* Each adds the requests of one file. */
int info_routes_add(struct control *);
int object_routes_add(struct control *);
void object_routes_free(struct object_routes *); /* NULL is fine */
int lab_routes_add(struct control *);
int event_routes_add(struct control *);
int metrics_routes_add(struct control *);

/* recompile.c */
int recompile_init(struct control *);
void recompile_fini(struct control *);

/* The object as the API shows it: name, fields, lab, status. The caller owns it. */
json_t *object_json(const struct control *, const struct entry *);
const struct kind *control_kind(const struct control *, const struct schema *);

#endif /* CONTROL_CONTROL_PRIV_H */
