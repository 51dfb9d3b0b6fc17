/* SPDX-License-Identifier: Apache-2.0 */
#include "control/control.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "control/control_priv.h"

static unsigned int count_schemas(void)
{
	unsigned int n = 0;

	while (schemas[n])
		n++;
	return n;
}

/* The providers, one for each kind and in the order of schemas[]. */
static int order_kinds(struct control *c)
{
	unsigned int n = count_schemas();

	c->blanks = calloc(n, sizeof(*c->blanks));
	c->kinds = calloc(n + 1, sizeof(struct kind *));
	if (!c->blanks || !c->kinds)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++) {
		c->blanks[i].schema = schemas[i];
		c->kinds[i] = &c->blanks[i];
		for (const struct kind *const *k = c->cfg.kinds; *k; k++) {
			if ((*k)->schema == schemas[i])
				c->kinds[i] = *k;
		}
	}
	return 0;
}

const struct kind *control_kind(const struct control *c, const struct schema *s)
{
	unsigned int i = 0;

	while (schemas[i] != s)
		i++;
	return c->kinds[i];
}

static int open_store(struct control *c, struct faults *faults)
{
	char boot_id[64];
	int err;

	if (c->cfg.boot_id)
		return store_open(c->cfg.state_path, c->cfg.boot_id, faults, &c->store);
	err = file_read("/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id));
	if (err)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "the boot id cannot be read: %s",
			     strerror(-err));
	boot_id[strcspn(boot_id, "\n")] = '\0';
	return store_open(c->cfg.state_path, boot_id, faults, &c->store);
}

static int add_routes(struct control *c)
{
	int err = router_create(&c->router);

	if (!err)
		err = info_routes_add(c);
	if (!err)
		err = object_routes_add(c);
	if (!err)
		err = lab_routes_add(c);
	if (!err)
		err = event_routes_add(c);
	if (!err)
		err = metrics_routes_add(c);
	return err;
}

int control_create(const struct control_config *cfg, struct faults *faults, struct control **out)
{
	struct control *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->cfg = *cfg;
	c->started_ns = clock_ns();
	err = order_kinds(c);
	if (!err)
		err = model_create(&c->model);
	if (!err)
		err = add_routes(c);
	if (!err)
		err = recompile_init(c);
	if (!err)
		err = open_store(c, faults);
	if (err) {
		control_destroy(c);
		return err;
	}
	c->env = (struct txn_env){ .model = c->model,
				   .labs = &c->labs,
				   .store = c->store,
				   .events = cfg->events,
				   .kinds = c->kinds,
				   .compilers = cfg->compilers };
	*out = c;
	return 0;
}

int control_serve(struct control *c, struct faults *faults)
{
	const struct http_config cfg = { .socket_path = c->cfg.socket_path,
					 .group = c->cfg.group,
					 .timeout_s = HTTP_TIMEOUT_S,
					 .loop = c->cfg.loop,
					 .router = c->router,
					 .control = c };

	return http_create(&cfg, faults, &c->http);
}

/*
 * 1. no more requests: nobody can begin a transaction, and no view is made any more
 * 2. each object that is up is let go of, in reverse of the order in which objects are made
 */
void control_leave(struct control *c)
{
	http_destroy(c->http);
	c->http = NULL;
	recompile_fini(c);
	for (unsigned int i = count_schemas(); i-- > 0;) {
		const struct kind *k = c->kinds[i];

		for (struct entry *e = NULL; (e = model_entry_next(c->model, k->schema, e));) {
			if (!e->fault && k->leave)
				k->leave(k->ctx, &e->o);
		}
	}
}

void control_destroy(struct control *c)
{
	if (!c)
		return;
	http_destroy(c->http);
	recompile_fini(c);
	router_destroy(c->router);
	object_routes_free(c->object_routes);
	labs_clear(&c->labs);
	model_destroy(c->model);
	store_close(c->store);
	free(c->kinds);
	free(c->blanks);
	free(c);
}

int control_route(struct control *c, const struct route *table, void *ctx)
{
	return router_add(c->router, table, ctx);
}

const struct model *control_model(const struct control *c)
{
	return c->model;
}
