/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_STORE_PRIV_H
#define CONTROL_STORE_PRIV_H

#include <jansson.h>

#include "base/fault.h"

/*
 * The durable state: one SQLite database, written ahead (WAL) and synced at each commit. What
 * store_commit() said yes to is there after kill -9 and after a power cut.
 *
 * One daemon at a time: the database is locked for as long as it is open.
 *
 * Threads: control thread. Errors: -errno, with a sentence in FAULTS.
 */
struct store;

#define STORE_VERSION 1

/* BOOT_ID tells this boot of the machine from the one before. */
int store_open(const char *path, const char *boot_id, struct faults *, struct store **out);
void store_close(struct store *); /* NULL is fine */
/* Was the machine started anew since store_put_boot()? True for a new state. */
bool store_rebooted(const struct store *);

/* What is there. Kinds in no order, names in order. A callback's error ends it and is returned. */
typedef int store_object_fn(void *arg, const char *kind, const char *name, const char *lab,
			    json_t *spec);
typedef int store_lab_fn(void *arg, const char *name, const char *description, bool autostart);
int store_objects(struct store *, store_object_fn *, void *arg, struct faults *);
int store_labs(struct store *, store_lab_fn *, void *arg, struct faults *);

/* Changes come between begin and commit. After any failure: store_rollback(), all is as before. */
int store_begin(struct store *, struct faults *);
int store_put_object(struct store *, const char *kind, const char *name, const char *lab,
		     const json_t *spec, struct faults *);
int store_remove_object(struct store *, const char *kind, const char *name, struct faults *);
int store_put_lab(struct store *, const char *name, const char *description, bool autostart,
		  struct faults *);
int store_remove_lab(struct store *, const char *name, struct faults *);
int store_put_boot(struct store *, struct faults *); /* from now on not rebooted */
int store_commit(struct store *, struct faults *);
void store_rollback(struct store *);

#endif /* CONTROL_STORE_PRIV_H */
