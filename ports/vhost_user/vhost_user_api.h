/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_VHOST_USER_VHOST_USER_API_H
#define PORTS_VHOST_USER_VHOST_USER_API_H

#include "api/schema.h"

/*
 * Settings of a port of type vhost_user: a virtual machine's NIC. It has mac, mtu and queues as
 * well (ports/tap/tap_api.h).
 */
static const char *const vhost_user_roles[] = { "server", "client", NULL };

static const struct field vhost_user_fields[] = {
	{ .name = "path",
	  .type = FIELD_TEXT,
	  .flags = FIELD_FIXED,
	  .only = "vhost_user",
	  .max = 107,
	  .help = "path of the socket; vhost/NAME.sock in the daemon's folder if not given",
	  .example = "/run/weft/vhost/vm1.sock" },
	{ .name = "role",
	  .type = FIELD_CHOICE,
	  .flags = FIELD_FIXED,
	  .only = "vhost_user",
	  .choices = vhost_user_roles,
	  .def = "\"server\"",
	  .help = "the daemon makes the socket (server) or connects to it (client)",
	  .example = "client" },
	{ .name = "without",
	  .type = FIELD_TEXT,
	  .only = "vhost_user",
	  .max = 400,
	  .def = "\"\"",
	  .help = "virtio features that are not offered, from the next connection on",
	  .example = "ring_packed,mrg_rxbuf" },
	{ 0 },
};

#endif /* PORTS_VHOST_USER_VHOST_USER_API_H */
