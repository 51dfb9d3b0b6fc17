/* SPDX-License-Identifier: Apache-2.0 */
#include "control/events.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/text.h"
#include "base/log.h"

struct events {
	uint64_t last;
	struct events_listener *listeners;
	struct event ring[EVENTS_KEPT]; /* number i is in slot i % EVENTS_KEPT */
};

int events_create(struct events **out)
{
	struct events *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	*out = e;
	return 0;
}

void events_destroy(struct events *e)
{
	free(e);
}

void events_post(struct events *e, const char *type, const char *kind, const char *name,
		 const char *fmt, ...)
{
	struct event *ev = &e->ring[(e->last + 1) % EVENTS_KEPT];
	struct timespec now;
	char text[2 * sizeof(ev->message)];
	va_list ap;

	clock_gettime(CLOCK_REALTIME, &now);
	ev->id = ++e->last;
	ev->time_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	snprintf(ev->type, sizeof(ev->type), "%s", type);
	snprintf(ev->kind, sizeof(ev->kind), "%s", kind);
	snprintf(ev->name, sizeof(ev->name), "%s", name);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_shown(text, ev->message, sizeof(ev->message));
	log_info(*kind ? kind : "weftd", "%s", ev->message);
	for (struct events_listener *l = e->listeners, *next; l; l = next) {
		next = l->next;
		l->posted(l->arg);
	}
}

const struct event *events_after(const struct events *e, uint64_t id)
{
	uint64_t oldest = e->last > EVENTS_KEPT ? e->last - EVENTS_KEPT + 1 : 1;
	uint64_t next = MAX(id + 1, oldest);

	return id < e->last ? &e->ring[next % EVENTS_KEPT] : NULL;
}

uint64_t events_last(const struct events *e)
{
	return e->last;
}

void events_listen(struct events *e, struct events_listener *l)
{
	l->next = e->listeners;
	l->at = &e->listeners;
	if (l->next)
		l->next->at = &l->next;
	e->listeners = l;
}

void events_unlisten(struct events_listener *l)
{
	*l->at = l->next;
	if (l->next)
		l->next->at = l->at;
}
