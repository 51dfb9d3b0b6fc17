/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_POLICY_POLICY_API_H
#define VSWITCH_POLICY_POLICY_API_H

#include "api/schema.h"

/* Who may speak at a port and as whom, and what it gets. */
static const char *const policy_forged[] = { "allow", "drop", NULL };
static const char *const policy_receive[] = { "own", "flooded", "all", NULL };

static const struct field port_policy_fields[] = {
	{ .name = "macs",
	  .type = FIELD_MACS,
	  .flags = FIELD_INTERRUPTS,
	  .max = 16,
	  .help = "addresses that may send from here; frames with any other source are dropped",
	  .example = "02:00:00:00:00:0a" },
	{ .name = "forged",
	  .type = FIELD_CHOICE,
	  .choices = policy_forged,
	  .flags = FIELD_INTERRUPTS,
	  .absent = "\"allow\"",
	  .help = "drop: only macs or, without them, the device's own address may send from here",
	  .example = "drop" },
	{ .name = "receive",
	  .type = FIELD_CHOICE,
	  .choices = policy_receive,
	  .flags = FIELD_INTERRUPTS,
	  .absent = "\"flooded\"",
	  .help = "own: of unicast only what is for macs or the device's own; all: what goes to "
		  "others in its VLANs too",
	  .example = "own" },
	{ .name = "dhcp_guard",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .absent = "false",
	  .help = "drop what only DHCP servers and IPv6 routers send, when it comes in here",
	  .example = "true" },
	{ .name = "arp_inspect",
	  .type = FIELD_BOOL,
	  .flags = FIELD_INTERRUPTS,
	  .absent = "false",
	  .help = "drop ARP that comes in here with a sender who is not bound to the port",
	  .example = "true" },
	{ .name = "addresses",
	  .type = FIELD_IPS,
	  .flags = FIELD_INTERRUPTS,
	  .max = 16,
	  .help = "IPv4 addresses bound to the port, for arp_inspect; without them the device's own",
	  .example = "10.0.10.1" },
	{ 0 },
};

#endif /* VSWITCH_POLICY_POLICY_API_H */
