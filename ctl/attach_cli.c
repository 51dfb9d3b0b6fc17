/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weft attach netns | container, weft detach: a port of type tap in a namespace that others made.
 * The port outlives what is attached; to attach again plugs the same port in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/container.h"
#include "ctl/nouns.h"
#include "ctl/object.h"
#include "ctl/term.h"
#include "vswitch/port_api.h"

static const struct field *const tables[] = { PORT_SWITCH_TABLES, tap_fields, NULL };
static const char *const by_itself[] = { "type", NULL };

/*
 * What ports of a container or namespace begin with: its name, the last part of its path, or its
 * process. What is no part of a name becomes a '-'. The caller frees it.
 */
static char *stem(const char *what)
{
	const char *last = strrchr(what, '/');
	bool in_proc = !strncmp(what, "/proc/", 6);
	char *name = cli_text("%.63s", in_proc ? what + 6 : last ? last + 1 : what);

	if (in_proc)
		name[strcspn(name, "/")] = '\0';
	for (char *c = name; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';

		*c = plain ? *c : '-';
	}
	return name;
}

/* "web.eth0". The caller frees it. */
static char *port_name(const char *what, const char *device)
{
	char *of = stem(what), *name = cli_text("%s.%s", of, device);

	free(of);
	return name;
}

/* The port of that name, NULL if there is none; or a fault. */
static json_t *find_port(struct cli *cli, const char *name)
{
	json_t *port = cli_get(cli, "ports", name);

	if (!port && cli->faults.v[0].code == FAULT_NOT_FOUND)
		faults_free(&cli->faults);
	return port;
}

static json_t *make_port(struct cli *cli, const char *path, json_t *fields, const char *device)
{
	struct client_request r = { .method = "PUT", .path = path, .body = fields };
	struct client_answer answer;

	if (!json_object_get(fields, "switch")) {
		fault(&cli->faults, FAULT_INVALID, NULL,
		      "give --switch; the end of a wire is added with `weft port add`",
		      "'switch' is missing: what is attached goes to a switch");
		return NULL;
	}
	json_object_set_new(fields, "device", json_string(device));
	r.only_new = true;
	if (client_call(cli_client(cli), &r, &answer, &cli->faults))
		return NULL;
	return answer.body;
}

/* What was attached before goes into the same port. */
static json_t *plug_in(struct cli *cli, const char *path, const json_t *port, json_t *fields)
{
	const char *name = json_text(port, "name");

	if (strcmp(json_text(port, "type"), "tap") != 0 || !*json_text(port, "netns")) {
		fault(&cli->faults, FAULT_CONFLICT, NULL, "give the new one another: --port",
		      "port %s is something else", name);
		return NULL;
	}
	return cli_send(cli, "PATCH", path, fields);
}

static enum status attach(struct cli *cli, const struct args *args, const char *kind,
			  const char *netns)
{
	const char *what = args->operand[0], *port = args_text(args, "port");
	const char *device = args_text(args, "name");
	char *name = port ? must(strdup(port)) : port_name(what, device ? device : "eth0");
	char path[CLIENT_PATH];
	json_t *was = find_port(cli, name), *now = NULL;

	client_path(path, "ports", name, NULL);
	json_object_set_new(args->fields, "netns", json_string(netns));
	if (was)
		now = plug_in(cli, path, was, args->fields);
	else if (!cli->faults.n)
		now = make_port(cli, path, args->fields, device ? device : "eth0");
	if (now && !cli_print(cli, now))
		term_print(stdout, "port %s: %s of %s %s is %son switch %s\n", name,
			   json_text(now, "device"), kind, what, was ? "again " : "",
			   json_text(now, "switch"));
	json_decref(was);
	json_decref(now);
	free(name);
	return now ? CLI_DONE : CLI_FAILED;
}

static enum status run_netns(struct cli *cli, const struct noun *noun, const struct args *args)
{
	char netns[NETNS_REF];

	(void)noun;
	if (namespace_netns(args->operand[0], netns, &cli->faults))
		return CLI_FAILED;
	return attach(cli, args, "namespace", netns);
}

static enum status run_container(struct cli *cli, const struct noun *noun, const struct args *args)
{
	char netns[NETNS_REF];

