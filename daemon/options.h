/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <limits.h>

#include "base/log.h"

/* What weftd was asked for on its command line. */
enum action { ACTION_SERVE, ACTION_GRAPH, ACTION_GRAPH_DOT, ACTION_PURGE, ACTION_EXIT };

struct options {
	enum action action;
	const char *instance, *group;
	char state_dir[PATH_MAX], run_dir[PATH_MAX], socket[PATH_MAX];
	unsigned int workers;
	enum log_level log;
};

/* 0, or the exit status after telling on stderr what is wrong. */
int options_parse(struct options *, int argc, char **argv);

#endif /* DAEMON_OPTIONS_H */
