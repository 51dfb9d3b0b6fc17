/* SPDX-License-Identifier: Apache-2.0 */
#include "control/metrics.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "control/control_priv.h"

#define CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct metrics {
	FILE *out;
	const char *name;
	enum metric type;
};

static const struct {
	const char *type, *ending;
} metric_types[] = {
	[METRIC_COUNTER] = { "counter", "_total" },
	[METRIC_GAUGE] = { "gauge", "" },
	[METRIC_INFO] = { "info", "_info" },
};

void metrics_family(struct metrics *m, enum metric type, const char *name, const char *help)
{
	static const char *const units[] = { "bytes", "seconds" };

	m->name = name;
	m->type = type;
	fprintf(m->out, "# TYPE %s %s\n", name, metric_types[type].type);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		const char *end = strrchr(name, '_');

		if (end && !strcmp(end + 1, units[i]))
			fprintf(m->out, "# UNIT %s %s\n", name, units[i]);
	}
	fprintf(m->out, "# HELP %s %s\n", name, help);
}

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

void metrics_put(struct metrics *m, uint64_t value, ...)
{
	const char *label, *before = "{";
	va_list labels;

	fprintf(m->out, "%s%s", m->name, metric_types[m->type].ending);
	va_start(labels, value);
	while ((label = va_arg(labels, const char *))) {
		fprintf(m->out, "%s%s=\"", before, label);
		put_text(m->out, va_arg(labels, const char *));
		fputc('"', m->out);
		before = ",";
	}
	va_end(labels);
	fprintf(m->out, "%s %llu\n", *before == '{' ? "" : "}", (unsigned long long)value);
}

static void put_own(const struct control *c, struct metrics *m)
{
	metrics_family(m, METRIC_INFO, "weft_build", "Which daemon this is.");
	metrics_put(m, 1, "version", c->cfg.version, "instance", c->cfg.instance, NULL);
	metrics_family(m, METRIC_GAUGE, "weft_uptime_seconds", "Since the daemon started.");
	metrics_put(m, (clock_ns() - c->started_ns) / 1000000000u, NULL);
	metrics_family(m, METRIC_GAUGE, "weft_objects", "Objects that are wanted, by kind.");
	for (const struct schema *const *s = schemas; *s; s++) {
		uint64_t n = 0;

		for (struct entry *e = NULL; (e = model_entry_next(c->model, *s, e));)
			n++;
		metrics_put(m, n, "kind", (*s)->kind, NULL);
	}
	metrics_family(m, METRIC_COUNTER, "weft_events", "Events told so far.");
	metrics_put(m, events_last(c->cfg.events), NULL);
}

static void get_metrics(void *ctx, struct request *r)
{
	const struct control *c = ctx;
	struct metrics m = { 0 };
	char *text = NULL;
	size_t len;

	m.out = open_memstream(&text, &len);
	if (m.out) {
		put_own(c, &m);
		for (unsigned int i = 0; i < c->n_metrics; i++)
			c->metrics[i].write(c->metrics[i].ctx, c->model, &m);
		fputs("# EOF\n", m.out);
		fclose(m.out);
	}
	if (!text) {
		fault(request_faults(r), FAULT_SYSTEM, NULL, NULL, "there is no memory");
		reply_faults(r);
		return;
	}
	reply_text(r, CONTENT_TYPE, text);
}

int control_metrics(struct control *c, metrics_fn *write, void *ctx)
{
	if (c->n_metrics == METRICS_WRITERS)
		return -ENOSPC;
	c->metrics[c->n_metrics].write = write;
	c->metrics[c->n_metrics++].ctx = ctx;
	return 0;
}

static const struct route routes[] = {
	{ "GET", "/metrics", NULL, get_metrics },
	{ 0 },
};

int metrics_routes_add(struct control *c)
{
	return router_add(c->router, routes, c);
}
