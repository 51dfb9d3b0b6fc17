/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PCAP_PCAP_API_H
#define PORTS_PCAP_PCAP_API_H

#include "api/schema.h"

/* Settings of a port of type pcap: capture files stand in for a machine. */
static const struct field pcap_fields[] = {
	{ .name = "replay",
	  .type = FIELD_FILE,
	  .flags = FIELD_FIXED,
	  .only = "pcap",
	  .help = "file in the daemon's capture folder whose frames come in",
	  .example = "web.pcap" },
	{ .name = "record",
	  .type = FIELD_FILE,
	  .flags = FIELD_FIXED,
	  .only = "pcap",
	  .help = "file in the daemon's capture folder that gets what goes out",
	  .example = "out.pcap" },
	{ .name = "paced",
	  .type = FIELD_BOOL,
	  .flags = FIELD_FIXED,
	  .only = "pcap",
	  .def = "true",
	  .help = "replay at the file's own times; false: as fast as it goes",
	  .example = "false" },
	{ 0 },
};

#endif /* PORTS_PCAP_PCAP_API_H */
