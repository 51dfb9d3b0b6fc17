/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_LABFILE_H
#define CTL_LABFILE_H

#include "ctl/cli.h"
#include "ctl/yaml_in.h"

/*
 * A lab's file: what the daemon is sent, and the way back from the daemon's faults to lines.
 * Threads: one. Memory: labfile_free().
 */
struct labfile {
	const char *path;
	struct yaml_in *yaml;
	char *name; /* of the lab */
	json_t *body; /* the document without its name */
	struct report report;
};

/* NAME takes the place of the file's own, unless NULL. false: the report says what is wrong. */
bool labfile_read(const char *path, const char *name, struct labfile *out);
void labfile_free(struct labfile *);

/* Moves the faults into the report, each to its line. */
void labfile_blame(struct labfile *, struct faults *);

#endif /* CTL_LABFILE_H */
