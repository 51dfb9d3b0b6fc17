/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_TRACE_TRACE_API_H
#define VSWITCH_TRACE_TRACE_API_H

#include "api/schema.h"

/* A question to the network, POST /v1/trace: would this frame arrive? */
static const char *const trace_protocols[] = { "icmp", "tcp", "udp", "arp", NULL };

static const struct field trace_fields[] = {
	{ .name = "from",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED,
	  .max = 64,
	  .help = "the port or host that sends it",
	  .example = "a" },
	{ .name = "to",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED,
	  .max = 64,
	  .help = "the port, host, MAC or IP address that it is for",
	  .example = "b" },
	{ .name = "protocol",
	  .type = FIELD_CHOICE,
	  .choices = trace_protocols,
	  .def = "\"icmp\"",
	  .help = "what it is: a ping, a TCP SYN, a UDP datagram, an ARP request",
	  .example = "tcp" },
	{ .name = "port",
	  .type = FIELD_INT,
	  .min = 1,
	  .max = 65535,
	  .help = "of TCP or UDP: the port that it is for",
	  .example = "80" },
	{ .name = "vlan",
	  .type = FIELD_VID,
	  .help = "its VLAN; without it that of untagged frames at the sender's port",
	  .example = "10" },
	{ 0 },
};
static const struct field *const trace_tables[] = { trace_fields, NULL };
static const struct schema trace_schema = {
	.kind = "trace",
	.plural = "trace",
	.help = "a made frame that is to find its way",
	.no_traffic = true,
	.fields = trace_tables,
};

#endif /* VSWITCH_TRACE_TRACE_API_H */
