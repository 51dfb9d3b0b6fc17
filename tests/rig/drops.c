/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/drops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned int drops_cause(const struct engine *e, const char *words)
{
	const char *text;

	for (unsigned int i = 0; (text = engine_cause(e, i, NULL)); i++) {
		if (!strcmp(text, words))
			return i;
	}
	fprintf(stderr, "no drop is called '%s'\n", words);
	abort();
}

uint64_t drops_at(const struct engine *e, port_id_t id, const char *words)
{
	struct port_count c;

	port_counters(e, id, &c);
	return c.drop[drops_cause(e, words)];
}
