/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "control/store_priv.h"

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	PUT_OBJECT,
	REMOVE_OBJECT,
	PUT_LAB,
	REMOVE_LAB,
	PUT_BOOT,
	STATEMENTS
};

static const char *const sql[] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[PUT_OBJECT] =
		"INSERT OR REPLACE INTO object(kind, name, lab, spec) VALUES(?1, ?2, ?3, ?4)",
	[REMOVE_OBJECT] = "DELETE FROM object WHERE kind = ?1 AND name = ?2",
	[PUT_LAB] = "INSERT OR REPLACE INTO lab(name, description, autostart) VALUES(?1, ?2, ?3)",
	[REMOVE_LAB] = "DELETE FROM lab WHERE name = ?1",
	[PUT_BOOT] = "INSERT OR REPLACE INTO meta(key, value) VALUES('boot_id', ?1)",
};
static_assert(ARRAY_LEN(sql) == STATEMENTS, "every statement has its text");

static const char tables[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE object(kind TEXT NOT NULL, name TEXT NOT NULL, lab TEXT NOT NULL,"
	" spec TEXT NOT NULL, PRIMARY KEY(kind, name)) WITHOUT ROWID;"
	"CREATE TABLE lab(name TEXT PRIMARY KEY NOT NULL, description TEXT NOT NULL,"
	" autostart INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;"
	"PRAGMA user_version = 1;"
	"COMMIT;";
static_assert(STORE_VERSION == 1, "the version in the text above");

struct store {
	sqlite3 *db;
	bool rebooted;
	char boot_id[64];
	char path[256];
	sqlite3_stmt *stmt[STATEMENTS];
};

static int refuse(struct store *s, int rc, const char *what, struct faults *faults)
{
	const char *why = sqlite3_errstr(rc & 0xff), *hint = "see the daemon's log";

	switch (rc & 0xff) {
	case SQLITE_FULL:
		why = "the disk is full";
		hint = "make room and try again";
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		why = "another weftd uses it";
		hint = "stop the other one, or use another state folder";
		break;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		why = "the file is damaged";
		hint = "move it away and start anew, or bring back a copy";
		break;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		why = "it cannot be opened for writing";
		hint = "look at the rights of the folder and the file";
		break;
	case SQLITE_IOERR:
		why = "the disk reports an error";
		break;
	case SQLITE_ERROR:
		why = "it is no state of weftd's";
		hint = "move it away and start anew, or bring back a copy";
		break;
	default:
		break;
	}
	log_err("store", "%s: %s: %s", s->path, what,
		s->db && sqlite3_errcode(s->db) ? sqlite3_errmsg(s->db) : why);
	return fault(faults, FAULT_SYSTEM, NULL, hint, "the state in %s %s: %s", s->path, what,
		     why);
}

static int run_text(struct store *s, const char *text, const char *what, struct faults *faults)
{
	int rc = sqlite3_exec(s->db, text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : refuse(s, rc, what, faults);
}

/* The one number that TEXT asks for. */
static int ask_int(struct store *s, const char *text, int *out, struct faults *faults)
{
	sqlite3_stmt *q;
	int rc = sqlite3_prepare_v2(s->db, text, -1, &q, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(q);
		if (rc == SQLITE_ROW)
			*out = sqlite3_column_int(q, 0);
		sqlite3_finalize(q);
	}
	return rc == SQLITE_ROW ? 0 : refuse(s, rc, "cannot be read", faults);
}

static int check_version(struct store *s, struct faults *faults)
{
	int version = 0, err = ask_int(s, "PRAGMA user_version", &version, faults);

	if (err)
		return err;
	if (version == STORE_VERSION)
		return 0;
	if (version > STORE_VERSION)
		return fault(
			faults, FAULT_SYSTEM, NULL,
			"start the newer weftd, or use another state folder",
			"the state in %s was written by a newer weftd (version %d, this one reads %d)",
			s->path, version, STORE_VERSION);
	return run_text(s, tables, "cannot be set up", faults);
}

static int check_boot(struct store *s, const char *boot_id, struct faults *faults)
{
	char *text;
	int same = 0, err;

	snprintf(s->boot_id, sizeof(s->boot_id), "%s", boot_id);
	text = sqlite3_mprintf("SELECT count(*) FROM meta WHERE key = 'boot_id' AND value = %Q",
			       s->boot_id);
	if (!text)
		return -ENOMEM;
	err = ask_int(s, text, &same, faults);
	sqlite3_free(text);
	s->rebooted = !same;
	return err;
}

static int prepare_all(struct store *s, struct faults *faults)
{
	for (unsigned int i = 0; i < STATEMENTS; i++) {
		int rc = sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
					    &s->stmt[i], NULL);

		if (rc != SQLITE_OK)
			return refuse(s, rc, "cannot be read", faults);
	}
	return 0;
}

int store_open(const char *path, const char *boot_id, struct faults *faults, struct store **out)
{
	/* The lock is taken by the first read and kept: in this mode until the end. */
	static const char setup[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
				    "PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT;";
	struct store *s = calloc(1, sizeof(*s));
	mode_t mask;
	int rc, err;

	if (!s)
		return -ENOMEM;
	snprintf(s->path, sizeof(s->path), "%s", path);
	mask = umask(0077);
	rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (rc == SQLITE_OK && sqlite3_db_readonly(s->db, "main") == 1)
		rc = SQLITE_READONLY; /* what may not be written is opened for reading instead */
	err = rc == SQLITE_OK ? 0 : refuse(s, rc, "cannot be used", faults);
	if (!err)
		err = run_text(s, setup, "cannot be used", faults);
	umask(mask);
	if (!err)
		err = check_version(s, faults);
	if (!err)
		err = check_boot(s, boot_id, faults);
	if (!err)
		err = prepare_all(s, faults);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (unsigned int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	free(s);
}

bool store_rebooted(const struct store *s)
{
	return s->rebooted;
}

static const char *column(sqlite3_stmt *q, int i)
{
	const unsigned char *text = sqlite3_column_text(q, i);

	return text ? (const char *)text : "";
}

int store_objects(struct store *s, store_object_fn *fn, void *arg, struct faults *faults)
{
	sqlite3_stmt *q;
	int err = 0, rc;

	rc = sqlite3_prepare_v2(s->db,
				"SELECT kind, name, lab, spec FROM object ORDER BY kind, name", -1,
				&q, NULL);
	while (rc == SQLITE_OK && !err) {
		json_t *spec;

		rc = sqlite3_step(q);
		if (rc != SQLITE_ROW)
			break;
		rc = SQLITE_OK;
		spec = json_loads(column(q, 3), 0, NULL);
		err = fn(arg, column(q, 0), column(q, 1), column(q, 2), spec);
		json_decref(spec);
	}
	sqlite3_finalize(q);
	if (!err && rc != SQLITE_DONE)
		err = refuse(s, rc, "cannot be read", faults);
	return err;
}

int store_labs(struct store *s, store_lab_fn *fn, void *arg, struct faults *faults)
{
	sqlite3_stmt *q;
	int err = 0, rc;

	rc = sqlite3_prepare_v2(s->db, "SELECT name, description, autostart FROM lab ORDER BY name",
				-1, &q, NULL);
	while (rc == SQLITE_OK && !err) {
		rc = sqlite3_step(q);
		if (rc != SQLITE_ROW)
			break;
		rc = SQLITE_OK;
		err = fn(arg, column(q, 0), column(q, 1), sqlite3_column_int(q, 2) != 0);
	}
	sqlite3_finalize(q);
	if (!err && rc != SQLITE_DONE)
		err = refuse(s, rc, "cannot be read", faults);
	return err;
}

/* Runs a statement with up to four texts. */
static int run(struct store *s, enum statement which, const char *const *texts, int n,
	       struct faults *faults)
{
	sqlite3_stmt *q = s->stmt[which];
	int rc = SQLITE_OK;

	for (int i = 0; i < n && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_text(q, i + 1, texts[i], -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	return rc == SQLITE_DONE ? 0 : refuse(s, rc, "could not be saved", faults);
}

int store_begin(struct store *s, struct faults *faults)
{
	return run(s, BEGIN, NULL, 0, faults);
}

int store_put_object(struct store *s, const char *kind, const char *name, const char *lab,
		     const json_t *spec, struct faults *faults)
{
	char *text = json_dumps(spec, JSON_COMPACT);
	int err;

	if (!text)
		return -ENOMEM;
	err = run(s, PUT_OBJECT, (const char *const[]){ kind, name, lab, text }, 4, faults);
	free(text);
	return err;
}

int store_remove_object(struct store *s, const char *kind, const char *name, struct faults *faults)
{
	return run(s, REMOVE_OBJECT, (const char *const[]){ kind, name }, 2, faults);
}

int store_put_lab(struct store *s, const char *name, const char *description, bool autostart,
		  struct faults *faults)
{
	const char *const texts[] = { name, description, autostart ? "1" : "0" };

	return run(s, PUT_LAB, texts, 3, faults);
}

int store_remove_lab(struct store *s, const char *name, struct faults *faults)
{
	return run(s, REMOVE_LAB, (const char *const[]){ name }, 1, faults);
}

int store_put_boot(struct store *s, struct faults *faults)
{
	return run(s, PUT_BOOT, (const char *const[]){ s->boot_id }, 1, faults);
}

int store_commit(struct store *s, struct faults *faults)
{
	return run(s, COMMIT, NULL, 0, faults);
}

void store_rollback(struct store *s)
{
	struct faults ignored = { 0 };

	/* SQLite has often rolled back by itself: a full disk, an I/O error. */
	if (!sqlite3_get_autocommit(s->db))
		run(s, ROLLBACK, NULL, 0, &ignored);
	faults_free(&ignored);
}
