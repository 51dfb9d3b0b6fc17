/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VSWITCH_MIRROR_MIRROR_PRIV_H
#define VSWITCH_MIRROR_MIRROR_PRIV_H

#include "ports/pcapng.h"
#include "vswitch/switches.h"

/* A mirror that is there: object->run of kind mirror. Lifetime: model; its tally: table. */
struct mirror {
	struct mirror *next;
	char name[2 * NAME_MAX_LEN + 2];
	unsigned int who; /* whose copies are whose */
	struct mirror_tally *tally;
	struct pcapng *file, *next_file; /* NULL: it has none; while a change is prepared */
	uint64_t lost; /* that the file did not take */
	bool told_lost;
	uint64_t refused_before; /* by the port, before it got our copies */

	/* Of the model that was compiled last. */
	const struct vsw *sw; /* NULL: it is not in it */
	unsigned int bit; /* of its place in the switch's table */
	port_id_t to; /* PORT_NONE: a file */
	bool in, out;
	bool all_ports;
	struct vlan_set vids;
	uint64_t ports[PORT_MAX / 64]; /* a bit for each number */
};

#endif /* VSWITCH_MIRROR_MIRROR_PRIV_H */
