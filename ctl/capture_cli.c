/* SPDX-License-Identifier: Apache-2.0 */
/* weft capture: frames of a port as a pcap stream, for tcpdump and Wireshark. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "ctl/args.h"
#include "ctl/interrupt.h"
#include "ctl/nouns.h"
#include "ctl/term.h"

struct capture {
	const char *path; /* NULL: standard output */
	int fd; /* -1: not opened yet */
	unsigned long long octets;
	int err; /* of writing */
	bool failed; /* the daemon said no, or went away */
};

/* The file is made when the daemon has agreed, so that a mistyped port leaves none behind. */
static int open_late(struct capture *c)
{
	if (c->fd >= 0)
		return 0;
	c->fd = c->path ? open(c->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
			: STDOUT_FILENO;
	return c->fd < 0 ? -errno : 0;
}

static int on_piece(void *arg, const char *data, size_t len)
{
	struct capture *c = arg;

	c->err = open_late(c);
	while (!c->err && len) {
		ssize_t n = write(c->fd, data, len);

		if (n < 0 && errno != EINTR)
			c->err = -errno;
		if (n < 0 && interrupt_came(NULL))
			return 1;
		if (n <= 0)
			continue;
		data += n;
		len -= (size_t)n;
		c->octets += (unsigned long long)n;
	}
	return c->err;
}

static enum status finish(struct capture *c, const char *port)
{
	if (c->path)
		fd_close(&c->fd);
	if (c->failed)
		return CLI_FAILED;
	/* Who read has read enough. */
	if (c->err == -EPIPE)
		return CLI_DONE;
	if (c->err)
		return cli_fail("port %s: %s cannot be written (%s)", port,
				c->path ? c->path : "the output", strerror(-c->err));
	if (c->path)
		term_print(stderr, "port %s: %llu octets in %s\n", port, c->octets, c->path);
	return CLI_DONE;
}

static enum status run_capture(struct cli *cli, const struct noun *noun, const struct args *args)
{
	struct capture c = { .fd = -1, .path = args_text(args, "write") };
	const char *port = args->operand[0];
	char path[CLIENT_PATH], count[24];

	(void)noun;
	if (c.path && !strcmp(c.path, "-"))
		c.path = NULL;
	if (!c.path && isatty(STDOUT_FILENO)) {
		fault(&cli->faults, FAULT_INVALID, NULL, NULL,
		      "a capture is not for a terminal: use -w FILE, or pipe it: weft capture %s | "
		      "tcpdump -nr -",
		      port);
		return CLI_USAGE;
	}
	client_path(path, "ports", port, "capture");
	if (args_number(args, "count", 0)) {
		snprintf(count, sizeof(count), "%ld", args_number(args, "count", 0));
		client_query(path, "count", count);
	}
	interrupt_catch();
	signal(SIGPIPE, SIG_IGN);
	if (client_stream(cli_client(cli), path, on_piece, interrupt_came, &c, &cli->faults))
		c.failed = true;
	return finish(&c, port);
}

static const struct field options[] = {
	{ .name = "count",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 1000000000,
	  .help = "end after so many frames",
	  .example = "10" },
	{ .name = "write",
	  .type = FIELD_TEXT,
	  .max = 4096,
	  .help = "into this file; '-' is the standard output",
	  .example = "a.pcap" },
	{ 0 },
};
static const struct short_option shorts[] = { { 'c', "count" }, { 'w', "write" }, { 0 } };
static const struct operand which[] = { { .name = "PORT", .what = "port" }, { 0 } };

const struct verb capture_command = {
	.name = "capture",
	.help = "frames in and out of a port, as a pcap stream",
	.example = "weft capture a.eth0 | tcpdump -nr -",
	.operands = which,
	.options = options,
	.shorts = shorts,
	.run = run_capture,
};
