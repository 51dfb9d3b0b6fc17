/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/name.h"

#define EXIT_USAGE   2
#define WORKERS_MOST 16

static const char usage[] =
	"Usage: weftd [OPTION ...]\n"
	"The Weft daemon: switches, ports, hosts and links, served on a Unix socket.\n"
	"\n"
	"  --state-dir DIR   durable state and captures (/var/lib/weft)\n"
	"  --run-dir DIR     socket and namespaces (/run/weft)\n"
	"  --socket PATH     where to listen (RUN-DIR/weft.sock)\n"
	"  --instance NAME   marks this daemon's devices on the machine (weft)\n"
	"  --group NAME      group that may use the socket (weft)\n"
	"  --workers N       threads that move frames (1)\n"
	"  --log LEVEL       err, warn, info or debug (info)\n"
	"  --graph           print the graph of stations and exit\n"
	"  --graph-dot       the same for Graphviz\n"
	"  --purge           remove all that this instance made but captures, and exit\n"
	"  --version         print the version and exit\n"
	"  --help            print this and exit\n"
	"\n"
	"Example: sudo weftd --state-dir /tmp/w/state --run-dir /tmp/w/run --instance try\n";

enum {
	OPT_STATE_DIR = 256,
	OPT_RUN_DIR,
	OPT_SOCKET,
	OPT_INSTANCE,
	OPT_GROUP,
	OPT_WORKERS,
	OPT_LOG,
	OPT_GRAPH,
	OPT_GRAPH_DOT,
	OPT_PURGE,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option options[] = {
	{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
	{ "run-dir", required_argument, NULL, OPT_RUN_DIR },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "instance", required_argument, NULL, OPT_INSTANCE },
	{ "group", required_argument, NULL, OPT_GROUP },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "graph", no_argument, NULL, OPT_GRAPH },
	{ "graph-dot", no_argument, NULL, OPT_GRAPH_DOT },
	{ "purge", no_argument, NULL, OPT_PURGE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static int wrong(const char *option, const char *value, const char *right)
{
	fprintf(stderr, "weftd: --%s %s: %s\n", option, value, right);
	return EXIT_USAGE;
}

static int set_path(char *to, const char *option, const char *value)
{
	if (!*value || snprintf(to, PATH_MAX, "%s", value) >= PATH_MAX)
		return wrong(option, value, "give the path of a folder or file");
	return 0;
}

static int set_workers(struct options *o, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*end || n < 1 || n > WORKERS_MOST)
		return wrong("workers", value, "give a number from 1 to 16");
	o->workers = (unsigned int)n;
	return 0;
}

static int set_instance(struct options *o, const char *value)
{
	/* It becomes part of an ifalias and of names derived from it. */
	if (!name_ok(value) || strlen(value) > 31)
		return wrong("instance", value,
			     "give 1 to 31 letters, digits, '-' or '_', a letter or digit first");
	o->instance = value;
	return 0;
}

static int set_one(struct options *o, int opt, const char *value)
{
	switch (opt) {
	case OPT_STATE_DIR:
		return set_path(o->state_dir, "state-dir", value);
	case OPT_RUN_DIR:
		return set_path(o->run_dir, "run-dir", value);
	case OPT_SOCKET:
		return set_path(o->socket, "socket", value);
	case OPT_INSTANCE:
		return set_instance(o, value);
	case OPT_GROUP:
		o->group = value;
		return 0;
	case OPT_WORKERS:
		return set_workers(o, value);
	case OPT_LOG:
		return log_level_parse(value, &o->log) < 0
			       ? wrong("log", value, "give err, warn, info or debug")
			       : 0;
	case OPT_GRAPH:
		o->action = ACTION_GRAPH;
		return 0;
	case OPT_GRAPH_DOT:
		o->action = ACTION_GRAPH_DOT;
		return 0;
	case OPT_PURGE:
		o->action = ACTION_PURGE;
		return 0;
	case OPT_VERSION:
		printf("weftd %s\n", WEFT_VERSION);
		o->action = ACTION_EXIT;
		return 0;
	case OPT_HELP:
		fputs(usage, stdout);
		o->action = ACTION_EXIT;
		return 0;
	default: /* getopt has said what is wrong */
		fputs("weftd: try `weftd --help`\n", stderr);
		return EXIT_USAGE;
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	int opt, err = 0;

	*o = (struct options){
		.instance = "weft",
		.group = "weft",
		.state_dir = "/var/lib/weft",
		.run_dir = "/run/weft",
		.workers = 1,
		.log = LOG_LEVEL_INFO,
	};
	while (!err && (opt = getopt_long(argc, argv, "", options, NULL)) >= 0)
		err = set_one(o, opt, optarg);
	if (!err && optind < argc) {
		fprintf(stderr, "weftd: '%s' is no option; try `weftd --help`\n", argv[optind]);
		err = EXIT_USAGE;
	}
	if (!err && !o->socket[0] &&
	    snprintf(o->socket, sizeof(o->socket), "%s/weft.sock", o->run_dir) >=
		    (int)sizeof(o->socket))
		err = wrong("run-dir", o->run_dir, "the path is too long");
	return err;
}