	(void)noun;
	if (container_netns(args->operand[0], args_text(args, "runtime"), netns, &cli->faults))
		return CLI_FAILED;
	return attach(cli, args, "container", netns);
}

/* ---- detach ---- */

/* Is it NAME, or one of NAME's? */
static bool is_meant(const json_t *port, const char *name)
{
	const char *its = json_text(port, "name");
	size_t len = strlen(name);

	return *json_text(port, "netns") && !strncmp(its, name, len) &&
	       (!its[len] || its[len] == '.');
}

/* How many were meant, until one could not be removed. */
static unsigned int detach(struct cli *cli, const json_t *ports, const char *name,
			   enum status *status)
{
	unsigned int n = 0;
	struct noun noun;
	json_t *port;
	size_t i;

	if (!noun_find("port", &noun))
		return 0;
	json_array_foreach ((json_t *)ports, i, port) {
		if (*status || !is_meant(port, name))
			continue;
		*status = object_do_remove(cli, &noun, json_text(port, "name"), false);
		n++;
	}
	return n;
}

static enum status run_detach(struct cli *cli, const struct noun *noun, const struct args *args)
{
	json_t *answer = cli_get(cli, "ports", NULL);
	const char *what = args->operand[0];
	enum status status = CLI_DONE;
	char *of;

	(void)noun;
	if (!answer)
		return CLI_FAILED;
	of = stem(what);
	/* A port's own name, which may look as if it were a container's, comes first. */
	if (!detach(cli, json_object_get(answer, "items"), what, &status) &&
	    !detach(cli, json_object_get(answer, "items"), of, &status)) {
		fault(&cli->faults, FAULT_NOT_FOUND, NULL, "see weft port list",
		      "nothing of %s is attached", what);
		status = CLI_FAILED;
	}
	free(of);
	json_decref(answer);
	return status;
}

/* ---- tables ---- */

static const struct field netns_options[] = {
	{ .name = "name",
	  .type = FIELD_DEVICE,
	  .help = "the device's name there; eth0 if not given",
	  .example = "eth1" },
	{ .name = "port",
	  .type = FIELD_TEXT,
	  .max = 127,
	  .help = "the port's name; for eth0 of web it is web.eth0 if not given",
	  .example = "web.eth0" },
	{ 0 },
};
static const struct field container_options[] = {
	{ .name = "name",
	  .type = FIELD_DEVICE,
	  .help = "the device's name there; eth0 if not given",
	  .example = "eth1" },
	{ .name = "port",
	  .type = FIELD_TEXT,
	  .max = 127,
	  .help = "the port's name; for eth0 of web it is web.eth0 if not given",
	  .example = "web.eth0" },
	{ .name = "runtime",
	  .type = FIELD_CHOICE,
	  .choices = container_runtimes,
	  .help = "who is asked; without it each of them",
	  .example = "podman" },
	{ 0 },
};
static const struct operand a_namespace[] = { { .name = "NAME|PATH|PID", .what = "" }, { 0 } };
static const struct operand a_container[] = { { .name = "NAME", .what = "" }, { 0 } };
static const struct operand attached[] = { { .name = "NAME|PORT", .what = "port" }, { 0 } };

const struct verb attach_netns = {
	.name = "netns",
	.help = "a namespace of `ip netns`, by its path, or of a process, gets a device on a switch",
	.example = "weft attach netns blue --switch s1 --access 10 --address 10.0.10.5/24",
	.operands = a_namespace,
	.options = netns_options,
	.fields = tables,
	.hide = by_itself,
	.all_optional = true,
	.run = run_netns,
};
const struct verb attach_container = {
	.name = "container",
	.help = "a container of Docker, Podman or LXC gets a device on a switch",
	.example = "weft attach container web --switch s1 --access 10 --address 10.0.10.5/24",
	.operands = a_container,
	.options = container_options,
	.fields = tables,
	.hide = by_itself,
	.all_optional = true,
	.run = run_container,
};
const struct verb detach_command = {
	.name = "detach",
	.help = "take away what was attached: one port, or all of a container or namespace",
	.example = "weft detach web",
	.operands = attached,
	.run = run_detach,
};
