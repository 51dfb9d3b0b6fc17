/* SPDX-License-Identifier: Apache-2.0 */
/* By what a device is known: its address and its mark. */
#include "ports/tap/tap_priv.h"

#include <stdio.h>

void tap_alias(const struct port_env *env, const char *port, char *out, size_t room)
{
	snprintf(out, room, "weft:%s:%s", env->instance, port);
}
