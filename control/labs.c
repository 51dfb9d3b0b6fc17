/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "control/labs_priv.h"

struct lab *lab_create(const char *name, const char *description, bool autostart)
{
	struct lab *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	snprintf(l->name, sizeof(l->name), "%s", name);
	l->description = strdup(description);
	l->autostart = autostart;
	if (l->description)
		return l;
	free(l);
	return NULL;
}

void lab_free(struct lab *l)
{
	if (!l)
		return;
	free(l->description);
	free(l);
}

void labs_clear(struct labs *labs)
{
	while (labs->first)
		labs_remove(labs, labs->first->name);
}

struct lab *labs_find(const struct labs *labs, const char *name)
{
	struct lab *l = labs->first;

	while (l && strcmp(l->name, name))
		l = l->next;
	return l;
}

void labs_put(struct labs *labs, struct lab *lab)
{
	struct lab **at = &labs->first;

	labs_remove(labs, lab->name);
	while (*at && strcmp((*at)->name, lab->name) < 0)
		at = &(*at)->next;
	lab->next = *at;
	*at = lab;
}

void labs_remove(struct labs *labs, const char *name)
{
	for (struct lab **at = &labs->first; *at; at = &(*at)->next) {
		struct lab *l = *at;

		if (strcmp(l->name, name))
			continue;
		*at = l->next;
		lab_free(l);
		return;
	}
}
