/* SPDX-License-Identifier: Apache-2.0 */
/* By what a device is known: its address and its mark. */
#include "ports/tap/tap_priv.h"

#include <stdio.h>

#include "base/hash.h"

void tap_mac(const char *instance, const char *port, struct eth_addr *out)
{
	uint64_t h = 0x57656674; /* "Weft" */

	for (const char *c = instance; *c; c++)
		h = hash_fold(h ^ (uint8_t)*c, 0x9e3779b97f4a7c15u);
	h = hash_fold(h ^ '/', 0x9e3779b97f4a7c15u);
	for (const char *c = port; *c; c++)
		h = hash_fold(h ^ (uint8_t)*c, 0x9e3779b97f4a7c15u);
	out->b[0] = 0x02; /* unicast, locally administered */
	for (unsigned int i = 1; i < sizeof(out->b); i++)
		out->b[i] = (uint8_t)(h >> 8 * i);
}

void tap_alias(const struct port_env *env, const char *port, char *out, size_t room)
{
	snprintf(out, room, "weft:%s:%s", env->instance, port);
}
