/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_LABS_PRIV_H
#define CONTROL_LABS_PRIV_H

#include "base/compat.h"
#include "base/name.h"

/* The labs that are there, by name; what belongs to one says so itself (object.lab). Control
 * thread. */
struct lab {
	struct lab *next;
	char name[NAME_MAX_LEN + 1];
	char *description;
	bool autostart; /* come back after the machine has rebooted */
};

struct labs {
	struct lab *first;
};

struct lab *lab_create(const char *name, const char *description, bool autostart); /* or NULL */
void lab_free(struct lab *); /* NULL is fine */

void labs_clear(struct labs *);
struct lab *labs_find(const struct labs *, const char *name); /* NULL */
void labs_put(struct labs *, struct lab *); /* takes it, in place of one with its name */
void labs_remove(struct labs *, const char *name);

#endif /* CONTROL_LABS_PRIV_H */
